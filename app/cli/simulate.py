"""``presslens stats simulate``: how often intervals hold the truth of simulated newspapers."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from app.cli.console import emit_json, out
from app.cli.options import JsonOption
from pipelines.statistics.simulated_cases import cases
from pipelines.statistics.simulation import CaseResult
from pipelines.statistics.simulation import simulate as simulate_cases


def simulate(
    count: Annotated[int, typer.Option(min=1, help="Newspapers of each kind.")] = 500,
    world: Annotated[str | None, typer.Option(help="Only kinds whose name has this in it.")] = None,
    seed: Annotated[int, typer.Option(help="Of chance.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Count how often 95 % intervals hold the truth of simulated newspapers."""
    chosen = [case for case in cases() if world is None or world in case.world]
    if not chosen:
        names = ", ".join(dict.fromkeys(case.world for case in cases()))
        raise typer.BadParameter(f"no kind of newspaper has {world!r} in its name: {names}")
    results = list(simulate_cases(chosen, count, seed=seed))
    if as_json:
        emit_json({"count": count, "seed": seed, "cases": [one.to_json() for one in results]})
    else:
        out.print(_table(results, count))


def _table(results: list[CaseResult], count: int) -> Table:
    table = Table(
        title=f"Nominal 95 % intervals on {count} newspapers of each kind", title_justify="left"
    )
    for heading in ("newspaper", "about", "held", "refused", "width", "beside", "bias", "found"):
        left = heading in ("newspaper", "about")
        table.add_column(heading, justify="left" if left else "right")
    for one in results:
        table.add_row(
            one.case.world,
            one.case.question,
            _percent(one.held),
            _percent(one.refused),
            _number(one.width),
            _number(one.beside),
            _number(one.bias, sign="+"),
            _percent(one.found),
        )
    return table


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _number(number: float | None, *, sign: str = "") -> str:
    return "–" if number is None else f"{number:{sign}.3f}"
