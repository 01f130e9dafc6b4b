"""Whether what the machine reads is worth anything in one newspaper: valid, to be checked, or not.

The machine is a coder whom nobody has met. Photos that people answered tell how far it agrees with
them beyond chance, by Cohen's kappa (1960, doi 10.1177/001316446002000104): those that it takes to
show a measure, and those that it doesn't, are two groups of known size, in each of which drawn
answers tell how many show it (Jeffreys' interval of a share: Brown, Cai & DasGupta 2001,
doi 10.1214/ss/1009213286, which fits small numbers). Answers that nobody drew settle their own
photo, and tell nothing of others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from itertools import product
from typing import ClassVar, NamedTuple

import numpy as np
import scipy  # which imports scipy.special when it is first used

from presslens.models.measured import load_stations
from presslens.models.message import Message, join_messages
from presslens.models.vocabulary import Focus
from presslens.pipelines.counted import counted
from presslens.pipelines.result import Interval, Rounded, Served
from presslens.pipelines.statistics.availability import NO_LEADER, NOBODY_LEADS
from presslens.pipelines.statistics.count_estimates import COUNTED_METRICS
from presslens.pipelines.statistics.decision import NEAR_POINTS
from presslens.pipelines.statistics.fitted_photos import FEWEST_DRAWN
from presslens.pipelines.statistics.measure import STRATA, strata
from presslens.pipelines.statistics.photo_table import Mask, Numbers, PhotoTable
from presslens.pipelines.statistics.sampling import FrameStrata, allocate

OF_USE = 0.4
"""Agreement beyond chance from which on the machine tells something of use: below, kappa is "poor
agreement beyond chance" (Fleiss 1981, Statistical Methods for Rates and Proportions, 13.1)."""

FACILITY_FOCUS = "focus_facility"
"""The measure by which the focus of the front page's lead photo is judged too."""

LOOKED_AT_FIRST = frozenset({FACILITY_FOCUS, "focus_neither", "leader_and_facility"})
"""Measures that rest on the machine's reading of a facility: no measurement that ships shows how it
does in newspapers that it has not seen, and where readers tried it failed. Their shares are not
offered before people have looked at photos of the newspaper for them. One of the focuses is what
the others leave of a whole, so that it would tell of them."""

FEWEST_ANSWERS = FEWEST_DRAWN
"""Photos of a newspaper that people must have looked at for these, and drawn answers without which
nothing is decided of any measure: as many as make a sample the estimator."""

UNCHECKED = Message("the machine's reading, which nobody has checked in this newspaper")
"""What is said beside the reading of one photo, which is shown all the same."""

NOT_VALID_HERE = Message("it rests on the machine's reading, which is not valid in this newspaper")
"""Why a claim on one photo that nobody has settled is undecided."""

_NODES = (np.arange(64) + 0.5) / 64
"""Probabilities of the nodes of the distribution of a share."""

_FUTURES = (np.arange(3) + 0.5) / 3
"""Probabilities of the answers that are foreseen of each group."""

MOST = 0.8
"""Part of the futures in which so many answers as are said to tell do."""

_MANY = 2000
"""More photos than that are as uncertain as so many."""


class ValidityState(StrEnum):
    """Whether the machine's readings of a measure are worth anything in a newspaper."""

    VALID = "valid"
    TO_BE_CHECKED = "to be checked"
    NOT_VALID = "not valid here"


@dataclass(frozen=True, slots=True)
class Validity(Served):
    """The validity of a measure in a newspaper."""

    SERVED: ClassVar[str] = """
        measure state offered answers drawn wanted agreement interval reason
    """

    measure: str  # a measure, or a plain metric
    state: ValidityState
    reason: str  # what it rests on, and what to do next
    offered: bool = True  # whether numbers that rest on the machine's readings are shown
    answers: int = 0  # photos of the newspaper that people answered for it
    drawn: int = 0  # those of them that were drawn by chance: they tell of the others
    # Further answers for photos drawn by chance that would tell; 0: what there is tells, or there
    # are no photos.
    wanted: int = 0
    # Kappa of the machine with people, at most 1; None where it is not defined, or nobody answered.
    agreement: Rounded | None = None
    interval: Interval | None = None  # its ends; None where it is not defined

    @property
    def why_not(self) -> str | None:
        """Why numbers that rest on the machine's readings are not shown; None where they are."""
        return None if self.offered else self.reason

    @property
    def in_place_of_one(self) -> Message:
        """What is said in place of a verdict on one photo where shares are not offered."""
        if not self.answers:
            return Message("nobody has checked it in this newspaper")
        return Message(
            "people have checked it on only %(photos)s of this newspaper",
            photos=counted(self.answers, "photo"),
        )

    @property
    def beside_one(self) -> Message | None:
        """What is said beside the reading of one photo; None where the machine is valid."""
        if self.state is ValidityState.VALID:
            return None
        if not self.answers:
            return UNCHECKED
        if not self.offered:
            return Message(
                "the machine's reading, which people have checked on only %(photos)s of this"
                " newspaper",
                photos=counted(self.answers, "photo"),
            )
        if self.state is ValidityState.TO_BE_CHECKED:
            return Message(
                "the machine's reading, which is to be checked: %(why)s", why=self.reason
            )
        found = _agreement(self, counted(self.drawn, "drawn answer"))
        return Message("the machine's reading, which is not valid here: %(why)s", why=found)

    @property
    def undecided(self) -> Message | None:
        """Why the reading of one photo decides nothing; None where it may."""
        return NOT_VALID_HERE if self.state is ValidityState.NOT_VALID else None


