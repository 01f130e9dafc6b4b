"""``presslens estimate``: the statistics of a plain table of photos, from any detector."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from presslens.app.cli.command import Printed, command
from presslens.app.cli.options import EstimandOption, about_words
from presslens.app.cli.progress import progress
from presslens.app.cli.tables import ReadableTable, coefficients_table
from presslens.app.installation import open_installation
from presslens.app.platform.errors import NotInitialised
from presslens.app.platform.settings import Settings
from presslens.app.services.recipes.recipes import SHORTEST, provenance
from presslens.app.services.samples.questions import FOCUS
from presslens.models.recipe import Aggregate, Recipe
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.design_matrix import Event, LagUnit, TreatedGroup
from presslens.pipelines.statistics.measure import FOCUSES, Estimand, Inference, Weight
from presslens.pipelines.statistics.misclassification import CoderAccuracy
from presslens.pipelines.statistics.moments import Model
from presslens.pipelines.statistics.plain_regression import TableRegression, regress_table
from presslens.pipelines.statistics.plain_table import TableEstimate
from presslens.pipelines.statistics.plain_table import estimate as estimate_table
from presslens.pipelines.statistics.share_estimate import GroupEstimate, ShareDifference
from presslens.pipelines.written_numbers import in_tenths


@command()
def estimate(
    table: Annotated[
        Path, typer.Argument(help="CSV or Parquet: edition, probability, label, …", exists=False)
    ],
    measure: Annotated[
        str,
        typer.Option(help="What probability and label are about: children.", show_default=False),
    ] = "",
    by: Annotated[
        str | None, typer.Option(help="Column whose values are the groups, or month, or year.")
    ] = None,
    compare: Annotated[
        tuple[str, str] | None, typer.Option(help="Two groups: the first less the second.")
    ] = None,
    regress: Annotated[
        str | None,
        typer.Option(help="Columns to regress on, with commas: days, numbers, categories."),
    ] = None,
    event: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="A day: how much each --lag before and after it differs from the last before it.",
        ),
    ] = None,
    lag: Annotated[
        LagUnit, typer.Option(help="Length of the periods around --event.")
    ] = LagUnit.MONTH,
    within: Annotated[
        int, typer.Option(min=1, max=24, help="Periods on either side of --event.")
    ] = 6,
    did: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN=VALUE,DAY",
            help="Difference in differences: how much more this group changed on a day.",
        ),
    ] = None,
    clusters: Annotated[
        str | None,
        typer.Option(help="Column of the clusters of --estimand practice; without: editions."),
    ] = None,
    nonresponse: Annotated[
        float | None,
        typer.Option(
            min=1, max=100, help="Factor of the odds by which photos without an answer may differ."
        ),
    ] = None,
    sensitivity: Annotated[
        str | None,
        typer.Option(metavar="RATE", help="How often coders see it: 0.92, or 46/50 photos."),
    ] = None,
    specificity: Annotated[
        str | None,
        typer.Option(metavar="RATE", help="How often they see none where there is none."),
    ] = None,
    model: Annotated[
        Model, typer.Option(help="Of --regress: shares (linear), or their log odds (logit).")
    ] = Model.LINEAR,
    estimand: Annotated[
        Inference, typer.Option(help="About these editions, or about the newspaper's practice.")
    ] = Inference.THESE,
    average: EstimandOption = Estimand.SHARE_OF_PHOTOS,
    weight: Annotated[
        Weight, typer.Option(help="Photos count alike, or by area_share.")
    ] = Weight.COUNT,
    confidence: Annotated[
        float | None, typer.Option(min=0.5, max=0.999, help="Level of the intervals.")
    ] = None,
    recipe: Annotated[
        str | None,
        typer.Option(
            help="Whose errors of the machine: a recipe's id, how it begins, or its file."
        ),
    ] = None,
) -> Printed:
    """Estimate the share of photos that show something, from a plain table of photos."""
    if not measure:
        raise typer.BadParameter(
            "say with --measure what the table is about; for instance, `presslens estimate"
            f" {FOCUSES[0]}.csv --measure {FOCUSES[0]}`, of a table by `presslens stats photos"
            f" {FOCUSES[0]} --out {FOCUSES[0]}.csv`",
            param_hint="--measure",
        )
    if measure == FOCUS:
        raise typer.BadParameter(
            f"the focus is several measures, each with a table: {', '.join(FOCUSES)}; for instance,"
            f" `presslens stats photos {FOCUSES[0]} --out focus.csv`, and then"
            f" `presslens estimate focus.csv --measure {FOCUSES[0]}`",
            param_hint="--measure",
        )
    coders, rules = _coders(sensitivity, specificity), _rules(recipe)
    if regress or event or did:
        if by or compare or average is not Estimand.SHARE_OF_PHOTOS:
            raise typer.BadParameter("a regression goes without --by, --compare and --average")
        if clusters and estimand is Inference.THESE:
            raise typer.BadParameter("--clusters goes with --estimand practice")
        with progress("fitting"):
            fit = regress_table(
                table,
                measure,
                [name.strip() for name in (regress or "").split(",") if name.strip()],
                event=Event(event.date(), lag, within) if event else None,
                treated=_treated(did),
                clusters=clusters,
                nonresponse=nonresponse,
                coders=coders,
                model=model,
                inference=estimand,
                weight=weight,
                confidence=confidence,
                rules=rules,
            )
        yield fit
        yield from _regression(fit)
        if fit.regression.refused:
            raise typer.Exit(1)
        return
    with progress("estimating"):
        result = estimate_table(
            table,
            measure,
            by=by,
            compare=compare,
            inference=estimand,
            estimand=average,
            weight=weight,
            confidence=confidence,
            rules=rules,
            nonresponse=nonresponse,
            coders=coders,
        )
    yield result
    yield from estimate_tables(result, weight)


def _rules(text: str | None) -> Aggregate | None:
    """Return the rules of a recipe that is shipped, a file, or the archive's; None for no text."""
    if text is None:
        return None
    shipped = Recipe.load()
    if len(text) >= SHORTEST and shipped.id.startswith(text):
        return shipped.aggregate
    if Path(text).is_file():
        return Recipe.load(Path(text)).aggregate
    try:
        with open_installation(Settings()) as home:
            return provenance(home, text).aggregate
    except NotInitialised as error:
        there = f"without an archive, {shipped.id[:12]} or a TOML file"
        raise typer.BadParameter(f"there is no recipe {text}: {there}") from error


