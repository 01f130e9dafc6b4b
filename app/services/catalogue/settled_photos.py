"""What people have settled about photos: it counts before what the machine says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, and_, literal, or_, select

from app.db.reviews import SettledAnswerRow
from app.db.tables import InterpretationRow
from models.vocabulary import Focus
from pipelines.statistics.measure import FIGURE, FOCUSES

Ids = NDArray[np.int64]

OF_FOCUS = "focus_"
"""What the measures of focus begin with."""


def said(measure: str | ColumnElement[str], *, shows: bool) -> ColumnElement[bool]:
    """Return the condition that people have settled a measure of an interpreted photo.

    Args:
        measure: The measure.
        shows: That the photo shows it, or that it does not.
    """
    row = SettledAnswerRow
    told = select(row.photo_id).where(
        row.photo_id == InterpretationRow.photo_id, row.measure == measure, row.shows == shows
    )
    return told.correlate(InterpretationRow).exists()


def shown(measure: str, machine: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that an interpreted photo shows a measure.

    Args:
        measure: The measure.
        machine: The condition that the machine says so; it counts where nobody has settled it.
    """
    return or_(said(measure, shows=True), and_(machine, ~said(measure, shows=False)))


def composed_around(focuses: Sequence[Focus]) -> ColumnElement[bool]:
    """Return the condition that an interpreted photo is composed around one of several things.

    See ``pipelines.statistics.consensus.focus_of``.
    """
    verdict = InterpretationRow.verdict
    told = or_(*(said(measure, shows=True) for measure in FOCUSES))
    denied = said(literal(OF_FOCUS).concat(verdict), shows=False)
    machine = and_(verdict.in_(focuses), ~denied)
    if Focus.UNSURE in focuses:
        machine = or_(machine, denied)
    yes = [said(f"{OF_FOCUS}{one.value}", shows=True) for one in focuses]
    return or_(*yes, and_(machine, ~told))


def read_settled(connection: Connection) -> Mapping[str, tuple[Ids, Ids]]:
    """Return the photos that people say show a measure, and those that don't, figures aside.

    Args:
        connection: In a transaction.
    """
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
