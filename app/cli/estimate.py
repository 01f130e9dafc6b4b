"""``presslens estimate``: the statistics of a plain table of photos, from any detector."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from presslens.app.cli.console import emit_json, say
from presslens.app.cli.options import EstimandOption, JsonOption
from presslens.app.cli.progress import progress
from presslens.app.cli.regression_table import print_regression
from presslens.app.cli.tables import ReadableTable, print_table
from presslens.pipelines.statistics.measure import Estimand, Inference, Weight
from presslens.pipelines.statistics.moments import Model
from presslens.pipelines.statistics.plain_regression import regress_table
from presslens.pipelines.statistics.plain_table import TableEstimate
from presslens.pipelines.statistics.plain_table import estimate as estimate_table
from presslens.pipelines.statistics.share_estimate import GroupEstimate, ShareDifference


def estimate(
    table: Annotated[
        Path, typer.Argument(help="CSV or Parquet: edition, probability, label, …", exists=False)
    ],
    measure: Annotated[str, typer.Option(help="What probability and label are about.")],
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
        float, typer.Option(min=0.5, max=0.999, help="Level of the intervals.")
    ] = 0.95,
    as_json: JsonOption = False,
) -> None:
    """Estimate the share of photos that show something, from a plain table of photos."""
    if regress is not None:
        if by or compare or average is not Estimand.SHARE_OF_PHOTOS:
            raise typer.BadParameter("--regress goes without --by, --compare and --average")
        with progress("fitting"):
            fit = regress_table(
                table,
                measure,
                [name.strip() for name in regress.split(",")],
                model=model,
                inference=estimand,
                weight=weight,
                confidence=confidence,
            )
        if as_json:
            emit_json(fit.to_json())
        else:
            print_regression(fit)
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
        )
    if as_json:
        emit_json(result.to_json())
    else:
        _print(result, weight)


def _print(result: TableEstimate, weight: Weight) -> None:
    about = "these editions" if result.inference is Inference.THESE else "practice"
    table = ReadableTable(title=escape(f"{result.measure}: {about}"))
    by_area = weight is Weight.AREA
    size = ("photos",) if by_area else ("count", "of photos")
    for heading in ("group", "share", "interval", *size, "drawn", "picked"):
        table.column(heading, whole=heading == "group", right=heading != "group")
    for group in result.groups:
        table.add_row(escape(group.group), *_cells(group, by_area=by_area))
    print_table(table)
    for text in dict.fromkeys(group.method for group in result.groups if group.method):
        say(f"How: {text}.")
    for group in result.groups:
        for text in filter(None, (group.refused, group.note)):
            say(f"{group.group}: {text}.")


def _cells(group: GroupEstimate | ShareDifference, *, by_area: bool) -> list[str]:
    bounds = f"{group.low:.1%} to {group.high:.1%}" if group.high is not None else "refused"
    count = "" if isinstance(group, ShareDifference) or not group.count else _count(group.count)
    share = "" if group.value is None else f"{group.value:.1%}"
    # A sum of areas is no count of photos.
    counts = [] if by_area else [count]
    return [share, bounds, *counts, str(group.n), str(group.drawn), str(group.picked)]


def _count(count: tuple[float, float | None, float | None]) -> str:
    value, low, high = count
    return f"{value:.0f}" if low is None or high is None else f"{value:.0f} ({low:.0f}–{high:.0f})"
