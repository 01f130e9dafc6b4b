"""``presslens recipes``: shows, writes and compares recipes, and interprets under another one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from presslens.app.cli.console import emit_json, out, say, tell
from presslens.app.cli.options import JsonOption
from presslens.app.cli.progress import WorkDone, progress
from presslens.app.cli.tables import ReadableTable, print_table
from presslens.app.db.queries import EditionScope
from presslens.app.installation import open_installation
from presslens.app.platform.settings import Settings
from presslens.app.services.recipes.comparison import SideBySide, compare_recipes
from presslens.app.services.recipes.pairing import Coverage
from presslens.app.services.recipes.recipes import (
    StoredRecipe,
    changed_weights,
    find_recipe,
    list_recipes,
    recipe_toml,
)
from presslens.models.recipe import Recipe
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.recipe_comparison import (
    VERDICTS,
    EditionMove,
    MeasureChange,
    Move,
    PrintedPage,
)

cli = typer.Typer(no_args_is_help=True)

SHORT = 12
"""Digits of an id that are shown in tables."""


@cli.command("list")
def list_all(as_json: JsonOption = False) -> None:
    """List the recipes that photos were interpreted under."""
    with open_installation(Settings()) as home, progress("counting photos"):
        recipes = list_recipes(home)
    if as_json:
        emit_json({"recipes": [recipe.to_json() for recipe in recipes]})
        return
    table = ReadableTable.of(
        "recipe", "name", "photos", "editions", "today's", whole=("recipe", "name")
    )
    for recipe in recipes:
        counts = str(recipe.photos), str(recipe.editions)
        current = "yes" if recipe.current else ""
        table.add_row(recipe.id[:SHORT], escape(recipe.name), *counts, current)
    print_table(table)


@cli.command("show")
def show(
    recipe_id: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]", help="A recipe in the database; by default the current one."
        ),
    ] = None,
    path: Annotated[
        Path | None,
        typer.Option("--out", help="Write it as a file to work under: TOML, or JSON if .json."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show a recipe with its hashes, or write it to a file so that a number can be made again."""
    if recipe_id is None:
        recipe = _current(Settings().load_recipe())
    else:
        with open_installation(Settings()) as home:
            recipe = find_recipe(home, recipe_id)
    if path is None:
        _show(recipe, as_json=as_json)
    else:
        _write(recipe, path, as_json=as_json)


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
    scope, measures = EditionScope(publication), frozenset(measure or ())
    with open_installation(Settings()) as home, progress("comparing"):
        recipes = find_recipe(home, old), find_recipe(home, new)
        result = compare_recipes(home, *recipes, scope, measures, most=limit)
    if as_json:
        emit_json(result.to_json())
        return
    for part in comparison_tables(result):
        out.print(part, soft_wrap=True) if isinstance(part, str) else print_table(part)


