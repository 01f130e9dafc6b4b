"""Statistics over editions as tables: each number with its interval and the count behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape

from presslens.app.cli.estimates_in_words import (
    NONE,
    NOT_KNOWN,
    amount,
    count_of,
    number_in_words,
    reasons,
    span,
)
from presslens.app.cli.tables import ReadableTable
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.explanations import name_metric
from presslens.pipelines.statistics.measure import Weight
from presslens.pipelines.statistics.metrics import Metric

Document = Mapping[str, Any]

NAMED_METHODS = 2
"""Largest number of methods that are told below a table: those of counts and of shares."""

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
        f" {counted(left_out, 'edition')} left out, {_why(result)}; `presslens worker` analyses"
        " those that wait"
    )


def period_table(result: Document) -> ReadableTable:
    """Return all metrics of a period as a table.

    Args:
        result: The JSON of a ``PeriodComposition``.
    """
    kind = result["estimand"].replace("_", " ")
    table = _table(
        f"{counted(result['editions'], 'edition')}: {kind}, {_about(result)}",
        ("value", "interval", "count", "n", "in all"),
    )
    named: dict[str, Document] = {}
    for kind in ("metrics", "shares"):
        for name, one in result[kind].items():
            metric = Metric.parse(name)
            named[name_metric(metric)] = one
            n = NONE if one["n"] is None else f"{one['n']:,}"
            total = number_in_words(metric, one.get("total"), whole=True)
            if one.get("total_interval"):
                total += f" ({span(one['total_interval'], amount)})"
            table.add_row(escape(name_metric(metric)), *_estimate(metric, one), n, total)
        table.add_section()
    _tell(table, result, named)
    return table


def groups_table(result: Document, metric: Metric) -> ReadableTable:
    """Return a metric of editions in groups as a table.

    Args:
        result: The JSON of a ``Statistic``.
    """
    kind = result["estimand"].replace("_", " ") if metric.is_share else "mean an edition"
    counted = metric.is_share and metric.weight is Weight.COUNT
    of_photos = (*(["count"] if counted else []), *(["machine"] if metric.is_share else []))
    several = any(group["editions"] != 1 for group in result["groups"])
    papers = {group["publication"] for group in result["groups"] if "publication" in group}
    table = _table(
        f"{escape(name_metric(metric))}: {kind}, {_about(result)}",
        ("value", "interval", *of_photos, "n", *(["editions"] if several else []), "pages"),
        first="" if result["by"] == "none" else result["by"],
    )
    named: dict[str, Document] = {}
    for group in result["groups"]:
        alone = group.get("date", group["group"])
        alone += f" {group['publication']}" if "date" in group and len(papers) > 1 else ""
        named[alone] = group
        machine = number_in_words(metric, group["machine"])
        n = group["n"] if group["n"] is not None else group["editions"]
        table.add_row(
            escape(alone),
            *_estimate(metric, group)[: 3 if counted else 2],
            *([machine] if metric.is_share else []),
            f"{n:,}",
            *([f"{group['editions']:,}"] if several else []),
            _pages(group),
        )
    _tell(table, result, named)
    return table


def _table(title: str, columns: Sequence[str], first: str = "") -> ReadableTable:
    table = ReadableTable(title=title)
    table.column(first, whole=first in ("edition", "month"))
    for name in columns:
        table.column(name, whole=name in ("interval", "count"), right=True)
    return table


def _pages(group: Document) -> str:
    """Return how many pages of a group were seen, or simply how many there are if all were."""
    seen, pages = group["pages_seen"], group["pages"]
    return f"{pages:,}" if seen == pages else f"{seen:,} of {pages:,}"


def _estimate(metric: Metric, one: Document) -> tuple[str, str, str]:
    """Return value, interval and count of an estimate; a sum of areas is no count of photos."""
    if one["value"] is None:
        return NOT_KNOWN if one.get("refused") else NONE, NONE, NONE
    interval = span(one["interval"], lambda bound: number_in_words(metric, bound))
    return (
        number_in_words(metric, one["value"]),
        interval,
        count_of(one) if metric.weight is Weight.COUNT else NONE,
    )


def _tell(table: ReadableTable, result: Document, named: Mapping[str, Document]) -> None:
    """Write below a table what it is of, how it was made, and why a number is missing."""
    seen = f"pages seen: {result['pages_seen']:,} of {result['pages_expected']:,}"
    left_out = result["left_out_count"]
    lines = [
        seen + (f"; {counted(left_out, 'edition')} left out, {_why(result)}" if left_out else "")
    ]
    methods = list(dict.fromkeys(one["method"] for one in named.values() if one["interval"]))
    lines += methods[:NAMED_METHODS]
    if methods[NAMED_METHODS:]:
        lines.append(f"and in {len(methods) - NAMED_METHODS} other ways; JSON tells each")
    for key in ("refused", "note"):
        told = reasons(named, key)
        lines += told[:NAMED_REASONS]
        if told[NAMED_REASONS:]:
            lines.append(f"and {len(told) - NAMED_REASONS} more, in JSON")
    lines.append(f"recipe {result['recipe'][:16]}")
    table.notes = "\n".join(lines)


def _about(result: Document) -> str:
    return "these editions" if result["inference"] == "these" else "the newspaper's practice"


def _why(result: Document) -> str:
    counts: dict[str, int] = {}
    for one in result["left_out"]:
        counts[one["reason"]] = counts.get(one["reason"], 0) + 1
    return ", ".join(f"{count} {reason}" for reason, count in counts.items())
