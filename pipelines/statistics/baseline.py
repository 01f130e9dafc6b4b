"""The usual metrics of a newspaper, and the unusual ones of an edition.

An edition is compared with the previous ones of its newspaper, see
``pipelines.statistics.reference_editions``, like with like
(``pipelines.statistics.like_with_like``), and apart from a trend that they have. Each metric gets
its place among them, and a flag when it is far out (``pipelines.statistics.flags``). Ranks,
quantiles and z are of best guesses; a flag on a number with an interval asks more: that its
near end is far out, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # which imports scipy.special when it is first used

from presslens.models.message import Message
from presslens.models.vocabulary import Focus
from presslens.pipelines.result import Rounded
from presslens.pipelines.statistics.flags import (
    MOST_COUNTED,
    BaselineRules,
    Detectable,
    Flag,
    detectable,
    false_flags,
    flag_of,
    near_end,
)
from presslens.pipelines.statistics.forecast import SAME, foretold_next, ordinary
from presslens.pipelines.statistics.like_with_like import Basis, Comparable, Readings, comparable
from presslens.pipelines.statistics.measure import Weight
from presslens.pipelines.statistics.metrics import EditionMetrics, Estimate, Metric
from presslens.pipelines.statistics.plain import PLAIN
from presslens.pipelines.statistics.reference_editions import (
    Excluded,
    ReferenceEditions,
    choose_reference_editions,
)
from presslens.pipelines.statistics.robust import RobustSummary
from presslens.pipelines.statistics.serial import serial_correlation

EXACT_DIGITS = 12
"""Digits after the point up to which two numbers are compared: sums err beyond them."""

NORMAL = 1.96
"""Standard errors that an interval reaches to either side where no other tells."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A metric of an edition, and its rank among the baseline."""

    metric: Metric
    estimate: Estimate  # the estimate for the edition, as it is served everywhere
    compared: Estimate  # the one that rank, z and flag are of, on the basis that is compared
    basis: Basis = Basis.COUNTED  # what is compared
    # The distribution over the baseline, without its trend; None if no edition of it has the
    # metric.
    usual: RobustSummary | None = None
    trend: Trend | None = None  # the trend that was taken out; None where there is none to speak of
    # Which editions of the baseline, newest first, would be flagged against the others; None where
    # one has not the metric. Empty where nobody counted, or with too few to flag anything.
    false_flags: tuple[bool | None, ...] = ()
    # From which values on an edition would be flagged; None where nothing would.
    detectable: Detectable | None = None
    # The distribution over editions of the same anniversary; None without any.
    anniversary: RobustSummary | None = None
    above: int = 0  # editions of the baseline with a higher value
    equal: int = 0  # those with the same value
    # The interval by which it is compared: of ``compared``, without errors that all editions share.
    interval: tuple[float, float] | None = None
    z: float | None = None  # robust z; None when all of the baseline is the same
    flag: Flag | None = None  # the reason why it is unusual; None when it is not
    undecided: bool = False  # the estimate is far out, but its interval reaches back
    # Number of editions since one was as far out; None when no previous edition was, or when the
    # value equals the median.
    last: int | None = None

    @property
    def rank(self) -> int | None:
        """Rank among the baseline and the edition, 1 is the highest; ties share the best."""
        return None if self.usual is None or self.compared.value is None else self.above + 1

    @property
    def as_high(self) -> float | None:
        """Share of the baseline that is as high or higher, 0–1."""
        if self.usual is None or self.compared.value is None:
            return None
        return (self.above + self.equal) / self.usual.n

    @property
    def is_high(self) -> bool:
        """It is above the median."""
        return (
            self.usual is not None
            and self.compared.value is not None
            and _exact(self.compared.value) > self.usual.median
        )

    @property
    def deciding_interval(self) -> tuple[float, float] | None:
        """The interval that decides on a flag, where another one is served; else None."""
        decides = self.flag is not None or self.undecided
        return self.interval if decides and self.interval != self.estimate.interval else None

    @property
    def is_apart(self) -> bool:
        """The number that is compared is not the one that is served."""
        return self.compared.value != self.estimate.value


