"""Ingests an edition: stores its files, and adds it to the work that waits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db.statistics import EditionSummaryRow
from app.db.tables import EditionRow, PublicationRow, UploadFileRow
from app.db.upsert import insert_new
from app.errors import InvalidRequest
from app.installation import Installation
from pipelines.scans.page_numbers import parse_page_numbers
from pipelines.scans.scan import shown
from pipelines.statistics.page import missing_pages


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file to ingest: its name for people, and its bytes."""

    name: str
    stream: BinaryIO


@dataclass(frozen=True, slots=True)
class Ingested:
    """The edition of ingested files, and whether it was new."""

    edition_id: int
    created: bool


@dataclass(frozen=True, slots=True)
class _StoredFile:
    name: str
    sha256: str
    size: int


def ingest(
    home: Installation,
    files: Iterable[Incoming],
    *,
    publication: str,
    edition_date: date,
    now: datetime,
    pages_expected: int | None = None,
    page_numbers: Sequence[int] | None = None,
) -> Ingested:
    """Store an edition; the same bytes of the same publication and date are the same edition.

    Given again, an edition gets the number of pages that is said of it then.

    Args:
        home: The installation.
        files: In page order; read one after the other.
        publication: The newspaper; it is added when it is new.
        edition_date: The day that the edition is of.
        now: The time.
        pages_expected: Number of pages that the edition had, uploaded or not; None: not known.
        page_numbers: Number of each uploaded page, in page order; None: the names of the files
            tell them, or their order.

    Raises:
        InvalidRequest: There is no file, or the pages of the edition have other numbers already.
        LimitExceeded: A file is larger than the settings allow.
        DiskFull: Too little disk is free.
    """
    stored = []
    for file in files:
        blob = home.storage.put(file.stream, most=home.settings.file_bytes)
        stored.append(_StoredFile(shown(file.name) or "unnamed", blob.sha256, blob.size))
    if not stored:
        raise InvalidRequest("an edition needs at least one file")
    with home.database.write() as session:
        key = {
            "publication_id": _publication(session, publication),
            "edition_date": edition_date,
            "content_key": content_key([file.sha256 for file in stored]),
        }
        created = insert_new(session, EditionRow, **key, created_at=now)
        edition = session.scalars(select(EditionRow).filter_by(**key)).one()
        _describe(session, edition, pages_expected, page_numbers)
        edition_id = edition.id
        if created:
            session.add_all(
                UploadFileRow(
                    edition_id=edition_id,
                    position=position,
                    sha256=file.sha256,
                    size=file.size,
                    name=file.name,
                )
                for position, file in enumerate(stored)
            )
    return Ingested(edition_id, created)


def read_page_numbers(text: str) -> list[int]:
    """Return the page numbers of a list that somebody has typed.

    Raises:
        InvalidRequest: It is no such list; the message says what to write.
    """
    try:
        return parse_page_numbers(text)
    except ValueError as error:
        raise InvalidRequest(str(error)) from error


def _describe(
    session: Session,
    edition: EditionRow,
    pages_expected: int | None,
    page_numbers: Sequence[int] | None,
) -> None:
    """Store what is said of the pages of an edition."""
    numbers = list(page_numbers) if page_numbers else None
    if numbers and edition.unpacked_at is not None and numbers != edition.page_numbers:
        raise InvalidRequest(
            f"edition {edition.id} is there already, and its pages are numbered:"
            " give the same numbers, or none"
        )
    edition.page_numbers = numbers or edition.page_numbers
    if pages_expected in (None, edition.pages_expected):
        return
    edition.pages_expected = pages_expected
    number = [page.number for page in edition.pages]
    pages = len(number) + len(missing_pages(number, pages_expected))
    of_edition = update(EditionSummaryRow).filter_by(edition_id=edition.id)
    session.execute(of_edition.values(pages=pages))


def content_key(digests: Sequence[str]) -> str:
    """Return the hash that identifies an edition: of its files' sha256 in page order."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def _publication(session: Session, name: str) -> int:
    insert_new(session, PublicationRow, name=name)
    return session.scalars(select(PublicationRow.id).filter_by(name=name)).one()
