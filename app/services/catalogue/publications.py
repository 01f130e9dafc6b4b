"""Lists newspapers, and what there is of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import case, func, select

from app.db.queries import ANY_EDITION, EditionScope
from app.db.superseded import superseded_editions
from app.db.tables import EditionRow, PageRow, PublicationRow
from app.installation import Installation

COLUMNS = ("id", "publication", "editions", "superseded", "first", "last", "pages", "usual_pages")
"""The columns of the list as a table."""


@dataclass(frozen=True, slots=True)
class PublicationState:
    """A newspaper and the extent of its editions.

    Attributes:
        id: Its id.
        publication: Its name.
        editions: Number of its editions, without superseded uploads.
        superseded: Number of uploads that a later one of the same day stands in for.
        first: Day of its first edition; None without editions.
        last: Day of its last edition; None without editions.
        pages: Number of pages of ``editions`` that were uploaded and unpacked.
        usual_pages: Number of pages that an edition usually has; None where nobody said.
    """

    id: int
    publication: str
    editions: int
    superseded: int
    first: date | None
    last: date | None
    pages: int
    usual_pages: int | None

    def to_json(self) -> dict[str, Any]:
        """Return the newspaper as it is served."""
        return {
            "id": self.id,
            "publication": self.publication,
            "editions": self.editions,
            "superseded": self.superseded,
            "first": self.first.isoformat() if self.first else None,
            "last": self.last.isoformat() if self.last else None,
            "pages": self.pages,
            "usual_pages": self.usual_pages,
        }


def publication_names(home: Installation) -> list[str]:
    """Return the names of all newspapers, in order."""
    with home.database.read() as session:
        return list(session.scalars(select(PublicationRow.name).order_by(PublicationRow.name)))


def list_publications(
    home: Installation, scope: EditionScope = ANY_EDITION
) -> list[PublicationState]:
    """Return the newspapers by name; counts are of the editions of a scope.

    Newspapers without an edition in the scope are listed if it is of all days.
    """
    old = EditionRow.id.in_(superseded_editions(home.recipe))
    counts = (
        select(
            EditionRow.publication_id,
            func.sum(case((old, 0), else_=1)).label("editions"),
            func.sum(case((old, 1), else_=0)).label("superseded"),
            func.min(EditionRow.edition_date).label("first"),
            func.max(EditionRow.edition_date).label("last"),
        )
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(*scope.conditions())
        .group_by(EditionRow.publication_id)
        .subquery()
    )
    pages = (
        select(EditionRow.publication_id, func.count(PageRow.id).label("pages"))
        .join(PageRow, PageRow.edition_id == EditionRow.id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(*scope.conditions(), ~old)
        .group_by(EditionRow.publication_id)
        .subquery()
    )
    query = (
        select(
            PublicationRow.id,
            PublicationRow.name,
            func.coalesce(counts.c.editions, 0),
            func.coalesce(counts.c.superseded, 0),
            counts.c.first,
            counts.c.last,
            func.coalesce(pages.c.pages, 0),
            PublicationRow.usual_pages,
        )
        .join(counts, counts.c.publication_id == PublicationRow.id, isouter=scope.whole)
        .outerjoin(pages, pages.c.publication_id == PublicationRow.id)
        .order_by(PublicationRow.name)
    )
    with home.database.read() as session:
        return [PublicationState(*row) for row in session.execute(query)]