@cli.command("rescore")
def rescore_all(
    recipe: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="TOML file of the other recipe.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Interpret all analysed photos under another recipe; today's numbers stay as they are."""
    # It brings the models along: imported only where it is needed.
    from presslens.app.services.analysis.reinterpret import rescore
    from presslens.app.worker import local_interpreter

    settings = Settings().model_copy(update={"recipe": recipe})
    with open_installation(settings) as home, progress("interpreting", kept=_kept) as work:
        made = rescore(home, local_interpreter(home), progress=work.update)
    if as_json:
        emit_json(asdict(made))
        return
    verb = "is" if made.pages == 1 else "are"
    say(f"{counted(made.pages, 'page')} {verb} interpreted under recipe {made.recipe[:SHORT]}")
    if made.waiting:
        tell(f"{counted(made.waiting, 'page')} not looked at yet: `presslens worker` looks at them")


def _kept(work: WorkDone) -> str:
    return f"{work.count} pages are interpreted and stay so; the next call goes on with the others"


def _current(recipe: Recipe) -> StoredRecipe:
    """Return the recipe of the settings, which need not be stored yet, as a stored one."""
    rules = json.loads(recipe.canonical())
    return StoredRecipe(recipe.id, recipe.name, recipe.observation_id, True, rules, 0, 0)


def _show(recipe: StoredRecipe, *, as_json: bool) -> None:
    if as_json:
        emit_json(_document(recipe))
        return
    out.print(
        f"{escape(recipe.name)}\n  recipe      {recipe.id}\n  observation {recipe.observation_id}"
    )
    out.print_json(json.dumps(recipe.rules))


def _document(recipe: StoredRecipe) -> dict[str, Any]:
    return {"id": recipe.id, "observation_id": recipe.observation_id, "recipe": recipe.rules}


def _write(recipe: StoredRecipe, path: Path, *, as_json: bool) -> None:
    """Write a recipe to a file, and say which of its weights are no more what they were."""
    text = recipe_toml(recipe)
    if path.suffix == ".json":
        text = json.dumps(_document(recipe), ensure_ascii=False, indent=2) + "\n"
    path.write_text(text, encoding="utf-8")
    changed = changed_weights(recipe)
    if as_json:
        emit_json({"id": recipe.id, "file": str(path), "changed_weights": changed})
        return
    say(f"recipe {recipe.id[:SHORT]} is in {path}")
    if changed:
        tell(f"its numbers can't be made again here: {', '.join(changed)} had other weights then")


def comparison_tables(result: SideBySide) -> Iterator[ReadableTable | str]:
    """Yield what differs between two recipes, and what that was seen on."""
    compared = result.comparison
    photos = counted(compared.photos, "photo")
    yield f"old {result.old.id[:12]}, new {result.new.id[:12]}: {photos} compared"
    yield from _left_out(result.coverage)
    if not compared.photos:
        return
    yield _measures(compared.measures)
    yield _focus(result)
    if compared.movers:
        yield _moves("photos that moved most", compared.movers)
    if compared.flips:
        yield _moves("photos that flipped", compared.flips)
    if compared.editions:
        yield _editions(compared.editions)
    if result.coverage.unmatched:
        yield _unmatched(result.coverage)


def _left_out(coverage: Coverage) -> Iterator[str]:
    for side, pages, photos, waiting in (
        ("old", coverage.pages_only_old, coverage.only_old, coverage.waiting_old),
        ("new", coverage.pages_only_new, coverage.only_new, coverage.waiting_new),
    ):
        if pages or photos:
            yield (
                f"only the {side} recipe has seen {counted(pages, 'page')}, and found"
                f" {counted(photos, 'photo')}"
            )
        if waiting:
            yield f"{counted(waiting, 'photo')} not interpreted under the {side} recipe"
    if coverage.other_figures:
        yield (
            f"careful: for {counted(coverage.other_figures, 'photo')} other figures or references"
            " were enrolled; leader, figures and focus may differ for that alone"
        )


def _measures(measures: Sequence[MeasureChange]) -> ReadableTable:
    table = ReadableTable.of(
        "measure", "photos", "old", "new", "change", "only old", "only new", "p (Holm)", "kappa",
        whole=("measure",),
    )  # fmt: skip
    for m in measures:
        flipped = str(m.only_old), str(m.only_new)
        shares = f"{m.old:.1%}", f"{m.new:.1%}", f"{100 * (m.new - m.old):+.1f} pp"
        kappa = "–"
        if m.kappa is not None:
            low, high = m.kappa.interval
            kappa = escape(f"{m.kappa.value:.2f} [{low:.2f} to {high:.2f}]")
        table.add_row(escape(m.measure), str(m.n), *shares, *flipped, f"{m.p_holm:.3g}", kappa)
    return table


def _focus(result: SideBySide) -> ReadableTable:
    names = [verdict.value for verdict in VERDICTS]
    table = ReadableTable.of("focus: old, down; new, across", *names)
    for name, row in zip(names, result.comparison.focus.tolist(), strict=True):
        table.add_row(name, *map(str, row))
    return table


def _moves(title: str, moves: Sequence[Move]) -> ReadableTable:
    heads = ("edition", "page", "photo", "measure", "old", "new", "flipped")
    table = ReadableTable.of(*heads, whole=("photo", "measure"), title=title)
    for m in moves:
        values = f"{m.old:.2f}", f"{m.new:.2f}", "yes" if m.flipped else ""
        table.add_row(*_place(m.printed), str(m.new_photo), escape(m.measure), *values)
    return table


def _editions(editions: Sequence[EditionMove]) -> ReadableTable:
    table = ReadableTable.of(
        "edition", "measure", "photos", "old", "new",
        whole=("measure",), title="editions whose shares moved most",
    )  # fmt: skip
    for e in editions:
        edition = f"{escape(e.publication)} {e.date}"
        table.add_row(edition, escape(e.measure), str(e.n), f"{e.old:.1%}", f"{e.new:.1%}")
    return table


def _unmatched(coverage: Coverage) -> ReadableTable:
    table = ReadableTable.of(
        "edition", "page", "photo", "found by",
        whole=("photo",), title="photos that only one has found",
    )  # fmt: skip
    for photo in coverage.unmatched:
        side = "old" if photo.old else "new"
        table.add_row(*_place(photo.printed), str(photo.photo), side)
    return table


def _place(printed: PrintedPage) -> tuple[str, str]:
    return f"{escape(printed.publication)} {printed.date}", str(printed.number)