def undecided_focuses(
    validities: Mapping[str, Validity], why_no_leader: str | None
) -> Mapping[Focus, str]:
    """Return why the machine's verdicts about the focus decide nothing in a newspaper, by verdict.

    Args:
        validities: Those of ``FOCUSES``: a verdict decides where its share is offered.
        why_no_leader: Why no leader could be recognised; None where one could.
    """
    if why_no_leader is not None:
        return dict.fromkeys(Focus, NOBODY_LEADS if why_no_leader == NO_LEADER else why_no_leader)
    found = {one: validities.get(f"focus_{one.value}") for one in Focus}
    return {one: validity.in_place_of_one for one, validity in found.items()
            if validity is not None and not validity.offered}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Group:
    """The photos that the machine reads alike: it takes them to show a measure, or not to."""

    photos: float  # number of them
    answered: float  # those that people answered
    yes: float  # those of them that show it
    drawn: float  # answers for drawn photos, as many as are worth the same with equal chances
    share: float  # the part of them that shows it, weighed, 0–1
    expected: float  # the part of the others that is expected to show it, 0–1

    @classmethod
    def of(
        cls, label: Numbers, answered: Mask, drawn: Mask, weight: Numbers, expected: Numbers
    ) -> _Group:
        """Return the group of n photos.

        Args:
            label: Their answers, NaN without one, shape (n,).
            answered: Which were answered.
            drawn: Which of those tell of the others.
            weight: How many photos each drawn one stands for.
            expected: Probability of each that it shows the measure.
        """
        w, left = weight[drawn], expected[~answered]
        return cls(
            photos=len(label),
            answered=float(answered.sum()),
            yes=float(label[answered].sum()),
            drawn=float(w.sum() ** 2 / (w**2).sum()) if len(w) else 0.0,
            share=float(w @ label[drawn] / w.sum()) if len(w) else 0.0,
            expected=float(left.mean()) if len(left) else 0.0,
        )

    def likely(self) -> float:
        """Return the part of the photos that answers alone say to show the measure, 0–1."""
        left = self.photos - self.answered
        return (self.yes + left * self.share) / self.photos

    def futures(self, answered: float, drawn: float) -> list[_Group]:
        """Return what the group may be after further answers, equally likely, if as expected.

        Args:
            answered: The further photos that are answered.
            drawn: As many as they are worth.
        """
        worth = max(1, round(drawn))
        chance = min(max(self.expected, 1e-9), 1 - 1e-9)
        shown = np.ceil(scipy.special.bdtrik(_FUTURES, worth, chance)).clip(0, worth) / worth
        every = self.drawn + drawn
        return [
            replace(
                self,
                answered=self.answered + answered,
                yes=self.yes + answered * share,
                drawn=every,
                share=(self.drawn * self.share + drawn * share) / every if every else 0.0,
            )
            for share in shown.tolist()
        ]


@lru_cache(32)
def _shares(group: _Group) -> Numbers:
    """Return possible parts of a group that show the measure, equally likely, (64,)."""
    left = group.photos - group.answered
    if left <= 0:
        return np.full(len(_NODES), group.yes / group.photos)
    yes, no = group.drawn * group.share + 0.5, group.drawn * (1 - group.share) + 0.5
    # Whole photos, so that where few are left none of them may show it.
    count = min(max(1, round(left)), _MANY)
    k = np.arange(count + 1.0)
    chance = scipy.special.betaln(k + yes, count - k + no) - scipy.special.betaln(yes, no)
    chance -= scipy.special.betaln(k + 1, count - k + 1) + np.log(count + 1)
    others = np.searchsorted(np.cumsum(np.exp(chance)), _NODES).clip(max=count) / count
    return np.asarray((group.yes + left * others) / group.photos)


