"""The exported table of newspapers."""

from __future__ import annotations

from sqlalchemy import select

from app.db.queries import EditionScope, RowQuery
from app.db.tables import EditionRow, PublicationRow
from app.services.exports.schema import TableSpec, integer, string
from models.recipe import Recipe

PUBLICATION = string("publication", "name of the newspaper", free_text=True)


def _publications(scope: EditionScope, _: Recipe) -> RowQuery:
    return (
        select(PublicationRow.name, PublicationRow.usual_pages)
        .distinct()
        .join(EditionRow, EditionRow.publication_id == PublicationRow.id)
        .where(*scope.conditions())
        .order_by(PublicationRow.name)
    )


PUBLICATIONS = TableSpec(
    "publications",
    "A newspaper with at least one edition among those that are exported.",
    ("publication",),
    (
        PUBLICATION,
        integer("usual_pages", "pages that an edition usually has", unit="pages", nullable=True),
    ),
    _publications,
)
