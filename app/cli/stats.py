"""``presslens stats``: a metric over many editions, in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from app.api import links
from app.cli.console import emit_json, out, progress
from app.cli.lazy import LazyCommand, lazy_group
from app.cli.options import (
    EstimandOption,
    FirstOption,
    JsonOption,
    LastOption,
    PublicationOption,
    RecipeOption,
)
from app.errors import InvalidRequest
from app.installation import open_installation
from app.services.statistics.by_group import Group, GroupBy, Statistic, statistic
from app.services.statistics.period import period_composition
from app.services.statistics.selection import EditionCriteria
from app.settings import Settings
from pipelines.statistics.measure import BUILT_IN, Estimand
from pipelines.statistics.metrics import Metric
from pipelines.statistics.plain import PLAIN

COMMANDS = {
    "changes": LazyCommand(
        "app.cli.comparison", "changes", "Find when a newspaper changed in a metric."
    ),
    "compare": LazyCommand(
        "app.cli.comparison",
        "compare",
        "Compare two periods or newspapers, and say in what they differ.",
    ),
    "multiverse": LazyCommand(
        "app.cli.multiverse",
        "multiverse",
        "Estimate a share, or the difference of two, in every way, and say how many agree.",
    ),
    "photos": LazyCommand(
        "app.cli.photo_rows",
        "photos",
        "Write the photos that a share is of as a table for estimate, R or pandas.",
    ),
}
"""The commands of another module."""

cli = typer.Typer(cls=lazy_group(COMMANDS))


@cli.callback(invoke_without_command=True)
def summary(
    context: typer.Context,
    publication: PublicationOption = None,
    first: FirstOption = None,
    last: LastOption = None,
    estimand: EstimandOption = Estimand.SHARE_OF_PHOTOS,
    recipe: RecipeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show metrics over many editions. Without a command: all metrics of a period at once."""
    if context.invoked_subcommand is not None:
        return
    with open_installation(Settings()) as home:
        result = period_composition(
            home, _criteria(publication, first, last), estimand=estimand, recipe=recipe
        ).to_json()
    if as_json:
        emit_json(result)
    else:
        out.print(_period_table(result))


