"""What people have settled about photos: it counts before what the machine says of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.archive_view import by_answers
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.services.shares.figure_places import figure_places
from presslens.models.geometry import Box
from presslens.pipelines.statistics.measure import FIGURE

Ids = NDArray[np.int64]

OF_FOCUS = "focus_"
"""What the measures of focus begin with."""


@by_answers
def consensus_by_measure(session: Session) -> Mapping[str, tuple[Ids, Ids]]:
    """Return the photos that people say show a measure, and those that don't."""
    row, answers = SettledAnswerRow, defaultdict[str, tuple[list[int], list[int]]](lambda: ([], []))
    query = select(row.measure, row.photo_id, row.shows).order_by(row.measure, row.photo_id)
    for measure, photo, shows in session.connection().execute(query):
        answers[measure][0 if shows else 1].append(photo)
    return {
        measure: (np.array(yes, np.int64), np.array(no, np.int64))
        for measure, (yes, no) in answers.items()
    }


def load_consensus(session: Session, photo_ids: Sequence[int]) -> Mapping[int, Mapping[str, bool]]:
    """Return the adjudicated answers of photos, by photo and measure."""
    answers: dict[int, dict[str, bool]] = defaultdict(dict)
    query = select(SettledAnswerRow.photo_id, SettledAnswerRow.measure, SettledAnswerRow.shows)
    chosen = query.where(SettledAnswerRow.photo_id.in_(photo_ids))
    for photo_id, measure, shows in session.connection().execute(chosen):
        answers[photo_id][measure] = shows
    return dict(answers)


@by_answers
def photo_consensus(
    session: Session, observation_id: str, photo_ids: tuple[int, ...]
) -> tuple[Mapping[int, Mapping[str, bool]], Mapping[int, Mapping[str, Box]]]:
    """Return the adjudicated answers of photos, and where people say that figures stand in them."""
    answers = load_consensus(session, photo_ids)
    return answers, reviewed_places(session, observation_id, answers)


def reviewed_places(
    session: Session, observation_id: str, answers: Mapping[int, Mapping[str, bool]]
) -> Mapping[int, Mapping[str, Box]]:
    """Return where people say that figures stand in photos, by photo and measure.

    Args:
        observation_id: Hash of the rules that the photos were observed under.
        answers: What people have settled, by photo and measure; see ``load_consensus``.
    """
    figures = {
        photo: {name for name, shows in consensus.items() if shows and _of_figure(name)}
        for photo, consensus in answers.items()
    }
    ids = [photo for photo, measures in figures.items() if measures]
    if not ids:
        return {}
    return figure_places(session, observation_id, ids, set().union(*figures.values()))


def _of_figure(measure: str) -> bool:
    return measure == "leader" or measure.startswith(FIGURE)
