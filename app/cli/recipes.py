"""``presslens recipes``: what numbers are made by, and what another recipe would make of them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from app.cli.console import emit_json, err, out, progress
from app.db.queries import EditionScope
from app.installation import open_installation
from app.services.recipes.recipes import (
    StoredRecipe,
    changed_weights,
    find_recipe,
    list_recipes,
    recipe_toml,
)
from app.settings import Settings

cli = typer.Typer(no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON.")]
SHORT = 12
"""Digits of an id that are shown in tables."""


@cli.command("list")
def list_all(as_json: JsonOption = False) -> None:
    """List the recipes that photos were interpreted under."""
    with open_installation(Settings()) as home:
        recipes = list_recipes(home)
    if as_json:
        emit_json({"recipes": [recipe.to_json() for recipe in recipes]})
        return
    table = Table("recipe", "name", "photos", "editions", "today's")
    for recipe in recipes:
        counts = str(recipe.photos), str(recipe.editions)
        current = "yes" if recipe.current else ""
        table.add_row(recipe.id[:SHORT], escape(recipe.name), *counts, current)
    out.print(table)


@cli.command("show")
def show(
    recipe_id: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="A recipe in the database; today's if none."),
    ] = None,
    path: Annotated[
        Path | None,
        typer.Option("--out", help="Write it as a file to work under: TOML, or JSON if .json."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show a recipe with its hashes, or write it to a file so that a number can be made again."""
    if recipe_id is None and path is None:
        recipe = Settings().load_recipe()
        _show(recipe.name, recipe.id, recipe.observation_id, recipe.canonical(), as_json=as_json)
        return
    with open_installation(Settings()) as home:
        stored = find_recipe(home, recipe_id or home.recipe.id)
    if path is not None:
        _write(stored, path, as_json=as_json)
        return
    _show(stored.name, stored.id, stored.observation_id, json.dumps(stored.rules), as_json=as_json)


@cli.command("compare")
def compare(
    old: Annotated[str, typer.Argument(help="Id of a recipe, or its first digits, 6 or more.")],
    new: Annotated[str, typer.Argument(help="Id of another one.")],
    measure: Annotated[
        list[str] | None, typer.Option(help="crowd, leader, figure:NAME, …; all if none.")
    ] = None,
    publication: Annotated[str | None, typer.Option(help="Name of the newspaper.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="Rows of each list.")] = 10,
    as_json: JsonOption = False,
) -> None:
    """Compare the interpretations of the same photos under two recipes."""
    # They bring scipy along: imported only where it is needed.
    from app.cli.rescoring import comparison_tables
    from app.services.recipes.comparison import compare_recipes

    scope, measures = EditionScope(publication), frozenset(measure or ())
    with open_installation(Settings()) as home:
        recipes = find_recipe(home, old), find_recipe(home, new)
        found = compare_recipes(home, *recipes, scope, measures, most=limit)
    if as_json:
        emit_json(found.to_json())
        return
    for part in comparison_tables(found):
        out.print(part)


@cli.command("rescore")
def rescore_all(
    recipe: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="TOML file of the other recipe.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Interpret all that was seen under another recipe; today's numbers stay as they are."""
    # It brings the models along: imported only where it is needed.
    from app.services.analysis.reinterpret import rescore
    from app.worker import local_interpreter

    settings = Settings().model_copy(update={"recipe": recipe})
    with open_installation(settings) as home, progress("interpreting") as bar:
        task = bar.add_task("pages", total=None)
        made = rescore(
            home,
            local_interpreter(home),
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        emit_json(asdict(made))
        return
    out.print(f"{made.pages} pages are interpreted under recipe {made.recipe[:SHORT]}")
    if made.waiting:
        err.print(f"{made.waiting} pages were not looked at yet: `presslens worker` does")


def _show(name: str, recipe_id: str, observation_id: str, rules: str, *, as_json: bool) -> None:
    document: dict[str, Any] = {
        "id": recipe_id,
        "observation_id": observation_id,
        "recipe": json.loads(rules),
    }
    if as_json:
        emit_json(document)
        return
    out.print(f"{escape(name)}\n  recipe      {recipe_id}\n  observation {observation_id}")
    out.print_json(rules)


def _write(recipe: StoredRecipe, path: Path, *, as_json: bool) -> None:
    """Write a recipe to a file, and say which of its weights are no more what they were."""
    document = {"id": recipe.id, "observation_id": recipe.observation_id, "recipe": recipe.rules}
    text = recipe_toml(recipe)
    if path.suffix == ".json":
        text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    path.write_text(text, encoding="utf-8")
    changed = changed_weights(recipe)
    if as_json:
        emit_json({"id": recipe.id, "file": str(path), "changed_weights": changed})
        return
    out.print(f"recipe {recipe.id[:SHORT]} is in {escape(str(path))}")
    if changed:
        err.print(
            f"its numbers can't be made again here: {', '.join(changed)} had other weights then"
        )
