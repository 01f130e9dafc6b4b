"""A metric over time: one number a month, or one an edition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from presslens.pipelines.statistics.measure import Estimand


class PeriodUnit(StrEnum):
    """The length of a period."""

    MONTH = "month"
    EDITION = "edition"


@dataclass(frozen=True, slots=True)
class Part:
    """An edition's contribution: ``top`` of ``bottom``, 3 of 12 photos or 8 pages of 1 edition."""

    date: date
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Period:
    """A month or an edition, and the value of a metric in it."""

    first: date
    value: float
    editions: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """A metric over time."""

    periods: tuple[Period, ...]  # in the order of time
    # First days of the months that have too few editions, or none, with how many; or days of
    # editions without the metric.
    excluded: tuple[tuple[date, int], ...]


def timeline(
    parts: Sequence[Part], *, by: PeriodUnit, estimand: Estimand, fewest: int = 3
) -> Timeline:
    """Return a metric over time.

    Args:
        parts: One an edition, in any order.
        by: The length of a period.
        estimand: The share that is estimated over a month; it matters for shares alone.
        fewest: Smallest number of editions of a month.
    """
    if by is PeriodUnit.EDITION:
        ordered = sorted(parts, key=lambda part: part.date)
        return Timeline(
            tuple(Period(p.date, p.top / p.bottom, 1) for p in ordered if p.bottom > 0),
            tuple((p.date, 0) for p in ordered if p.bottom <= 0),
        )
    months: dict[date, list[Part]] = defaultdict(list)
    for part in parts:
        if part.bottom > 0:
            months[part.date.replace(day=1)].append(part)
    every = _months(min(months), max(months)) if months else []
    return Timeline(
        tuple(
            Period(month, _value(months[month], estimand), len(months[month]))
            for month in every
            if len(months.get(month, ())) >= fewest
        ),
        tuple(
            (month, len(months.get(month, ())))
            for month in every
            if len(months.get(month, ())) < fewest
        ),
    )


def _value(parts: Sequence[Part], estimand: Estimand) -> float:
    if estimand is Estimand.SHARE_OF_PHOTOS:
        return sum(part.top for part in parts) / sum(part.bottom for part in parts)
    return sum(part.top / part.bottom for part in parts) / len(parts)


def _months(first: date, last: date) -> list[date]:
    count = 12 * (last.year - first.year) + last.month - first.month + 1
    start = 12 * first.year + first.month - 1
    return [date(m // 12, m % 12 + 1, 1) for m in range(start, start + count)]
