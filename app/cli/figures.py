"""``presslens figures``: enrol the public figures to be recognised."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from app import clock
from app.cli.console import emit_json, out
from app.installation import open_installation
from app.services.figures import add_figure, add_references, list_figures
from app.services.ingest import Incoming
from app.settings import Settings
from models.faces.gallery import LEADER
from pipelines.scan import expand

cli = typer.Typer(no_args_is_help=True)


@cli.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The figure's name.")],
    references: Annotated[
        list[Path], typer.Argument(exists=True, help="Reference photos, or a folder of them.")
    ],
    role: Annotated[str, typer.Option(help="What the figure is to the paper.")] = LEADER,
) -> None:
    """Enrol a public figure from reference photos; the worker embeds them."""
    with open_installation(Settings()) as home, ExitStack() as stack:
        figure_id = add_figure(home, name, role=role, now=clock.now())
        photos = (Incoming(p.name, stack.enter_context(p.open("rb"))) for p in expand(references))
        add_references(home, figure_id, photos, now=clock.now())
    out.print(f"{name} is figure {figure_id}; the photos are interpreted again by the worker")


@cli.command("list")
def list_all(
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """List the enrolled figures and which of their reference photos can be used."""
    with open_installation(Settings()) as home:
        figures = list_figures(home)
    if as_json:
        emit_json([asdict(figure) for figure in figures])
        return
    table = Table("figure", "role", "reference", "state", "reason")
    for figure in figures:
        for reference in figure.references:
            state = reference.status.value if reference.status else "queued"
            table.add_row(figure.name, figure.role, reference.name, state, reference.reason or "")
    out.print(table)
