"""Requests that were given a key, and their answers, so that one sent twice has one effect."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy import JSON, Index, LargeBinary, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from presslens.app.db.columns import NAME, SHA, Table
from presslens.app.db.session import Database
from presslens.app.db.types import Moment
from presslens.app.db.upsert import insert_new

RETENTION = timedelta(hours=24)
"""How long the answer to a key is kept."""

ABANDONED = timedelta(minutes=10)
"""A request that has had no answer for so long was interrupted: it may be made again."""


class RepeatedRequestRow(Table):
    """A request with a key of a person's, and its answer.

    ``digest`` is the hash of the request; it is NULL, as is the answer, while the request is worked
    on.
    """

    __tablename__ = "repeated_request"
    __table_args__ = (Index(None, "begun_at"),)

    person: Mapped[str] = mapped_column(NAME, primary_key=True)
    key: Mapped[str] = mapped_column(NAME, primary_key=True)
    begun_at: Mapped[datetime] = mapped_column(Moment)
    digest: Mapped[str | None] = mapped_column(SHA)
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """The answer to a request: the hash of the request, its status, headers and body."""

    digest: str
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class RepeatedRequest:
    """A key of a person's, by which requests are told to be the same."""

    database: Database
    person: str
    key: str

    def begin(self, now: datetime) -> FirstAnswer | bool:
        """Return the stored answer; else whether this request may be made now.

        Answers that nobody needs any more are deleted.
        """
        row = RepeatedRequestRow
        unanswered = row.status.is_(None) & (row.begun_at < now - ABANDONED)
        with self.database.write() as session:
            session.execute(delete(row).where((row.begun_at < now - RETENTION) | unanswered))
            if insert_new(session, row, person=self.person, key=self.key, begun_at=now):
                return True
            stored = session.scalars(select(row).where(*self._conditions())).one()
            if stored.status is None or stored.digest is None:
                return False
            headers = dict(stored.headers or {})
            return FirstAnswer(stored.digest, stored.status, headers, stored.body or b"")

    def keep(self, answer: FirstAnswer) -> None:
        """Keep the answer for a request that is made again."""
        values = {
            "digest": answer.digest,
            "status": answer.status,
            "headers": answer.headers,
            "body": answer.body,
        }
        with self.database.write() as session:
            session.execute(update(RepeatedRequestRow).where(*self._conditions()).values(values))

    def forget(self) -> None:
        """Let the key be used again: its request had no effect."""
        with self.database.write() as session:
            session.execute(delete(RepeatedRequestRow).where(*self._conditions()))

    def _conditions(self) -> tuple[Any, ...]:
        return RepeatedRequestRow.person == self.person, RepeatedRequestRow.key == self.key


def forget_answers(session: Session, name: str) -> int:
    """Delete the requests of a person, and the answers that a name stands in; return how many."""
    row = RepeatedRequestRow
    as_json = (json.dumps(name, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
    written = {name, html.escape(name), quote(name), quote(name, safe=""), *as_json}
    forgotten = []
    for answer in session.execute(select(row.person, row.key, row.headers, row.body)):
        head = json.dumps([answer.person, answer.headers], ensure_ascii=False).encode()
        if any(one.encode() in part for one in written for part in (head, answer.body or b"")):
            forgotten.append((answer.person, answer.key))
    for person, key in forgotten:
        session.execute(delete(row).where(row.person == person, row.key == key))
    return len(forgotten)
