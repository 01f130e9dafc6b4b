"""The exported table of recipes."""

from __future__ import annotations

from sqlalchemy import select

from presslens.app.db.queries import EditionScope, RowQuery
from presslens.app.db.tables import RecipeRow
from presslens.app.services.exports.schema import Column, ColumnType, TableSpec, digest, string
from presslens.models.recipe import Recipe


def _recipes(_: EditionScope, recipe: Recipe) -> RowQuery:
    return select(
        RecipeRow.id, RecipeRow.observation_id, RecipeRow.name, RecipeRow.canonical
    ).where(RecipeRow.id == recipe.id)


RECIPES = TableSpec(
    "recipes",
    "The recipe that the rows were made by: all that can change a number.",
    ("recipe_id",),
    (
        digest("recipe_id", "hash of its rules"),
        digest("observation_id", "hash of the rules of observation"),
        string("name", "what it is called", free_text=True),
        Column("rules", ColumnType.OBJECT, "all of it as canonical JSON"),
    ),
    _recipes,
)