class _Judgement(NamedTuple):
    """What answers say of the machine."""

    state: ValidityState
    agreement: float | None = None
    interval: Interval | None = None


def newspaper_validity(
    measure: str, table: PhotoTable, taken: Mask, expected: Numbers, *, confidence: float = 0.95
) -> Validity:
    """Return whether the machine's readings of a measure are worth anything in a newspaper.

    Args:
        table: All n photos of the newspaper.
        taken: Those that the machine alone takes to show it, shape (n,).
        expected: Probability of each as a sample corrects it, or the machine states it, (n,).
        confidence: Level of the interval of the agreement.
    """
    n, answered = len(table), table.answered
    drawn = table.sampled if not answered.all() else answered
    given = int(answered.sum()), int(drawn.sum())
    weight = np.where(drawn & table.drawn, 1 / np.where(table.drawn, table.inclusion, 1.0), 1.0)
    parts = [
        _Group.of(table.label[own], answered[own], drawn[own], weight[own], expected[own])
        for own in (taken, ~taken)
    ]
    # With fewer a photo or two would decide, and the sample is no estimator.
    least = min(FEWEST_ANSWERS, n)
    found = _judged(parts, confidence) if given[1] else _Judgement(ValidityState.TO_BE_CHECKED)
    further = 0
    if n and found.state is ValidityState.TO_BE_CHECKED:
        further = _wanted(parts, table, taken, drawn, confidence)
    lacking = least - given[1]
    if lacking > 0:
        found = found._replace(state=ValidityState.TO_BE_CHECKED)
    offered = measure not in LOOKED_AT_FIRST or given[0] >= least
    made = Validity(
        measure=measure,
        state=found.state,
        reason="",
        offered=offered,
        answers=given[0],
        drawn=given[1],
        wanted=max(further, lacking, 0 if offered else least - given[0]),
        agreement=found.agreement,
        interval=found.interval,
    )
    return replace(made, reason=_reason(made))


def unchecked(measure: str) -> Validity:
    """Return the validity of a measure in photos that nobody has looked at, of no newspaper."""
    offered = measure not in LOOKED_AT_FIRST
    wanted = 0 if offered else FEWEST_ANSWERS
    made = Validity(measure, ValidityState.TO_BE_CHECKED, "", offered, wanted=wanted)
    return replace(made, reason=_reason(made))


@cache
def measured_validity(metric: str) -> Validity | None:
    """Return the validity of a count in any newspaper, by what was measured; None of no count."""
    if metric not in COUNTED_METRICS:
        return None
    station = load_stations().get("photo counts")
    row = station.of("photos inside the interval", "pages, real") if station else None
    if row is None:
        return None
    reason = Message(
        "measured on %(pages)s of other newspapers, which the machine had not seen: the interval"
        " held the true number on %(right)s of them",
        pages=counted(row.n, "page"),
        right=round(row.value * row.n),
    )
    return Validity(metric, ValidityState.VALID, reason)


def worst(validities: Sequence[Validity]) -> Validity | None:
    """Return the validity of a number of several newspapers: that of the least valid; else None."""
    states = list(ValidityState)
    rank = {one: (one.offered, -states.index(one.state)) for one in validities}
    return min(validities, key=lambda one: rank[one], default=None)


def _judged(groups: Sequence[_Group], confidence: float) -> _Judgement:
    """Return what answers say of the machine."""
    taken, others = groups
    tails = (1 - confidence) / 2, (1 + confidence) / 2
    whole = taken.photos + others.photos
    if not taken.photos or not others.photos:
        # The machine reads all alike, so that nothing agrees beyond chance.
        wrong = 1 - _shares(taken) if taken.photos else _shares(others)
        low, high = np.quantile(wrong, tails)
        return _Judgement(_state(NEAR_POINTS - float(high), NEAR_POINTS - float(low)))
    part = taken.photos / whole
    possible = _kappa(part, _shares(taken)[:, None], _shares(others)[None, :])
    low, high = (float(end) for end in np.quantile(possible, tails))
    value = None
    if all(one.drawn or one.answered == one.photos for one in groups):
        value = float(_kappa(part, taken.likely(), others.likely()))
        low, high = min(low, value), max(high, value)
    return _Judgement(_state(low - OF_USE, high - OF_USE), value, (low, high))


