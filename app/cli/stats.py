"""``presslens stats``: a metric over many editions, in the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from presslens.app.api import links
from presslens.app.cli.command import Printed, command
from presslens.app.cli.estimates_in_words import (
    PROVISIONAL,
    amount,
    count_of,
    number_in_words,
    of_few,
    reasons,
    span,
    unstated,
)
from presslens.app.cli.lazy import LaboratoryCommand, LazyCommand, lazy_group
from presslens.app.cli.options import MetricArgument, about_words
from presslens.app.cli.progress import progress
from presslens.app.cli.tables import ReadableTable
from presslens.app.installation import Installation, open_installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.settings import Settings
from presslens.app.services.catalogue.scope import check_measure, check_scope
from presslens.app.services.statistics.by_group import (
    GroupBy,
    Statistic,
    simulated_statistic,
    statistic,
)
from presslens.app.services.statistics.period import period_composition
from presslens.app.services.statistics.queries import StatQuery
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.explanations import name_metric
from presslens.pipelines.statistics.measure import BUILT_IN, Weight, Zone
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.plain import PLAIN
from presslens.pipelines.written_numbers import NONE

Document = Mapping[str, Any]

NAMED_METHODS = 2
"""Largest number of methods that are told below a table: those of counts and of shares."""

NAMED_REASONS = 6
"""Largest number of reasons that are told below a table; JSON has them all."""

COMMANDS = {
    "bench": LaboratoryCommand(
        "presslens.lab.commands",
        "bench_statistics",
        "Time statistics on generated rows while a worker writes, beside Datasette.",
    ),
    "changes": LazyCommand(
        "presslens.app.cli.comparison", "changes", "Find when a newspaper changed in a metric."
    ),
    "compare": LazyCommand(
        "presslens.app.cli.comparison",
        "compare",
        "Compare two periods or newspapers, and say in what they differ.",
    ),
    "methods": LazyCommand(
        "presslens.app.cli.methods",
        "methods",
        "Write the methods paragraph of a study, its figures filled in, and what to cite.",
    ),
    "multiverse": LazyCommand(
        "presslens.app.cli.multiverse",
        "multiverse",
        "Estimate a share, or the difference of two, in every way, and say how many agree.",
    ),
    "photos": LazyCommand(
        "presslens.app.cli.photo_rows",
        "photos",
        "Write the photos that a share is of as a table for estimate, R or pandas.",
    ),
    "power": LazyCommand(
        "presslens.app.cli.power",
        "power",
        "Foresee how wide an interval will be, or how many photos a difference takes.",
    ),
    "trend": LazyCommand(
        "presslens.app.cli.trend",
        "trend",
        "Estimate the trend of a metric, and how its level and slope changed on a day.",
    ),
}
"""The commands of another module."""

cli = typer.Typer(cls=lazy_group(COMMANDS))


@command(cli, doing="reading editions")
def summary(
    home: Installation,
    metric: Annotated[
        str | None, typer.Option(help="One metric alone; without: all of them at once.")
    ] = None,
    *,
    query: StatQuery,
) -> Printed:
    """Show metrics over many editions. Without a command: all metrics of a period at once."""
    check_scope(home, query.criteria)
    if metric is not None:
        yield from _grouped(_statistic(home, metric, query))
        return
    result = period_composition(
        home,
        query.criteria,
        estimand=query.estimand,
        inference=query.inference,
        zone=query.page or Zone.ALL,
        recipe=query.recipe,
    ).to_json()
    yield result
    yield no_editions(result) or period_table(result)


@command(cli, "show", doing="reading editions")
def show(
    home: Installation,
    metric: MetricArgument,
    by: Annotated[GroupBy, typer.Option(help="What editions are put together by.")] = GroupBy.NONE,
    *,
    query: StatQuery,
    picture: Annotated[
        Path | None,
        typer.Option(
            "--plot", dir_okay=False, help="Draw it into this file, a .png, .svg or .pdf."
        ),
    ] = None,
) -> Printed:
    """Show a metric of the editions that are analysed, with intervals."""
    kind = _kind(picture)
    check_scope(home, query.criteria)
    result = _statistic(home, metric, query, by)
    if picture is not None:
        from presslens.app.charts import drawing
        from presslens.app.charts.chart import Format
        from presslens.app.charts.statistic import plotted, statistic_chart
        from presslens.app.platform.language import language

        spoken = language("en")
        chart = statistic_chart([plotted(result, spoken)], spoken)
        picture.write_bytes(drawing.picture(chart, Format(), kind))
    yield from _grouped(result)


def _statistic(
    home: Installation, text: str, query: StatQuery, by: GroupBy = GroupBy.NONE
) -> Statistic:
    metric = _of_page(parsed_metric(text, home), query.page)
    return statistic(
        home,
        metric,
        query.criteria,
        by=by,
        estimand=query.estimand,
        inference=query.inference,
        recipe=query.recipe,
    )


def _kind(picture: Path | None) -> str:
    """Return the kind of a picture by the ending of its file.

    Raises:
        typer.BadParameter: It is no .png, .svg or .pdf.
    """
    if picture is None:
        return ""
    kind = picture.suffix.lower().removeprefix(".")
    if kind not in ("png", "svg", "pdf"):
        raise typer.BadParameter(f"{picture.name} is no .png, .svg or .pdf", param_hint="--plot")
    return kind


def _grouped(result: Statistic) -> Printed:
    document = links.repeatable_document(result, "stats")
    yield document
    yield no_editions(document) or groups_table(document, result.metric)


def _of_page(metric: Metric, page: Zone | None) -> Metric:
    """Return a share of the photos of a part of editions.

    Raises:
        InvalidRequest: The metric is of whole editions.
    """
    if page is None:
        return metric
    if not metric.is_share:
        raise InvalidRequest(f"{metric} is of whole editions: give no --page")
    return Metric(metric.name, page, metric.weight)


def parsed_metric(text: str, home: Installation | None = None) -> Metric:
    """Return the metric that somebody has typed.

    Args:
        home: Where a figure or a label that it names must be.

    Raises:
        InvalidRequest: There is no such metric, or no such figure.
        NotFound: There is no such label.
    """
    try:
        metric = Metric.parse(text)
    except ValueError as error:
        _, at, zone = text.partition("/")[0].partition("@")
        if at and zone.strip() not in tuple(Zone):
            near = get_close_matches(zone.strip(), [*Zone], n=1) or [*Zone]
        else:
            names, start = [*BUILT_IN, *PLAIN], text.strip()
            near = [name for name in names if name.startswith(f"{start}_")]
            near = near or get_close_matches(start, names, n=3)
        there = f"; there are: {', '.join((*BUILT_IN, 'figure:NAME', 'label:NAME', *PLAIN))}"
        hint = f": did you mean {' or '.join(near)}?" if near else there
        raise InvalidRequest(f"{error}{hint}") from error
    if home is not None:
        check_measure(home, metric.name)
    return metric


@command(cli, "simulate")
def simulate(
    measure: Annotated[
        str, typer.Option(help="Whose calibration the machine is taken to have.")
    ] = "children",
    trials: Annotated[int, typer.Option(min=2, help="Newspapers of each world.")] = 1000,
    only: Annotated[str, typer.Option(help="Worlds whose name holds this.")] = "",
    like_my_archive: Annotated[
        str | None,
        typer.Option(metavar="METRIC", help="Draw worlds like this archive, and ask for METRIC."),
    ] = None,
    by: Annotated[
        GroupBy, typer.Option(help="What editions are put together by, of an archive.")
    ] = GroupBy.NONE,
    *,
    query: StatQuery,
) -> Printed:
    """Print newspapers of which all is known, and count how often intervals hold the truth."""
    if like_my_archive is not None:
        yield from _like(_of_page(parsed_metric(like_my_archive), query.page), by, query, trials)
        return
    from presslens.models.recipe import Recipe
    from presslens.pipelines.statistics.simulate import scenarios, simulate

    every = scenarios(Recipe.load().aggregate.calibration_of(measure))
    chosen = [scenario for scenario in every if only in scenario.name]
    with progress("printing newspapers") as work:
        work.update(0, len(chosen))
        outcomes = list(
            simulate(chosen, trials, progress=lambda name: work.update(work.done + 1, name=name))
        )
    yield [asdict(one) for one in outcomes]
    headings = ("held", "width", "oracle", "bias", "refused", "away from 0")
    rows = (
        (
            one.name, _as(one.covered, ".1%"), *(_as(x, ".3f") for x in (one.width, one.oracle)),
            _as(one.bias, ".3f"), *(_as(x, ".1%") for x in (one.refused, one.away)),
        )
        for one in outcomes
    )  # fmt: skip
    many = f"{measure}, {counted(trials, 'newspaper')} each"
    yield ReadableTable.of(many, *headings, rows=rows)


def _like(metric: Metric, by: GroupBy, query: StatQuery, trials: int) -> Printed:
    """Print how often the intervals of a metric hold in worlds like the archive."""
    doing = "drawing worlds like this archive"
    with open_installation(Settings()) as home, progress(doing) as work:
        work.update(0, trials)
        found = simulated_statistic(
            home,
            metric,
            query.criteria,
            by=by,
            estimand=query.estimand,
            trials=trials,
            progress=lambda done: work.update(done),
            recipe=query.recipe,
        )
    yield [one.to_json() for one in found]
    rows = (
        (one.group, _as(one.held, ".1%"), _as(one.width, ".3f"), _as(one.bias, ".3f"),
         _as(one.refused, ".1%"))
        for one in found
    )  # fmt: skip
    title = f"{metric}, {counted(trials, 'world')} like this archive"
    yield ReadableTable.of(title, "held", "width", "bias", "refused", rows=rows)


def _as(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


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
        f"{counted(result['editions'], 'edition')}: {kind}, {about_words(result['inference'])}",
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
    of_photos = (*(["count"] if counted else []), *(["mean score"] if metric.is_share else []))
    several = any(group["editions"] != 1 for group in result["groups"])
    papers = {group["publication"] for group in result["groups"] if "publication" in group}
    table = _table(
        f"{escape(name_metric(metric))}: {kind}, {about_words(result['inference'])}",
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
    table.column(first, whole=first in ("edition", "week", "month"))
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
        return unstated(one), NONE, NONE
    if metric.weight is Weight.COUNT and of_few(one):
        return count_of(one), NONE, count_of(one)
    interval = span(one["interval"], lambda bound: number_in_words(metric, bound))
    interval += PROVISIONAL if one.get("provisional") else ""
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
    by_name = () if "validity" in result else ("validity",)
    for key in ("refused", *by_name, "note", "decided_note"):
        sentences = reasons(named, key)
        lines += sentences[:NAMED_REASONS]
        if sentences[NAMED_REASONS:]:
            lines.append(f"and {len(sentences) - NAMED_REASONS} more, in JSON")
    for paper, one in result.get("validity", {}).items():
        if one["offered"]:  # else it is said above
            lines.append(f"{paper}: {one['state']}; {one['reason']}")
    lines.append(f"recipe {result['recipe'][:16]}")
    table.notes = "\n".join(lines)


def _why(result: Document) -> str:
    counts: dict[str, int] = {}
    for one in result["left_out"]:
        counts[one["reason"]] = counts.get(one["reason"], 0) + 1
    return ", ".join(f"{count} {reason}" for reason, count in counts.items())
