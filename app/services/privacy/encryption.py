"""Encrypts the embeddings that an installation has already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, LargeBinary, and_, func, literal, select, tuple_, type_coerce
from sqlalchemy import update as update_rows
from sqlalchemy.orm import Session

from presslens.app.db.columns import FaceColumns
from presslens.app.db.figures import ReferenceFaceRow
from presslens.app.db.tables import FaceRow
from presslens.app.db.types import ENCRYPTED
from presslens.app.installation import check_version, connect, store_key_id
from presslens.app.platform.settings import Settings
from presslens.pipelines.result import Served

BATCH = 1000
"""Embeddings that one transaction encrypts: others wait for it for some tens of milliseconds."""


@dataclass(frozen=True, slots=True)
class EncryptedCounts(Served):
    """Numbers of embeddings of faces in photos, and of references' faces, that were encrypted."""

    faces: int
    references: int


def encrypt_embeddings(
    settings: Settings, *, progress: Callable[[int], None] = lambda _done: None
) -> EncryptedCounts:
    """Encrypt all embeddings that are not, with the key of the settings; from now on new ones too.

    What was interrupted goes on where it stopped. Servers and workers that were started without
    the key must be stopped before: they can't read what is encrypted.

    Args:
        settings: Of the installation; they name a key file.
        progress: Told how many embeddings are encrypted.

    Raises:
        WrongKey: There is no key file, or the embeddings are encrypted with another key.
        WrongVersion: The installation is of another version of the program.
    """
    with connect(settings) as home:
        check_version(home)
        store_key_id(home)
        counts: list[int] = []
        for table in (FaceRow, ReferenceFaceRow):
            done, start = 0, (-1, -1)
            while True:
                with home.database.write(erasing=True) as session:
                    keys = _encrypt_batch(session, table, start)
                if not keys:
                    break
                done, start = done + len(keys), keys[-1]
                progress(sum(counts) + done)
            counts.append(done)
        return EncryptedCounts(*counts)


def unencrypted(table: type[FaceColumns]) -> ColumnElement[bool]:
    """Return the condition for faces with an embedding that is not encrypted."""
    stored = type_coerce(table.embedding, LargeBinary)
    begin = func.substr(stored, 1, len(ENCRYPTED), type_=LargeBinary)
    return and_(table.embedding.is_not(None), begin != literal(ENCRYPTED, LargeBinary))


def _encrypt_batch(
    session: Session, table: type[FaceRow] | type[ReferenceFaceRow], start: tuple[int, int]
) -> list[tuple[int, int]]:
    """Encrypt the next embeddings after a key, and return their keys."""
    first, second = table.__mapper__.primary_key
    rows = session.execute(
        select(first, second, table.embedding)
        .where(unencrypted(table), tuple_(first, second) > start)
        .order_by(first, second)
        .limit(BATCH)
    ).all()
    if rows:
        session.execute(
            update_rows(table),
            [{first.name: one, second.name: two, "embedding": vector} for one, two, vector in rows],
        )
    return [(one, two) for one, two, _ in rows]