@dataclass(frozen=True, slots=True)
class LeadFocusStanding:
    """The focus of the front page's lead photo, against the baseline."""

    verdict: Focus | None  # of the edition; None without a photo on the front page
    usual: Focus | None  # the commonest verdict; None if the baseline has none
    counts: dict[Focus, int]  # editions of the baseline by verdict
    flagged: bool  # the verdict is rare: see ``BaselineRules.rare``. Unsure is never flagged.
    # Number of editions since the same verdict; None when no previous edition had it.
    last: int | None
    note: Message | None = None  # what is said beside the verdict


@dataclass(frozen=True, slots=True)
class Baseline:
    """An edition, its metrics, and the previous editions that it is compared with."""

    edition: EditionMetrics
    rules: BaselineRules
    previous: ReferenceEditions  # the previous editions that it is compared with
    standings: tuple[Standing, ...]  # one a metric, in the order of the edition's metrics
    front_lead: LeadFocusStanding  # what its front page leads with
    # Editions of the same anniversary in earlier years, newest first.
    anniversaries: tuple[EditionMetrics, ...] = ()

    @property
    def false_flag_share(self) -> Rounded | None:
        """Share of the baseline's editions that would have a flagged metric, 0–1.

        Each is compared with the others. None where nothing can be flagged.
        """
        flagged = [s.false_flags for s in self.standings if s.false_flags]
        if not flagged:
            return None
        return float(np.mean([any(of_edition) for of_edition in zip(*flagged, strict=True)]))

    @property
    def enough(self) -> bool:
        """There are enough previous editions to flag anything."""
        return len(self.previous.used) >= self.rules.least

    @property
    def extremes_by_chance(self) -> Rounded:
        """Largest number of metrics that chance alone would put beyond all of the baseline.

        If the edition is like any of the n others, it is the highest in one of n + 1 cases and the
        lowest in one; ties make it fewer, trends more.
        """
        ns = [s.usual.n for s in self.standings if s.usual is not None]
        return sum(2 / (n + 1) for n in ns if n >= self.rules.least)


def compare_to_baseline(
    edition: EditionMetrics,
    editions: Iterable[EditionMetrics],
    rules: BaselineRules,
    *,
    left_out: Sequence[Excluded] = (),
    readings: Readings | None = None,
    anniversaries: Sequence[EditionMetrics] = (),
    weekdays: Sequence[int] = (),
) -> Baseline:
    """Compare an edition with the previous editions of its newspaper.

    Args:
        edition: The edition, with its metrics.
        editions: Others, in any order; a metric may be missing in those beyond the baseline.
        rules: Number and choice of the previous editions, and the limits of flags.
        left_out: Editions of the archive without metrics.
        readings: What is known of shares beside their estimates, by id of edition.
        anniversaries: Editions of the same anniversary in earlier years, newest first.
        weekdays: Weekdays on which somebody said that the newspaper appears; empty: inferred.
    """
    previous = choose_reference_editions(
        edition, editions, n=rules.n, match=rules.match, left_out=left_out, weekdays=weekdays
    )
    standings = (
        stand(metric, edition, previous, rules, readings or {}, anniversaries)
        for metric in edition.metrics
    )
    lead = compare_lead(edition, previous, rules)
    return Baseline(edition, rules, previous, tuple(standings), lead, tuple(anniversaries))


