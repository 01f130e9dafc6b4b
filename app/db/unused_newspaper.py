"""Newspapers that are no more than a name: which are not listed, and taking them away."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.orm import Session

from presslens.app.db.claims import ClaimRow, EventRow
from presslens.app.db.figures import FigureRoleRow
from presslens.app.db.publications import STATED, PublicationRow, TrashedEditionRow
from presslens.app.db.statistics import NewspaperFlagsRow
from presslens.app.db.tables import EditionRow


def is_in_trash_alone() -> ColumnElement[bool]:
    """Return the condition for newspapers of which there is nothing but editions in the trash.

    They are in no list until one of their editions is restored, and go when the trash is emptied.
    """
    edition = select(EditionRow.id).where(EditionRow.publication_id == PublicationRow.id)
    trashed = select(TrashedEditionRow.id).where(
        TrashedEditionRow.publication_id == PublicationRow.id
    )
    return and_(
        ~edition.exists(),
        trashed.exists(),
        ~PublicationRow.aliases.any(),
        ~PublicationRow.identifiers.any(),
        *(getattr(PublicationRow, name).is_(None) for name in STATED),
    )


def drop_unused_newspaper(session: Session, publication_id: int | None) -> None:
    """Delete a newspaper that is no more than a name; one that is used or described stays.

    Args:
        publication_id: The newspaper that an edit had added; None: it had added none.
    """
    row = session.get(PublicationRow, publication_id) if publication_id else None
    if row is None or row.aliases or row.identifiers:
        return
    if any(getattr(row, name) for name in STATED):
        return
    session.flush()
    for table in (EditionRow, TrashedEditionRow, EventRow, FigureRoleRow):
        of_paper = select(table.publication_id).filter_by(publication_id=row.id)
        if session.scalar(of_paper.limit(1)) is not None:
            return
    if session.scalar(select(ClaimRow.id).filter_by(publication=row.name).limit(1)) is not None:
        return
    session.execute(delete(NewspaperFlagsRow).filter_by(publication_id=row.id))
    session.delete(row)
    session.flush()
