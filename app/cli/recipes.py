"""``presslens recipes``: what numbers are made by."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from app.cli.console import emit_json, out
from app.settings import Settings

cli = typer.Typer(no_args_is_help=True)


@cli.command("show")
def show(
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Show the recipe that this installation works under, with its hashes."""
    recipe = Settings().load_recipe()
    document = {
        "id": recipe.id,
        "observation_id": recipe.observation_id,
        "recipe": json.loads(recipe.canonical()),
    }
    if as_json:
        emit_json(document)
    else:
        out.print(
            f"{recipe.name}\n  recipe      {recipe.id}\n  observation {recipe.observation_id}"
        )
        out.print_json(recipe.canonical())