def _state(low: float, high: float) -> ValidityState:
    """Return the state by how far an interval reaches above a limit."""
    if low >= 0:
        return ValidityState.VALID
    return ValidityState.NOT_VALID if high < 0 else ValidityState.TO_BE_CHECKED


def _kappa(part: float, right: Numbers | float, missed: Numbers | float) -> Numbers:
    """Return Cohen's kappa of the machine and people.

    Args:
        part: Part of the photos that the machine takes to show a measure, between 0 and 1.
        right: Part of those that show it, 0–1.
        missed: Part of the others that show it, 0–1.
    """
    shown = part * right + (1 - part) * missed
    chance = part * (1 - shown) + shown * (1 - part)
    return np.asarray(2 * part * (1 - part) * (right - missed) / chance)


def _wanted(
    groups: Sequence[_Group], table: PhotoTable, taken: Mask, drawn: Mask, confidence: float
) -> int:
    """Return the fewest further answers that would tell in most futures.

    They are of photos that make the drawn ones a larger sample: more where the machine is unsure.

    Args:
        groups: The photos that the machine takes to show the measure, and the others.
        table: All n photos.
        taken: Which of them it takes to show it, shape (n,).
        drawn: Those whose answers tell of the others, shape (n,).
        confidence: Level of the interval of the agreement.
    """
    stratum, kinds, left = strata(table.probability), len(STRATA) + 1, ~table.answered
    framed, p = left | drawn, table.probability
    frame = FrameStrata.of_photos(stratum[framed], p[framed], np.ones(int(framed.sum())), kinds)
    known = np.bincount(stratum[drawn], minlength=kinds)
    sizes = [np.bincount(stratum[left & own], minlength=kinds) for own in (taken, ~taken)]

    def further(total: int) -> Numbers:
        return np.array(allocate(frame, total, least=known.tolist()), float) - known

    def tells(total: int) -> bool:
        rates = further(total) / np.maximum(sum(sizes), 1)
        after = []
        for group, size in zip(groups, sizes, strict=True):
            there = (size > 0) & (rates > 0)
            spread = float((size[there] / rates[there]).sum())
            worth = float(size[there].sum()) ** 2 / spread if spread else 0.0
            after.append(group.futures(float(size @ rates), worth))
        told = [
            _judged(both, confidence).state is not ValidityState.TO_BE_CHECKED
            for both in product(*after)
        ]
        return sum(told) >= MOST * len(told)

    low, high = int(known.sum()) + 1, int(framed.sum())
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if tells(middle) else (middle + 1, high)
    return int(further(low).sum())


def _reason(validity: Validity) -> Message:
    """Return what a validity rests on, and what to do next."""
    drawn, more = counted(validity.drawn, "drawn answer"), counted(validity.wanted, "photo")
    if not validity.offered:
        return Message(
            "not offered: people have looked at %(answers)s of this newspaper for it, and it takes"
            " %(more)s more, drawn by chance",
            answers=counted(validity.answers, "photo"),
            more=more,
        )
    if not validity.drawn and validity.answers:
        return Message(
            "nobody has checked a drawn photo of this newspaper: %(answers)s that people picked"
            " say nothing of others; %(more)s, drawn by chance and answered, would tell how right"
            " the machine is",
            answers=counted(validity.answers, "answer"),
            more=more,
        )
    if not validity.drawn and not validity.wanted:
        return Message("nobody has checked the machine in this newspaper")
    if not validity.drawn:
        return Message(
            "nobody has checked the machine in this newspaper: %(more)s, drawn by chance and"
            " answered, would tell how right it is",
            more=more,
        )
    found = _agreement(validity, drawn)
    if validity.state is ValidityState.TO_BE_CHECKED:
        told = Message(
            "%(more)s more, drawn by chance and answered, would tell how right the machine is",
            more=more,
        )
    elif validity.state is ValidityState.VALID:
        return found
    else:
        told = Message("the share rests on the drawn photos")
    return join_messages([found, told])


def _agreement(validity: Validity, drawn: Message) -> Message:
    """Return how far drawn answers agree with the machine."""
    if validity.interval is None:
        return Message(
            "the machine reads all photos of this newspaper alike (%(drawn)s)", drawn=drawn
        )
    low, high = (f"{end:.2f}" for end in validity.interval)
    return Message(
        "agreement of people and machine beyond chance %(low)s to %(high)s (kappa; %(drawn)s), and"
        " it takes %(useful)s",
        low=low,
        high=high,
        drawn=drawn,
        useful=f"{OF_USE:.1f}",
    )
