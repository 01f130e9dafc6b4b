"""How far an assumption must be off until a verdict or a difference falls: its tipping point.

Each assumption is given up alone, and as far as it takes, in the direction that hurts (tipping
point analysis: Yan, Lee & Li 2009, doi 10.1080/10543400903243017; the reasoning is that of the
E-value, VanderWeele & Ding 2017, doi 10.7326/M16-2607). What it takes is a number that a reader can
judge: "it falls if coders were wrong about 4 % of the photos, each time saying yes for no".
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import ClassVar, NamedTuple

import numpy as np
from scipy.special import expit, logit

from presslens.models.message import Message
from presslens.pipelines.result import Rounded, Served
from presslens.pipelines.written_numbers import percent

_STEPS = 5
_FACTOR = 4.0
"""Amounts that are tried in either direction, and how far each is, by the one before."""

_BISECTIONS = 7
_SURE = 1e-6
"""Shares are this far from 0 and 1 at least, where they are moved on the logit scale."""


class Assumption(StrEnum):
    """What a number rests on.

    ``calibration``: the scores of these editions mean what they mean elsewhere, in logits of the
    share. ``prevalence``: the subject is as common in this newspaper as was reckoned, as a factor
    of its odds. ``coders``: share of the labels that are wrong, all in one direction.
    ``missed_photos``: share of the photos that were missed, and either all or none show it.
    ``nonresponse``: how photos that were drawn and not answered differ from answered ones, as the
    logarithm of a factor of their odds; the interval takes in the recipe's factor.
    """

    CALIBRATION = "calibration"
    PREVALENCE = "prevalence"
    CODERS = "coders"
    MISSED_PHOTOS = "missed_photos"
    NONRESPONSE = "nonresponse"


MOST = {
    Assumption.CALIBRATION: 3.0,
    Assumption.PREVALENCE: 3.0,
    Assumption.CODERS: 0.5,
    Assumption.MISSED_PHOTOS: 0.9,
    Assumption.NONRESPONSE: float(np.log(100)),
}
"""How far each is given up at most: logits, or shares."""

BY_THE_MACHINE = frozenset(
    {Assumption.CALIBRATION, Assumption.PREVALENCE, Assumption.MISSED_PHOTOS}
)
BY_LABELS = frozenset({Assumption.CODERS, Assumption.MISSED_PHOTOS})
BY_COUNTING = frozenset({Assumption.MISSED_PHOTOS})


_OPPOSITE = (Assumption.CODERS, Assumption.MISSED_PHOTOS, Assumption.NONRESPONSE)
"""What is off in opposite directions in two groups that are compared."""


Unanswered = tuple[float, float]
"""Part of the photos that drawn ones without an answer stand for, 0–1, and the factor of their odds
that the interval of the share takes in."""


class Ends(NamedTuple):
    """A number with the ends of its interval."""

    value: float
    low: float
    high: float


class Photos(StrEnum):
    """What a verdict takes from the photos that the finder found: shares of them, counts, both."""

    OF_SHARES = "shares"
    OF_COUNTS = "counts"
    OF_BOTH = "both"


@dataclass(frozen=True, slots=True)
class TippingPoint(Served):
    """How far an assumption must be off."""

    SERVED: ClassVar[str] = "assumption amount searched_to left_open words"

    assumption: Assumption
    # How far, signed: above 0 means that there is more than was reckoned. In logits for calibration
    # and prevalence, otherwise a share. None: the verdict stands however far.
    amount: Rounded | None
    about: Photos = Photos.OF_SHARES  # what photos that the finder missed or made up would change
    # Share of the photos that may have been missed by the interval of their number, 0–1, which that
    # of a share leaves out; None where it is not told, or not asked.
    left_open: Rounded | None = None

    @property
    def words(self) -> str:
        """The tipping point as a sentence."""
        if self.amount is None:
            return self._stands()
        far, more = abs(self.amount), self.amount > 0
        match self.assumption:
            case Assumption.CALIBRATION:
                return Message(
                    "falls if the machine's odds for these editions are %(far)s times too %(way)s",
                    far=f"{np.exp(far):.2g}",
                    way=Message("low") if more else Message("high"),
                )
            case Assumption.PREVALENCE:
                return Message(
                    "falls if the odds of the subject are %(far)s times %(way)s",
                    far=f"{np.exp(far):.2g}",
                    way=Message("commoner") if more else Message("rarer"),
                )
            case Assumption.CODERS:
                return Message(
                    "falls if coders were wrong about %(far)s of the photos, each time %(way)s",
                    far=percent(max(far, 0.001)),
                    way=Message("saying no for yes") if more else Message("saying yes for no"),
                )
            case Assumption.NONRESPONSE:
                return Message(
                    "falls if the odds of photos without an answer are %(far)s times %(way)s those"
                    " of answered ones",
                    far=f"{np.exp(far):.2g}",
                    way=Message("above") if more else Message("below"),
                )
            case _:
                falls = Message(
                    "falls if %(far)s of the photos %(way)s",
                    far=percent(max(far, 0.001)),
                    way=self._finder_errors(more),
                )
                if self.left_open is None or self.left_open < far:
                    return falls
                return Message(
                    "%(falls)s, which lies within what the error of counting leaves open: up to"
                    " %(most)s may have been missed",
                    falls=falls,
                    most=percent(self.left_open),
                )

    def _stands(self) -> Message:
        """Return that the verdict stands however far the assumption is off."""
        most = MOST[self.assumption]
        return Message(
            _COUNTS_STAND if self._counted else _STANDS[self.assumption],
            percent=f"{100 * most:.0f}",
            factor=f"{np.exp(most):.0f}",
        )

    @property
    def _counted(self) -> bool:
        missed = self.assumption is Assumption.MISSED_PHOTOS
        return missed and self.about is not Photos.OF_SHARES

    def _finder_errors(self, more: bool) -> Message:
        """Return what is wrong with the photos; missed ones raise a count, false ones lower it."""
        if self.about is Photos.OF_COUNTS:
            return Message("were missed") if more else Message("found are no photos")
        way = Message("all of them show it") if more else Message("none of them shows it")
        if self.about is Photos.OF_SHARES or more:
            return Message("were missed and %(way)s", way=way)
        return Message("found are no photos, and as many were missed and %(way)s", way=way)

    @property
    def searched_to(self) -> float:
        """The largest amount that was tried."""
        return MOST[self.assumption]


# Templates: as messages without values they stay as they are, and are gathered for translation.
_STANDS = {
    Assumption.CALIBRATION: Message("stands if the machine's odds are off up to %(factor)s times"),
    Assumption.PREVALENCE: Message(
        "stands if the odds of the subject are off up to %(factor)s times"
    ),
    Assumption.CODERS: Message(
        "stands if coders were wrong about up to %(percent)s %% of the photos"
    ),
    Assumption.MISSED_PHOTOS: Message("stands if up to %(percent)s %% of the photos were missed"),
    Assumption.NONRESPONSE: Message(
        "stands if the odds of photos without an answer differ by a factor of up to %(factor)s"
    ),
}
_COUNTS_STAND = Message(
    "stands if up to %(percent)s %% of the photos were missed, or are no photos"
)


def rests_on(method: str, unanswered: Unanswered | None = None) -> frozenset[Assumption]:
    """Return what the share rests on that was estimated by a method.

    Where photos were drawn by chance or all reviewed, the labels carry the estimate, and the
    machine's calibration only tells how wide it is.
    """
    words = method.lower()
    by_labels = ("drawn photos", "drawn by chance", "all photos reviewed", "census")
    if not any(text in words for text in by_labels):
        return BY_THE_MACHINE
    return BY_LABELS | {Assumption.NONRESPONSE} if unanswered else BY_LABELS


def moved_share(
    share: Ends, assumption: Assumption, amount: float, unanswered: Unanswered | None = None
) -> Ends:
    """Return a share as it would be if an assumption was off.

    Args:
        share: The share, 0–1, with its interval.
        amount: How far, as in ``TippingPoint.amount``.
        unanswered: Of the drawn photos; None: all were answered.
    """
    if amount == 0.0:
        return share
    p = np.asarray(share, dtype=float)
    match assumption:
        case Assumption.CALIBRATION | Assumption.PREVALENCE:
            moved = expit(logit(np.clip(p, _SURE, 1 - _SURE)) + amount)
        case Assumption.CODERS:
            moved = np.clip(p + amount, 0.0, 1.0)
        case Assumption.NONRESPONSE:
            moved = np.clip(p + _beyond_factor(share.value, amount, unanswered), 0.0, 1.0)
        case _:
            moved = p * (1 - abs(amount)) + max(amount, 0.0)
    return Ends(*moved.tolist())


def _beyond_factor(value: float, amount: float, unanswered: Unanswered | None) -> float:
    """Return how much more photos without an answer move a share than its interval takes in."""
    part, factor = unanswered or (0.0, 1.0)
    odds = logit(np.clip(value, _SURE, 1 - _SURE))
    taken_in = np.sign(amount) * np.log(factor)
    if abs(amount) <= abs(taken_in):
        return 0.0
    return float(part * (expit(odds + amount) - expit(odds + taken_in)))


def moved_count(count: Ends, amount: float) -> Ends:
    """Return a count of photos as it would be if some were missed, or found where none are.

    Args:
        count: The count, or another number that grows with it, at least 0.
        amount: Above 0: the share of the photos that were missed; below: of those found, the
            share that are none.
    """
    factor = 1 / (1 - amount) if amount > 0 else 1 + amount
    return Ends(*(end * factor for end in count))


def tipping_amount(holds: Callable[[float], bool], most: float) -> float | None:
    """Return the smallest amount, above or below 0, from which on something doesn't hold.

    It is tried at amounts that grow fourfold, then bisected between the last that holds and the
    first that doesn't: where it falls and holds again in between, that is missed.

    Args:
        holds: Whether it holds when an assumption is off by an amount.
        most: The largest amount that is tried, above 0.

    Returns:
        The amount, to about a hundredth of itself; None if it holds up to ``most``.
    """
    holding = {1.0: 0.0, -1.0: 0.0}
    for step in reversed(range(_STEPS)):
        amount = most / _FACTOR**step
        fell = [sign for sign in holding if not holds(sign * amount)]
        if fell:
            amounts = [sign * _bisect(holds, sign, holding[sign], amount) for sign in fell]
            return min(amounts, key=abs)
        holding = dict.fromkeys(holding, amount)
    return None


def tipping_points(
    holds: Callable[[Assumption, float], bool],
    assumptions: Collection[Assumption],
    about: Photos = Photos.OF_SHARES,
    left_open: float | None = None,
) -> tuple[TippingPoint, ...]:
    """Return the tipping point of each assumption that something rests on.

    Args:
        holds: Whether it holds when an assumption is off by an amount.
        about: What it takes from the photos that the finder found.
        left_open: Share of the photos that may have been missed by the interval of their number,
            where that is no part of what holds.
    """
    return tuple(
        TippingPoint(
            one,
            tipping_amount(partial(holds, one), MOST[one]),
            about,
            left_open if one is Assumption.MISSED_PHOTOS else None,
        )
        for one in Assumption
        if one in assumptions
    )


def difference_tipping(
    first: Ends,
    second: Ends,
    difference: Ends,
    assumptions: Collection[Assumption],
    unanswered: tuple[Unanswered | None, Unanswered | None] = (None, None),
    left_open: float | None = None,
) -> tuple[TippingPoint, ...]:
    """Return how far assumptions must be off until a difference may be zero.

    Calibration: the scores of the first group alone are off, as where its scans differ.
    Prevalence: of both alike. Coders, missed photos and photos without an answer: of both, in
    opposite directions.

    Args:
        first: The share of the first group.
        second: The share of the second.
        difference: The first less the second, with its interval.
        assumptions: What the shares rest on.
        unanswered: Of the drawn photos of either group.
        left_open: As of ``tipping_points``, of both groups.

    Returns:
        Nothing where the interval holds 0: there is no difference to fall.
    """
    side = _beyond(difference, 0.0)
    if side == 0:
        return ()
    plain = _less(first, second)
    scale = _half(difference) / _half(plain) if _half(plain) > 0 else 1.0

    def holds(assumption: Assumption, amount: float) -> bool:
        opposite = assumption in _OPPOSITE
        both = assumption is not Assumption.CALIBRATION
        a = moved_share(first, assumption, amount, unanswered[0])
        back = -amount if opposite else amount
        b = moved_share(second, assumption, back, unanswered[1]) if both else second
        moved = _less(a, b)
        off = difference.value - plain.value
        ends = (moved.value + off + scale * (end - moved.value) for end in (moved.low, moved.high))
        return _beyond(Ends(moved.value + off, *ends), 0.0) == side

    return tipping_points(holds, assumptions, left_open=left_open)


def _bisect(holds: Callable[[float], bool], sign: float, holding: float, fell: float) -> float:
    for _ in range(_BISECTIONS):
        middle = (holding * fell) ** 0.5 if holding > 0.0 else (holding + fell) / 2
        holding, fell = (middle, fell) if holds(sign * middle) else (holding, middle)
    return fell


def _beyond(number: Ends, threshold: float) -> int:
    """Return 1 for a number above a threshold, -1 for one below; 0: its interval holds it."""
    return int(number.low > threshold) - int(number.high < threshold)


def _half(number: Ends) -> float:
    return (number.high - number.low) / 2


def _less(first: Ends, second: Ends) -> Ends:
    """Return a difference by the two intervals (MOVER: Zou & Donner 2008, doi 10.1002/sim.3095)."""
    value = first.value - second.value
    below = np.hypot(first.value - first.low, second.high - second.value)
    above = np.hypot(first.high - first.value, second.value - second.low)
    return Ends(value, value - float(below), value + float(above))
