"""The recipes that this installation has worked under."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.db.tables import Recipe
from app.installation import Installation


@dataclass(frozen=True, slots=True)
class KnownRecipe:
    """A recipe, all its rules, and whether it is the one that is worked under now."""

    id: str
    name: str
    observation_id: str
    current: bool
    rules: dict[str, Any]


def list_recipes(home: Installation) -> list[KnownRecipe]:
    """Return all recipes by name, then by id."""
    with home.database.read() as session:
        return [
            KnownRecipe(
                row.id,
                row.name,
                row.observation_id,
                row.id == home.recipe.id,
                json.loads(row.canonical),
            )
            for row in session.scalars(select(Recipe).order_by(Recipe.name, Recipe.id))
        ]
