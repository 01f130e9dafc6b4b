"""``presslens stats compare`` and ``presslens stats changes``."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.markup import escape

from presslens.app.api import links
from presslens.app.cli.command import Printed, command
from presslens.app.cli.estimates_in_words import number_in_words, reasons, span
from presslens.app.cli.options import Helps, MetricArgument, about_words
from presslens.app.cli.stats import parsed_metric
from presslens.app.cli.tables import ReadableTable
from presslens.app.installation import Installation
from presslens.app.services.catalogue.scope import check_scope
from presslens.app.services.statistics.changes import Change, MetricChanges, metric_changes
from presslens.app.services.statistics.comparison import GroupComparison, compare_groups
from presslens.app.services.statistics.edition_metrics import FAMILY
from presslens.app.services.statistics.queries import CompareQuery, ShareQuery
from presslens.app.services.statistics.what_helps import MoreDraws, WhatHelps
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.comparison import CorrectedComparison, CorrectedComparisons
from presslens.pipelines.statistics.explanations import name_metric, number
from presslens.pipelines.statistics.measure import Estimand, Inference, Weight, Zone
from presslens.pipelines.statistics.metrics import Estimate, Metric
from presslens.pipelines.statistics.timeline import PeriodUnit
from presslens.pipelines.written_numbers import NONE, to_digits, written_level

OTHER_QUESTION = {
    Inference.THESE: "of these editions; `--practice` asks whether the newspaper works differently",
    Inference.PRACTICE: "of the newspaper's practice; `--these` asks whether these editions differ",
}
"""Which question is answered, and how to ask the other one."""


@command(doing="searching")
def changes(
    home: Installation,
    metric: MetricArgument,
    query: Annotated[ShareQuery, Helps(page="")],
    by: Annotated[
        PeriodUnit, typer.Option(help="What is compared with the next one.")
    ] = PeriodUnit.MONTH,
) -> Printed:
    """Find when a newspaper changed in a metric."""
    check_scope(home, query.criteria)
    result = metric_changes(
        home,
        parsed_metric(metric, home),
        query.criteria,
        by=by,
        estimand=query.estimand,
        recipe=query.recipe,
    )
    yield links.repeatable_document(result, "stats/changes")
    yield _changes_table(result)
    for change in result.candidates:
        yield f"{change.date}: {change.difference.refused or 'before and after compared:'}"
        if not change.difference.refused:
            yield f"  {_compare_command(change, query.recipe)}"
        if change.helps is not None:
            yield from help_lines(change.helps)


@command(doing="comparing")
def compare(
    home: Installation,
    metric: Annotated[
        list[str] | None, typer.Argument(help="children, photos, …; without: five of them.")
    ] = None,
    *,
    query: CompareQuery,
) -> Printed:
    """Compare two periods or newspapers, and say in what they differ."""
    metrics = [parsed_metric(text, home) for text in metric] if metric else FAMILY
    for criteria in (query.a, query.b):
        check_scope(home, criteria)
    result = compare_groups(
        home,
        metrics,
        query.a,
        query.b,
        estimand=query.estimand,
        inference=query.inference,
        correction=query.correction,
        searched=query.searched,
        recipe=query.recipe,
    )
    yield links.repeatable_document(result, "stats/compare")
    yield _comparison_table(result)
    for row in result.comparison.rows:
        if row.differs and row.compared.tipping:
            words = "; ".join(point.words for point in row.compared.tipping)
            yield f"{name_metric(row.compared.metric)}: the difference {words}"
    for undecided, helps in result.helps.items():
        yield f"{name_metric(undecided)}:"
        yield from help_lines(helps)
    for side in result.selections:
        if len(side.editions) == 1:
            one = side.editions[0]
            yield (
                f"edition {one.id} stands alone: `presslens baseline {one.id}` says how"
                " unusual it is for its newspaper"
            )


def _changes_table(result: MetricChanges) -> ReadableTable:
    excluded, metric = len(result.timeline.excluded), result.metric
    noise = result.changes.noise
    table = ReadableTable(
        title=escape(f"{name_metric(metric)}: changes by {result.by}"),
        notes=(
            f"{counted(len(result.timeline.periods), 'period')}, {excluded} excluded; noise"
            f" {'–' if noise is None else number(metric, noise)}\n{result.changes.method}\n"
            f"{result.refused + chr(10) if result.refused else ''}"
            f"{_searched_words(result)}recipe {result.recipe_id[:16]}"
        ),
    )
    interval = next((_interval_heading(one.found) for one in result.candidates), "interval")
    for name in ("from", "before", "after", "difference", interval, "editions", ""):
        table.column(name, whole=True, right=True)
    for change in result.candidates:
        before, after = change.levels
        table.add(
            change.date,
            number(metric, before),
            number(metric, after),
            _signed(metric, change.difference.value),
            _intervals(change.row, change.found),
            f"{change.editions[0]} | {change.editions[1]}",
            "changes" if change.differs else "not shown",
        )
    return table


def _searched_words(result: MetricChanges) -> str:
    if not result.changes.searched:
        return ""
    return (
        f"about the newspaper's practice; with {1 - result.level:.0%} confidence the intervals of"
        f" all {counted(result.changes.searched, 'candidate')} are right at once; editions before"
        " and after as `compare` estimates them\n"
    )


def _compare_command(change: Change, recipe: str | None) -> str:
    """Return the command of the comparison that a change is of, of a recipe or today's."""
    asked = change.asked | {"recipe": recipe}
    metric, inference = asked.pop("metric"), asked.pop("inference")
    if asked["estimand"] == Estimand.SHARE_OF_PHOTOS:
        asked.pop("estimand")
    options = (
        f"--{name.replace('_', '-')} {shlex.quote(str(v))}" for name, v in asked.items() if v
    )
    return f"presslens stats compare {shlex.quote(str(metric))} --{inference} {' '.join(options)}"


