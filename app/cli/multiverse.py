"""``presslens stats multiverse``: a share in every way that nobody can call wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from presslens.app.cli.command import Printed, command
from presslens.app.cli.stats import parsed_metric
from presslens.app.cli.tables import ReadableTable, write_rows
from presslens.app.installation import Installation
from presslens.app.services.catalogue.scope import check_scope
from presslens.app.services.statistics.multiverse import COLUMNS, ShareMultiverse, share_multiverse
from presslens.app.services.statistics.queries import DifferenceQuery
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.explanations import number
from presslens.pipelines.statistics.measure import Zone

SHORT = ("zone", "weight", "estimand", "inference", "reviews")
RECIPE_DIGITS = 12


@command(doing="estimating in every way")
def multiverse(
    home: Installation,
    metric: Annotated[str, typer.Option(help="children, leader@front, crowd/area, …")],
    query: DifferenceQuery,
    table: Annotated[
        Path | None, typer.Option("--csv", dir_okay=False, help="Write the rows into this file.")
    ] = None,
) -> Printed:
    """Estimate a share, or the difference of two, in every way, and say how many agree."""
    for group in filter(None, query.groups):
        check_scope(home, group)
    result = share_multiverse(
        home,
        parsed_metric(metric, home),
        *query.groups,
        threshold=query.threshold,
        zones=query.zone or tuple(Zone),
    )
    if table is not None:
        with table.open("w", newline="", encoding="utf-8") as lines:
            write_rows(lines, COLUMNS, result.rows())
    yield result
    yield _table(result)
    yield _summary(result)


def _table(result: ShareMultiverse) -> ReadableTable:
    document, metric = result.to_json(), result.metric
    ways = [{**row, "recipe": row["recipe"][:RECIPE_DIGITS]} for row in document["rows"]]
    varied = [name for name in ("recipe", *SHORT) if len({way[name] for way in ways}) > 1]
    same = [f"{name} {_words(ways[0][name])}" for name in ("recipe", *SHORT) if name not in varied]
    numbers = ("value", "interval", "photos")
    table = ReadableTable.of(
        *varied,
        *numbers,
        "verdict",
        right=numbers,
        title=escape(document["question"]),
        notes=f"in all: {', '.join(same)}",
    )
    for row in ways:
        ends = "–"
        if row["low"] is not None:
            ends = f"{number(metric, row['low'])} – {number(metric, row['high'])}"
        words = (_words(row[name]) for name in varied)
        table.add(*words, number(metric, row["value"]), ends, row["n"], row["verdict"])
    return table


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
