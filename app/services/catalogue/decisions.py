"""Which photos newspapers' own calibrations decide, as galleries, pages and exports ask for it.

The statistics decide, from the scores and the answers of a whole newspaper. They are a room above
this one, and every room shows what is decided: it is found by its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pkgutil import resolve_name

from sqlalchemy.orm import Session

from presslens.models.recipe import Recipe
from presslens.models.vocabulary import PhotoInterpretation
from presslens.pipelines.statistics.decision import Decisions
from presslens.pipelines.statistics.measure import LABEL, SUBJECTS

_DECIDE = "presslens.app.services.statistics.decisions:load_decisions"


def decisions(
    session: Session, publication: str, recipe: Recipe, measures: Sequence[str] = SUBJECTS
) -> Decisions:
    """Return from where on photos of a newspaper are decided to show some measures.

    Args:
        publication: The newspaper's name, which is no alias.
        recipe: The recipe of its photos.
        measures: The measures; of those that a calibration does not decide there is no point.
    """
    found: Decisions = resolve_name(_DECIDE)(session, publication, recipe, measures)
    return found


def photo_decisions(
    session: Session,
    publication: str,
    recipe: Recipe,
    photos: Iterable[PhotoInterpretation | None],
) -> Decisions:
    """Return the decisions of a newspaper about subjects, and about the labels of some photos."""
    labels = {f"{LABEL}{one.name}" for photo in photos if photo for one in photo.labels}
    return decisions(session, publication, recipe, (*SUBJECTS, *sorted(labels)))
