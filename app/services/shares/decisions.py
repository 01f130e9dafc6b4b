"""From where on the photos of newspapers are decided, by each one's own calibration.

It is of the revision of the archive: of all scores of the newspaper, and of all answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.archive_view import archive_view
from presslens.app.db.queries import join_editions
from presslens.app.db.tables import OutcomeRow, PageRow, PhotoRow, PublicationRow
from presslens.app.services.recipes.recipes import Provenance
from presslens.app.services.shares.consensus_photos import consensus_by_measure
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


class DecidedPhotos:
    """Which photos of an archive are taken to show measures: by people, or else the machine."""

    def __init__(self, session: Session, recipe: Provenance) -> None:
        self._session, self._recipe = session, recipe
        connection = session.connection()
        self._consensus = consensus_by_measure(session)
        names = connection.execute(select(PublicationRow.id, PublicationRow.name)).all()
        self._names: dict[int, str] = {row.id: row.name for row in names}
        printed: Any = select(PhotoRow.id, PublicationRow.id).select_from(PhotoRow)
        query = join_editions(printed).where(OutcomeRow.observation_id == recipe.observation_id)
        rows = connection.execute(query.order_by(PhotoRow.id, PageRow.id)).all()
        every = np.array(rows, np.int64).reshape(-1, 2)
        # Of two newspapers that print one scan, the first upload's decides.
        self._photos, first = np.unique(every[:, 0], return_index=True)
        self._papers = every[first, 1]

    def decided(
        self,
        measures: Sequence[str],
        photos: Sequence[int],
        probabilities: Sequence[float | None],
    ) -> list[bool]:
        """Return whether each of n photos is taken to show a measure.

        Args:
            measures: The measure of each: a subject, or ``label:NAME``.
            photos: Its id.
            probabilities: Its probability by the machine, 0–1; None: it was not read.
        """
        names, ids = np.array(measures, dtype=str), np.array(photos, np.int64)
        p = np.array(probabilities, float)
        shown = np.zeros(len(ids), bool)
        for measure in dict.fromkeys(measures):
            own = names == measure
            shown[own] = p[own] >= self._lowest(measure, ids[own])
            if measure in self._consensus:
                yes, no = self._consensus[measure]
                shown[own] = (shown[own] & ~np.isin(ids[own], no)) | np.isin(ids[own], yes)
        answer: list[bool] = shown.tolist()
        return answer

    def _lowest(self, measure: str, photos: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the lowest probability by the machine of a photo that is decided, of each."""
        lowest = np.full(len(photos), self._recipe.aggregate.decision)
        if not len(self._photos):
            return lowest
        place = np.minimum(np.searchsorted(self._photos, photos), len(self._photos) - 1)
        paper = np.where(self._photos[place] == photos, self._papers[place], -1)
        for id_ in np.unique(paper[paper >= 0]).tolist():
            name = self._names[id_]
            made = load_decisions(self._session, name, self._recipe, (measure,))
            lowest[paper == id_] = made.point(measure)
        return lowest
