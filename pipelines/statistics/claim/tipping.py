"""How far assumptions must be off until the verdict on a claim falls."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from presslens.pipelines.statistics.claim.context import ClaimContext, PeriodEstimates
from presslens.pipelines.statistics.claim.evaluate import Evaluation
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.claim.tree import Node, metrics_of, pages_of
from presslens.pipelines.statistics.comparison import Difference
from presslens.pipelines.statistics.metrics import EditionMetrics, Estimate, Metric
from presslens.pipelines.statistics.plain import PLAIN
from presslens.pipelines.statistics.tipping import (
    BY_COUNTING,
    Assumption,
    Ends,
    Photos,
    TippingPoint,
    moved_count,
    moved_share,
    rests_on,
    tipping_points,
)

WHOLE = frozenset({"photos", "leader_photos", "together_photos"})
"""Plain metrics that count photos."""

GROWING = WHOLE | {"photos_per_page", "photo_area_share"}
"""Plain metrics that grow with the photos that are found."""

Metrics = Mapping[Metric, Estimate]


def verdict_tipping(
    rule: Node, context: ClaimContext, missed: float | None = None
) -> tuple[TippingPoint, ...]:
    """Return how far assumptions must be off until the verdict on a rule isn't what it is.

    Calibration, coders and missed photos are of the editions that the rule is about; prevalence is
    of the newspaper, and so of earlier editions too.

    Args:
        context: Its editions.
        missed: Share of their photos that may have been missed by the interval of their number.

    Returns:
        Nothing where the verdict is undecided, or where it rests on no photo.
    """
    context = replace(context, strict=None)  # which are of the estimates as they are
    truth = Evaluation(rule, context).verdict(context.level)
    on_pages = {metric for metrics in pages_of(rule).values() for metric in metrics}
    metrics = metrics_of(rule) | on_pages
    assumptions = frozenset[Assumption]().union(
        *(
            _assumptions(metric, estimate)
            for edition in context.editions
            for metric, estimate in edition.metrics.items()
            if metric in metrics
        )
    )
    if truth is TruthValue.UNDECIDED or not assumptions:
        return ()

    def holds(assumption: Assumption, amount: float) -> bool:
        moved = _moved(context, assumption, amount)
        return Evaluation(rule, moved).verdict(context.level) is truth

    about = _photos_of(metrics)
    left_open = missed if about is Photos.OF_SHARES else None
    if context.baseline or not {Assumption.CALIBRATION, Assumption.PREVALENCE} <= assumptions:
        return tipping_points(holds, assumptions, about, left_open)
    # Without earlier editions both move the same shares in the same way.
    points = tipping_points(holds, assumptions - {Assumption.PREVALENCE}, about, left_open)
    alike = [
        replace(point, assumption=Assumption.PREVALENCE)
        for point in points
        if point.assumption is Assumption.CALIBRATION
    ]
    return tuple(
        sorted([*points, *alike], key=lambda point: list(Assumption).index(point.assumption))
    )


def _photos_of(metrics: Collection[Metric]) -> Photos:
    """Return what a rule takes from the photos that the finder found."""
    if not any(metric.name in GROWING for metric in metrics):
        return Photos.OF_SHARES
    return Photos.OF_BOTH if any(metric.is_share for metric in metrics) else Photos.OF_COUNTS


def _assumptions(metric: Metric, estimate: Estimate) -> frozenset[Assumption]:
    if estimate.value is None:
        return frozenset()
    if metric.is_share:
        return rests_on(estimate.method, estimate.unanswered)
    return BY_COUNTING if metric.name in GROWING else frozenset()


def _moved(context: ClaimContext, assumption: Assumption, amount: float) -> ClaimContext:
    def moved(metrics: Metrics, *, rounds: bool = True) -> Metrics:
        return {
            metric: _moved_estimate(metric, estimate, assumption, amount, rounds=rounds)
            if assumption in _assumptions(metric, estimate)
            else estimate
            for metric, estimate in metrics.items()
        }

    def together(period: PeriodEstimates) -> PeriodEstimates:
        return PeriodEstimates(moved(period.means, rounds=False), moved(period.of_photos))

    whole = assumption is Assumption.PREVALENCE
    period, before = together(context.period), context.before
    if whole:
        before = together(before)
    return replace(
        context,
        editions=_with(context.editions, moved),
        baseline=_with(context.baseline, moved) if whole else context.baseline,
        period=period,
        before=before,
        differences={
            metric: _shifted(
                less,
                _value(period, metric)
                - _value(context.period, metric)
                - _value(before, metric)
                + _value(context.before, metric),
            )
            for metric, less in context.differences.items()
        },
        on_pages={
            edition: {
                page: None if metrics is None else moved(metrics) for page, metrics in pages.items()
            }
            for edition, pages in context.on_pages.items()
        },
    )


def _value(period: PeriodEstimates, metric: Metric) -> float:
    return period.means[metric].value or 0.0


def _shifted(less: Difference, by: float) -> Difference:
    """Return a difference that is moved by as much as the two means are."""
    if less.value is None or less.interval is None:
        return less
    low, high = less.interval
    return replace(less, value=less.value + by, interval=(low + by, high + by))


def _with(
    editions: Sequence[EditionMetrics], moved: Callable[[Metrics], Metrics]
) -> list[EditionMetrics]:
    return [replace(edition, metrics=moved(edition.metrics)) for edition in editions]


def _moved_estimate(
    metric: Metric, estimate: Estimate, assumption: Assumption, amount: float, *, rounds: bool
) -> Estimate:
    value = estimate.value or 0.0
    ends = Ends(value, *(estimate.bounds or (value, value)))
    if metric.is_share:
        ends = moved_share(ends, assumption, amount, estimate.unanswered)
    else:
        ends = moved_count(ends, amount)
        if metric.name in WHOLE and rounds:
            ends = Ends(*(float(round(end)) for end in ends))
        elif PLAIN[metric.name].in_percent:
            ends = Ends(*(min(1.0, end) for end in ends))
    interval = None if estimate.bounds is None else (ends.low, ends.high)
    return replace(estimate, value=ends.value, interval=interval)