def stand(
    metric: Metric,
    edition: EditionMetrics,
    previous: ReferenceEditions,
    rules: BaselineRules,
    readings: Readings,
    anniversaries: Sequence[EditionMetrics] = (),
    *,
    power: bool = True,
) -> Standing:
    """Return the standing of a metric among the baseline.

    Editions without the metric, a share of the front page's photos where it has none, are not
    among its n.

    Args:
        edition: The edition, which has it.
        rules: The limits of flags.
        readings: What is known of shares beside their estimates, by id of edition.
        anniversaries: Editions of the same anniversary in earlier years, newest first.
        power: Whether to count false flags, and to tell what is detectable.
    """
    compared = comparable(metric, edition, previous.used, readings, least=rules.least)
    served, estimate, basis = edition.metrics[metric], compared.estimate, compared.basis
    if not compared.references:
        return Standing(metric, served, estimate, basis)
    trend, shifts = _trend(edition, compared, rules)
    possible = possible_values(metric)
    moved = [
        (past, compared.interval(metric, one, past), by)
        for (one, past), by in zip(compared.references, shifts, strict=True)
    ]
    values = [_exact(_shifted(past.value or 0.0, by, possible)) for past, _, by in moved]
    intervals = [
        None if ends is None else (_shifted(ends[0], by, possible), _shifted(ends[1], by, possible))
        for _, ends, by in moved
    ]
    usual = RobustSummary.of(values)
    ago = [float((one.date - edition.date).days) for one, _ in compared.references]
    erring = _by_edition(previous, compared, values, ago, intervals, rules) if power else ()
    same_day = [
        past.value
        for one in anniversaries
        if (past := compared.of(metric, one)) is not None and past.value is not None
    ]
    yearly = RobustSummary.of(same_day) if same_day else None
    if estimate.value is None:
        return Standing(metric, served, estimate, basis, usual, trend, erring, anniversary=yearly)
    value = _exact(estimate.value)
    interval = compared.interval(metric, edition, estimate)
    limits = foretold_next(values[::-1], ago[::-1], rules.level)
    flag = flag_of(near_end(interval, value, usual.median), values, limits, rules)
    return Standing(
        metric,
        served,
        estimate,
        basis,
        usual,
        trend,
        erring,
        detectable(
            values,
            limits,
            _reach(metric, estimate, interval, moved),
            rules,
            possible=possible,
            step=_step(metric, estimate),
        )
        if power
        else None,
        yearly,
        above=sum(v > value for v in values),
        equal=sum(v == value for v in values),
        interval=interval,
        z=usual.z(value),
        flag=flag,
        undecided=flag is None and flag_of(value, values, limits, rules) is not None,
        last=_last(metric, value, usual.median, previous, compared),
    )


def _by_edition(
    previous: ReferenceEditions,
    compared: Comparable,
    values: Sequence[float],
    days: Sequence[float],
    intervals: Sequence[tuple[float, float] | None],
    rules: BaselineRules,
) -> tuple[bool | None, ...]:
    """Return which editions of the baseline would be flagged; None of one without the metric."""
    flagged = false_flags(values[::-1], days[::-1], intervals[::-1], rules)[::-1]
    if not flagged:
        return ()
    having = {one.id: own for (one, _), own in zip(compared.references, flagged, strict=False)}
    return tuple(having.get(one.id) for one in previous.used[:MOST_COUNTED])


def _step(metric: Metric, estimate: Estimate) -> float:
    """Return by how much two values that are next to each other differ; 0 where there is none."""
    if metric.is_share:
        return 1 / estimate.n if estimate.n and metric.weight is Weight.COUNT else 0.0
    return 1.0 if PLAIN[metric.name].whole else 0.0


def _exact(value: float) -> float:
    """Return a number without the error of its sums, which depends on the order of the summands.

    Without it, equal shares of two editions would be ties on one processor and not on another.
    """
    return round(value, EXACT_DIGITS)


