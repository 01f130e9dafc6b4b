"""The tables of newspapers and their other names, the inbox, and what was deleted or replaced.

A newspaper is asked for by its name or by any of its aliases. Whatever takes a name resolves it
here: queries by ``is_named``, writes by ``publication_named``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

from pydantic import Field
from sqlalchemy import JSON, ColumnElement, ForeignKey, String, delete, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from presslens.app.db.archive_view import by_request
from presslens.app.db.columns import NAME, SHA, Table, choice
from presslens.app.db.exported import FIXED, Exported, exported, exported_key
from presslens.app.db.types import Moment
from presslens.app.db.upsert import insert_new
from presslens.app.platform.text import plain_name
from presslens.pipelines.archives.identifiers import Identifier, IdentifierScheme


class NewspaperKind(StrEnum):
    """What kind of newspaper it is, by who publishes it."""

    STATE = "state"
    PARTY = "party"
    COMMERCIAL = "commercial"
    OTHER = "other"


class PublicationRow(Table):
    """A newspaper and its profile; what is NULL of it is not known.

    ``masthead_sha256`` names a picture in the store. The id of a newspaper that was merged into
    another one is not given again.
    """

    __export__ = Exported(
        "publications",
        "A newspaper with at least one edition among those that are exported.",
        ("publication",),
    )
    __tablename__ = "publication"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = exported("name of the newspaper", NAME, name="publication", unique=True)
    usual_pages: Mapped[int | None] = exported(
        "pages that an edition usually has", says={"unit": "pages"}
    )
    weekdays: Mapped[list[int] | None] = exported(
        "days on which it is published, 1 is Monday; missing: nobody said",
        JSON(none_as_null=True),
        shape=list[Annotated[int, Field(ge=1, le=7)]],
    )
    languages: Mapped[list[str] | None] = exported(
        "languages that it is written in, BCP 47 codes, the main one first",
        JSON(none_as_null=True),
        shape=list[Annotated[str, Field(min_length=2, max_length=35)]],
    )
    country: Mapped[str | None] = exported(
        "country that it is published in, ISO 3166", String(2), says=FIXED
    )
    kind: Mapped[NewspaperKind | None] = exported(
        "who publishes it", choice(NewspaperKind, "kind", checked=False)
    )
    masthead_sha256: Mapped[str | None] = exported("hash of a picture of its masthead", SHA)

    aliases: Mapped[list[PublicationAliasRow]] = relationship(
        order_by="PublicationAliasRow.name", cascade="all, delete-orphan", passive_deletes=True
    )
    identifiers: Mapped[list[PublicationIdentifierRow]] = relationship(
        order_by="PublicationIdentifierRow.scheme, PublicationIdentifierRow.value",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )


STATED = ("usual_pages", "weekdays", "languages", "country", "kind", "masthead_sha256")
"""The columns that state something of a newspaper beyond its names."""


class PublicationAliasRow(Table):
    """Another name of a newspaper, in another script or spelling, which no other one has."""

    __export__ = Exported(
        "publication_aliases",
        "Another name of a newspaper, in another script or spelling.",
        ("alias",),
    )
    __tablename__ = "publication_alias"

    name: Mapped[str] = exported("the other name", NAME, name="alias", primary_key=True)
    publication_id: Mapped[int] = exported_key(
        ForeignKey("publication.id", ondelete="CASCADE"), index=True
    )


class PublicationIdentifierRow(Table):
    """A number under which libraries keep a newspaper, which no other one has."""

    __export__ = Exported(
        "publication_identifiers",
        "A number under which libraries keep a newspaper.",
        ("scheme", "value"),
    )
    __tablename__ = "publication_identifier"

    scheme: Mapped[IdentifierScheme] = exported(
        "who gives the identifier",
        choice(IdentifierScheme, "scheme", checked=False),
        primary_key=True,
    )
    value: Mapped[str] = exported("the identifier", NAME, primary_key=True)
    publication_id: Mapped[int] = exported_key(
        ForeignKey("publication.id", ondelete="CASCADE"), index=True
    )

    @property
    def identifier(self) -> Identifier:
        """The identifier."""
        return Identifier(self.scheme, self.value)


def is_named(name: str | ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition for a ``PublicationRow`` whose name, or one of its aliases, is this.

    Args:
        name: A name as somebody wrote it, or a column of stored names.
    """
    plain = plain_name(name) if isinstance(name, str) else name
    aliases = (
        select(PublicationAliasRow.publication_id)
        .where(PublicationAliasRow.name == plain)
        .correlate_except(PublicationAliasRow)
    )
    return or_(PublicationRow.name == plain, PublicationRow.id.in_(aliases))


