"""Looks up the numbers of a rule: of an edition, of earlier editions, or over editions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from statistics import fmean

import numpy as np

from presslens.models.message import Message
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.claim.context import ClaimContext
from presslens.pipelines.statistics.claim.level import ends_at, strict_ends, whole_photos
from presslens.pipelines.statistics.claim.quantity import INFINITY, Quantity
from presslens.pipelines.statistics.claim.tree import (
    QUANTIFIERS,
    OnPage,
    Usual,
    metric_text,
    written,
)
from presslens.pipelines.statistics.measure import Inference, Weight, Zone
from presslens.pipelines.statistics.metrics import EditionMetrics, Estimate, Metric
from presslens.pipelines.statistics.plain import PLAIN, Unseen
from presslens.pipelines.statistics.reference_editions import FEWEST_REFERENCES


def editions_needed(function: str, *, named: bool = False) -> int:
    """Return the number of earlier editions that a function needs.

    A percentile needs as many that one of them can lie beyond it: ten for p90, a hundred for p99.

    Args:
        named: The days of the editions are named, so that nothing is said of what is usual.
    """
    if named:
        return 1
    if not function.startswith("p"):
        return FEWEST_REFERENCES
    percentile = int(function[1:])
    return max(FEWEST_REFERENCES, -(-100 // min(percentile, 100 - percentile)))


def read_metric(
    metric: Metric, edition: EditionMetrics, context: ClaimContext, risk: float | None = None
) -> Quantity:
    """Return a metric of an edition of a context.

    Args:
        risk: Probability that its bounds miss, 0–1; None: the level of the context.
    """
    if metric.name in context.unmeasured:
        return Quantity.unknown(context.unmeasured[metric.name])
    estimate = edition.metrics.get(metric)
    if estimate is None:
        return Quantity.unknown(
            Message("%(metric)s was not measured in it", metric=metric_text(metric))
        )
    quantity = quantity_of(estimate, metric, context, risk, _strict(metric, edition, context))
    if not is_open(metric, edition, context):
        return quantity
    unseen = edition.pages - edition.pages_seen
    note = Message(
        "%(unseen)s of its %(pages)s could not be looked at",
        unseen=unseen,
        pages=counted(edition.pages, "page"),
    )
    if quantity.value is None:
        return Quantity.share_unknown(note) if metric.is_part else Quantity.unknown(note)
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
    return replace(quantity, low=low, high=high, reasons=(*quantity.reasons, note))


def is_open(metric: Metric, edition: EditionMetrics, context: ClaimContext) -> bool:
    """Return whether pages of an edition that were not analysed may change a metric of it."""
    if edition.pages_seen >= edition.pages:
        return False
    if not metric.is_share:
        return PLAIN[metric.name].unseen is not Unseen.NONE
    return metric.zone is not Zone.FRONT or not context.front_seen.get(edition.id)


def read_page(
    part: OnPage, edition: EditionMetrics, context: ClaimContext, risk: float | None = None
) -> Quantity:
    """Return a metric of one page of an edition.

    Args:
        part: The page and the metric.
        context: The context, with the metrics of its pages.
        risk: Probability that the bounds miss, 0–1; None: the level of the context.
    """
    if part.metric.name in context.unmeasured:
        return Quantity.unknown(context.unmeasured[part.metric.name])
    pages = context.on_pages.get(edition.id, {})
    metrics = pages.get(part.page)
    if metrics is None:
        unseen = Message("page %(page)s could not be looked at", page=part.page)
        absent = Message("page %(page)s is not at hand", page=part.page)
        reason = unseen if part.page in pages else absent
        return Quantity.share_unknown(reason) if part.metric.is_share else Quantity.unknown(reason)
    return quantity_of(metrics[part.metric], part.metric, context, risk)


def _strict(metric: Metric, edition: EditionMetrics, context: ClaimContext) -> Estimate | None:
    if context.strict is None or not metric.is_share:
        return None
    return context.strict.editions.get(edition.id, {}).get(metric)


def quantity_of(
    estimate: Estimate,
    metric: Metric,
    context: ClaimContext,
    risk: float | None = None,
    strict: Estimate | None = None,
) -> Quantity:
    """Return an estimate between its bounds.

    Args:
        context: Gives the level of the estimate's interval.
        risk: Probability that the bounds miss, 0–1; None: the level of the context.
        strict: The same share with an interval of the stricter level; None: there is none.
    """
    if estimate.value is None and not estimate.refused:
        name = metric_text(metric)
        reason = Message("%(metric)s: there is nothing to measure in it", metric=name)
        return Quantity.unknown(reason, empty=True)
    if estimate.bounds is None and (estimate.refused or metric.is_share):
        why: str = estimate.refused or Message(
            "there is no interval for %(metric)s", metric=metric_text(metric)
        )
        ends = (0.0, 1.0) if metric.is_part else (0.0, INFINITY)
        return Quantity(estimate.value, *ends, n=estimate.n, share=metric.is_part, reasons=(why,))
    risk = context.level if risk is None else risk
    if strict is not None and context.strict is not None:
        low, high = strict_ends(
            estimate,
            strict,
            risk,
            confidence=context.confidence,
            strict_confidence=context.strict.confidence,
        )
    else:
        low, high = ends_at(estimate, risk, confidence=context.confidence, share=metric.is_part)
    whole = context.estimand is Inference.THESE and metric.weight is Weight.COUNT
    if whole and estimate.count is not None and estimate.n:
        low, high = whole_photos(low, high, estimate.n)
    return Quantity(
        float(estimate.value or 0.0),
        low,
        high,
        n=estimate.n,
        method=estimate.method,
        share=metric.is_part,
        reasons=tuple(filter(None, (estimate.refused, estimate.note))),
    )


def measured_before(metric: Metric, context: ClaimContext) -> list[tuple[EditionMetrics, Quantity]]:
    """Return the earlier editions that have a metric, with the metric of each."""
    return [
        (facts, quantity)
        for facts in context.baseline
        if (quantity := read_metric(metric, facts, context)).value is not None
    ]


def read_usual(
    part: Usual,
    context: ClaimContext,
    edition: EditionMetrics | None = None,
    risk: float | None = None,
    together: Quantity | None = None,
) -> Quantity:
    """Return a function over the earlier editions.

    Its bounds are the function of lower ends and that of upper ends, each at the level that the
    function needs to hold for all editions at once (``order_tests``).

    Args:
        part: The function and its metric.
        context: The context with the editions.
        edition: The edition whose rank is looked up.
        risk: Probability that the bounds miss, 0–1; None: the level of the context.
        together: The same as it is estimated of these editions together; None: it is not.
    """
    risk = context.level if risk is None else risk
    measured = measured_before(part.metric, context)
    needed = editions_needed(part.function, named=part.days is not None)
    if part.metric.name in context.unmeasured:
        return Quantity.unknown(context.unmeasured[part.metric.name])
    if len(measured) < needed:
        if part.days is not None:
            none = Message("no edition of the days it is compared with is at hand")
            return Quantity.unknown(none)
        return Quantity.unknown(
            Message(
                "%(name)s needs %(editions)s of %(publication)s before %(day)s, and %(known)s"
                " known",
                name=written(part),
                editions=counted(needed, "edition"),
                publication=context.publication,
                day=str(context.first),
                known=Message("1 is")
                if len(measured) == 1
                else Message("%(n)s are", n=len(measured)),
            )
        )
    dates = [facts.date for facts in context.baseline]
    method = Message(
        "%(editions)s from %(first)s to %(last)s",
        editions=counted(len(measured), "edition"),
        first=str(min(dates)),
        last=str(max(dates)),
    )

    def read(share_of_risk: float) -> list[Quantity]:
        return [
            read_metric(part.metric, facts, context, risk * share_of_risk) for facts, _ in measured
        ]

    uncertain = sum(not quantity.is_exact for _, quantity in measured)
    if part.function == "rank":
        own = read_metric(part.metric, edition, context, risk / 2) if edition else None
        return _rank(own or Quantity.unknown(), read(0.5 / max(1, uncertain)), method)
    function = _usual_function(part.function)
    below, above = order_tests(part.function, len(measured), uncertain)
    percentile = part.function.startswith("p")
    named = Message("p%(n)s", n=part.function[1:]) if percentile else part.function
    description = Message("%(function)s of %(editions)s", function=named, editions=method)
    if together is not None:
        return replace(together, n=len(measured), method=description)
    if uncertain:
        description = Message(
            "%(method)s; bounds: of their lower and of their upper ends", method=description
        )
    return Quantity(
        value=function([quantity.value or 0.0 for _, quantity in measured]),
        low=function([quantity.low for quantity in read(1 / below)]),
        high=function([quantity.high for quantity in read(1 / above)]),
        n=len(measured),
        method=description,
        share=all(quantity.share for _, quantity in measured),
    )


def over_editions(
    function: str,
    read: Callable[[float], Sequence[Quantity]],
    *,
    missing: int,
    context: ClaimContext,
    positive: bool,
) -> Quantity:
    """Return a function over the editions of a claim's days.

    Days without an edition may have had any number: they widen the bounds.

    Args:
        function: mean, min, max, sum or per_week.
        read: Gives the number of each edition, at a part of the risk.
        missing: Number of days without their edition.
        context: The context with the days.
        positive: No edition's number can be less than 0.
    """
    quantities = read(1.0)
    defined = [quantity for quantity in quantities if quantity.value is not None]
    reasons = tuple(dict.fromkeys(r for quantity in quantities for r in quantity.reasons))
    measured = [not quantity.empty for quantity in quantities]
    empty = len(quantities) - sum(measured)
    if not defined:
        return Quantity.unknown(*reasons)
    uncertain = sum(not quantity.is_exact for quantity in defined)
    below, above = order_tests(function, len(defined), uncertain)
    shares = all(q.share for q in defined)
    floor, ceiling = (0.0 if positive else -INFINITY), (1.0 if shares else INFINITY)
    if empty:
        left_out = counted(empty, "edition")
        reasons += (Message("%(n)s with nothing to measure left out", n=left_out),)
    lows = [max(q.low, floor) for q, has in zip(read(1 / below), measured, strict=True) if has]
    highs = [q.high for q, has in zip(read(1 / above), measured, strict=True) if has]
    apply = _OVER[function]
    scale = 7.0 / context.days if function == "per_week" else 1.0
    return Quantity(
        value=scale * apply([q.value or 0.0 for q in defined]),
        low=scale * apply([*lows, *missing * [floor]]),
        high=scale * apply([*highs, *missing * [ceiling]]),
        n=len(defined),
        method=Message(
            "%(function)s over %(editions)s",
            function=function,
            editions=counted(len(defined), "edition"),
        ),
        share=function in ("mean", "min", "max") and shares,
        reasons=reasons,
    )


def is_ordered(function: str) -> bool:
    """Return whether a function over editions depends on their order."""
    return function not in ("mean", "sum", "per_week", "count", *QUANTIFIERS)


def order_tests(function: str, n: int, uncertain: int) -> tuple[int, int]:
    """Return the numbers of tests that the lower and the upper bound of a function stand for.

    The r-th smallest of n numbers lies below the r-th smallest of their lower ends only if one of
    the r smallest has missed, and above that of their upper ends only if one of the n - r + 1
    largest has (Bonferroni). A mean or a sum needs no correction: errors of estimates that are
    about normal add up to most where all are one and the same, and then the bounds are exact
    (Embrechts, McNeil & Straumann 2002, doi 10.1017/CBO9780511615337.008).

    Args:
        function: The function over editions.
        n: Number of editions.
        uncertain: Number of editions whose number has an interval.
    """
    if not is_ordered(function):
        return 1, 1
    place = {"min": 0.0, "max": 100.0, "median": 50.0}.get(function)
    place = float(function[1:]) if place is None else place
    at = (n - 1) * place / 100
    below, above = int(np.ceil(at)) + 1, n - int(np.floor(at))
    return max(1, min(below, uncertain)), max(1, min(above, uncertain))


def _rank(own: Quantity, others: Sequence[Quantity], method: str) -> Quantity:
    if own.value is None:
        return own
    return Quantity(
        value=1.0 + sum((q.value or 0.0) > own.value for q in others),
        low=1.0 + sum(q.low > own.high for q in others),
        high=1.0 + sum(q.high > own.low for q in others),
        n=len(others),
        method=Message("rank among it and %(editions)s; 1 is the highest", editions=method),
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


ANY = (0.0, 1.0)


def share_bounds(
    low: float,
    high: float,
    metric: Metric,
    *,
    photos: int | None,
    edition: EditionMetrics,
    context: ClaimContext,
) -> tuple[float, float]:
    """Return the bounds of a share of the whole edition, 0–1.

    Args:
        low: Lower bound of the share over the pages that were analysed.
        high: Upper bound of the same.
        photos: Number of photos that the share is of; None: not known.
        edition: The edition, some of whose pages were not analysed.
        context: What is known of its front page, and the room of a page.
    """
    unseen = edition.pages - edition.pages_seen
    front_seen = context.front_seen.get(edition.id)
    if metric.zone is Zone.FRONT:
        return (low, high) if front_seen else ANY
    if metric.zone is Zone.INSIDE and front_seen is False:
        unseen -= 1
    seen = _printed_area(edition, metric) if metric.weight is Weight.AREA else photos
    room = 1 if Weight.AREA is metric.weight or metric.zone is Zone.LEAD else context.most_photos
    if unseen == 0:
        return low, high
    if not seen:
        return ANY
    whole = seen + room * unseen
    return low * seen / whole, (high * seen + room * unseen) / whole


def _printed_area(edition: EditionMetrics, metric: Metric) -> float | None:
    """Return the area of an edition's photos, in pages; None: not known for this zone."""
    share = edition.metrics.get(Metric("photo_area_share"))
    if metric.zone is not Zone.ALL or share is None or share.value is None:
        return None
    return share.value * edition.pages_seen
