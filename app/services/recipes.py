"""The recipes that this installation has worked under."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import ValidationError
from sqlalchemy import select

from app.db.tables import Recipe
from app.errors import InvalidRequest, NotFound
from app.installation import Installation
from models.recipe import Aggregate

SHORTEST = 6
"""So many hex digits of an id may stand for it, if no other id begins with them."""


class MadeBy(Protocol):
    """What statistics need of the recipe that their rows were made by: any recipe has it."""

    @property
    def id(self) -> str:
        """Hash of the whole recipe."""
        ...

    @property
    def observation_id(self) -> str:
        """Hash of what looks at pixels."""
        ...

    @property
    def aggregate(self) -> Aggregate:
        """What makes statistics."""
        ...


@dataclass(frozen=True, slots=True)
class PastRecipe:
    """A recipe out of the database, as far as statistics need it: see ``MadeBy``."""

    id: str
    observation_id: str
    aggregate: Aggregate


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


def find_recipe(home: Installation, beginning: str) -> MadeBy:
    """Return a recipe that this installation has worked under.

    Args:
        home: The installation.
        beginning: Its id, or at least ``SHORTEST`` hex digits that begin no other one.

    Raises:
        InvalidRequest: That is too short, or several recipes begin so, or its rules can't be read.
        NotFound: None begins so.
    """
    if len(beginning) < SHORTEST:
        raise InvalidRequest(f"a recipe is named by {SHORTEST} digits of its id or more")
    with home.database.read() as session:
        query = select(Recipe).where(Recipe.id.startswith(beginning, autoescape=True)).limit(2)
        rows = session.scalars(query).all()
    if len(rows) > 1:
        raise InvalidRequest(f"several recipes begin with {beginning!r}: give more of its id")
    if not rows:
        raise NotFound(f"no recipe begins with {beginning[:64]!r}")
    row = rows[0]
    try:
        aggregate = Aggregate.model_validate(json.loads(row.canonical)["aggregate"])
    except ValidationError as error:
        raise InvalidRequest(f"the rules of recipe {row.id[:16]} can't be read any more") from error
    return PastRecipe(row.id, row.observation_id, aggregate)
