"""What statistics need of the recipe that their rows were made by, today's or an old one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Protocol

from pydantic import ValidationError

from app.errors import InvalidRequest
from app.installation import Installation
from app.services.recipes.recipes import recipe_row
from models.recipe import Aggregate


class MadeBy(Protocol):
    """What statistics need of a recipe; any recipe has it."""

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


def made_by(home: Installation, text: str | None) -> MadeBy:
    """Return a recipe that this installation has worked under.

    Args:
        home: The installation.
        text: Its id, or how it begins; None: today's.

    Raises:
        InvalidRequest: It is no id, several begin so, or its rules can't be read any more.
        NotFound: There is none.
    """
    if text is None:
        return home.recipe
    with home.database.read() as session:
        row = recipe_row(session, text)
    try:
        aggregate = Aggregate.model_validate(json.loads(row.canonical)["aggregate"])
    except ValidationError as error:
        raise InvalidRequest(f"the rules of recipe {row.id[:16]} can't be read any more") from error
    return PastRecipe(row.id, row.observation_id, aggregate)
