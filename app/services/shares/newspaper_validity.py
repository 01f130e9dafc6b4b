"""What of a newspaper the machine is worth anything for: the validity of all its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.publications import PublicationRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.app.services.figures.looked_for import looked_for_anywhere
from presslens.app.services.shares.validities import load_validities, measures_answered
from presslens.models.recipe import Recipe
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.measure import BUILT_IN
from presslens.pipelines.statistics.validity import Validity, measured_validity

COLUMNS = (
    "publication", "measure", "state", "offered", "answers", "drawn", "wanted", "agreement", "low",
    "high", "reason", "recipe",
)  # fmt: skip
"""The columns of the validity of a newspaper as a table."""

COUNTS = ("photos",)
"""The counts whose validity is listed: the others follow from it."""


@dataclass(frozen=True, slots=True)
class NewspaperValidity(Served):
    """Whether the machine's readings are worth anything in a newspaper, by number."""

    SERVED: ClassVar[str] = "recipe=recipe_id publication measures"

    recipe_id: str  # the recipe of the readings
    publication: str  # name of the newspaper
    measures: Sequence[Validity]  # those that its photos were looked at for, counts first
    no_leader: str | None = None  # why the leader and the focus are not among them

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a flat row for each number, for tables."""
        return self.flat_rows("measures", "publication", "recipe")


def newspaper_validity(home: Installation, publication_id: int) -> NewspaperValidity:
    """Return whether the machine's readings are worth anything in a newspaper.

    Raises:
        NotFound: There is no newspaper with this id.
    """
    with home.database.read() as session:
        return load_newspaper_validity(session, home.recipe, publication_id)


def load_newspaper_validity(
    session: Session, recipe: Recipe, publication_id: int
) -> NewspaperValidity:
    """Return the same under a recipe; see ``newspaper_validity``."""
    name = session.scalar(select(PublicationRow.name).filter_by(id=publication_id))
    if name is None:
        raise NotFound.saying("there is no such newspaper")
    looked_for = looked_for_anywhere(session, recipe, publication_id)
    every = dict.fromkeys((*BUILT_IN, *measures_answered(session)))
    measures = tuple(one for one in every if looked_for.why_not(one) is None)
    found = load_validities(session, name, recipe, measures)
    counts = [one for metric in COUNTS if (one := measured_validity(metric)) is not None]
    measured = [*counts, *found.values()]
    return NewspaperValidity(recipe.id, name, measured, looked_for.why_not("leader"))
