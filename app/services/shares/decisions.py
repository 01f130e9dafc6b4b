"""From where on the photos of newspapers are decided, by each one's own calibration.

It is of the revision of the archive: of all scores of the newspaper, and of all answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from presslens.app.db.archive_view import archive_view
from presslens.app.services.recipes.recipes import Provenance
from presslens.app.services.shares.share_loading import load_shares, newspaper_editions
from presslens.models.vocabulary import PhotoInterpretation
from presslens.pipelines.statistics.decision import Decisions, by_calibration
from presslens.pipelines.statistics.measure import LABEL, SUBJECTS
from presslens.pipelines.statistics.metrics import Metric


def load_decisions(
    session: Session, publication: str, recipe: Provenance, measures: Sequence[str] = SUBJECTS
) -> Decisions:
    """Return from where on photos of a newspaper are decided to show some measures.

    Args:
        publication: The newspaper's name, which is no alias.
        recipe: The recipe of the summaries.
        measures: The measures; of those that a calibration does not decide there is no point.
    """
    names = tuple(name for name in measures if by_calibration(name))

    def load() -> Decisions:
        editions = newspaper_editions(session, publication, recipe)
        shares = load_shares(session, [Metric(name) for name in names], editions, recipe)
        points = {
            one.metric.name: one.points[publication] for one in shares if publication in one.points
        }
        return Decisions(recipe.aggregate.decision, points)

    return archive_view(session).once(("decisions", recipe.id, publication, names), load)


def photo_decisions(
    session: Session,
    publication: str,
    recipe: Provenance,
    photos: Iterable[PhotoInterpretation | None],
) -> Decisions:
    """Return the decisions of a newspaper about subjects, and about the labels of some photos."""
    labels = {f"{LABEL}{one.name}" for photo in photos if photo for one in photo.labels}
    return load_decisions(session, publication, recipe, (*SUBJECTS, *sorted(labels)))
