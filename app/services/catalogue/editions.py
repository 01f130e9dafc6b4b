"""Finds editions, and says how far they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from app.db.tables import EditionRow, PublicationRow
from app.errors import NotFound
from app.installation import Installation
from app.services.catalogue import cursor
from app.services.catalogue.progress import Progress, progress_of


@dataclass(frozen=True, slots=True)
class EditionFilter:
    """Which editions are wanted; None means any."""

    publication: str | None = None
    first_date: date | None = None
    last_date: date | None = None


@dataclass(frozen=True, slots=True)
class EditionState:
    """An edition and how far it is."""

    id: int
    publication: str
    edition_date: date
    created_at: datetime
    progress: Progress


@dataclass(frozen=True, slots=True)
class EditionList:
    """Some editions, latest date first, and the cursor of the next ones."""

    editions: list[EditionState]
    next_cursor: str | None


def list_editions(
    home: Installation, wanted: EditionFilter, *, limit: int, start: str | None = None
) -> EditionList:
    """Return editions, latest date first.

    Args:
        home: The installation.
        wanted: Which ones.
        limit: At most so many.
        start: The cursor that the list before gave.

    Raises:
        InvalidRequest: The cursor is not one.
    """
    columns: list[ColumnElement[Any]] = [
        EditionRow.edition_date.expression,
        EditionRow.id.expression,
    ]
    query = _filtered(wanted).order_by(*(column.desc() for column in columns))
    if start is not None:
        values = cursor.decode(start, (date, int))
        query = query.where(cursor.after(columns, values, descending=True))
    with home.database.read() as session:
        rows = list(session.scalars(query.limit(limit + 1)))
        more, rows = len(rows) > limit, rows[:limit]
        progress = progress_of(session, rows, home.recipe)
        states = [_state(row, progress[row.id]) for row in rows]
    end = cursor.encode((rows[-1].edition_date, rows[-1].id)) if more else None
    return EditionList(states, end)


def iterate_editions(home: Installation, wanted: EditionFilter) -> Iterator[EditionState]:
    """Yield all editions that are wanted, latest date first."""
    start = None
    while True:
        found = list_editions(home, wanted, limit=200, start=start)
        yield from found.editions
        if (start := found.next_cursor) is None:
            return


def find_edition(home: Installation, edition_id: int) -> EditionState:
    """Return an edition.

    Raises:
        NotFound: There is none with this id.
    """
    with home.database.read() as session:
        edition = session.get(EditionRow, edition_id)
        if edition is None:
            raise NotFound("there is no such edition")
        return _state(edition, progress_of(session, [edition], home.recipe)[edition_id])


def _filtered(wanted: EditionFilter) -> Select[EditionRow]:
    query = select(EditionRow).join(EditionRow.publication)
    if wanted.publication is not None:
        query = query.where(PublicationRow.name == wanted.publication)
    if wanted.first_date is not None:
        query = query.where(EditionRow.edition_date >= wanted.first_date)
    if wanted.last_date is not None:
        query = query.where(EditionRow.edition_date <= wanted.last_date)
    return query


def _state(edition: EditionRow, progress: Progress) -> EditionState:
    return EditionState(
        edition.id,
        edition.publication.name,
        edition.edition_date,
        edition.created_at,
        progress,
    )