@cli.command("show")
def show(
    metric: Annotated[
        str, typer.Argument(help="children, photos, leader@front, crowd/area, label:indoor, …")
    ],
    by: Annotated[GroupBy, typer.Option(help="What editions are put together by.")] = GroupBy.NONE,
    publication: PublicationOption = None,
    first: FirstOption = None,
    last: LastOption = None,
    estimand: EstimandOption = Estimand.SHARE_OF_PHOTOS,
    recipe: RecipeOption = None,
    picture: Annotated[
        Path | None, typer.Option("--plot", dir_okay=False, help="Draw it into this PNG file.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show a metric of the editions that are analysed, with intervals."""
    criteria = _criteria(publication, first, last)
    with open_installation(Settings()) as home:
        result = statistic(
            home, parsed_metric(metric), criteria, by=by, estimand=estimand, recipe=recipe
        )
    if picture is not None:
        from app.web.timeline import draw_timeline

        picture.write_bytes(draw_timeline(result))
    if as_json:
        emit_json(links.repeatable_document(result, "stats"))
    else:
        out.print(_table(result))


def _criteria(
    publication: str | None, first: datetime | None, last: datetime | None
) -> EditionCriteria:
    return EditionCriteria(
        publication, first.date() if first else None, last.date() if last else None
    )


def parsed_metric(text: str) -> Metric:
    """Return the metric that somebody has typed.

    Raises:
        InvalidRequest: There is none.
    """
    try:
        return Metric.parse(text)
    except ValueError as error:
        near = get_close_matches(text.strip(), [*PLAIN, *BUILT_IN], n=3)
        hint = f": did you mean {' or '.join(near)}?" if near else ""
        raise InvalidRequest(f"{error}{hint}") from error


def _period_table(result: dict[str, Any]) -> Table:
    table = Table(
        title=f"{result['editions']} editions: {result['estimand'].replace('_', ' ')}",
        caption=(
            f"pages analysed: {result['pages_seen']} of {result['pages_expected']}; "
            f"{result['left_out_count']} editions left out; recipe {result['recipe'][:16]}"
        ),
    )
    for name in ("", "value", "interval", "n", "in all"):
        table.add_column(name, justify="left" if not name else "right")
    for kind, share in (("metrics", False), ("shares", True)):
        for name, one in result[kind].items():
            low, high = one["interval"] or (None, None)
            interval = "–" if low is None else f"{_shown(low, share)} – {_shown(high, share)}"
            total = _shown(one.get("total"), share=False)
            label, value = name.replace("_", " "), _shown(one["value"], share)
            table.add_row(label, value, interval, str(one["n"]), total)
        table.add_section()
    return table


def _table(result: Statistic) -> Table:
    kind = result.estimand.value.replace("_", " ") if result.metric.is_share else "mean an edition"
    left_out = f"; {len(result.left_out)} editions left out" if result.left_out else ""
    methods = list(dict.fromkeys(group.estimate.method for group in result.groups))
    table = Table(
        title=f"{result.metric}: {kind}",
        caption=(
            f"pages analysed: {result.pages_seen} of {result.pages_expected}{left_out}\n"
            f"{_few(methods)}\nrecipe {result.recipe_id[:16]}"
        ),
    )
    table.add_column("" if result.by is GroupBy.NONE else result.by.value)
    for name in ("value", "interval", "machine", "n", "editions"):
        table.add_column(name, justify="right")
    for group in result.groups:
        table.add_row(*_cells(group, share=result.metric.is_share))
    return table


def _cells(group: Group, *, share: bool) -> list[str]:
    interval = group.estimate.interval
    edition = group.editions[0] if len(group.editions) == 1 else None
    return [
        f"{edition.date} {edition.publication}" if edition else group.key,
        _shown(group.estimate.value, share),
        f"{_shown(interval[0], share)} – {_shown(interval[1], share)}" if interval else "–",
        _shown(group.machine, share),
        str(group.estimate.n or len(group.editions)),
        str(len(group.editions)),
    ]


def _few(methods: Sequence[str]) -> str:
    """Return how intervals were made: months with reviews of their own have one each."""
    return "; ".join(methods[:1]) + (f"; and {len(methods) - 1} like it" if methods[1:] else "")


def _shown(value: float | None, share: bool) -> str:
    if value is None:
        return "–"
    return f"{value:.1%}" if share else f"{value:.2f}".removesuffix(".00")


@cli.command("bench")
def bench(
    editions: Annotated[int, typer.Option(min=10, help="How many generated editions.")] = 2000,
    rounds: Annotated[int, typer.Option(min=2, help="How often each query is asked.")] = 40,
    as_json: JsonOption = False,
) -> None:
    """Time statistics on generated rows while a worker writes, beside Datasette."""
    from app.bench.stats import bench_stats

    with progress("statistics") as bar:
        task = bar.add_task("filling", total=editions)
        times = bench_stats(
            editions,
            rounds,
            progress=lambda what, done, of: bar.update(
                task, description=what, completed=done, total=of
            ),
        )
    if as_json:
        emit_json([asdict(one) for one in times])
        return
    table = Table(f"{editions} editions, a worker writes", "n", "median, ms", "95 %, ms")
    for one in times:
        table.add_row(one.what, str(one.n), f"{one.median:.0f}", f"{one.p95:.0f}")
    out.print(table)


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
    from models.recipe import Recipe
    from pipelines.statistics.simulate import scenarios, simulate

    every = scenarios(Recipe.load().aggregate.calibration_of(measure))
    chosen = [scenario for scenario in every if only in scenario.name]
    with progress("worlds") as bar:
        task = bar.add_task("", total=len(chosen))
        outcomes = list(
            simulate(
                chosen, trials, progress=lambda name: bar.update(task, description=name, advance=1)
            )
        )
    if as_json:
        emit_json([asdict(one) for one in outcomes])
        return
    headings = ("held", "width", "oracle", "bias", "refused", "away from 0")
    table = Table(f"{measure}, {trials} newspapers each", *headings)
    for one in outcomes:
        table.add_row(
            one.name,
            *("–" if x is None else f"{x:.1%}" for x in (one.covered,)),
            *("–" if x is None else f"{x:.3f}" for x in (one.width, one.oracle, one.bias)),
            *("–" if x is None else f"{x:.1%}" for x in (one.refused, one.away)),
        )
    out.print(table)
