"""The exported tables of newspapers and of their other names."""

from __future__ import annotations

from sqlalchemy import select

from presslens.app.db.publications import PublicationAliasRow
from presslens.app.db.queries import EditionScope, RowQuery
from presslens.app.db.tables import EditionRow, PublicationRow
from presslens.app.services.exports.schema import (
    Column,
    ColumnType,
    TableSpec,
    digest,
    integer,
    json_text,
    string,
)
from presslens.models.recipe import Recipe

PUBLICATION = string("publication", "name of the newspaper", free_text=True)


def _publications(scope: EditionScope, _: Recipe) -> RowQuery:
    return (
        select(
            PublicationRow.name,
            PublicationRow.usual_pages,
            json_text(PublicationRow.weekdays),
            PublicationRow.masthead_sha256,
        )
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
        Column(
            "weekdays",
            ColumnType.ARRAY,
            "days on which it is published, 1 is Monday; missing: nobody said",
            nullable=True,
        ),
        digest("masthead_sha256", "hash of a picture of its masthead", nullable=True),
    ),
    _publications,
)


def _aliases(scope: EditionScope, _: Recipe) -> RowQuery:
    return (
        select(PublicationAliasRow.name, PublicationRow.name)
        .distinct()
        .join(PublicationRow, PublicationRow.id == PublicationAliasRow.publication_id)
        .join(EditionRow, EditionRow.publication_id == PublicationRow.id)
        .where(*scope.conditions())
        .order_by(PublicationAliasRow.name)
    )


PUBLICATION_ALIASES = TableSpec(
    "publication_aliases",
    "Another name of a newspaper, in another script or spelling.",
    ("alias",),
    (
        string("alias", "the other name", free_text=True),
        string("publication", "name of the newspaper", free_text=True,
            joins=("publications", "publication")),
    ),
    _aliases,
)  # fmt: skip
