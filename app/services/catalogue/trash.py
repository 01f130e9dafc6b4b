"""Lists the editions in the trash, and says of each who deleted it and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.publications import PublicationRow, TrashedEditionRow, is_named
from presslens.app.db.queries import BATCH, EditionScope, Key, Listing, RowQuery, every, paginate
from presslens.app.installation import Installation
from presslens.app.platform.errors import Gone, NotFound
from presslens.models.errors import PresslensError
from presslens.models.message import Message
from presslens.pipelines.result import Moment, Served, named


@dataclass(frozen=True, slots=True)
class TrashedEdition(Served):
    """An edition in the trash. ``emptied_at`` is when it goes for good; None: never."""

    id: int
    publication: str
    edition_date: Annotated[date, named("date")]
    issue: int
    pages: int
    deleted_at: Moment
    deleted_by: str
    emptied_at: Moment | None


def list_trash(
    home: Installation, scope: EditionScope, *, limit: int, start: str | None = None
) -> Listing[TrashedEdition]:
    """Return the editions in the trash, the latest deleted first.

    Args:
        scope: Selects the editions.
        start: The cursor of the listing before.

    Raises:
        InvalidRequest: The cursor is not one of this list.
    """
    query: RowQuery = (
        select(TrashedEditionRow, PublicationRow.name)
        .join(PublicationRow, PublicationRow.id == TrashedEditionRow.publication_id)
        .where(*scope.days(TrashedEditionRow.edition_date.expression))
    )
    if scope.publication is not None:
        query = query.where(is_named(scope.publication))
    if scope.edition is not None:
        query = query.where(TrashedEditionRow.id == scope.edition)
    keys = [Key(TrashedEditionRow.deleted_at, datetime), Key(TrashedEditionRow.id, int)]
    with home.database.read() as session:
        page = paginate(session, query, keys, limit=limit, start=start, descending=True)
        items = [_trashed(row.TrashedEditionRow, row.name) for row in page.items]
    return Listing(items, page.next_cursor)


def iterate_trash(home: Installation, scope: EditionScope) -> Iterator[TrashedEdition]:
    """Yield the editions in the trash, the latest deleted first."""
    return every(lambda start: list_trash(home, scope, limit=BATCH, start=start))


def find_trashed(home: Installation, edition_id: int) -> TrashedEdition:
    """Return an edition in the trash.

    Raises:
        NotFound: It is not there.
    """
    trashed = list_trash(home, EditionScope(edition=edition_id), limit=1).items
    if not trashed:
        raise NotFound("there is no such edition in the trash")
    return trashed[0]


def missing_edition(session: Session, edition_id: int) -> PresslensError:
    """Return the error of an edition that is not there: it was deleted, or never was."""
    row = session.get(TrashedEditionRow, edition_id)
    if row is None:
        return NotFound("there is no such edition")
    name = session.scalar(select(PublicationRow.name).filter_by(id=row.publication_id))
    message = Message(
        "the edition of %(publication)s of %(day)s is in the trash: %(coder)s deleted it at"
        " %(moment)s",
        publication=name,
        day=row.edition_date.isoformat(),
        coder=row.deleted_by,
        moment=f"{row.deleted_at:%Y-%m-%d %H:%M}",
    )
    extensions = {
        "edition": row.id,
        "deleted_at": row.deleted_at.isoformat(),
        "deleted_by": row.deleted_by,
    }
    return Gone(message, row.id, extensions)


def _trashed(row: TrashedEditionRow, publication: str) -> TrashedEdition:
    issue = int(row.document["edition"]["issue"])
    return TrashedEdition.from_attributes(
        row, publication=publication, issue=issue, emptied_at=row.due_at
    )
