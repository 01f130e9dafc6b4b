"""What people have settled about photos: it counts before what the machine says of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.services.catalogue.figure_places import figure_places
from presslens.models.geometry import Box
from presslens.pipelines.statistics.measure import FIGURE

Ids = NDArray[np.int64]

OF_FOCUS = "focus_"
"""What the measures of focus begin with."""


def read_settled(connection: Connection) -> Mapping[str, tuple[Ids, Ids]]:
    """Return the photos that people say show a measure, and those that don't, figures aside."""
    row = SettledAnswerRow
    measures = connection.scalars(select(row.measure).distinct()).all()
    found = {}
    for measure in measures:
        if measure.startswith(FIGURE):
            continue
        told = connection.execute(select(row.photo_id, row.shows).where(row.measure == measure))
        rows = cast("Sequence[tuple[int, bool]]", told.all())
        yes, no = ([photo for photo, shows in rows if shows is way] for way in (True, False))
        found[measure] = np.array(yes, np.int64), np.array(no, np.int64)
    return found


def settled_answers(session: Session, photo_ids: Sequence[int]) -> Mapping[int, Mapping[str, bool]]:
    """Return the adjudicated answers of photos, by photo and measure."""
    answers: dict[int, dict[str, bool]] = defaultdict(dict)
    query = select(SettledAnswerRow.photo_id, SettledAnswerRow.measure, SettledAnswerRow.shows)
    those = query.where(SettledAnswerRow.photo_id.in_(photo_ids))
    for photo_id, measure, shows in session.connection().execute(those):
        answers[photo_id][measure] = shows
    return answers


def reviewed_places(
    session: Session, observation_id: str, answers: Mapping[int, Mapping[str, bool]]
) -> Mapping[int, Mapping[str, Box]]:
    """Return where people say that figures stand in photos, by photo and measure.

    Args:
        observation_id: Hash of the rules that the photos were observed under.
        answers: What people have settled, by photo and measure; see ``settled_answers``.
    """
    told = {
        photo: {name for name, shows in settled.items() if shows and _of_figure(name)}
        for photo, settled in answers.items()
    }
    those = [photo for photo, measures in told.items() if measures]
    if not those:
        return {}
    return figure_places(session, observation_id, those, set().union(*told.values()))


def _of_figure(measure: str) -> bool:
    return measure == "leader" or measure.startswith(FIGURE)
