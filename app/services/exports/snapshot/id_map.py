"""Where the rows of a snapshot go: into tables, under ids that are free."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from sqlalchemy import String, func, insert, select
from sqlalchemy.orm import Session

from app.db.columns import Table
from app.db.figures import FigureRow
from app.db.reviews import ReviewRow
from app.db.tables import (
    EditionRow,
    HeadlineRow,
    OutcomeRow,
    PageRow,
    PhotoRow,
    ScanRow,
)
from app.errors import InvalidRequest
from app.services.exports.schema import MOST
from app.services.exports.snapshot.read import Record
from models.recipe import Recipe

BATCH = 5_000
NUMBERED = (EditionRow, PageRow, PhotoRow, ReviewRow, FigureRow, ScanRow, OutcomeRow, HeadlineRow)


class Target:
    """What an import knows of its rows so far: which of them are new here, and under which ids.

    Args:
        session: The transaction.
        recipe: That of the installation, and of the snapshot.
    """

    def __init__(self, session: Session, recipe: Recipe) -> None:
        self._session, self._recipe = session, recipe
        self._shift: dict[type[Table], int] = {t: self._highest(t) for t in NUMBERED}
        self._empty = not self._shift[EditionRow]
        self._publications: dict[str, int] = {}
        self._figures: dict[int, int] = {}
        self._editions: dict[int, int | None] = {}
        self._pages: dict[int, int | None] = {}
        self._outcomes: dict[int, int] = {}
        self._photos: dict[int, int] = {}
        self._fresh_photos: set[int] = set()
        self._fresh_scans: dict[tuple[str, int], int] = {}
        self._headlines: dict[tuple[int, int], int] = {}
        self._reviews: dict[int, int | None] = {}

    def _highest(self, table: type[Table]) -> int:
        return self._session.scalar(select(func.max(table.__table__.c.id))) or 0

    def _new_id(self, table: type[Table], old: int) -> int:
        number = self._shift[table] + old
        if number > MOST:
            raise InvalidRequest(f"{table.__tablename__} {old}: the id is too large")
        return number

    def _put(self, table: type[Table], rows: Iterable[Record]) -> int:
        """Insert rows some thousands at a time; return how many."""
        lengths = {
            column.name: column.type.length
            for column in table.__table__.columns
            if type(column.type) is String and column.type.length
        }
        count = 0
        waiting = iter(rows)
        while some := list(islice(waiting, BATCH)):
            for name, most in lengths.items():
                if any(len(row.get(name) or "") > most for row in some):
                    raise InvalidRequest(f"{table.__tablename__}: {name} is longer than {most}")
            self._session.execute(insert(table.__table__), some)  # type: ignore[arg-type]
            count += len(some)
        return count

    def _next(self, table: type[Table]) -> int:
        self._shift[table] += 1
        return self._shift[table]

    def _found(self, mapping: dict[int, Any], key: int, what: str) -> Any:
        if key not in mapping:
            raise InvalidRequest(f"{what} {key} is named but not there")
        return mapping[key]
