"""From where on the photos of newspapers are decided, by each one's own calibration.

It is of the revision of the archive: of all scores of the newspaper, and of all answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
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
from presslens.app.services.shares.validities import load_undecided
from presslens.models.recipe import Recipe
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
    recipe: Recipe,
    photos: Iterable[PhotoInterpretation | None],
) -> Decisions:
    """Return the decisions of a newspaper about subjects, focus, and the labels of some photos."""
    made = load_decisions(session, publication, recipe, decided_measures(photos))
    return replace(made, undecided=load_undecided(session, publication, recipe))


def decided_measures(photos: Iterable[PhotoInterpretation | None]) -> Sequence[str]:
    """Return the subjects, and the labels that some photos are read for."""
    labels = {f"{LABEL}{one.name}" for photo in photos if photo for one in photo.labels}
    return (*SUBJECTS, *sorted(labels))


class DecidedPhotos:
    """Which photos of an archive are taken to show measures: by people, or else the machine."""

    def __init__(self, session: Session, recipe: Recipe) -> None:
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

    def deciding(self, photos: Sequence[int], verdicts: Sequence[str | None]) -> list[str | None]:
        """Return the machine's verdict about the focus of each of n photos that decides; else None.

        Args:
            verdicts: The verdict; None: it was not read.
        """
        papers = self._newspapers(np.array(photos, np.int64)).tolist()
        undecided = {
            id_: load_undecided(self._session, self._names[id_], self._recipe)
            for id_ in set(papers) - {-1}
        }
        return [
            None if verdict in undecided.get(paper, ()) else verdict
            for paper, verdict in zip(papers, verdicts, strict=True)
        ]

    def _newspapers(self, photos: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the id of the newspaper that decides about each photo; -1 without one."""
        if not len(self._photos):
            return np.full(len(photos), -1)
        place = np.minimum(np.searchsorted(self._photos, photos), len(self._photos) - 1)
        return np.where(self._photos[place] == photos, self._papers[place], -1)

    def _lowest(self, measure: str, photos: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the lowest probability by the machine of a photo that is decided, of each."""
        lowest = np.full(len(photos), self._recipe.aggregate.decision)
        paper = self._newspapers(photos)
        for id_ in np.unique(paper[paper >= 0]).tolist():
            name = self._names[id_]
            made = load_decisions(self._session, name, self._recipe, (measure,))
            lowest[paper == id_] = made.point(measure)
        return lowest
