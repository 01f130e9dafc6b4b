"""``presslens stats compare`` and ``presslens stats changes``."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.markup import escape

from presslens.app.api import links
from presslens.app.cli.command import Printed, command
from presslens.app.cli.estimates_in_words import reasons
from presslens.app.cli.options import Helps, MetricArgument
from presslens.app.cli.stats import parsed_metric
from presslens.app.cli.tables import ReadableTable
from presslens.app.installation import Installation
from presslens.app.services.catalogue.scope import check_scope
from presslens.app.services.statistics.changes import MetricChanges, metric_changes
from presslens.app.services.statistics.comparison import GroupComparison, compare_groups
from presslens.app.services.statistics.edition_metrics import FAMILY
from presslens.app.services.statistics.queries import CompareQuery, ShareQuery
from presslens.app.services.statistics.what_helps import MoreDraws, WhatHelps
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.comparison import CorrectedComparison, Difference
from presslens.pipelines.statistics.explanations import name_metric, number
from presslens.pipelines.statistics.measure import Inference, Weight, Zone
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.timeline import PeriodUnit


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
        parsed_metric(metric),
        query.criteria,
        by=by,
        estimand=query.estimand,
        recipe=query.recipe,
    )
    yield links.repeatable_document(result, "stats/changes")
    yield _changes_table(result)
    for change in result.undecided:
        if change.difference.refused:
            yield f"{change.date}: {change.difference.refused}"
        if change.helps is not None:
            yield f"{change.date}:"
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
    metrics = [parsed_metric(text) for text in metric] if metric else FAMILY
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
            yield f"{name_metric(row.compared.metric)}: {words}"
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
            f"{_searched_words(result)}recipe {result.recipe_id[:16]}"
        ),
    )
    for name in ("from", "before", "after", "difference", "interval", "periods", ""):
        table.column(name, whole=name == "from", right=True)
    for change in result.candidates:
        before, after = change.levels
        table.add(
            change.date,
            number(metric, before),
            number(metric, after),
            *_difference_cells(metric, change.difference),
            f"{change.periods[0]} | {change.periods[1]}",
            "changes" if change.differs else "not shown",
        )
    return table


def _searched_words(result: MetricChanges) -> str:
    if not result.changes.searched:
        return ""
    return (
        f"the intervals hold at {1 - result.level:.0%} for all"
        f" {counted(result.changes.searched, 'candidate')} together; editions before and after as"
        " `compare` estimates them\n"
    )


def _comparison_table(result: GroupComparison) -> ReadableTable:
    about = "these editions" if result.inference is Inference.THESE else "practice"
    table = ReadableTable(
        title=f"a − b: {result.estimand.value.replace('_', ' ')}, {about}",
        notes="\n".join(_comparison_notes(result)),
    )
    table.column()
    for name in ("a", "b", "difference", "interval", "p", "corrected", ""):
        table.column(name, whole=name != "interval", right=True)
    for row in result.comparison.rows:
        table.add_row(*_cells(row))
    return table


def _comparison_notes(result: GroupComparison) -> list[str]:
    """Return what the comparison is of, how it was made, and why an interval is missing."""
    comparison, document = result.comparison, result.to_json()
    sides = [document["a"], document["b"]]
    sizes = " and ".join(counted(side["editions"], "edition") for side in sides)
    pages = " and ".join(f"{side['pages_seen']} of {side['pages_expected']}" for side in sides)
    lines = [
        f"{sizes}; {counted(comparison.compared, 'metric')} compared; the intervals hold at"
        f" {1 - comparison.level:.0%} for all {comparison.family * comparison.searched} together:"
        f" {comparison.correction.words}",
        f"pages seen: {pages}",
    ]
    rows = {str(name_metric(Metric.parse(row["metric"]))): row for row in document["metrics"]}
    lines += list(dict.fromkeys(row["method"] for row in rows.values() if row["interval"]))[:2]
    lines += [*reasons(rows), *reasons(rows, "note")]
    if result.inference is Inference.PRACTICE and any(row["refused"] for row in rows.values()):
        lines.append("`--these` compares these very editions, few as they are")
    return [*lines, f"recipe {result.recipe_id[:16]}"]


def _cells(row: CorrectedComparison) -> list[str]:
    compared, less = row.compared, row.compared.difference
    metric = compared.metric
    return [
        escape(name_metric(metric)),
        number(metric, compared.first.estimate.value),
        number(metric, compared.second.estimate.value),
        *_difference_cells(metric, less),
        _p(less.p_value),
        _p(row.p_corrected),
        "differs" if row.differs else "",
    ]


def _difference_cells(metric: Metric, less: Difference) -> tuple[str, str]:
    if less.interval is None:
        return _signed(metric, less.value), "–"
    low, high = less.interval
    return _signed(metric, less.value), f"{_signed(metric, low)} – {_signed(metric, high)}"


def help_lines(helps: WhatHelps) -> Iterator[str]:
    """Yield what would tell a difference, and the command that draws what it takes."""
    yield f"to be sure: {helps.words}"
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


def _signed(metric: Metric, value: float | None) -> str:
    if value is None:
        return "–"
    size = number(metric, abs(value))
    # A difference of shares is in percentage points: 0.7 % more would be a factor.
    points = f"{size.removesuffix(' %')} pp" if size.endswith(" %") else size
    return ("+" if value >= 0 else "−") + points


def _p(value: float | None) -> str:
    return "–" if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"
