"""Ingests an edition: stores its files, and adds it to the work that waits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.tables import EditionRow, PublicationRow, UploadFileRow
from app.db.upsert import insert_new
from app.errors import InvalidRequest
from app.installation import Installation
from pipelines.scans.scan import shown


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
) -> Ingested:
    """Store an edition; the same bytes of the same publication and date are the same edition.

    Args:
        home: The installation.
        files: In page order; read one after the other.
        publication: The newspaper; it is added when it is new.
        edition_date: The day that the edition is of.
        now: The time.

    Raises:
        InvalidRequest: There is no file.
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
        edition_id = session.scalars(select(EditionRow.id).filter_by(**key)).one()
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


def content_key(digests: Sequence[str]) -> str:
    """Return the hash that identifies an edition: of its files' sha256 in page order."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def _publication(session: Session, name: str) -> int:
    insert_new(session, PublicationRow, name=name)
    return session.scalars(select(PublicationRow.id).filter_by(name=name)).one()
