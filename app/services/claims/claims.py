"""Keeps claims: rules that a source asserts of some editions. A changed claim is a new version."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select
from sqlalchemy.orm import Session, aliased

from app.db import cursor
from app.db.claims import ClaimRow
from app.db.upsert import insert_new
from app.errors import Conflict, InvalidRequest, NotFound
from app.installation import Installation
from app.text import LONGEST_NAME, LONGEST_TEXT, one_line
from pipelines.statistics.claim.parser import parse
from pipelines.statistics.claim.tree import version as rule_version

LONGEST_PERIOD = 3660
"""Days that a claim may be about: ten years."""

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")


@dataclass(frozen=True, slots=True)
class NewClaim:
    """A claim to be kept.

    Attributes:
        statement: What is claimed, in words.
        rule: The same as a rule.
        publication: Name of the newspaper.
        first: First day that it is about.
        last: Last day.
        source: Who claims it, and where.
        note: How the rule reads the source.
        key: What stays the same when the claim changes; None: made of the others but the rule.
    """

    statement: str
    rule: str
    publication: str
    first: date
    last: date
    source: str = ""
    note: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimState:
    """A version of a claim; ``latest`` is the one that counts."""

    id: int
    key: str
    version: int
    latest: bool
    statement: str
    rule: str
    rule_version: str
    publication: str
    first: date
    last: date
    source: str
    note: str | None
    seeded: bool
    created_at: datetime

    def to_json(self) -> dict[str, Any]:
        """Return the claim as it is served."""
        return {
            "id": self.id,
            "key": self.key,
            "version": self.version,
            "latest": self.latest,
            "statement": self.statement,
            "rule": self.rule,
            "rule_version": self.rule_version,
            "publication": self.publication,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "source": self.source,
            "note": self.note,
            "seeded": self.seeded,
            "created_at": self.created_at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class ClaimFilter:
    """Which claims are wanted; None means any.

    Attributes:
        publication: Name of the newspaper.
        first: They are about this day or later ones.
        last: They are about this day or earlier ones.
        key: Only this one.
        versions: Old versions too.
    """

    publication: str | None = None
    first: date | None = None
    last: date | None = None
    key: str | None = None
    versions: bool = False


@dataclass(frozen=True, slots=True)
class ClaimList:
    """Some claims by their first day, and the cursor of the next ones."""

    claims: list[ClaimState]
    next_cursor: str | None


def add_claim(home: Installation, claim: NewClaim, *, now: datetime) -> tuple[int, bool]:
    """Keep a claim, and return its id, and whether it is new; the same again is the same claim.

    A claim with the key of another one is its next version.

    Raises:
        InvalidRule: The rule can't be read; the error says where.
        InvalidRequest: A text is empty, too long or not printable, or the days are out of order.
        Conflict: The key is of a claim that comes with the program, or it changes at this moment.
    """
    check_period(claim.first, claim.last)
    parse(claim.rule)
    values = {
        "statement": one_line(claim.statement, "a statement", LONGEST_TEXT),
        "rule": claim.rule.strip(),
        "publication": one_line(claim.publication, "a publication", LONGEST_NAME),
        "first_date": claim.first,
        "last_date": claim.last,
        "source": one_line(claim.source, "a source", LONGEST_TEXT, empty=True),
        "note": one_line(claim.note or "", "a note", LONGEST_TEXT, empty=True) or None,
    }
    key = _key(claim)
    with home.database.write() as session:
        latest: ClaimRow | None = session.scalars(
            _latest().where(ClaimRow.key == key)
        ).one_or_none()
        if latest is not None and latest.seeded:
            raise Conflict(f"{key} is a claim that comes with Presslens: give yours another key")
        if latest is not None and is_same(latest, values):
            return latest.id, False
        return append_version(session, latest, key, values, seeded=False, now=now), True


def is_same(row: ClaimRow, values: Mapping[str, Any]) -> bool:
    """Tell whether a claim says just this."""
    return all(getattr(row, name) == value for name, value in values.items())


def append_version(
    session: Session,
    latest: ClaimRow | None,
    key: str,
    values: dict[str, Any],
    *,
    seeded: bool,
    now: datetime,
) -> int:
    """Write the next version of a claim, and return its id.

    Raises:
        Conflict: Somebody else wrote it at this moment.
    """
    number = latest.version + 1 if latest is not None else 1
    row = {**values, "key": key, "version": number, "seeded": seeded, "created_at": now}
    if not insert_new(session, ClaimRow, **row):
        raise Conflict(f"the claim {key} is being changed: try again")
    found = session.scalar(select(ClaimRow.id).filter_by(key=key, version=number))
    return found or 0


def list_claims(
    home: Installation, wanted: ClaimFilter, *, limit: int, start: str | None = None
) -> ClaimList:
    """Return claims by their first day; without old versions unless they are wanted.

    Raises:
        InvalidRequest: The cursor is not one of this list.
    """
    columns: list[ColumnElement[Any]] = [ClaimRow.first_date.expression, ClaimRow.id.expression]
    query = select(ClaimRow) if wanted.versions else _latest()
    query = query.where(*_conditions(wanted)).order_by(*columns)
    if start is not None:
        values = cursor.decode(start, (date, int))
        query = query.where(cursor.after(columns, values, descending=False))
    with home.database.read() as session:
        rows = list(session.scalars(query.limit(limit + 1)))
        more, rows = len(rows) > limit, rows[:limit]
        newest = _newest(session, {row.key for row in rows})
        states = [_state(row, newest[row.key]) for row in rows]
    end = cursor.encode((rows[-1].first_date, rows[-1].id)) if more else None
    return ClaimList(states, end)


def iterate_claims(home: Installation, wanted: ClaimFilter) -> Iterator[ClaimState]:
    """Yield all claims that are wanted, by their first day."""
    start = None
    while True:
        found = list_claims(home, wanted, limit=200, start=start)
        yield from found.claims
        if (start := found.next_cursor) is None:
            return


def find_claim(home: Installation, claim_id: int) -> ClaimState:
    """Return a version of a claim.

    Raises:
        NotFound: There is none with this id.
    """
    with home.database.read() as session:
        row = session.get(ClaimRow, claim_id)
        if row is None:
            raise NotFound("there is no such claim")
        return _state(row, _newest(session, {row.key})[row.key])


def claim_named(home: Installation, key: str) -> ClaimState:
    """Return the latest version of the claim with this key.

    Raises:
        NotFound: There is none.
    """
    found = list_claims(home, ClaimFilter(key=key), limit=1).claims
    if not found:
        raise NotFound(f"there is no claim with the key {key!r}")
    return found[0]


def remove_claim(home: Installation, claim_id: int) -> None:
    """Remove a claim with all its versions.

    Raises:
        NotFound: There is none with this id.
        Conflict: It comes with the program.
    """
    with home.database.write() as session:
        row = session.get(ClaimRow, claim_id)
        if row is None:
            raise NotFound("there is no such claim")
        if row.seeded:
            raise Conflict("this claim comes with Presslens and can't be removed")
        session.execute(delete(ClaimRow).where(ClaimRow.key == row.key, ClaimRow.seeded.is_(False)))


def check_period(first: date, last: date) -> None:
    """See that days are in order, and not too many.

    Raises:
        InvalidRequest: They are not.
    """
    if not 0 <= (last - first).days < LONGEST_PERIOD:
        raise InvalidRequest(f"the days go from one to a later one, {LONGEST_PERIOD} at most")


def _key(claim: NewClaim) -> str:
    if claim.key is None:
        about = (claim.publication.strip(), claim.first, claim.last, claim.statement.strip())
        return f"own-{hashlib.sha256(repr(about).encode()).hexdigest()[:12]}"
    if KEY.fullmatch(claim.key) is None:
        raise InvalidRequest("a key has up to 100 small letters, digits and hyphens")
    return claim.key


def _latest() -> Select[ClaimRow]:
    """Return the query of the claims in their latest versions."""
    other = aliased(ClaimRow)
    later = select(other.id).where(other.key == ClaimRow.key, other.version > ClaimRow.version)
    return select(ClaimRow).where(~later.correlate(ClaimRow).exists())


def _newest(session: Session, keys: set[str]) -> dict[str, int]:
    query = select(ClaimRow.key, func.max(ClaimRow.version)).where(ClaimRow.key.in_(keys))
    return dict(session.execute(query.group_by(ClaimRow.key)).all())


def _conditions(wanted: ClaimFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.publication is not None:
        yield ClaimRow.publication == wanted.publication
    if wanted.first is not None:
        yield ClaimRow.last_date >= wanted.first
    if wanted.last is not None:
        yield ClaimRow.first_date <= wanted.last
    if wanted.key is not None:
        yield ClaimRow.key == wanted.key


def _state(row: ClaimRow, newest: int) -> ClaimState:
    return ClaimState(
        id=row.id,
        key=row.key,
        version=row.version,
        latest=row.version == newest,
        statement=row.statement,
        rule=row.rule,
        rule_version=rule_version(parse(row.rule)),
        publication=row.publication,
        first=row.first_date,
        last=row.last_date,
        source=row.source,
        note=row.note,
        seeded=row.seeded,
        created_at=row.created_at,
    )
