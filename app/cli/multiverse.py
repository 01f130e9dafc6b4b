"""``presslens stats multiverse``: a share in every way that nobody can call wrong."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from presslens.app.cli.console import emit_json, say
from presslens.app.cli.options import (
    FirstOption,
    JsonOption,
    LastOption,
    OtherFirstOption,
    OtherLastOption,
    PublicationOption,
)
from presslens.app.cli.progress import progress
from presslens.app.cli.stats import parsed_metric
from presslens.app.cli.tables import ReadableTable, print_table
from presslens.app.installation import open_installation
from presslens.app.platform.settings import Settings
from presslens.app.platform.spreadsheet import quote_formula
from presslens.app.services.catalogue.scope import check_scope
from presslens.app.services.statistics.multiverse import COLUMNS, ShareMultiverse, share_multiverse
from presslens.app.services.statistics.selection import EditionCriteria
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.explanations import number
from presslens.pipelines.statistics.measure import Zone

SHORT = ("zone", "weight", "estimand", "inference", "reviews")
RECIPE_DIGITS = 12


def multiverse(
    metric: Annotated[str, typer.Option(help="children, leader@front, crowd/area, …")],
    publication: PublicationOption = None,
    first: FirstOption = None,
    last: LastOption = None,
    b_publication: Annotated[
        str | None, typer.Option(help="The newspaper whose share is subtracted.")
    ] = None,
    b_from: OtherFirstOption = None,
    b_to: OtherLastOption = None,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="Compare the share with it: 0.2.")
    ] = None,
    zone: Annotated[
        list[Zone] | None, typer.Option(help="Try these zones only; several times.")
    ] = None,
    table: Annotated[
        Path | None, typer.Option("--csv", dir_okay=False, help="Write the rows into this file.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Estimate a share, or the difference of two, in every way, and say how many agree."""
    a = EditionCriteria(publication, first, last)
    subtracted = b_publication is not None or b_from is not None or b_to is not None
    b = EditionCriteria(b_publication, b_from, b_to) if subtracted else None
    with open_installation(Settings()) as home, progress("estimating in every way"):
        for group in filter(None, (a, b)):
            check_scope(home, group)
        result = share_multiverse(
            home, parsed_metric(metric), a, b, threshold=threshold, zones=zone or tuple(Zone)
        )
    if table is not None:
        _write(table, result)
    if as_json:
        emit_json(result.to_json())
    else:
        _show(result)


def _write(path: Path, result: ShareMultiverse) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\r\n")
        writer.writeheader()
        for row in result.rows():
            writer.writerow(
                {k: quote_formula(v) if isinstance(v, str) else v for k, v in row.items()}
            )


def _show(result: ShareMultiverse) -> None:
    document, metric = result.to_json(), result.metric
    ways = [{**row, "recipe": row["recipe"][:RECIPE_DIGITS]} for row in document["rows"]]
    varied = [name for name in ("recipe", *SHORT) if len({way[name] for way in ways}) > 1]
    same = [f"{name} {_words(ways[0][name])}" for name in ("recipe", *SHORT) if name not in varied]
    shown = ReadableTable(title=escape(document["question"]), notes=f"in all: {', '.join(same)}")
    for name in varied:
        shown.column(name)
    for name in ("value", "interval", "photos"):
        shown.column(name, right=True)
    shown.column("verdict")
    for row in ways:
        ends = "–"
        if row["low"] is not None:
            ends = f"{number(metric, row['low'])} – {number(metric, row['high'])}"
        shown.add_row(
            *(_words(row[name]) for name in varied),
            number(metric, row["value"]),
            ends,
            str(row["n"]),
            row["verdict"],
        )
    print_table(shown)
    say(_summary(result))


def _words(value: str) -> str:
    return value.replace("_", " ")


def _summary(result: ShareMultiverse) -> str:
    document, metric = result.to_json(), result.metric
    many = document["specifications"]
    ends = (number(metric, document[name]) for name in ("lowest", "median", "highest"))
    lowest, middle, highest = ends
    refused = document["verdicts"]["refused"]
    head = counted(many, "specification") + (f", {refused} refused" if refused else "")
    words = f"{head}: {lowest} to {highest}, median {middle}"
    against = document["threshold"]
    others = f"the other {many - refused}" if refused else str(many)
    if against is None:
        inside = document["verdicts"]["undecided"]
        return f"{words}; the intervals of {inside} of {others} hold the first one's value"
    same = document["same_side"]
    side = f"{counted(same, 'estimate')} {'is' if same == 1 else 'are'} on the same side"
    if document["verdict"] == "refused":
        return f"{words}; the first one is refused, so that it has no verdict; {side}"
    return (
        f"{words}; {document['same_verdict']} of {others} have the first one's verdict"
        f" ({document['verdict']} {number(metric, against)}), {side}"
    )
