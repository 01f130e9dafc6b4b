"""Looks up the numbers of a rule: of an edition, of earlier editions, or over editions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from statistics import fmean

import numpy as np

from pipelines.statistics.claim.context import ClaimContext
from pipelines.statistics.claim.quantity import INFINITY, Quantity
from pipelines.statistics.claim.tree import Usual, metric_text
from pipelines.statistics.claim.unseen import share_bounds
from pipelines.statistics.metrics import EditionMetrics, Estimate, Metric
from pipelines.statistics.plain import PLAIN, Unseen

BASELINE = 60
"""Number of earlier editions that define the usual values: two months of a daily."""

FEWEST = 10
"""Smallest number of earlier editions that define a usual value."""


def editions_needed(function: str) -> int:
    """Return the number of earlier editions that a function needs.

    A percentile needs as many that one of them can lie beyond it: ten for p90, a hundred for p99.
    """
    if not function.startswith("p"):
        return FEWEST
    percentile = int(function[1:])
    return max(FEWEST, -(-100 // min(percentile, 100 - percentile)))


def read_metric(metric: Metric, edition: EditionMetrics, context: ClaimContext) -> Quantity:
    """Return a metric of an edition of a context."""
    if metric.name in context.unmeasured:
        return Quantity.unknown(context.unmeasured[metric.name])
    estimate = edition.metrics.get(metric)
    if estimate is None:
        return Quantity.unknown(f"{metric_text(metric)} was not measured in it")
    quantity = _quantity(estimate, metric)
    unseen = edition.pages - edition.pages_seen
    if not unseen or (not metric.is_share and PLAIN[metric.name].unseen is Unseen.NONE):
        return quantity
    note = f"{unseen} of its {edition.pages} pages could not be looked at"
    if quantity.value is None:
        bounded = metric.is_share or PLAIN[metric.name].in_percent
        return Quantity.share_unknown(note) if bounded else Quantity.unknown(note)
    if metric.is_share:
        low, high = share_bounds(
            quantity.low,
            quantity.high,
            metric,
            photos=estimate.n,
            edition=edition,
            context=context,
        )
    else:
        low, high = PLAIN[metric.name].unseen.bounds(
            quantity.low, quantity.high, seen=edition.pages_seen, unseen=unseen
        )
    return replace(quantity, low=low, high=high, reasons=(note,))


def read_usual(
    part: Usual, context: ClaimContext, edition: EditionMetrics | None = None
) -> Quantity:
    """Return a function over the earlier editions.

    Its bounds are the function of all lower ends and that of all upper ends: wider than they need
    be, never too narrow, whatever errors the editions share.

    Args:
        part: The function and its metric.
        context: The context with the editions.
        edition: The edition whose rank is looked up.
    """
    name = f"baseline.{part.function}({metric_text(part.metric, bare=True)})"
    quantities = [
        quantity
        for facts in context.baseline
        if (quantity := read_metric(part.metric, facts, context)).value is not None
    ]
    needed = editions_needed(part.function)
    if part.metric.name in context.unmeasured:
        return Quantity.unknown(context.unmeasured[part.metric.name])
    if len(quantities) < needed:
        return Quantity.unknown(
            f"{name} needs {needed} editions of {context.publication} before {context.first},"
            f" and {len(quantities)} are known"
        )
    dates = [facts.date for facts in context.baseline]
    method = f"{len(quantities)} editions from {min(dates)} to {max(dates)}"
    if part.function == "rank":
        own = read_metric(part.metric, edition, context) if edition else Quantity.unknown()
        return _rank(own, quantities, method)
    function = _usual_function(part.function)
    exact = all(quantity.is_exact for quantity in quantities)
    ends = "" if exact else "; bounds: of their lower and of their upper ends"
    return Quantity(
        value=function([quantity.value or 0.0 for quantity in quantities]),
        low=function([quantity.low for quantity in quantities]),
        high=function([quantity.high for quantity in quantities]),
        n=len(quantities),
        method=f"{part.function} of {method}{ends}",
        share=part.metric.is_share,
    )


def over_editions(
    function: str,
    quantities: Sequence[Quantity],
    *,
    missing: int,
    context: ClaimContext,
    positive: bool,
) -> Quantity:
    """Return a function over the editions of a claim's days.

    Days without an edition may have had any number: they widen the bounds.

    Args:
        function: mean, min, max, sum or per_week.
        quantities: The number of each edition.
        missing: Number of days without their edition.
        context: The context with the days.
        positive: No edition's number can be less than 0.
    """
    defined = [quantity for quantity in quantities if quantity.value is not None]
    reasons = tuple(dict.fromkeys(r for quantity in quantities for r in quantity.reasons))
    empty = sum(quantity.empty for quantity in quantities)
    lost = missing + len(quantities) - len(defined) - empty
    if not defined:
        return Quantity.unknown(*reasons)
    apply = _OVER[function]
    lows = [q.low for q in defined] + lost * [0.0 if positive else -INFINITY]
    highs = [q.high for q in defined] + lost * [INFINITY]
    scale = 7.0 / context.days if function == "per_week" else 1.0
    if empty:
        reasons += (f"{empty} editions with nothing to measure are left out",)
    return Quantity(
        value=scale * apply([q.value or 0.0 for q in defined]),
        low=scale * apply(lows),
        high=scale * apply(highs),
        n=len(defined),
        method=f"{function} over {len(defined)} editions",
        share=function in ("mean", "min", "max") and all(q.share for q in defined),
        reasons=reasons,
    )


def _quantity(estimate: Estimate, metric: Metric) -> Quantity:
    if estimate.value is None:
        reason = f"{metric_text(metric)}: there is nothing to measure in it"
        return Quantity.unknown(reason, empty=True)
    low, high = estimate.interval or (estimate.value, estimate.value)
    return Quantity(
        float(estimate.value),
        float(low),
        float(high),
        n=estimate.n,
        method=estimate.method,
        share=metric.is_share,
    )


def _rank(own: Quantity, others: Sequence[Quantity], method: str) -> Quantity:
    if own.value is None:
        return own
    return Quantity(
        value=1.0 + sum((q.value or 0.0) > own.value for q in others),
        low=1.0 + sum(q.low > own.high for q in others),
        high=1.0 + sum(q.high > own.low for q in others),
        n=len(others),
        method=f"rank among it and {method}; 1 is the highest",
        reasons=own.reasons,
    )


def _usual_function(name: str) -> Callable[[Sequence[float]], float]:
    if name.startswith("p"):
        return lambda values: float(_percentile(values, int(name[1:])))
    functions: Mapping[str, Callable[[Sequence[float]], float]] = {
        "mean": fmean,
        "median": _median,
        "min": min,
        "max": max,
    }
    return functions[name]


def _median(values: Sequence[float]) -> float:
    return _percentile(values, 50)


def _percentile(values: Sequence[float], percentile: int) -> float:
    """Return a percentile, by linear interpolation; open ends stay open."""
    if INFINITY in values:
        ordered = sorted(values)
        return ordered[int(np.ceil((len(ordered) - 1) * percentile / 100))]
    return float(np.percentile(values, percentile))


_OVER: Mapping[str, Callable[[Sequence[float]], float]] = {
    "mean": fmean,
    "min": min,
    "max": max,
    "sum": sum,
    "per_week": sum,
}
