"""What people have settled about photos: it counts before what the machine says of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from presslens.app.db.archive_view import by_answers
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.services.shares.figure_places import figure_places
from presslens.models.geometry import Box
from presslens.pipelines.statistics.measure import FIGURE

Ids = NDArray[np.int64]

OF_FOCUS = "focus_"
"""What the measures of focus begin with."""


def consensus_by_measure(connection: Connection) -> Mapping[str, tuple[Ids, Ids]]:
    """Return the photos that people say show a measure, and those that don't, figures aside."""
    row = SettledAnswerRow
    measures = connection.scalars(select(row.measure).distinct()).all()
    consensus = {}
    for measure in measures:
        if measure.startswith(FIGURE):
            continue
        answers = connection.execute(select(row.photo_id, row.shows).where(row.measure == measure))
        rows = cast("Sequence[tuple[int, bool]]", answers.all())
        yes, no = ([photo for photo, shows in rows if shows is way] for way in (True, False))
        consensus[measure] = np.array(yes, np.int64), np.array(no, np.int64)
    return consensus


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