def same_newspaper(column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """Return the condition that a stored name is one of a newspaper.

    Args:
        column: Names, or aliases, of newspapers that there are or are to be.
        name: A name or an alias of the newspaper that is meant.
    """
    meant = select(PublicationRow.id).where(is_named(name))
    aliases = select(PublicationAliasRow.name).where(PublicationAliasRow.publication_id.in_(meant))
    names = select(PublicationRow.name).where(is_named(name))
    return or_(column == plain_name(name), column.in_(names), column.in_(aliases))


def find_publication(session: Session, name: str) -> PublicationRow | None:
    """Return the newspaper with a name or an alias; None if there is none."""
    return session.scalars(select(PublicationRow).where(is_named(name))).one_or_none()


def publication_named(session: Session, name: str) -> int:
    """Return the id of the newspaper with a name or an alias; a new one is added.

    Args:
        session: A transaction that may write.
        name: The name as somebody wrote it.
    """
    row = find_publication(session, name)
    if row is not None:
        return row.id
    insert_new(session, PublicationRow, name=plain_name(name))
    return session.scalars(select(PublicationRow.id).where(is_named(name))).one()


def publication_identified(
    session: Session, identifiers: Iterable[Identifier]
) -> PublicationRow | None:
    """Return the newspaper that has one of some identifiers, the first that is any's; else None."""
    for one in identifiers:
        row = session.get(PublicationIdentifierRow, (one.scheme, one.value))
        if row is not None:
            return session.get_one(PublicationRow, row.publication_id)
    return None


def store_identifiers(
    session: Session, publication_id: int, identifiers: Iterable[Identifier]
) -> None:
    """Store the identifiers of a newspaper in place of those that it has."""
    session.execute(delete(PublicationIdentifierRow).filter_by(publication_id=publication_id))
    session.add_all(
        PublicationIdentifierRow(scheme=one.scheme, value=one.value, publication_id=publication_id)
        for one in dict.fromkeys(identifiers)
    )
    session.flush()


class StatedNewspaper(NamedTuple):
    """The profile of a newspaper, as people or its library state it."""

    id: int | None = None  # None: there is no such newspaper
    name: str | None = None  # likewise
    weekdays: tuple[int, ...] = ()  # those on which it appears, Monday is 1; empty: not said
    languages: tuple[str, ...] = ()  # BCP 47 codes, the main one first; empty: not known
    country: str | None = None  # ISO 3166 code
    kind: NewspaperKind | None = None


@by_request
def stated_newspaper(session: Session, name: str) -> StatedNewspaper:
    """Return the profile of the newspaper with a name or an alias."""
    row = find_publication(session, name)
    if row is None:
        return StatedNewspaper()
    weekdays, languages = tuple(row.weekdays or ()), tuple(row.languages or ())
    return StatedNewspaper(row.id, row.name, weekdays, languages, row.country, row.kind)


class TrashedEditionRow(Table):
    """An edition in the trash: its rows as a document, so that no number, list or export has it.

    ``id`` is that of the edition, which no other edition gets. What was observed of its scans and
    what people said of them stays with the scans until the trash is emptied: not before ``due_at``,
    and never by itself where that is NULL.
    """

    __tablename__ = "trashed_edition"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"), index=True)
    edition_date: Mapped[date]
    pages: Mapped[int]
    deleted_at: Mapped[datetime] = mapped_column(Moment)
    deleted_by: Mapped[str] = mapped_column(NAME)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)


class InboxFolderRow(Table):
    """A folder or file of an inbox that is imported already, and what it looked like then.

    ``edition_id`` is NULL where the edition was deleted, so that it is not imported again.
    """

    __tablename__ = "inbox_folder"

    name: Mapped[str] = mapped_column(NAME, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(SHA)
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id"), index=True)


class ReplacedScanRow(Table):
    """A scan that another one has replaced on a page.

    What people said of its photos moves over to those photos of the new scan that look the
    same, once the new one is observed: ``carried_at``.
    """

    __tablename__ = "replaced_scan"

    edit_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    old_scan_id: Mapped[int] = mapped_column(ForeignKey("scan.id"), index=True)
    new_scan_id: Mapped[int] = mapped_column(ForeignKey("scan.id"), index=True)
    carried_at: Mapped[datetime | None] = mapped_column(Moment)


class UnprintedScanRow(Table):
    """A scan that a person took off a page.

    Where no page prints it, it goes with what was observed and said of it at ``due_at``, which is
    no earlier than that of any edition in the trash that has it; NULL: never by itself.
    """

    __tablename__ = "unprinted_scan"

    scan_id: Mapped[int] = mapped_column(
        ForeignKey("scan.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    due_at: Mapped[datetime | None] = mapped_column(Moment)
