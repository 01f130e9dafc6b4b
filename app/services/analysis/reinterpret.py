"""Interprets all that is there under another recipe, beside what is there under today's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select

from app.db.tables import OutcomeRow
from app.errors import Conflict, InvalidRequest
from app.installation import Installation, register_recipe
from app.services.analysis.interpret import Interprets, count_stale, interpret_stale
from app.services.analysis.workload import workload

Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Rescored:
    """What came of it.

    Attributes:
        recipe: Id of the recipe.
        pages: Pages that were interpreted now.
        waiting: Pages that were not looked at yet; the worker does.
    """

    recipe: str
    pages: int
    waiting: int


def rescore(home: Installation, interpreter: Interprets, *, told: Told) -> Rescored:
    """Interpret what was seen under the recipe of an installation, and touch no other recipe's.

    It can be broken off at any time and goes on where it was.

    Args:
        home: The installation, opened under the other recipe.
        interpreter: What decides under it.
        told: Is told how many pages of how many are done.

    Raises:
        InvalidRequest: The recipe looks at pages otherwise, so that there is nothing to interpret.
        Conflict: Reference photos or labels wait for the worker, under today's recipe too.
    """
    _check_seen(home)
    register_recipe(home)
    done, left = 0, count_stale(home)
    total = left
    told(0, total)
    while pages := interpret_stale(home, interpreter):
        done += pages
        total = max(total, done)
        told(done, total)
    if left and count_stale(home):
        raise Conflict(
            "reference photos of figures or examples of labels wait to be looked at: "
            "run `presslens worker` with this recipe first"
        )
    return Rescored(home.recipe.id, done, workload(home).pages)


def _check_seen(home: Installation) -> None:
    observation_id = home.recipe.observation_id
    with home.database.read() as session:
        seen = session.scalar(
            select(func.count()).select_from(OutcomeRow).filter_by(observation_id=observation_id)
        )
    if not seen:
        raise InvalidRequest(
            "nothing was looked at as this recipe asks, so pages have to be looked at again: "
            "run `presslens worker` with PRESSLENS_RECIPE set to its file"
        )
