"""Query parts that every room uses: scopes of editions, printed photos, zones and paging."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, Row, Select, or_, select, true
from sqlalchemy.orm import Session

from presslens.app.db import cursor
from presslens.app.db.cursor import Key as Key
from presslens.app.db.publications import is_named
from presslens.app.db.tables import (
    EditionRow,
    InterpretationRow,
    OutcomeRow,
    PageRow,
    PhotoRow,
    PublicationRow,
)
from presslens.app.platform.errors import InvalidRequest
from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.measure import Zone

Item = TypeVar("Item")
RowQuery: TypeAlias = "Select[*tuple[Any, ...]]"
"""A query that gives rows of any columns."""

BATCH = 500
"""Items of a listing that ``every`` fetches at a time."""


def check_days(first: date | None, last: date | None) -> None:
    """Check that a period does not end before it begins.

    Raises:
        InvalidRequest: ``first`` lies after ``last``.
    """
    if first is not None and last is not None and first > last:
        raise InvalidRequest.saying(
            "from %(first)s lies after to %(last)s", first=str(first), last=str(last)
        )


@dataclass(frozen=True, slots=True)
class EditionScope:
    """A selection of editions; None means any.

    Raises:
        InvalidRequest: ``first`` lies after ``last``.
    """

    publication: str | None = None  # name of the newspaper, or an alias of it
    first: date | None = None  # earliest day of the edition
    last: date | None = None  # latest day of the edition
    edition: int | None = None  # id of the only edition

    def __post_init__(self) -> None:
        check_days(self.first, self.last)

    @property
    def whole(self) -> bool:
        """Whether the scope selects all editions."""
        return self == EditionScope()

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions for an ``EditionRow`` joined with its ``PublicationRow``."""
        conditions: list[ColumnElement[bool]] = []
        if self.publication is not None:
            conditions.append(is_named(self.publication))
        if self.edition is not None:
            conditions.append(EditionRow.id == self.edition)
        return [*conditions, *self.days(EditionRow.edition_date.expression)]

    def days(self, day: ColumnElement[date]) -> list[ColumnElement[bool]]:
        """Return the conditions for a column that holds a day."""
        conditions: list[ColumnElement[bool]] = []
        if self.first is not None:
            conditions.append(day >= self.first)
        if self.last is not None:
            conditions.append(day <= self.last)
        return conditions

    def photos(self, photo_id: ColumnElement[int]) -> list[ColumnElement[bool]]:
        """Return the conditions for a column that holds the id of a photo."""
        if self.whole:  # people have taken photos off pages, and pages out of editions
            on_pages = select(PhotoRow.id).join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
            page = select(PageRow.id).where(PageRow.scan_id == OutcomeRow.scan_id)
            return [photo_id.in_(on_pages.where(page.exists()))]
        printed = select(PhotoRow.id).select_from(PhotoRow)
        return [photo_id.in_(join_editions(printed).where(*self.conditions()))]


ANY_EDITION = EditionScope()
"""The scope of all editions."""


def printed_photos(recipe: Recipe, *columns: Any) -> RowQuery:
    """Return the query of each photo on each page that prints it, as observed under a recipe.

    Photo, outcome, page, edition and publication are joined; ``OutcomeRow.scan_id`` joins the scan.
    A photo that is printed on two pages has two rows.

    Args:
        recipe: Names the observation.
        columns: What the query selects.
    """
    return join_editions(select(*columns).select_from(PhotoRow)).where(
        OutcomeRow.observation_id == recipe.observation_id
    )


def join_editions(query: Select[Any]) -> Select[Any]:
    """Join the pages that print each photo of a query, and their editions and publications."""
    return (
        query.join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
        .join(EditionRow, EditionRow.id == PageRow.edition_id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
    )


def interpretation(recipe_id: str) -> ColumnElement[bool]:
    """Return the condition that joins a photo's interpretation under a recipe, however old."""
    return (InterpretationRow.photo_id == PhotoRow.id) & (InterpretationRow.recipe_id == recipe_id)


def current_interpretation(
    recipe_id: str, *, gallery: ColumnElement[str], label_set: str
) -> ColumnElement[bool]:
    """Return the condition that joins a photo's interpretation with these figures and labels.

    Args:
        recipe_id: The recipe of the interpretation.
        gallery: Version of the enrolled figures and their references, for the newspaper of the
            photo's scan.
        label_set: Version of the labels that researchers have added.
    """
    return (
        interpretation(recipe_id)
        & (InterpretationRow.gallery == gallery)
        & (InterpretationRow.label_set == label_set)
    )


def is_listed() -> ColumnElement[bool]:
    """Return the condition for photos of lists; the query outer-joins their interpretation.

    These are interpreted ones, and at once those that people have drawn: they are counted as well.
    """
    return or_(InterpretationRow.photo_id.is_not(None), PhotoRow.by_hand)


def in_zone(zone: Zone) -> ColumnElement[bool]:
    """Return the condition for photos in a zone of their edition; the query joins their page.

    It agrees with ``pipelines.statistics.page.counted_photos``.
    """
    conditions: dict[Zone, ColumnElement[bool]] = {
        Zone.ALL: true(),
        Zone.FRONT: PageRow.is_front.expression,
        Zone.INSIDE: ~PageRow.is_front,
        Zone.ABOVE_FOLD: PhotoRow.above_fold.expression,
        Zone.LEAD: PhotoRow.is_lead.expression,
    }
    return conditions[zone]


@dataclass(frozen=True, slots=True, eq=False)
class Listing(Generic[Item]):
    """One page of a sorted list, and the cursor of the next one; None after the last."""

    items: list[Item] = field(default_factory=list)
    next_cursor: str | None = None


def paginate(
    session: Session,
    query: Select[Any],
    keys: Sequence[Key],
    *,
    limit: int,
    start: str | None = None,
    descending: bool = False,
) -> Listing[Row[Any]]:
    """Return the rows of a query that follow a cursor, sorted by unique keys.

    Args:
        query: Unsorted; the sort values are added behind its columns.
        keys: Sort columns; together they are unique in the query.
        limit: Largest number of rows.
        start: The cursor of the listing before; None for the first one.
        descending: Sort from high to low.

    Raises:
        InvalidRequest: The cursor is not one of a list with these keys.
    """
    columns = [key.column for key in keys]
    order = [column.desc() if descending else column.asc() for column in columns]
    query = query.add_columns(*columns).order_by(*order).limit(limit + 1)
    if start is not None:
        values = cursor.decode(start, [key.kind for key in keys])
        query = query.where(cursor.after(columns, values, descending=descending))
    rows = list(session.execute(query))
    if len(rows) <= limit:
        return Listing(rows)
    return Listing(rows[:limit], cursor.encode(rows[limit - 1][-len(keys) :]))


def every(fetch: Callable[[str | None], Listing[Item]]) -> Iterator[Item]:
    """Yield the items of all listings that follow one another.

    Args:
        fetch: Returns the listing that begins at a cursor; None stands for the first one.
    """
    start = None
    while True:
        listing = fetch(start)
        yield from listing.items
        if (start := listing.next_cursor) is None:
            return


def scans_in(scope: EditionScope) -> Select[int | None]:
    """Return the query of the scans that the editions of a scope print."""
    return (
        select(PageRow.scan_id)
        .join(EditionRow, EditionRow.id == PageRow.edition_id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(*scope.conditions())
    )
