"""Means and sums over editions, as statistics of their period estimate them.

The machine's errors are common to editions, and people's answers are drawn from all of them: the
ends of the intervals of single editions, added up, are not those of a period.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from presslens.models.message import Message
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.claim.context import ClaimContext
from presslens.pipelines.statistics.claim.level import difference_ends
from presslens.pipelines.statistics.claim.lookup import (
    editions_needed,
    is_open,
    measured_before,
    quantity_of,
    read_metric,
)
from presslens.pipelines.statistics.claim.quantity import INFINITY, Quantity, negated
from presslens.pipelines.statistics.claim.tree import (
    SUMMED,
    Arithmetic,
    Measured,
    OverEditions,
    Usual,
    photos_showing,
)
from presslens.pipelines.statistics.measure import Inference
from presslens.pipelines.statistics.metrics import EditionMetrics, Estimate, Metric
from presslens.pipelines.statistics.plain import PLAIN

PHOTOS = Measured(Metric("photos"))


def over_period(
    node: OverEditions, context: ClaimContext, risk: float, missing: int
) -> Quantity | None:
    """Return a mean or a sum over the editions of a claim, as statistics of the period have it.

    Args:
        node: The function over editions.
        context: The editions, and what is estimated of them together.
        risk: Probability that the bounds miss, 0–1.
        missing: Number of days without their edition; those of practice are not in its sample.

    Returns:
        None where nothing is estimated of the editions together.
    """
    number = _over_period(node, context, risk, missing)
    if number is None or risk == context.level:
        return number
    usual = _over_period(node, context, context.level, missing)  # reasons name its ends
    return usual and replace(number, reasons=usual.reasons)


def _over_period(
    node: OverEditions, context: ClaimContext, risk: float, missing: int
) -> Quantity | None:
    if node.function not in SUMMED:
        return None
    share, editions = photos_showing(node.inner), context.editions
    if share is not None:
        estimate = context.period.of_photos.get(share)
        if estimate is None:
            return None
        total = _times(quantity_of(estimate, share, context, risk))
        opened = any(is_open(share, edition, context) for edition in editions)
        widest = replace(total, high=INFINITY) if opened else total
        return _bounded(total, widest, node.function, len(editions), missing, context)
    if not isinstance(node.inner, Measured) or node.inner.metric.name in context.unmeasured:
        return None
    metric = node.inner.metric
    return _over(node.function, metric, editions, context.period.means, context, risk, missing)


def usual_mean(metric: Metric, context: ClaimContext, risk: float) -> Quantity | None:
    """Return the mean over the editions before; None where it is not estimated of them together."""
    return _over("mean", metric, context.baseline, context.before.means, context, risk, 0)


def estimated_together(
    node: Arithmetic,
    edition: EditionMetrics | None,
    context: ClaimContext,
    risk: float,
    missing: int,
) -> Quantity | None:
    """Return what two numbers make by the estimator that statistics have of it.

    ``share(children) * photos`` are these photos of an edition, and ``sum(share(children) *
    photos) / sum(photos)`` is the share of photos that statistics of a period print. In a mean
    less the usual one, errors of both cancel.

    Returns:
        None for other numbers, and where nothing is estimated of the editions together.
    """
    match node:
        case Arithmetic("/", OverEditions(top, inner), OverEditions(bottom, photos)) if (
            top == bottom and top in SUMMED and photos == PHOTOS
        ):
            share = photos_showing(inner)
            estimate = None if share is None else context.period.of_photos.get(share)
            if share is None or estimate is None:
                return None
            number = quantity_of(estimate, share, context, risk)
            if not missing and not any(is_open(share, e, context) for e in context.editions):
                return number
            reasons = (*number.reasons, _at_hand(number))
            return replace(number, low=0.0, high=1.0, reasons=reasons)
        case Arithmetic(
            "-", OverEditions("mean", Measured(metric)), Usual("mean", usual, days)
        ) if metric == usual:
            fewest = editions_needed("mean", named=days is not None)
            return _difference(metric, context, risk, missing, fewest)
        case Arithmetic("-", Usual("mean"), OverEditions("mean", Measured())):
            less = Arithmetic("-", node.right, node.left)
            together = estimated_together(less, edition, context, risk, missing)
            return together and negated(together)
    share = photos_showing(node)
    if share is None or edition is None or is_open(share, edition, context):
        return None
    return _times(read_metric(share, edition, context, risk))


def _difference(
    metric: Metric, context: ClaimContext, risk: float, missing: int, fewest: int
) -> Quantity | None:
    """Return the mean over editions less that over those before, if nothing is missing of them.

    Of fewer editions before than a mean needs there is none.
    """
    less, every = context.differences.get(metric), [*context.editions, *context.baseline]
    if less is None or less.value is None or less.refused is not None:
        return None
    missing = 0 if context.estimand is Inference.PRACTICE else missing
    few = len(measured_before(metric, context)) < fewest
    if few or missing or any(is_open(metric, edition, context) for edition in every):
        return None
    ends = difference_ends(less, risk, confidence=context.confidence)
    reasons = tuple(filter(None, (less.note,)))
    return Quantity(less.value, *ends, method=less.method, share=metric.is_part, reasons=reasons)


def _times(share: Quantity) -> Quantity:
    """Return the number of the photos of a share."""
    if share.value is None:
        return Quantity.unknown(*share.reasons, empty=share.empty)
    n = share.n or 0
    value, low, high = n * share.value, n * share.low, n * share.high
    return replace(share, value=value, low=low, high=high, share=False)


def _over(
    function: str,
    metric: Metric,
    editions: Sequence[EditionMetrics],
    means: Mapping[Metric, Estimate],
    context: ClaimContext,
    risk: float,
    missing: int,
) -> Quantity | None:
    """Return a function over editions by the mean that is estimated of them together."""
    if metric not in means:
        return None
    mean = quantity_of(means[metric], metric, context, risk)
    estimates = [edition.metrics.get(metric) for edition in editions]
    empty = sum(one is not None and one.value is None and not one.refused for one in estimates)
    n = sum(one is not None and one.value is not None for one in estimates)
    if mean.value is None or not n:
        return mean
    described = metric.is_share or context.estimand is Inference.PRACTICE
    total = replace(
        mean,
        value=n * mean.value,
        low=n * mean.low,
        high=n * mean.high,
        method=mean.method if described else Message("with the errors of counting"),
    )
    widest, opened = total, [one for one in editions if is_open(metric, one, context)]
    unseen = sum(edition.pages - edition.pages_seen for edition in opened)
    if opened and metric.is_part:  # that of each of these editions may be any
        widest = replace(total, low=total.low - len(opened), high=total.high + len(opened))
    elif opened and PLAIN[metric.name].whole:
        low, high = PLAIN[metric.name].unseen.bounds(total.low, total.high, seen=1, unseen=unseen)
        widest = replace(total, low=low, high=high)
    elif opened:
        return None
    lost = missing + len(editions) - n - empty
    most = 1.0 if metric.is_part else INFINITY
    return _bounded(total, widest, function, n, lost, context, most=most)


def _bounded(
    total: Quantity,
    widest: Quantity,
    function: str,
    n: int,
    lost: int,
    context: ClaimContext,
    *,
    most: float = INFINITY,
) -> Quantity:
    """Return a sum over editions, what it is a week, or their mean, with what is not known of days.

    Args:
        total: The sum over the pages that were analysed.
        widest: The same with what pages that were not may change.
        n: Number of editions.
        lost: Number of days and editions of which it is not known.
        most: The most that it may have been on each.
    """
    if context.estimand is Inference.PRACTICE:
        lost = 0
    weekly = 7.0 / context.days if function == "per_week" else 1.0
    known, every = (n, n + lost) if function == "mean" else (1 / weekly, 1 / weekly)
    high = widest.high + (lost * most if lost else 0.0)
    share = total.share and function == "mean"
    at_hand = replace(
        total,
        value=(total.value or 0.0) / known,
        low=total.low / known,
        high=total.high / known,
        share=share,
        method=Message(
            "%(function)s over %(editions)s: %(method)s",
            function=function,
            editions=counted(n, "edition"),
            method=total.method,
        ),
    )
    if not lost and widest is total:
        return at_hand
    return replace(
        at_hand,
        low=max(0.0, widest.low) / every,
        high=min(high / every, most if function == "mean" else INFINITY),
        reasons=(*total.reasons, _at_hand(at_hand)),
    )


def _at_hand(number: Quantity) -> Message:
    return Message("%(ends)s on the pages at hand, whatever else was printed", ends=number.ends())
