"""``presslens stats``: a metric over many editions, in the terminal."""

from __future__ import annotations

from dataclasses import asdict
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer

from presslens.app.api import links
from presslens.app.cli.console import emit_json, say
from presslens.app.cli.lazy import LaboratoryCommand, LazyCommand, lazy_group
from presslens.app.cli.options import (
    EstimandOption,
    FirstOption,
    JsonOption,
    LastOption,
    PracticeOption,
    PublicationOption,
    RecipeOption,
    inference_of,
)
from presslens.app.cli.progress import progress
from presslens.app.cli.statistics_table import groups_table, no_editions, period_table
from presslens.app.cli.tables import ReadableTable, print_table
from presslens.app.installation import open_installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.settings import Settings
from presslens.app.services.catalogue.scope import check_scope
from presslens.app.services.statistics.by_group import GroupBy, Statistic, statistic
from presslens.app.services.statistics.period import period_composition
from presslens.app.services.statistics.selection import EditionCriteria
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.measure import BUILT_IN, Estimand, Zone
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.plain import PLAIN

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
}
"""The commands of another module."""

cli = typer.Typer(cls=lazy_group(COMMANDS))


Page = Annotated[Zone | None, typer.Option(help="Of the photos of this part of editions alone.")]


@cli.callback(invoke_without_command=True)
def summary(
    context: typer.Context,
    metric: Annotated[
        str | None, typer.Option(help="One metric alone; without: all of them at once.")
    ] = None,
    page: Page = None,
    publication: PublicationOption = None,
    first: FirstOption = None,
    last: LastOption = None,
    estimand: EstimandOption = Estimand.SHARE_OF_PHOTOS,
    practice: PracticeOption = False,
    recipe: RecipeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show metrics over many editions. Without a command: all metrics of a period at once."""
    if context.invoked_subcommand is not None:
        return
    criteria, inference = EditionCriteria(publication, first, last), inference_of(practice)
    with open_installation(Settings()) as home, progress("reading editions"):
        check_scope(home, criteria)
        if metric is not None:
            asked = _of_page(parsed_metric(metric), page)
            one = statistic(
                home, asked, criteria, estimand=estimand, inference=inference, recipe=recipe
            )
        else:
            result = period_composition(
                home,
                criteria,
                estimand=estimand,
                inference=inference,
                zone=page or Zone.ALL,
                recipe=recipe,
            ).to_json()
    if metric is not None:
        _emit(one, as_json=as_json)
    elif as_json:
        emit_json(result)
    elif (why := no_editions(result)) is not None:
        say(why)
    else:
        print_table(period_table(result))


@cli.command("show")
def show(
    metric: Annotated[
        str, typer.Argument(help="children, photos, leader@front, crowd/area, label:indoor, …")
    ],
    by: Annotated[GroupBy, typer.Option(help="What editions are put together by.")] = GroupBy.NONE,
    page: Page = None,
    publication: PublicationOption = None,
    first: FirstOption = None,
    last: LastOption = None,
    estimand: EstimandOption = Estimand.SHARE_OF_PHOTOS,
    practice: PracticeOption = False,
    recipe: RecipeOption = None,
    picture: Annotated[
        Path | None,
        typer.Option(
            "--plot", dir_okay=False, help="Draw it into this file, a .png, .svg or .pdf."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show a metric of the editions that are analysed, with intervals."""
    criteria = EditionCriteria(publication, first, last)
    asked, kind = _of_page(parsed_metric(metric), page), _kind(picture)
    with open_installation(Settings()) as home, progress("reading editions"):
        check_scope(home, criteria)
        result = statistic(
            home,
            asked,
            criteria,
            by=by,
            estimand=estimand,
            inference=inference_of(practice),
            recipe=recipe,
        )
    if picture is not None:
        from presslens.app.charts import drawing
        from presslens.app.charts.chart import Format
        from presslens.app.charts.statistic import plotted, statistic_chart
        from presslens.app.platform.language import language

        spoken = language("en")
        chart = statistic_chart([plotted(result, spoken)], spoken)
        picture.write_bytes(drawing.picture(chart, Format(), kind))
    _emit(result, as_json=as_json)


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


def _emit(result: Statistic, *, as_json: bool) -> None:
    document = links.repeatable_document(result, "stats")
    if as_json:
        emit_json(document)
    elif (why := no_editions(document)) is not None:
        say(why)
    else:
        print_table(groups_table(document, result.metric))


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


def parsed_metric(text: str) -> Metric:
    """Return the metric that somebody has typed.

    Raises:
        InvalidRequest: There is none.
    """
    try:
        return Metric.parse(text)
    except ValueError as error:
        _, at, zone = text.partition("/")[0].partition("@")
        if at and zone.strip() not in tuple(Zone):
            near = get_close_matches(zone.strip(), [*Zone], n=1) or [*Zone]
        else:
            near = get_close_matches(text.strip(), [*PLAIN, *BUILT_IN], n=3)
        hint = f": did you mean {' or '.join(near)}?" if near else ""
        raise InvalidRequest(f"{error}{hint}") from error


@cli.command("simulate")
def simulate(
    measure: Annotated[
        str, typer.Option(help="Whose calibration the machine is taken to have.")
    ] = "children",
    trials: Annotated[int, typer.Option(min=2, help="Newspapers of each world.")] = 1000,
    only: Annotated[str, typer.Option(help="Worlds whose name holds this.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Print newspapers of which all is known, and count how often intervals hold the truth."""
    from presslens.models.recipe import Recipe
    from presslens.pipelines.statistics.simulate import scenarios, simulate

    every = scenarios(Recipe.load().aggregate.calibration_of(measure))
    chosen = [scenario for scenario in every if only in scenario.name]
    with progress("printing newspapers") as work:
        work.update(0, len(chosen))
        outcomes = list(
            simulate(chosen, trials, progress=lambda name: work.update(work.done + 1, name=name))
        )
    if as_json:
        emit_json([asdict(one) for one in outcomes])
        return
    headings = ("held", "width", "oracle", "bias", "refused", "away from 0")
    table = ReadableTable.of(f"{measure}, {counted(trials, 'newspaper')} each", *headings)
    for one in outcomes:
        table.add_row(
            one.name,
            *("–" if x is None else f"{x:.1%}" for x in (one.covered,)),
            *("–" if x is None else f"{x:.3f}" for x in (one.width, one.oracle, one.bias)),
            *("–" if x is None else f"{x:.1%}" for x in (one.refused, one.away)),
        )
    print_table(table)
