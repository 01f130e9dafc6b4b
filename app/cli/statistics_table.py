"""Statistics over editions as tables: each number with its interval and the count behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from app.estimates_in_words import NONE, NOT_KNOWN, count_of, number_in_words, reasons, span
from pipelines.statistics.explanations import name_metric
from pipelines.statistics.metrics import Metric

Document = Mapping[str, Any]

NAMED_REASONS = 6
"""Largest number of reasons that are told below a table; JSON has them all."""


def no_editions(result: Document) -> str | None:
    """Return why a statistic is of no edition; None if it is of some.

    Args:
        result: The JSON of a ``Statistic`` or a ``PeriodComposition``.
    """
    if result["editions"]:
        return None
    left_out = result["left_out_count"]
    if not left_out:
        return "no edition fits what was asked for"
    return (
        f"no edition that fits is analysed under recipe {result['recipe'][:16]}:"
        f" {_editions(left_out)} left out, {_why(result)}; `presslens worker` analyses those that"
        " wait"
    )


def period_table(result: Document) -> Table:
    """Return all metrics of a period as a table.

    Args:
        result: The JSON of a ``PeriodComposition``.
    """
    table = _table(
        f"{_editions(result['editions'])}: {result['estimand'].replace('_', ' ')}",
        ("value", "interval", "count", "n", "in all"),
    )
    named: dict[str, Document] = {}
    for kind in ("metrics", "shares"):
        for name, one in result[kind].items():
            metric = Metric.parse(name)
            named[name_metric(metric)] = one
            n = NONE if one["n"] is None else f"{one['n']:,}"
            total = number_in_words(metric, one.get("total"), whole=True)
            table.add_row(escape(name_metric(metric)), *_estimate(metric, one), n, total)
        table.add_section()
    _tell(table, result, named)
    return table


def groups_table(result: Document, metric: Metric) -> Table:
    """Return a metric of editions in groups as a table.

    Args:
        result: The JSON of a ``Statistic``.
        metric: Its metric.
    """
    kind = result["estimand"].replace("_", " ") if metric.is_share else "mean an edition"
    table = _table(
        f"{escape(name_metric(metric))}: {kind}",
        ("value", "interval", "count", "machine", "n", "editions", "pages seen"),
        first="" if result["by"] == "none" else result["by"],
    )
    named: dict[str, Document] = {}
    for group in result["groups"]:
        alone = f"{group['date']} {group['publication']}" if "date" in group else group["group"]
        named[alone] = group
        n = group["n"] if group["n"] is not None else group["editions"]
        table.add_row(
            escape(alone),
            *_estimate(metric, group),
            number_in_words(metric, group["machine"]) if metric.is_share else NONE,
            f"{n:,}",
            str(group["editions"]),
            f"{group['pages_seen']:,} of {group['pages']:,}",
        )
    _tell(table, result, named)
    return table


def _table(title: str, columns: Sequence[str], first: str = "") -> Table:
    table = Table(title=title, caption_justify="left")
    table.add_column(first)
    for name in columns:
        table.add_column(name, justify="right")
    return table


def _estimate(metric: Metric, one: Document) -> tuple[str, str, str]:
    """Return value, interval and count of an estimate."""
    if one["value"] is None:
        return NOT_KNOWN if one.get("refused") else NONE, NONE, NONE
    interval = span(one["interval"], lambda bound: number_in_words(metric, bound))
    return number_in_words(metric, one["value"]), interval, count_of(one)


def _tell(table: Table, result: Document, named: Mapping[str, Document]) -> None:
    """Write below a table what it is of, how it was made, and why a number is missing."""
    seen = f"pages seen: {result['pages_seen']:,} of {result['pages_expected']:,}"
    left_out = result["left_out_count"]
    lines = [seen + (f"; {_editions(left_out)} left out, {_why(result)}" if left_out else "")]
    methods = list(dict.fromkeys(one["method"] for one in named.values() if one["interval"]))
    lines += methods[:1]
    if methods[1:]:
        lines.append(f"and {len(methods) - 1} methods like it, in JSON")
    for key in ("refused", "note"):
        told = reasons(named, key)
        lines += told[:NAMED_REASONS]
        if told[NAMED_REASONS:]:
            lines.append(f"and {len(told) - NAMED_REASONS} more, in JSON")
    lines.append(f"recipe {result['recipe'][:16]}")
    table.caption = escape("\n".join(lines))


def _why(result: Document) -> str:
    counts: dict[str, int] = {}
    for one in result["left_out"]:
        counts[one["reason"]] = counts.get(one["reason"], 0) + 1
    return ", ".join(f"{count} {reason}" for reason, count in counts.items())


def _editions(count: int) -> str:
    return f"{count:,} edition{'' if count == 1 else 's'}"
