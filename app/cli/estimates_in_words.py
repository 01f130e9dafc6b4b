"""Estimates as people read them: a share, its interval, and the count behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.share_estimate import NOT_KNOWN, NOT_OFFERED
from presslens.pipelines.written_numbers import NONE, count_or_mean, percent, to_digits

FEW = 5
"""Shares of fewer photos are said as counts."""

MOST_NAMED = 5
"""Largest number of names that a reason is told of."""


def amount(value: float | None) -> str:
    """Return a number of photos or pages, estimated ones to a tenth as long as they are small.

    >>> amount(113), amount(5.13), amount(41.4), amount(0.04)
    ('113', '5.1', '41', '<0.1')
    """
    if value is None:
        return NONE
    if 0 < value < 0.05:
        return "<0.1"
    return f"{to_digits(value, 1)}".removesuffix(".0") if value < 10 else f"{to_digits(value, 0):,}"


def number_in_words(metric: Metric, value: float | None, *, whole: bool = False) -> str:
    """Return a value of a metric: a share in percent, a mean to two digits.

    Args:
        value: Its value, or a sum of values; None for none.
        whole: It is a sum over editions and not a mean.
    """
    if value is None:
        return NONE
    if metric.is_part:
        return percent(value)
    return amount(value) if whole else count_or_mean(value)


def span(interval: Sequence[float] | None, write: Any = percent) -> str:
    """Return an interval, "24–41%"; a dash where there is none."""
    if interval is None:
        return NONE
    low, high = (write(bound) for bound in interval)
    return f"{low.removesuffix('%') if high.endswith('%') else low}–{high}"


def count_of(document: Mapping[str, Any]) -> str:
    """Return the count behind a share: "5 of 17 (4–7)"; a dash where there is none.

    Args:
        document: The JSON of a share, with ``count`` and ``n``.
    """
    count = document.get("count")
    if not count or count["value"] is None:
        return NONE
    text = f"{amount(count['value'])} of {document['n']:,}"
    if count["low"] is None:
        return text
    # Photos are whole: the bounds are the numbers of photos that an interval leaves possible.
    return f"{text} ({_whole(count['low'])}–{_whole(count['high'], up=True)})"


def _whole(value: float, *, up: bool = False) -> str:
    rounded = -int(-(value - 1e-3) // 1) if up else int((value + 1e-3) // 1)
    return f"{max(0, rounded):,}"


def of_few(document: Mapping[str, Any]) -> bool:
    """Return whether a share is of so few photos that it is said as a count."""
    return 0 < (document.get("n") or 0) < FEW and count_of(document) != NONE


PROVISIONAL = ", provisional"
"""What follows an interval that rests on a few drawn answers."""


def unstated(document: Mapping[str, Any]) -> str:
    """Return what stands for the value of an estimate without one."""
    if document.get("method") == NOT_OFFERED:
        return NOT_OFFERED
    return NOT_KNOWN if document.get("refused") else NONE


def in_words(document: Mapping[str, Any]) -> str:
    """Return a share in one line: "30% (24–41%), 5.1 of 17 (4–7)".

    Args:
        document: The JSON of a share: ``share`` or ``value``, ``interval``, ``refused``, ``count``.
    """
    value = document.get("share", document.get("value"))
    if value is None:
        return unstated(document)
    interval = document["interval"]
    if of_few(document):
        return count_of(document)
    text = percent(value) + (f" ({span(interval)})" if interval is not None else "")
    text += PROVISIONAL if document.get("provisional") else ""
    count = count_of(document)
    return f"{text}, {count}" if count != NONE else f"{text} of {document['n']:,}"


def reasons(documents: Mapping[str, Mapping[str, Any]], key: str = "refused") -> list[str]:
    """Return each reason why something is not known once, after the names that it is about.

    Args:
        documents: JSON of estimates by their name for people.
        key: The key of the reason.
    """
    names: dict[str, list[str]] = {}
    for name, document in documents.items():
        if document.get(key):
            names.setdefault(document[key], []).append(name)
    return [f"{_listed(about)}: {reason}" for reason, about in names.items()]


def _listed(names: Sequence[str]) -> str:
    if len(names) <= MOST_NAMED:
        return ", ".join(names)
    return f"{', '.join(names[: MOST_NAMED - 1])} and {len(names) - MOST_NAMED + 1} others"
