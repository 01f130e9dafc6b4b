"""Lists the changes that people have made, the latest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from sqlalchemy import ColumnElement, or_, select

from presslens.app.db.edits import Action, EditRow
from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.db.queries import BATCH, Key, Listing, every, paginate
from presslens.app.db.reviews import ReviewRow
from presslens.app.db.tables import OutcomeRow, PageRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.models.message import load_message
from presslens.pipelines.result import Moment, Served, named


@dataclass(frozen=True, slots=True)
class EditState(Served):
    """A change that a person has made; ``text`` says it in a sentence, a ``Message``."""

    id: int
    created_at: Moment
    coder: str
    action: Action
    target: str
    target_id: int
    edition_id: Annotated[int | None, named("edition")]
    text: str
    codebook: str
    undone_at: Moment | None
    undone_by: str | None


@dataclass(frozen=True, slots=True)
class EditFilter:
    """A selection of edits; None means any."""

    coder: str | None = None  # who made them
    action: Action | None = None  # what they did
    # The edition that they belong to, or one that prints the photo that they are about.
    edition: int | None = None
    target: str | None = None  # the kind of row that they are about, "photo" for instance
    target_id: int | None = None  # the id of that row
    undone: bool | None = None  # only those that were undone, or only the others


def list_edits(
    home: Installation, criteria: EditFilter, *, limit: int, start: str | None = None
) -> Listing[EditState]:
    """Return edits, the latest first.

    Args:
        limit: Largest number of edits.
        start: The cursor of the listing before; None for the first one.

    Raises:
        InvalidRequest: The cursor is not one of this list.
    """
    query = select(EditRow).where(*matching(criteria))
    with home.database.read() as session:
        page = paginate(
            session, query, [Key(EditRow.id, int)], limit=limit, start=start, descending=True
        )
        return Listing([edit_state(row.EditRow) for row in page.items], page.next_cursor)


def matching(criteria: EditFilter) -> list[ColumnElement[bool]]:
    """Return the conditions that selected edits fulfil."""
    equal = (
        (EditRow.coder, criteria.coder),
        (EditRow.action, criteria.action),
        (EditRow.target, criteria.target),
        (EditRow.target_id, criteria.target_id),
    )
    conditions = [column == value for column, value in equal if value is not None]
    if criteria.edition is not None:
        conditions.append(_of_edition(criteria.edition))
    if criteria.undone is not None:
        undone = EditRow.undone_at.is_not(None)
        conditions.append(undone if criteria.undone else ~undone)
    return conditions


def _of_edition(edition_id: int) -> ColumnElement[bool]:
    """Return the condition of edits of an edition, and of photos that are or were on its pages."""
    # Not by coalesce(): no index knows that, and all photos of the archive would be looked at.
    of_page = (PhotoRow.outcome_id == OutcomeRow.id) | (PhotoRow.removed_from_id == OutcomeRow.id)
    photos = (
        select(PhotoRow.id)
        .join(OutcomeRow, of_page)
        .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
        .where(PageRow.edition_id == edition_id)
    )
    # Reviews move to the scan that replaces theirs; the edit names the photo of the old one.
    moved = (
        select(ReviewRow.edit_id)
        .join(PageRow, PageRow.scan_id == ReviewRow.scan_id)
        .where(PageRow.edition_id == edition_id, ReviewRow.edit_id.is_not(None))
    )
    about_them = (EditRow.target == "photo") & (
        EditRow.target_id.in_(photos) | EditRow.id.in_(moved)
    )
    return (EditRow.edition_id == edition_id) | about_them | _annotated(edition_id)


def _annotated(edition_id: int) -> ColumnElement[bool]:
    """Return the condition of imported annotations that change or answer about an edition."""
    reviews = (
        select(table.edit_id)
        .join(PageRow, PageRow.scan_id == table.scan_id)
        .where(PageRow.edition_id == edition_id, table.edit_id.is_not(None))
        for table in (ReviewRow, PageReviewRow)
    )
    return (EditRow.action == Action.ANNOTATE) & or_(*(EditRow.id.in_(of) for of in reviews))


def iterate_edits(home: Installation, criteria: EditFilter) -> Iterator[EditState]:
    """Yield all selected edits, the latest first."""
    return every(lambda start: list_edits(home, criteria, limit=BATCH, start=start))


def find_edit(home: Installation, edit_id: int) -> EditState:
    """Return an edit.

    Raises:
        NotFound: There is none with this id.
    """
    with home.database.read() as session:
        row = session.get(EditRow, edit_id)
        if row is None:
            raise NotFound.saying("there is no such edit")
        return edit_state(row)


def edit_state(row: EditRow) -> EditState:
    """Return an edit as a result."""
    return EditState.from_attributes(row, text=load_message(row.text))


def actions_of(home: Installation, ids: Sequence[int]) -> set[Action]:
    """Return what edits did; those that are not there are left out."""
    with home.database.read() as session:
        return set(session.scalars(select(EditRow.action).where(EditRow.id.in_(ids))))
