"""``presslens recipes``: shows, writes and compares recipes, and interprets under another one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.json import JSON

from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import Aside
from presslens.app.cli.progress import WorkDone, progress
from presslens.app.cli.tables import ReadableTable
from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation, open_installation
from presslens.app.platform.settings import Settings
from presslens.app.services.recipes.recipes import (
    StoredRecipe,
    changed_weights,
    find_recipe,
    list_recipes,
    recipe_toml,
)
from presslens.app.services.statistics.recipe_comparison import (
    Coverage,
    SideBySide,
    compare_recipes,
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
from presslens.pipelines.written_numbers import in_tenths

cli = typer.Typer(no_args_is_help=True)

SHORT = 12
"""Digits of an id that are shown in tables."""


@command(cli, "list", doing="counting photos")
def list_all(home: Installation) -> Printed:
    """List the recipes that photos were interpreted under."""
    recipes = list_recipes(home)
    yield {"recipes": [recipe.to_json() for recipe in recipes]}
    heads = ("recipe", "name", "photos", "editions", "today's")
    rows = (
        (one.id[:SHORT], one.name, one.photos, one.editions, "yes" if one.current else "")
        for one in recipes
    )
    yield ReadableTable.of(*heads, whole=heads[:2], rows=rows)


@command(cli, "show")
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
) -> Printed:
    """Show a recipe with its hashes, or write it to a file so that a number can be made again."""
    if recipe_id is None:
        recipe = _current(Settings().load_recipe())
    else:
        with open_installation(Settings()) as home:
            recipe = find_recipe(home, recipe_id)
    document = {"id": recipe.id, "observation_id": recipe.observation_id, "recipe": recipe.rules}
    if path is not None:
        yield from _written(recipe, path, document)
        return
    yield document
    yield (f"{recipe.name}\n  recipe      {recipe.id}\n  observation {recipe.observation_id}")
    yield JSON(json.dumps(recipe.rules))


@command(cli, "compare", doing="comparing")
def compare(
    home: Installation,
    old: Annotated[str, typer.Argument(help="Id of a recipe, or its first digits, 6 or more.")],
    new: Annotated[str, typer.Argument(help="Id of another one.")],
    measure: Annotated[
        list[str] | None, typer.Option(help="crowd, leader, figure:NAME, …; all if none.")
    ] = None,
    publication: Annotated[str | None, typer.Option(help="Name of the newspaper.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="Rows of each list.")] = 10,
) -> Printed:
    """Compare the interpretations of the same photos under two recipes."""
    scope, measures = EditionScope(publication), frozenset(measure or ())
    recipes = find_recipe(home, old), find_recipe(home, new)
    result = compare_recipes(home, *recipes, scope, measures, most=limit)
    yield result
    yield from comparison_tables(result)


@command(cli, "rescore")
def rescore_all(
    recipe: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="TOML file of the other recipe.")
    ],
) -> Printed:
    """Interpret all analysed photos under another recipe; today's numbers stay as they are."""
    # It brings the models along: imported only where it is needed.
    from presslens.app.services.analysis.reinterpret import rescore
    from presslens.app.worker import local_interpreter

    settings = Settings().model_copy(update={"recipe": recipe})
    with open_installation(settings) as home, progress("interpreting", remains=_remains) as work:
        made = rescore(home, local_interpreter(home), progress=work.update)
    yield asdict(made)
    verb = "is" if made.pages == 1 else "are"
    yield f"{counted(made.pages, 'page')} {verb} interpreted under recipe {made.recipe[:SHORT]}"
    if made.waiting:
        yield Aside(
            f"{counted(made.waiting, 'page')} not looked at yet: `presslens worker` looks at them"
        )


def _remains(work: WorkDone) -> str:
    return f"{work.count} pages are interpreted and stay so; the next call goes on with the others"


def _current(recipe: Recipe) -> StoredRecipe:
    """Return the recipe of the settings, which need not be stored yet, as a stored one."""
    rules = json.loads(recipe.canonical())
    return StoredRecipe(recipe.id, recipe.name, recipe.observation_id, True, 0, 0, rules)


def _written(recipe: StoredRecipe, path: Path, document: dict[str, Any]) -> Printed:
    """Write a recipe to a file, and say which of its weights are no more what they were."""
    text = recipe_toml(recipe)
    if path.suffix == ".json":
        text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    path.write_text(text, encoding="utf-8")
    changed = changed_weights(recipe, Settings().load_registry().manifest)
    yield {"id": recipe.id, "file": str(path), "changed_weights": changed}
    yield f"recipe {recipe.id[:SHORT]} is in {path}"
    if changed:
        weights = ", ".join(changed)
        yield Aside(f"its numbers can't be made again here: {weights} had other weights then")


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
    rows = (
        (
            m.measure, m.n, in_tenths(m.old), in_tenths(m.new), f"{100 * (m.new - m.old):+.1f} pp",
            m.only_old, m.only_new, f"{m.p_holm:.3g}", _kappa(m),
        )
        for m in measures
    )  # fmt: skip
    return ReadableTable.of(
        "measure", "photos", "old", "new", "change", "only old", "only new", "p (Holm)", "kappa",
        whole=("measure",), rows=rows,
    )  # fmt: skip


def _kappa(change: MeasureChange) -> str:
    if change.kappa is None:
        return "–"
    low, high = change.kappa.interval
    return f"{change.kappa.value:.2f} [{low:.2f} to {high:.2f}]"


def _focus(result: SideBySide) -> ReadableTable:
    names = [verdict.value for verdict in VERDICTS]
    counts = zip(names, result.comparison.focus.tolist(), strict=True)
    rows = ((name, *row) for name, row in counts)
    return ReadableTable.of("focus: old, down; new, across", *names, rows=rows)


def _moves(title: str, moves: Sequence[Move]) -> ReadableTable:
    heads = ("edition", "page", "photo", "measure", "old", "new", "flipped")
    rows = (
        (
            *_place(m.printed), m.new_photo, m.measure,
            f"{m.old:.2f}", f"{m.new:.2f}", "yes" if m.flipped else "",
        )
        for m in moves
    )  # fmt: skip
    return ReadableTable.of(*heads, whole=("photo", "measure"), rows=rows, title=title)


def _editions(editions: Sequence[EditionMove]) -> ReadableTable:
    rows = (
        (f"{e.publication} {e.date}", e.measure, e.n, in_tenths(e.old), in_tenths(e.new))
        for e in editions
    )
    title = "editions whose shares moved most"
    heads = ("edition", "measure", "photos", "old", "new")
    return ReadableTable.of(*heads, whole=("measure",), rows=rows, title=title)


def _unmatched(coverage: Coverage) -> ReadableTable:
    rows = (
        (*_place(one.printed), one.photo, "old" if one.old else "new") for one in coverage.unmatched
    )
    title = "photos that only one has found"
    heads = ("edition", "page", "photo", "found by")
    return ReadableTable.of(*heads, whole=("photo",), rows=rows, title=title)


def _place(printed: PrintedPage) -> tuple[str, int]:
    return f"{printed.publication} {printed.date}", printed.number