def _coders(sensitivity: str | None, specificity: str | None) -> CoderAccuracy | None:
    try:
        return CoderAccuracy.of_cells(sensitivity, specificity)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--sensitivity/--specificity") from error


def _treated(text: str | None) -> TreatedGroup | None:
    try:
        return TreatedGroup.parse(text) if text else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--did") from error


def estimate_tables(result: TableEstimate, weight: Weight) -> Printed:
    """Yield the table of estimates, and how they were made."""
    by_area = weight is Weight.AREA
    size = ("photos",) if by_area else ("count", "of photos")
    heads = ("share", "interval", *size, "drawn", "picked")
    rows = ((group.group, *_cells(group, by_area=by_area)) for group in result.groups)
    title = escape(f"{result.measure}: {about_words(result.inference)}")
    yield ReadableTable.of("group", *heads, whole=("group",), right=heads, rows=rows, title=title)
    if result.beside:
        yield f"{counted(result.beside, 'row')} not counted, which only inform."
    for text in dict.fromkeys(group.method for group in result.groups if group.method):
        yield f"How: {text}."
    for group in result.groups:
        for text in filter(None, (group.refused, group.note)):
            yield f"{group.group}: {text}."


def _regression(fit: TableRegression) -> Printed:
    """Yield the coefficients with their intervals, or why there are none."""
    result = fit.regression
    if result.coefficients:
        unit = "share" if result.model is Model.LINEAR else "log odds"
        title = escape(f"{fit.measure}: {unit} by {result.model} regression")
        yield coefficients_table(result.coefficients, title)
        if of := ", ".join(f"{name} {value}" for name, value in fit.reference.items()):
            yield f"The intercept is of {of}."
    yield f"{result.refused}." if result.refused else f"How: {result.method}."


def _cells(group: GroupEstimate | ShareDifference, *, by_area: bool) -> list[str]:
    ends = [in_tenths(end) for end in (group.low, group.high)]
    bounds = "refused" if group.high is None else " to ".join(ends)
    count = "" if isinstance(group, ShareDifference) or not group.count else _count(group.count)
    share = "" if group.value is None else in_tenths(group.value)
    # A sum of areas is no count of photos.
    counts = [] if by_area else [count]
    return [share, bounds, *counts, str(group.n), str(group.drawn), str(group.picked)]


def _count(count: tuple[float, float | None, float | None]) -> str:
    value, low, high = count
    return f"{value:.0f}" if low is None or high is None else f"{value:.0f} ({low:.0f}–{high:.0f})"