def _reach(
    metric: Metric,
    estimate: Estimate,
    interval: tuple[float, float] | None,
    moved: Sequence[tuple[Estimate, tuple[float, float] | None, float]],
) -> Callable[[float], tuple[float, float]]:
    """Return how far the interval of a share of the edition would reach, by its value.

    As far as those of the baseline and of the edition do, by the square root of p(1 - p), and by
    the number of photos.
    """
    n, value = estimate.n, estimate.value or 0.0
    if interval is None:
        return lambda _: (0.0, 0.0)
    if not metric.is_share or not n:
        return lambda _: (value - interval[0], interval[1] - value)
    factors = [
        ((past.n or n) / (p * (1 - p))) ** 0.5 * np.array([p - ends[0], ends[1] - p])
        for past, ends in [(estimate, interval), *((one, ends) for one, ends, _ in moved)]
        if ends is not None and 0.0 < (p := past.value or 0.0) < 1.0
    ]
    below, above = np.median(factors, axis=0) if factors else (NORMAL, NORMAL)

    def reach(p: float) -> tuple[float, float]:
        spread = (max(p * (1 - p), 1 / n) / n) ** 0.5  # one photo at least shows it
        return float(below * spread), float(above * spread)

    return reach


def _trend(
    edition: EditionMetrics, compared: Comparable, rules: BaselineRules
) -> tuple[Trend | None, list[float]]:
    """Return the trend of the baseline, and what it adds to each until the edition's day."""
    ago = [(edition.date - one.date).days for one, _ in compared.references]
    values = [past.value or 0.0 for _, past in compared.references]
    trend = Trend.of([-days for days in ago[::-1]], values[::-1])
    if trend is None or trend.p_value > rules.trend_level:
        return None, [0.0] * len(ago)
    return trend, [trend.slope * days for days in ago]


def possible_values(metric: Metric) -> tuple[float, float]:
    """Return the least and the largest value that a metric can have."""
    share = metric.is_share or PLAIN[metric.name].in_percent
    return 0.0, 1.0 if share else np.inf


def _shifted(value: float, by: float, possible: tuple[float, float]) -> float:
    return min(max(value + by, possible[0]), possible[1]) if by else value


def _last(
    metric: Metric,
    value: float,
    median: float,
    previous: ReferenceEditions,
    compared: Comparable,
) -> int | None:
    if value == median:
        return None
    for ago, one in enumerate(previous.earlier, 1):
        estimate = compared.of(metric, one) if one.pages_seen == one.pages else None
        past = None if estimate is None else estimate.value
        if past is not None and (past >= value if value > median else past <= value):
            return ago
    return None


def compare_lead(
    edition: EditionMetrics, previous: ReferenceEditions, rules: BaselineRules
) -> LeadFocusStanding:
    """Return the standing of the focus of the front page's lead photo among the baseline."""
    verdict = edition.front_lead_focus
    counts = Counter(
        one.front_lead_focus for one in previous.used if one.front_lead_focus is not None
    )
    by_verdict = {value: counts[value] for value in Focus if counts[value]}
    last = next(
        (
            ago
            for ago, one in enumerate(previous.earlier, 1)
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
    note = edition.front_lead_note
    return LeadFocusStanding(verdict, usual, by_verdict, flagged=flagged, last=last, note=note)


FEWEST = 10
"""Fewest numbers of which a trend is told."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A linear trend of numbers, without those far off."""

    slope: float  # change a day, in the unit of the numbers
    p_value: float  # of the hypothesis that there is none though neighbours are alike, 0–1

    @classmethod
    def of(cls, days: Sequence[float], values: Sequence[float]) -> Trend | None:
        """Return the trend of numbers by day, oldest first; None for too few, or of one day."""
        if len(values) < FEWEST:
            return None
        t, v = np.asarray(days, dtype=float), np.asarray(values, dtype=float)
        usual = ordinary(t[None], v[None])[0]
        t, v = t[usual], v[usual]
        away = t - t.mean()
        square = float(away @ away)
        if square == 0.0:
            return None
        slope = float(away @ v) / square
        off = v - v.mean() - slope * away
        serial = serial_correlation(v, np.stack([np.ones(len(v)), away], axis=1), away / square)
        freedom = len(v) - 2.0
        variance, freedom = serial.widened(float(off @ off) / freedom / square, freedom)
        if abs(slope) * np.ptp(t) <= SAME:
            return cls(0.0, 1.0)
        if variance == 0.0:
            return cls(slope, 0.0)
        return cls(slope, 2 * float(scipy.special.stdtr(freedom, -abs(slope) / variance**0.5)))
