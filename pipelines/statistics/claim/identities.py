"""What shares of the same photos have to do with each other, whatever they are.

Measures that one answer settles add up to 1 (``measure.one_question``), and a measure that another
one holds is not above it (``consensus.HELD_BY``): of the same photos, with the same weight.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import median
from typing import TypeAlias

from presslens.pipelines.statistics.claim.quantity import Quantity, TruthValue, compare
from presslens.pipelines.statistics.claim.tree import (
    Arithmetic,
    Comparison,
    Measured,
    Negative,
    Node,
    Number,
    OnPage,
    OverEditions,
    Usual,
)
from presslens.pipelines.statistics.consensus import held_by
from presslens.pipelines.statistics.measure import one_question
from presslens.pipelines.statistics.metrics import Metric

Share: TypeAlias = Measured | OnPage | OverEditions
"""A share of photos: of an edition, of a page, or its mean over editions."""


@dataclass(frozen=True, slots=True)
class _Sum:
    """A sum of shares, each with a factor, and a number."""

    factors: Mapping[Share, float]
    number: float = 0.0

    def plus(self, other: _Sum, factor: float) -> _Sum:
        factors = defaultdict(float, self.factors)
        for share, one in other.factors.items():
            factors[share] += factor * one
        return _Sum(
            {share: one for share, one in factors.items() if one},
            self.number + factor * other.number,
        )


def certain(node: Comparison) -> TruthValue:
    """Return the truth value of a comparison of shares that holds or fails whatever they are."""
    left, right = _sum(node.left), _sum(node.right)
    if left is None or right is None:
        return TruthValue.UNDECIDED
    less = _without_whole(left.plus(right, -1.0))
    low = high = less.number
    factors = dict(less.factors)
    for share in sorted(factors, key=lambda one: len(held_by(_metric(one).name)), reverse=True):
        for holder in held_by(_metric(share).name):
            other = _renamed(share, holder)
            own, its = factors.get(share, 0.0), factors.get(other, 0.0)
            if own * its < 0:  # the two together lie between -1 and 0, times the factor
                both = min(abs(own), abs(its)) * (1 if own > 0 else -1)
                low, high = low - max(both, 0.0), high - min(both, 0.0)
                factors[share], factors[other] = own - both, its + both
    low += sum(min(one, 0.0) for one in factors.values())
    high += sum(max(one, 0.0) for one in factors.values())
    return compare(node.operator, Quantity(less.number, low, high), Quantity.exact(0.0))


def reduced(node: Comparison) -> Comparison:
    """Return a comparison with as few of the shares that add up to 1 as it takes.

    ``a + b > 60 %`` is ``1 - c > 60 %``, where photos show one of a, b and c: the uncertainty of
    one share in place of that of two. Two means of one metric are compared by their difference.
    """
    match node.left, node.right:
        case (OverEditions("mean", Measured(own)), Usual("mean", usual)) | (
            Usual("mean", usual),
            OverEditions("mean", Measured(own)),
        ) if own == usual:
            return Comparison(node.operator, Arithmetic("-", node.left, node.right), Number(0.0))
    left, right = _sum(node.left), _sum(node.right)
    if left is None or right is None:
        return node
    less = left.plus(right, -1.0)
    fewer = _without_whole(less)
    if fewer.factors == less.factors:
        return node
    number = left.number + fewer.number - less.number
    sum_: Node = Number(number)
    for share, factor in fewer.factors.items():
        term = share if abs(factor) == 1 else Arithmetic("*", Number(abs(factor)), share)
        sum_ = Arithmetic("+" if factor > 0 else "-", sum_, term)
    return Comparison(node.operator, sum_, Number(right.number))


def _without_whole(sum_: _Sum) -> _Sum:
    """Return a sum of which the same part of each share of a whole is a number.

    The part is the median of the factors, so that what is left of these is least.
    """
    for share in list(sum_.factors):
        every = [_renamed(share, name) for name in one_question(_metric(share).name)]
        if len(every) > 1:
            part = median(sum_.factors.get(one, 0.0) for one in every)
            sum_ = sum_.plus(_Sum(dict.fromkeys(every, 1.0), -1.0), -part)
    return sum_


def _sum(node: Node) -> _Sum | None:
    """Return a number as a sum of shares; None where it is none."""
    match node:
        case Number():
            return _Sum({}, node.value)
        case Measured() | OnPage() if node.metric.is_share:
            return _Sum({node: 1.0})
        case OverEditions(function="mean", inner=Measured(metric=metric)) if metric.is_share:
            return _Sum({node: 1.0})
        case Negative():
            inner = _sum(node.inner)
            return None if inner is None else _Sum({}).plus(inner, -1.0)
        case Arithmetic():
            return _combined(node.operator, _sum(node.left), _sum(node.right))
        case _:
            return None


def _combined(operator: str, left: _Sum | None, right: _Sum | None) -> _Sum | None:
    if left is None or right is None:
        return None
    if operator in ("+", "-"):
        return left.plus(right, 1.0 if operator == "+" else -1.0)
    if operator == "*" and not left.factors:
        left, right = right, left
    if right.factors or (operator == "/" and not right.number):
        return None
    return _Sum({}).plus(left, right.number if operator == "*" else 1 / right.number)


def _metric(share: Share) -> Metric:
    inner = share.inner if isinstance(share, OverEditions) else share
    if not isinstance(inner, Measured | OnPage):
        raise TypeError(f"{share} is no share")
    return inner.metric


def _renamed(share: Share, name: str) -> Share:
    """Return the share of another measure of the same photos."""
    metric = replace(_metric(share), name=name)
    if isinstance(share, OverEditions):
        return replace(share, inner=Measured(metric))
    return replace(share, metric=metric)