def _comparison_table(result: GroupComparison) -> ReadableTable:
    shares = any(row.compared.metric.is_share for row in result.comparison.rows)
    estimand = result.estimand.value.replace("_", " ") if shares else "mean of editions"
    table = ReadableTable(
        title=f"a − b: {estimand}, {about_words(result.inference)}",
        notes="\n".join(_comparison_notes(result)),
    )
    table.column()
    usual = f"{written_level(1 - result.comparison.level)} %"
    headings = f"a\n{usual}", f"b\n{usual}", "a − b", _interval_heading(result.comparison), "p", ""
    for name in headings:
        table.column(name, whole=True, right=True)
    for row in result.comparison.rows:
        table.add_row(*_cells(row, result.comparison))
    return table


def _interval_heading(comparison: CorrectedComparisons) -> str:
    heading = f"{written_level(comparison.interval_level)} % interval"
    if not comparison.stricter:
        return heading
    return f"{heading}\nalone: {written_level(1 - comparison.level)} %"


def _comparison_notes(result: GroupComparison) -> list[str]:
    """Return what the comparison is of, how it was made, and why an interval is missing."""
    comparison, document = result.comparison, result.to_json()
    sides = [document["a"], document["b"]]
    sizes = " and ".join(counted(side["editions"], "edition") for side in sides)
    intervals = comparison.family * comparison.searched
    pages = " and ".join(f"{side['pages_seen']} of {side['pages_expected']}" for side in sides)
    lines = [
        f"{sizes}; {counted(comparison.compared, 'metric')} compared"
        + (
            f"; with {1 - comparison.level:.0%} confidence {intervals} intervals are right at once:"
            f" {comparison.correction.words}"
            if intervals > 1
            else ""
        ),
        f"pages seen: {pages}",
    ]
    rows = {str(name_metric(Metric.parse(row["metric"]))): row for row in document["metrics"]}
    lines += list(dict.fromkeys(row["method"] for row in rows.values() if row["interval"]))[:2]
    lines += [*reasons(rows), *reasons(rows, "note")]
    lines.append("errors that both sides share cancel in a difference")
    lines.append(OTHER_QUESTION[result.inference])
    return [*lines, f"recipe {result.recipe_id[:16]}"]


def _cells(row: CorrectedComparison, comparison: CorrectedComparisons) -> list[str]:
    metric, sides = row.compared.metric, (row.compared.first, row.compared.second)
    return [
        escape(name_metric(metric)),
        *(_side(metric, one.estimate) for one in sides),
        _signed(metric, row.compared.difference.value),
        _intervals(row, comparison),
        _p(row.p_corrected),
        "differs" if row.differs else "",
    ]


def _side(metric: Metric, estimate: Estimate) -> str:
    value, interval = number_in_words(metric, estimate.value), estimate.interval
    if interval is None:
        return value
    return f"{value}\n{span(interval, lambda end: number_in_words(metric, end))}"


def _intervals(row: CorrectedComparison, comparison: CorrectedComparisons) -> str:
    """Return the interval of a family, and below it that of the metric by itself."""
    both = [row.compared.difference.interval, row.unadjusted if comparison.stricter else None]
    metric = row.compared.metric
    return (
        "\n".join(
            f"{_signed(metric, low, unit='')} to {_signed(metric, high, unit='')}"
            for low, high in filter(None, both)
        )
        or NONE
    )


def help_lines(helps: WhatHelps) -> Iterator[str]:
    """Yield what would tell a difference, and the command that draws what it takes."""
    yield f"to be sure: {helps.words}"
    if helps.foreseen is not None:
        yield f"  {helps.foreseen}"
    if helps.draw is not None and helps.draw.photos:
        yield f"  {_draw_command(helps.draw)}"


def _draw_command(draw: MoreDraws) -> str:
    if draw.sample is not None:
        return f"presslens samples extend {shlex.quote(draw.sample)} --more {draw.photos}"
    scope = draw.scope
    options = {
        "publication": scope.publication,
        "from": scope.first,
        "to": scope.last,
        "page": draw.zone.value if draw.zone is not Zone.ALL else None,
        "weight": draw.weight.value if draw.weight is not Weight.COUNT else None,
        "photos": draw.photos,
    }
    given = {name: str(value) for name, value in options.items() if value is not None}
    pairs = [*(("measure", name) for name in draw.measures), *given.items()]
    words = (f"--{name} {shlex.quote(value)}" for name, value in pairs)
    return f"presslens samples draw {' '.join(words)}"


def _signed(metric: Metric, value: float | None, *, unit: str = " pp") -> str:
    if value is None:
        return NONE
    # A difference of shares is in percentage points: 0.7 % more would be a factor.
    scale, digits, unit = (100, 1, unit) if metric.is_part else (1, 2, "")
    size = f"{to_digits(scale * abs(value), digits).normalize():,f}"
    return size + unit if size == "0" else ("+" if value > 0 else "−") + size + unit


def _p(value: float | None) -> str:
    return NONE if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"
