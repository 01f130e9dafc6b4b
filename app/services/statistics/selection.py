"""Selects the editions of a statistic: complete ones; others are excluded, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from presslens.app.db.queries import EditionScope
from presslens.app.db.statistics import EditionSummaryRow
from presslens.app.db.tables import EditionRow, PageRow, PublicationRow
from presslens.pipelines.result import Served

MOST_WAITING = 1000
"""Largest number of waiting editions whose pages are counted."""


@dataclass(frozen=True, slots=True)
class EditionCriteria(EditionScope):
    """The criteria of the editions of a statistic: their scope, and what they are like.

    Raises:
        InvalidRequest: ``first`` lies after ``last``.
    """

    weekdays: tuple[int, ...] = ()  # days of the week, Monday is 1 and Sunday 7; empty means any
    pages: int | None = None  # number of pages; None means any


@dataclass(frozen=True, slots=True, eq=False)
class StatEdition:
    """A complete edition of a statistic.

    ``row`` has the columns of its summary that were asked for: with all of the plain ones it can be
    read like a ``Summary``. ``version`` is that of its summary; ``issue`` tells the editions of a
    day apart. ``machine`` is the row by the machine alone where what people say has changed it, and
    ``placed`` in how many photos it is then known where the leader stands.
    """

    id: int
    publication: str
    date: date
    pages: int
    pages_seen: int
    row: Any
    version: int = 0
    issue: int = 1
    machine: Any = None
    placed: int | None = None


@dataclass(frozen=True, slots=True)
class ExcludedEdition(Served):
    """An edition that a statistic excludes.

    ``reason``: "superseded" by another upload of the same day, which counts in its place;
    "waiting" until all its pages are analysed; "incomplete" when too few of them could be
    analysed.
    """

    SERVED: ClassVar[str] = "edition=id publication date pages reason"

    id: int
    publication: str
    date: date
    pages: int
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """The editions of a statistic by date, and the excluded ones."""

    editions: list[StatEdition] = field(default_factory=list)
    left_out: list[ExcludedEdition] = field(default_factory=list)

    @property
    def pages_seen(self) -> int:
        """Pages of the editions that were analysed."""
        return sum(edition.pages_seen for edition in self.editions)

    @property
    def pages_expected(self) -> int:
        """Pages of all editions that meet the criteria, superseded uploads aside."""
        missing = sum(one.pages for one in self.left_out if one.reason != "superseded")
        return sum(edition.pages for edition in self.editions) + missing


def select_editions(
    session: Session,
    criteria: EditionCriteria,
    recipe_id: str,
    *,
    min_coverage: float,
    columns: Sequence[InstrumentedAttribute[Any]] = (),
) -> Selection:
    """Return the editions that meet criteria, by date.

    Of several uploads of one issue of a day the latest counts of which enough pages were analysed.

    Args:
        recipe_id: The recipe of their summaries.
        min_coverage: Smallest share of an edition's pages that must have been analysed, 0–1.
        columns: Columns of ``EditionSummaryRow`` to load.
    """
    # Rows of the connection: the session would make each of thousands twice.
    rows = session.connection().execute(_query(criteria, recipe_id, columns)).all()
    usable = {
        (name, day, issue): id_
        for id_, name, day, pages, seen, _, issue, *_ in rows
        if pages is not None and seen and seen >= min_coverage * pages
    }
    waiting = _page_counts(session, [row[0] for row in rows if row[3] is None][:MOST_WAITING])
    selection = Selection()
    for row in rows:
        id_, name, day, summed, seen, version, issue, *_ = row
        pages = waiting.get(id_, 0) if summed is None else summed
        if criteria.weekdays and day.isoweekday() not in criteria.weekdays:
            continue
        if criteria.pages not in (None, pages):
            continue
        counts = usable.get((name, day, issue))
        if counts == id_:
            selection.editions.append(StatEdition(id_, name, day, pages, seen, row, version, issue))
        else:
            reason = "waiting" if summed is None else "incomplete"
            reason = reason if counts is None else "superseded"
            selection.left_out.append(ExcludedEdition(id_, name, day, pages, reason))
    return selection


def _query(
    criteria: EditionCriteria, recipe_id: str, columns: Sequence[InstrumentedAttribute[Any]]
) -> Select[*tuple[Any, ...]]:
    of_recipe = (EditionSummaryRow.edition_id == EditionRow.id) & (
        EditionSummaryRow.recipe_id == recipe_id
    )
    query = (
        select(
            EditionRow.id,
            PublicationRow.name,
            EditionRow.edition_date,
            EditionSummaryRow.pages,
            EditionSummaryRow.pages_seen,
            EditionSummaryRow.version,
            EditionRow.issue,
            *columns,
        )
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .outerjoin(EditionSummaryRow, of_recipe)
        .order_by(EditionRow.edition_date, EditionRow.created_at, EditionRow.id)
    )
    return query.where(*criteria.conditions())


def _page_counts(session: Session, ids: Sequence[int]) -> dict[int, int]:
    if not ids:
        return {}
    query = (
        select(EditionRow.id, func.count(), func.max(PageRow.number), EditionRow.pages_expected)
        .join(PageRow, PageRow.edition_id == EditionRow.id)
        .where(EditionRow.id.in_(ids))
        .group_by(EditionRow.id, EditionRow.pages_expected)
    )
    return {id_: max(pages, last, said or 0) for id_, pages, last, said in session.execute(query)}
