"""The recipes of an installation, and the provenance of rows that were made under one of them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import ValidationError
from sqlalchemy import distinct, func, select
from sqlalchemy.orm import Session

from presslens.app.db.statistics import EditionSummaryRow
from presslens.app.db.tables import InterpretationRow, OutcomeRow, PageRow, PhotoRow, RecipeRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.models.recipe import Aggregate
from presslens.models.registry import Manifest
from presslens.models.toml_lines import toml_lines
from presslens.pipelines.result import Served

SHORTEST = 6
"""Digits of an abbreviated id at least."""

_ID = re.compile(rf"[0-9a-f]{{{SHORTEST},64}}")


@dataclass(frozen=True, slots=True)
class StoredRecipe(Served):
    """A recipe of the database, all its rules, and the numbers of photos interpreted under it."""

    id: str  # hash of the recipe, 64 hex digits
    name: str  # name of the recipe; several recipes may have the same
    observation_id: str  # hash of the rules of observation
    current: bool  # whether the installation works under this recipe now
    photos: int  # number of photos interpreted under the recipe
    editions: int  # number of editions with such a photo
    rules: dict[str, Any]  # all rules, with the hashes of the weights

    @property
    def decision(self) -> float:
        """Lowest probability that decides, 0–1."""
        return float(self.rules["aggregate"]["decision"])


class Provenance(Protocol):
    """The recipe of a statistic's rows, as far as statistics need it; any recipe has it."""

    @property
    def id(self) -> str:
        """Hash of the whole recipe."""
        ...

    @property
    def observation_id(self) -> str:
        """Hash of the rules of observation."""
        ...

    @property
    def aggregate(self) -> Aggregate:
        """Rules of aggregation."""
        ...


@dataclass(frozen=True, slots=True)
class PastRecipe:
    """The provenance of rows that were made under an earlier recipe."""

    id: str
    observation_id: str
    aggregate: Aggregate


def list_recipes(home: Installation) -> list[StoredRecipe]:
    """Return all recipes by name, then by id."""

    def read() -> dict[str, tuple[int, int]]:
        with home.database.read() as session:
            return _counts(session)

    counts = home.database.views.in_request("recipes", read, alone=True)
    with home.database.read() as session:
        rows = session.scalars(select(RecipeRow).order_by(RecipeRow.name, RecipeRow.id))
        return [_stored(row, home, *counts.get(row.id, (0, 0))) for row in rows]


def summarised_recipes(home: Installation) -> list[tuple[str, str]]:
    """Return id and name of the recipes that statistics can be asked for under, by name."""
    has_summaries = (
        select(EditionSummaryRow.edition_id).where(EditionSummaryRow.recipe_id == RecipeRow.id)
    ).exists()
    query = select(RecipeRow.id, RecipeRow.name).where(has_summaries)
    with home.database.read() as session:
        rows = session.execute(query.order_by(RecipeRow.name, RecipeRow.id))
        return [(id_, name) for id_, name in rows]


def find_recipe(home: Installation, text: str) -> StoredRecipe:
    """Return the recipe with this id, or the only one whose id begins so.

    Raises:
        InvalidRequest: It is no id, is too short, or several ids begin so.
        NotFound: There is none.
    """
    with home.database.read() as session:
        row = recipe_row(session, text)
        return _stored(row, home, *_counts(session, row.id).get(row.id, (0, 0)))


def recipe_row(session: Session, text: str) -> RecipeRow:
    """Return the row of the recipe with this id, or of the only one whose id begins so.

    Raises:
        InvalidRequest: It is no id, is too short, or several ids begin so.
        NotFound: There is none.
    """
    if not _ID.fullmatch(text):
        raise InvalidRequest(f"a recipe's id is {SHORTEST} to 64 of the digits 0-9 and a-f")
    rows = list(session.scalars(select(RecipeRow).where(RecipeRow.id.startswith(text)).limit(2)))
    if not rows:
        raise NotFound(f"there is no recipe {text}")
    if len(rows) > 1:
        raise InvalidRequest(f"several recipes begin with {text}: give more of its digits")
    return rows[0]


def provenance(home: Installation, text: str | None) -> Provenance:
    """Return the provenance of rows: today's recipe, or an earlier one of this installation.

    Args:
        text: Id of the recipe, or its first digits; None: today's.

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


def recipe_toml(recipe: StoredRecipe) -> str:
    """Return a recipe as the text of a file that an installation can work under again.

    The file names the weights; their hashes, which come from the manifest, stand in comments.
    """
    rules = {name: value for name, value in recipe.rules.items() if name != "hashes"}
    hashes = [f"#   {name} {sha256}" for name, sha256 in sorted(recipe.rules["hashes"].items())]
    head = [f"# Recipe {recipe.id}, with these weights:", *hashes]
    return "\n".join([*head, *_section(rules, ()), ""])


def changed_weights(recipe: StoredRecipe, manifest: Manifest) -> list[str]:
    """Return the weights of a recipe that are other ones today, so that it can't be repeated."""
    today = {entry.name: entry.sha256 for entry in manifest.weight}
    return sorted(n for n, sha256 in recipe.rules["hashes"].items() if today.get(n) != sha256)


def _section(rules: dict[str, Any], path: tuple[str, ...]) -> list[str]:
    """Return the lines of a TOML table: what is plain first, as TOML asks."""
    plain = {name: value for name, value in rules.items() if not isinstance(value, dict)}
    head = ["", f"[{'.'.join(path)}]"] if path and plain else []
    tables = (
        _section(value, (*path, name)) for name, value in rules.items() if isinstance(value, dict)
    )
    return [*head, *toml_lines(plain), *(line for table in tables for line in table)]


def _stored(row: RecipeRow, home: Installation, photos: int, editions: int) -> StoredRecipe:
    return StoredRecipe.from_attributes(
        row,
        current=row.id == home.recipe.id,
        rules=json.loads(row.canonical),
        photos=photos,
        editions=editions,
    )


def _counts(session: Session, recipe_id: str | None = None) -> dict[str, tuple[int, int]]:
    """Return how many photos and editions are interpreted under each recipe, or under one."""
    query = (
        select(
            InterpretationRow.recipe_id,
            func.count(distinct(PhotoRow.id)),
            func.count(distinct(PageRow.edition_id)),
        )
        .join(PhotoRow, PhotoRow.id == InterpretationRow.photo_id)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
        .group_by(InterpretationRow.recipe_id)
    )
    if recipe_id is not None:
        query = query.where(InterpretationRow.recipe_id == recipe_id)
    return {name: (photos, editions) for name, photos, editions in session.execute(query)}
