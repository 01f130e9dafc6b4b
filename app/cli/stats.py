"""``presslens stats``: a metric over many editions, in the terminal."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from app.cli.console import emit_json, out, progress
from app.errors import InvalidRequest
from app.installation import open_installation
from app.services.group import Group, GroupBy, Statistic
from app.services.selection import Wanted
from app.services.stats import statistic
from app.settings import Settings
from pipelines.statistics.facts import Metric
from pipelines.statistics.measure import Estimand

DAY = ["%Y-%m-%d"]
RecipeOption = Annotated[str | None, typer.Option(help="Id of a recipe, or how it begins.")]
cli = typer.Typer(no_args_is_help=True)


@cli.command("show")
def show(
    metric: Annotated[
        str, typer.Argument(help="children, photos, leader@front, crowd/area, label:indoor, …")
    ],
    by: Annotated[GroupBy, typer.Option(help="What editions are put together by.")] = GroupBy.NONE,
    publication: Annotated[str | None, typer.Option(help="The newspaper.")] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=DAY, help="First day.")
    ] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=DAY, help="Last day.")] = None,
    estimand: Annotated[
        Estimand, typer.Option(help="Which share of several editions is meant.")
    ] = Estimand.SHARE_OF_PHOTOS,
    recipe: RecipeOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Show a metric of the editions that are analysed, with intervals."""
    wanted = Wanted(publication, first.date() if first else None, last.date() if last else None)
    with open_installation(Settings()) as home:
        found = statistic(
            home, parsed_metric(metric), wanted, by=by, estimand=estimand, recipe=recipe
        )
    if as_json:
        emit_json(found.to_json())
    else:
        out.print(_table(found))


def parsed_metric(text: str) -> Metric:
    """Return the metric that somebody has typed.

    Raises:
        InvalidRequest: There is none.
    """
    try:
        return Metric.parse(text)
    except ValueError as error:
        raise InvalidRequest(str(error)) from error


def _table(found: Statistic) -> Table:
    kind = found.estimand.value.replace("_", " ") if found.metric.is_share else "mean an edition"
    left_out = f"; {len(found.left_out)} editions left out" if found.left_out else ""
    methods = dict.fromkeys(group.estimate.method for group in found.groups)
    table = Table(
        title=f"{found.metric}: {kind}",
        caption=(
            f"pages analysed: {found.pages_seen} of {found.pages_expected}{left_out}\n"
            f"{'; '.join(methods)}\nrecipe {found.recipe_id[:16]}"
        ),
    )
    table.add_column("" if found.by is GroupBy.NONE else found.by.value)
    for name in ("value", "interval", "machine", "n", "editions"):
        table.add_column(name, justify="right")
    for group in found.groups:
        table.add_row(*_cells(group, share=found.metric.is_share))
    return table


def _cells(group: Group, *, share: bool) -> list[str]:
    def shown(value: float | None) -> str:
        if value is None:
            return "–"
        return f"{value:.1%}" if share else f"{value:.2f}".removesuffix(".00")

    interval = group.estimate.interval
    edition = group.editions[0] if len(group.editions) == 1 else None
    return [
        f"{edition.date} {edition.publication}" if edition else group.key,
        shown(group.estimate.value),
        f"{shown(interval[0])} – {shown(interval[1])}" if interval else "–",
        shown(group.machine),
        str(group.estimate.n or len(group.editions)),
        str(len(group.editions)),
    ]


@cli.command("bench")
def bench(
    editions: Annotated[int, typer.Option(min=10, help="How many generated editions.")] = 2000,
    rounds: Annotated[int, typer.Option(min=2, help="How often each query is asked.")] = 40,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Time statistics on generated rows while a worker writes, beside Datasette."""
    from app.bench.stats import bench_stats

    with progress("statistics") as bar:
        task = bar.add_task("filling", total=editions)
        times = bench_stats(
            editions,
            rounds,
            told=lambda what, done, of: bar.update(
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
