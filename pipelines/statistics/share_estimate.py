"""Estimates of shares and of their differences, as results."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import scipy  # which imports scipy.special when it is first used

from presslens.models.message import Message, join_messages, join_notes
from presslens.pipelines.counted import counted
from presslens.pipelines.result import Rounded
from presslens.pipelines.statistics.misclassification import CONTRADICTED, CoderAccuracy
from presslens.pipelines.statistics.practice import FEWEST
from presslens.pipelines.written_numbers import percent, written_level

EXAMPLE = 100
"""Number of reviews whose effect a refusal foretells."""

CENSUS = Message("all photos reviewed")
"""The method where nothing is left to be unsure of."""

FIRM = 30
"""Drawn answers from which on a number that they correct is firm.

Measured (docs/explanation/intervals.md): below 20 intervals held in as few as 80 % of newspapers
whose scores are off, from 20 on in 93 % and more of each kind.
"""

NOT_KNOWN = "not known"
"""The method where nothing was looked for."""

NOT_OFFERED = "not offered"
"""The method where the machine is not to be trusted in a newspaper, and nobody has looked."""

UNSTATED = (NOT_KNOWN, NOT_OFFERED)
"""The methods of estimates that state nothing."""


@dataclass(frozen=True, slots=True)
class GroupEstimate:
    """The share of a group of photos."""

    group: str  # name of the group
    value: float | None  # the share, 0–1; None without photos
    low: float | None  # lower end of the interval, 0–1; None where there is no honest one
    high: float | None  # upper end
    # Weight of the photos that show the measure, and its ends: photos, or pages of area.
    count: tuple[float, float | None, float | None] | None
    n: int  # number of photos
    size: Rounded  # their weight
    editions: int  # number of editions with such photos
    drawn: int  # photos that were drawn by chance and answered
    picked: int  # photos that were answered although nobody drew them
    method: str  # how the interval was made
    # Why there is no interval, and what would help; None where there is one.
    refused: str | None = None
    note: str | None = None  # what else to know; None for nothing
    provisional: bool = False  # it rests on a few drawn answers: fewer than ``FIRM``
    # Part of the photos that drawn ones without an answer stand for, 0–1, and the factor of their
    # odds that the interval takes in; None: all were answered.
    unanswered: tuple[float, float] | None = None
    coding: str | None = None  # what was done about errors of coders; None: nobody answered
    widest: tuple[float, float] | None = None  # the ends where they are too wide to be an interval

    @classmethod
    def not_known(cls, group: str, why: str) -> GroupEstimate:
        """Return the estimate of a share of which nothing is known, and the reason."""
        return cls(group, None, None, None, None, 0, 0.0, 0, 0, 0, NOT_KNOWN, why)

    def offered(self, why_not: str | None) -> GroupEstimate:
        """Return the estimate; without its numbers where it rests on a machine nobody has checked.

        Args:
            why_not: Why what rests on the machine is not offered; None where it is.
        """
        if why_not is None or self.drawn + self.picked >= self.n:
            return self
        nothing = GroupEstimate.not_known(self.group, why_not)
        return replace(
            nothing, method=NOT_OFFERED, n=self.n, size=self.size, editions=self.editions,
            drawn=self.drawn, picked=self.picked,
        )  # fmt: skip

    @property
    def interval(self) -> tuple[float, float] | None:
        """The ends of the interval; None where there is no honest one."""
        return None if self.low is None or self.high is None else (self.low, self.high)


@dataclass(frozen=True, slots=True)
class ShareDifference:
    """The share of one group less that of another; attributes as of ``GroupEstimate``.

    ``p_value`` is two-sided, of the hypothesis that there is no difference; None if refused.
    ``sides`` are the estimates of the two groups.
    """

    value: float | None
    low: float | None
    high: float | None
    p_value: float | None
    sides: tuple[GroupEstimate, GroupEstimate]
    method: str
    refused: str | None = None
    note: str | None = None

    @classmethod
    def without_photos(cls, sides: tuple[GroupEstimate, GroupEstimate]) -> ShareDifference:
        """Return the difference of two groups of which one is empty."""
        return cls(None, None, None, None, sides, "", "one of the two has no photos")

    def noted(self, *notes: str | None) -> ShareDifference:
        """Return the difference with what is noted of its sides before its own note."""
        return replace(self, note=join_notes(*notes, self.note))

    @property
    def group(self) -> str:
        """Names of the two groups."""
        return f"{self.sides[0].group} - {self.sides[1].group}"

    @property
    def provisional(self) -> bool:
        """Whether one of the two is."""
        return any(side.provisional for side in self.sides)

    @property
    def n(self) -> int:
        """Number of photos of both."""
        return self.sides[0].n + self.sides[1].n

    @property
    def editions(self) -> int:
        """Number of editions of both."""
        return self.sides[0].editions + self.sides[1].editions

    @property
    def drawn(self) -> int:
        """Photos of both that were drawn by chance and answered."""
        return self.sides[0].drawn + self.sides[1].drawn

    @property
    def picked(self) -> int:
        """Photos of both that were answered although nobody drew them."""
        return self.sides[0].picked + self.sides[1].picked


def difference_by_machine(
    sides: tuple[GroupEstimate, GroupEstimate],
    value: float,
    variance: float,
    scans: float,
    *,
    confidence: float,
    practice: bool,
    misfit: str | None,
) -> ShareDifference:
    """Return a difference by the machine alone.

    Args:
        sides: The two shares.
        value: The first less the second.
        variance: Of the difference, while the scores of both err alike.
        scans: What a change of the scores' error between the two adds to it.
        practice: It is about practice, and not about these editions.
        misfit: Why nothing is said about it; None: there is no reason.
    """
    method = Message(
        "machine alone, calibration uncertain, %(level)s %%", level=written_level(confidence)
    )
    if misfit:
        return ShareDifference(value, None, None, None, sides, method, misfit)
    fewest = min(side.editions for side in sides)
    if practice and fewest < FEWEST:
        return ShareDifference(value, None, None, None, sides, method, few_editions(fewest))
    z = float(scipy.special.ndtri((1 + confidence) / 2))
    # Photos are whole: half a photo of either side is no difference.
    whole = 0.0 if practice else sum((0.5 / side.n) ** 2 for side in sides)
    error = float(np.sqrt(variance + scans + whole / z**2))
    low, high = max(-1.0, value - z * error), min(1.0, value + z * error)
    p_value = 2 * float(scipy.special.ndtr(-abs(value) / error)) if error > 0 else 1.0
    note = SURER if any(side.refused for side in sides) else None
    if low <= 0.0 <= high and abs(value) > z * float(np.sqrt(variance + whole / z**2)):
        note = join_notes(note, NOT_DISTINGUISHABLE)
    return ShareDifference(value, low, high, p_value, sides, method, None, note)


class PartEnds(NamedTuple):
    """A part of a share, and the ends of its interval."""

    value: float
    low: float
    high: float


def reach_of_parts(parts: Iterable[PartEnds]) -> tuple[float, float]:
    """Return how far the interval of a sum of independent parts reaches below it, and above."""
    every = list(parts)
    below = math.hypot(*(one.value - one.low for one in every))
    return below, math.hypot(*(one.high - one.value for one in every))


def difference_from_intervals(
    one: GroupEstimate, other: GroupEstimate, confidence: float, correlation: float = 0.0
) -> ShareDifference:
    """Return a difference by the two intervals.

    Args:
        one: The first share.
        other: The share that is taken off it.
        confidence: Level of both intervals.
        correlation: Of the errors of the two, -1 to 1.
    """
    part = _ends(one), _ends(other), correlation
    return difference_of_parts((one, other), [part], confidence)


def difference_of_parts(
    sides: tuple[GroupEstimate, GroupEstimate],
    parts: Sequence[tuple[PartEnds, PartEnds, float]],
    confidence: float,
) -> ShareDifference:
    """Return a difference by intervals (MOVER: Zou & Donner 2008, doi 10.1002/sim.3095).

    Args:
        sides: The two shares.
        parts: What each of some independent pools adds to either share, and the correlation of the
            errors of the two, -1 to 1.
    """
    value = sum(one.value - other.value for one, other, _ in parts)
    below = math.hypot(
        *(_joint(a.value - a.low, b.high - b.value, together) for a, b, together in parts)
    )
    above = math.hypot(
        *(_joint(a.high - a.value, b.value - b.low, together) for a, b, together in parts)
    )
    z = float(scipy.special.ndtri((1 + confidence) / 2))
    towards = below if value > 0 else above
    if towards > 0:
        p_value = 2 * float(scipy.special.ndtr(-abs(value) / (towards / z)))
    else:
        p_value = 1.0 if value == 0 else 0.0
    method = Message(
        "from the two intervals (MOVER), %(level)s %%", level=written_level(confidence)
    )
    return ShareDifference(value, value - below, value + above, p_value, sides, method)


def _joint(one: float, other: float, correlation: float) -> float:
    return math.sqrt(max(0.0, one**2 + other**2 - 2 * correlation * one * other))


def _ends(estimate: GroupEstimate) -> PartEnds:
    """Return value, low and high of an estimate that has an interval.

    Raises:
        ValueError: The estimate was refused.
    """
    if estimate.value is None or estimate.low is None or estimate.high is None:
        raise ValueError(f"{estimate.group} has no interval: {estimate.refused}")
    return PartEnds(estimate.value, estimate.low, estimate.high)


def drawn_here(here: int, drawn: int) -> Message:
    """Return the method of a part of a frame, in which ``here`` of ``drawn`` photos were drawn."""
    return Message(
        "%(drawn)s drawn photos, %(here)s of them here: hierarchical model, balanced by the draw",
        drawn=drawn,
        here=here,
    )


def without_answers(lost: int, outside: int) -> Message | None:
    """Return a note on drawn photos without an answer, and on photos outside the frame."""
    notes = []
    if lost:
        notes.append(
            Message(
                "the interval is wider, since %(photos)s drawn by chance got no answer",
                photos=counted(lost, "photo"),
            )
        )
    if outside:
        notes.append(
            Message(
                "not among those that the sample was drawn from: %(photos)s",
                photos=counted(outside, "photo"),
            )
        )
    return join_messages(notes) if notes else None


def by_machine_only(reviewed: int) -> Message:
    """Return the method of an estimate by the machine, beside some photos that were reviewed."""
    method = Message("machine alone: calibration for a newspaper that the detectors have not seen")
    if not reviewed:
        return method
    return join_messages(
        [method, Message("%(photos)s reviewed", photos=counted(reviewed, "photo"))]
    )


def too_wide(estimate: GroupEstimate, low: float, high: float) -> GroupEstimate:
    """Return an estimate without an interval that tells nothing, with what would help."""
    why = Message(
        "by the machine alone the share may be anything from %(low)s to %(high)s; %(help)s",
        low=percent(low),
        high=percent(high),
        help=help_by_reviews(estimate.value or 0.0, estimate.n),
    )
    return replace(estimate, low=None, high=None, refused=why, widest=(low, high))


SURER = Message("a side alone has no interval: errors that both sides share cancel in a difference")

NOT_DISTINGUISHABLE = Message(
    "this may come from the scans: if the machine scored one side's a little higher, that alone "
    "would make the difference; to rule it out, review photos of each side, drawn by chance"
)
"""Why a difference by the machine alone is none."""


def few_editions(editions: int) -> Message:
    """Return why practice is not known from some editions."""
    return Message(
        "the newspaper's practice takes %(fewest)s editions or more, not %(editions)s: "
        "ask about these editions instead",
        editions=editions,
        fewest=FEWEST,
    )


def with_count(
    estimate: GroupEstimate,
    *,
    confidence: float,
    pooled: bool,
    whole: bool,
    by_area: bool,
    drawn: int,
) -> GroupEstimate:
    """Return an estimate with its count, the level of its interval, and whether it is provisional.

    Args:
        estimate: Of a share, 0-1 but for the last digit.
        drawn: Drawn and answered photos that inform it, wherever they are printed.
        confidence: Level of the interval, 0.95 for instance.
        pooled: The share is one of photos; a mean of editions' shares counts none.
        whole: The ends of the count are whole photos: those of these very editions.
        by_area: Photos weigh their printed area.
    """
    estimate = _firmness(estimate, drawn)
    value, span = _share(estimate.value or 0.0), estimate.interval or estimate.widest
    level = written_level(confidence)
    made = Message("%(method)s, %(level)s %%", method=estimate.method, level=level)
    method = join_messages(filter(None, (made, estimate.coding)))
    number = value * estimate.size
    estimate = replace(
        estimate, value=value, method=method, count=(number, None, None) if pooled else None
    )
    if span is None:
        return estimate
    low, high = map(_share, span)
    if pooled:
        ends = low * estimate.size, high * estimate.size
        if whole:
            ends = (_area if by_area else _photos)(*ends, number, estimate)
            low, high = ends[0] / estimate.size, ends[1] / estimate.size
        if estimate.interval is not None:
            estimate = replace(estimate, count=(number, *ends))
    if estimate.interval is None:
        return too_wide(estimate, low, high)
    return replace(estimate, low=low, high=high)


def _firmness(estimate: GroupEstimate, drawn: int) -> GroupEstimate:
    """Return an estimate that says so where it rests on few drawn answers."""
    few = 0 < drawn < FIRM and estimate.drawn + estimate.picked < estimate.n
    if not few:
        return estimate
    says = Message(
        "provisional: %(answers)s drawn so far, and it takes %(firm)s",
        answers=counted(drawn, "answer"),
        firm=FIRM,
    )
    return replace(estimate, note=join_notes(says, estimate.note), provisional=True)


def _share(value: float) -> float:
    """Return a share that sums of weights may have put an ulp outside of 0-1."""
    return min(1.0, max(0.0, value))


def _photos(low: float, high: float, value: float, _: GroupEstimate) -> tuple[float, float]:
    """Return the ends of a count as whole photos, the value between them."""
    below, above = math.ceil(low - 0.5), math.floor(high + 0.5)
    below = below if below <= value else math.floor(value)
    above = above if above >= value else math.ceil(value)
    return max(0.0, float(below)), float(above)


def _area(low: float, high: float, value: float, estimate: GroupEstimate) -> tuple[float, float]:
    """Return the ends of an area; where a photo may be missing, one more of usual size."""
    if low < high <= value * (1 + 1e-9):
        high = min(estimate.size, value + estimate.size / estimate.n)
    return low, high


def help_by_reviews(value: float, n: int) -> str:
    """Return what reviews would do for a share, without help by scores."""
    if n <= 2 * EXAMPLE:
        return Message("reviewing all photos (%(n)s) would give the exact share", n=n)
    left = 1 - EXAMPLE / n
    reach = 1.96 * float(np.sqrt(max(value * (1 - value), 0.02) / EXAMPLE * left))
    return Message(
        "reviewing %(n)s photos drawn by chance would narrow it to about ±%(reach)s",
        n=EXAMPLE,
        reach=percent(reach),
    )


def scaled(estimate: GroupEstimate, whole: float) -> GroupEstimate:
    """Return a share of a whole of another size, with its ends and without its count.

    Args:
        estimate: The share.
        whole: What all shares of it add up to, about 1.
    """
    if not whole or whole == 1.0:
        return estimate
    ends = (estimate.value, estimate.low, estimate.high)
    value, low, high = (None if end is None else min(1.0, end / whole) for end in ends)
    return replace(estimate, value=value, low=low, high=high, count=None)


def coded_share(
    estimate: GroupEstimate, coders: CoderAccuracy, *, confidence: float
) -> GroupEstimate:
    """Return a share with the errors of coders taken out, and carried into its interval.

    Args:
        estimate: A share that drawn photos estimate, or that all photos' labels give.
        coders: How often the labels are right, from ``coders.label_accuracy``.
    """
    estimate = replace(estimate, coding=coders.words)
    if estimate.value is None or not coders.measured:
        return estimate
    value = estimate.value
    low = value if estimate.low is None else estimate.low
    high = value if estimate.high is None else estimate.high
    before = value, low, high
    ends = coders.carry(*before, confidence=confidence, photos=estimate.n)
    value, low, high = (float(end[0]) for end in ends)
    at_end = low <= 0.0 or high >= 1.0  # where all that the accuracy contradicts is carried
    if at_end and coders.contradicts(*before, confidence=confidence, photos=estimate.n):
        estimate = replace(estimate, note=join_notes(estimate.note, CONTRADICTED))
    expected = value * estimate.size
    if estimate.low is None or estimate.high is None:
        return replace(estimate, value=value, count=(expected, None, None))
    count = (expected, low * estimate.size, high * estimate.size)
    return replace(estimate, value=value, low=low, high=high, count=count)


def coded_difference(
    less: ShareDifference, coders: CoderAccuracy, *, confidence: float
) -> ShareDifference:
    """Return a difference of two shares that the same coders labelled, without their errors.

    Args:
        less: A difference whose sides are shares before this correction.
        coders: How often the labels are right.
    """
    method = join_messages((less.method, coders.words))
    one, other = (coded_share(side, coders, confidence=confidence) for side in less.sides)
    sides = less.sides
    if not coders.measured or less.low is None or any(_open(side) for side in sides):
        return replace(less, sides=(one, other), method=method)
    value, low, high = coders.carry_difference(
        *np.array([[side.value, side.low, side.high] for side in sides], np.float64).T,
        confidence=confidence,
        photos=[side.n for side in sides],
    )
    z = float(scipy.special.ndtri((1 + confidence) / 2))
    error = (value - low if value > 0 else high - value) / z
    p_value = 2 * float(scipy.special.ndtr(-abs(value) / error)) if error > 0 else less.p_value
    low, high = float(np.clip(low, -1, 1)), float(np.clip(high, -1, 1))
    return replace(
        less, value=value, low=low, high=high, p_value=p_value, sides=(one, other), method=method
    )


def _open(side: GroupEstimate) -> bool:
    return side.value is None or side.low is None or side.high is None
