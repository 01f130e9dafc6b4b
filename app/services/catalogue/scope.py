"""Whether there is what somebody names: a newspaper, an edition, editions of some days."""

from __future__ import annotations

from sqlalchemy import select

from app.db.queries import EditionScope
from app.db.tables import EditionRow, PublicationRow
from app.errors import NotFound
from app.installation import Installation


def check_scope(home: Installation, scope: EditionScope) -> None:
    """Check that the edition and the newspaper of a scope exist, and that it holds an edition.

    Raises:
        NotFound: They do not, or it holds none; the message names what there is.
    """
    with home.database.read() as session:
        if scope.edition is not None and session.get(EditionRow, scope.edition) is None:
            raise NotFound("there is no such edition")
        papers = session.scalars(select(PublicationRow.name).order_by(PublicationRow.name)).all()
        if scope.publication is not None and scope.publication not in papers:
            names = ", ".join(papers) or "none yet"
            raise NotFound(f"there is no newspaper {scope.publication!r}; there are: {names}")
        editions = select(EditionRow.id).join(EditionRow.publication).where(*scope.conditions())
        if session.scalar(editions.limit(1)) is None:
            of = f" of {scope.publication}" if scope.publication else ""
            raise NotFound(f"there are no editions{of}{_days(scope)}; `presslens import` adds some")


def _days(scope: EditionScope) -> str:
    first = "" if scope.first is None else f" from {scope.first}"
    return first if scope.last is None else f"{first} to {scope.last}"
