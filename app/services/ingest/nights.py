"""The record of nights: when each ran and where, what it imported, and what it reported."""

from __future__ import annotations

import getpass
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import func, select

from presslens.app.db.nightly import NightlyRunRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.app.services.ingest.import_records import InboxRecord, list_imports
from presslens.models.message import dump_document, load_document
from presslens.pipelines.counted import counted
from presslens.pipelines.result import Moment, Served

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class NightlyRun(Served):
    """A night that is on record."""

    SERVED: ClassVar[str] = """
        run=id began_at ended_at machine account exit_code imports report=document
    """

    id: int
    began_at: Moment  # when it began
    ended_at: Moment | None  # when it ended; None: it is at work, or was interrupted
    machine: str  # where it ran
    account: str  # under which account of that machine
    exit_code: int | None  # how it ended; None: it didn't
    imports: Sequence[InboxRecord]  # what it took in
    document: Mapping[str, Any] | None  # what it reported; None: it didn't

    def text(self) -> str:
        """Return the night for people: a line, and one for each import."""
        ended = f"{self.ended_at:%Y-%m-%d %H:%M}" if self.ended_at else "it did not end"
        result = "" if self.exit_code is None else f", ended with {self.exit_code}"
        lines = [
            f"night {self.id}: {self.began_at:%Y-%m-%d %H:%M} to {ended}, on {self.machine} as"
            f" {self.account}{result}; {counted(len(self.imports), 'edition')} imported"
        ]
        lines += [
            f"  {one.name}: {one.decision.value}, edition {one.edition_id} of {one.publication}"
            f" {one.edition_date}, {counted(len(one.files), 'file')}, sha256 {one.content_key[:16]}"
            for one in self.imports
        ]
        return "\n".join(lines)


def begin_run(home: Installation, *, now: datetime) -> int:
    """Put the begin of a night on record, and return its id."""
    row = NightlyRunRow(began_at=now, machine=platform.node() or UNKNOWN, account=_account())
    with home.database.write() as session:
        session.add(row)
        session.flush()
        return row.id


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may have an account without a name
        return str(os.getuid())


def unended_since(home: Installation, run_id: int) -> datetime | None:
    """Return when the first of the nights before a run began that were interrupted, if any.

    Those before the latest that ended are in its report.
    """
    ended = select(func.max(NightlyRunRow.id)).where(NightlyRunRow.ended_at.is_not(None))
    unended = select(func.min(NightlyRunRow.began_at)).where(
        NightlyRunRow.id < run_id, NightlyRunRow.id > func.coalesce(ended.scalar_subquery(), 0)
    )
    with home.database.read() as session:
        return session.scalar(unended)


def end_run(
    home: Installation, run_id: int, document: Mapping[str, Any], exit_code: int, *, now: datetime
) -> None:
    """Put the end of a night on record, and what it reported."""
    with home.database.write() as session:
        row = session.get_one(NightlyRunRow, run_id)
        row.ended_at, row.exit_code, row.document = now, exit_code, dump_document(document)


def list_runs(home: Installation, *, limit: int, imports: bool = True) -> list[NightlyRun]:
    """Return the latest nights, the latest first; with what they took in, or without."""
    query = select(NightlyRunRow).order_by(NightlyRunRow.id.desc()).limit(limit)
    with home.database.read() as session:
        rows = session.scalars(query).all()
        return [_loaded(row, list_imports(session, row.id) if imports else ()) for row in rows]


def find_run(home: Installation, run_id: int) -> NightlyRun:
    """Return a night.

    Raises:
        NotFound: There is no such night.
    """
    with home.database.read() as session:
        row = session.get(NightlyRunRow, run_id)
        if row is None:
            raise NotFound.saying("no such night: %(id)s", id=run_id)
        return _loaded(row, list_imports(session, run_id))


def _loaded(row: NightlyRunRow, imports: Sequence[InboxRecord]) -> NightlyRun:
    return NightlyRun.from_attributes(row, imports=imports, document=load_document(row.document))
