"""The usual metrics of a newspaper, and the unusual ones of an edition.

An edition is compared with the previous ones of its newspaper, see
``pipelines.statistics.reference_editions``. Each metric gets its place among them, and a flag when
it is far out. Ranks, quantiles and z are of best guesses; a flag on a share asks more: that the
near end of its interval is far out, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from models.vocabulary import Focus
from pipelines.statistics.metrics import EditionMetrics, Estimate, Metric
from pipelines.statistics.reference_editions import (
    Excluded,
    MatchCriterion,
    ReferenceEditions,
    choose_reference_editions,
)
from pipelines.statistics.robust import RobustSummary


@dataclass(frozen=True, slots=True)
class BaselineRules:
    """The size and the choice of a baseline, and the limits of flags.

    Attributes:
        n: Largest number of previous editions.
        match: The properties in which they must equal the edition.
        least: Smallest number of previous editions for a flag.
        z: A number is an outlier when its robust z is this or more, above or below (3.5: Iglewicz
            & Hoaglin 1993).
        rare: An outlier is flagged, and so is what the front page leads with, if at most this
            share of the baseline is as far out, 0–1. Where most editions have the same number z
            is large for any other, and would flag what one edition in six does.
        extreme_of: A number beyond all of the baseline is flagged if that has so many editions.
    """

    n: int = 60
    match: frozenset[MatchCriterion] = frozenset()
    least: int = 10
    z: float = 3.5
    rare: float = 0.1
    extreme_of: int = 20


class Flag(StrEnum):
    """The reason why a number is unusual: beyond all others, far off, or no longer constant."""

    EXTREME = "extreme"
    OUTLIER = "outlier"
    FIRST_CHANGE = "first_change"


@dataclass(frozen=True, slots=True)
class Standing:
    """A metric of an edition, and its rank among the baseline.

    Attributes:
        metric: The metric.
        estimate: The estimate for the edition.
        usual: The distribution over the baseline; None if no edition of it has the metric.
        above: Editions of the baseline with a higher value.
        equal: Those with the same value.
        z: Robust z; None when all of the baseline is the same.
        flag: The reason why it is unusual; None when it is not.
        undecided: The estimate is far out, but its interval reaches back.
        last: Number of editions since one was as far out; None when no previous edition was, or
            when the value equals the median.
    """

    metric: Metric
    estimate: Estimate
    usual: RobustSummary | None = None
    above: int = 0
    equal: int = 0
    z: float | None = None
    flag: Flag | None = None
    undecided: bool = False
    last: int | None = None

    @property
    def rank(self) -> int | None:
        """Rank among the baseline and the edition, 1 is the highest; ties share the best."""
        return None if self.usual is None or self.estimate.value is None else self.above + 1

    @property
    def as_high(self) -> float | None:
        """Share of the baseline that is as high or higher, 0–1."""
        if self.usual is None or self.estimate.value is None:
            return None
        return (self.above + self.equal) / self.usual.n

    @property
    def is_high(self) -> bool:
        """It is above the median."""
        return (
            self.usual is not None
            and self.estimate.value is not None
            and self.estimate.value > self.usual.median
        )


@dataclass(frozen=True, slots=True)
class LeadFocusStanding:
    """The focus of the front page's lead photo, against the baseline.

    Attributes:
        verdict: Of the edition; None without a photo on the front page.
        usual: The commonest verdict; None if the baseline has none.
        counts: Editions of the baseline by verdict.
        flagged: The verdict is rare: see ``BaselineRules.rare``. Unsure is never flagged.
        last: Number of editions since the same verdict; None when no previous edition had it.
    """

    verdict: Focus | None
    usual: Focus | None
    counts: dict[Focus, int]
    flagged: bool
    last: int | None


@dataclass(frozen=True, slots=True)
class Baseline:
    """An edition, its metrics, and the previous editions that it is compared with.

    Attributes:
        edition: The edition.
        rules: The rules of the baseline.
        previous: The previous editions that it is compared with.
        standings: One a metric, in the order of the edition's metrics.
        front_lead: What its front page leads with.
    """

    edition: EditionMetrics
    rules: BaselineRules
    previous: ReferenceEditions
    standings: tuple[Standing, ...]
    front_lead: LeadFocusStanding

    @property
    def enough(self) -> bool:
        """There are enough previous editions to flag anything."""
        return len(self.previous.used) >= self.rules.least

    @property
    def extremes_by_chance(self) -> float:
        """Largest number of metrics that chance alone would put beyond all of the baseline.

        If the edition is like any of the n others, it is the highest in one of n + 1 cases and the
        lowest in one; ties make it fewer, trends more.
        """
        ns = [s.usual.n for s in self.standings if s.usual is not None]
        return sum(2 / (n + 1) for n in ns if n >= max(self.rules.extreme_of, self.rules.least))


def compare_to_baseline(
    edition: EditionMetrics,
    editions: Iterable[EditionMetrics],
    rules: BaselineRules,
    *,
    left_out: Sequence[Excluded] = (),
) -> Baseline:
    """Compare an edition with the previous editions of its newspaper.

    Args:
        edition: The edition, with its metrics.
        editions: Others, in any order; a metric may be missing in those beyond the baseline.
        rules: Number and choice of the previous editions, and the limits of flags.
        left_out: Editions of the archive without metrics.
    """
    previous = choose_reference_editions(
        edition, editions, n=rules.n, match=rules.match, left_out=left_out
    )
    standings = (
        stand(metric, estimate, previous, rules) for metric, estimate in edition.metrics.items()
    )
    return Baseline(edition, rules, previous, tuple(standings), _lead(edition, previous, rules))


def stand(
    metric: Metric, estimate: Estimate, previous: ReferenceEditions, rules: BaselineRules
) -> Standing:
    """Return the standing of a metric among the baseline.

    Editions without the metric, a share of the front page's photos where it has none, are not
    among its n.
    """
    values = [v for one in previous.used if (v := _value(one, metric)) is not None]
    value = estimate.value
    if not values:
        return Standing(metric, estimate)
    usual = RobustSummary.of(values)
    if value is None:
        return Standing(metric, estimate, usual)
    flag = _flag(_near_end(value, estimate, usual), values, usual, rules)
    return Standing(
        metric,
        estimate,
        usual,
        above=sum(v > value for v in values),
        equal=sum(v == value for v in values),
        z=usual.z(value),
        flag=flag,
        undecided=flag is None and _flag(value, values, usual, rules) is not None,
        last=_last(metric, value, usual.median, previous),
    )


def _value(one: EditionMetrics, metric: Metric) -> float | None:
    estimate = one.metrics.get(metric)
    return None if estimate is None else estimate.value


def _near_end(value: float, estimate: Estimate, usual: RobustSummary) -> float:
    """Return the end of the interval that is nearest to the usual; the median if it is inside."""
    low, high = estimate.interval or (value, value)
    return min(max(usual.median, low), high)


def _flag(
    value: float, values: Sequence[float], usual: RobustSummary, rules: BaselineRules
) -> Flag | None:
    if usual.n < rules.least or value == usual.median:
        return None
    z = usual.z(value)
    if z is None:
        return Flag.FIRST_CHANGE
    far = sum(v >= value for v in values) if z > 0 else sum(v <= value for v in values)
    if far == 0 and usual.n >= rules.extreme_of:
        return Flag.EXTREME
    return Flag.OUTLIER if abs(z) >= rules.z and far <= rules.rare * usual.n else None


def _last(metric: Metric, value: float, median: float, previous: ReferenceEditions) -> int | None:
    if value == median:
        return None
    for ago, one in enumerate(previous.known, 1):
        past = _value(one, metric) if one.pages_seen == one.pages else None
        if past is not None and (past >= value if value > median else past <= value):
            return ago
    return None


def _lead(
    edition: EditionMetrics, previous: ReferenceEditions, rules: BaselineRules
) -> LeadFocusStanding:
    verdict = edition.front_lead_focus
    counts = Counter(
        one.front_lead_focus for one in previous.used if one.front_lead_focus is not None
    )
    by_verdict = {value: counts[value] for value in Focus if counts[value]}
    last = next(
        (
            ago
            for ago, one in enumerate(previous.known, 1)
            if verdict is not None and one.front_lead_focus is verdict
        ),
        None,
    )
    n = counts.total()
    flagged = (
        verdict not in (None, Focus.UNSURE)
        and n >= rules.least
        and counts[verdict] <= rules.rare * n
    )
    usual = max(by_verdict, key=by_verdict.__getitem__) if by_verdict else None
    return LeadFocusStanding(verdict, usual, by_verdict, flagged=flagged, last=last)
