"""Leases: which worker does which work until when, for every kind of work.

The work list is a query (``WorkList``); a lease is a row with a time limit. Two workers that do the
same work do no harm, for what they write has the same key: leases only keep them from doing the
work twice.
"""

from __future__ import annotations

import os
import platform
import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    delete,
    exists,
    false,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session

from presslens.app.db.columns import JobKind
from presslens.app.db.tables import EditionRow, LeaseRow, OutcomeRow, PageRow, ScanRow
from presslens.app.db.upsert import insert
from presslens.app.installation import Installation
from presslens.pipelines.failpoints import Failpoint, around

LOCK = 7_206_190_343
"""Any number that no other program takes as its PostgreSQL advisory lock."""


FORGOTTEN = timedelta(days=30)
"""A lease that ended so long ago is of a version that nobody works with any more."""

NOBODY = ""
"""The owner of a lease whose work has failed: the work may be leased again once it has ended."""

LONGEST_PAUSE = timedelta(minutes=1)
"""The longest pause between a failure and the next attempt: ``Worker.drain`` waits it out."""


Line = Callable[[Select[int], int], Select[int]]
"""Makes a query of keys in their order.

It takes the query of those that may not be leased now, and how many are asked for.
"""


@dataclass(frozen=True, slots=True)
class WorkList:
    """The work of one kind that waits."""

    kind: JobKind
    version: str  # a hash of what the results depend on beside the rows, such as the recipe
    keys: Select[int]  # the query of the ids that wait, of one column, unsorted
    # Keys that were leased so often, and never finished, are given up: nobody leases them any more.
    # None gives up no key.
    most_attempts: int | None = None
    # Make queries of the keys in their order: those of the first line are leased first. None: by
    # attempts and key.
    lines: Sequence[Line] = ()


class LeasedKey(NamedTuple):
    """A leased key of a work list, and how often it was leased before and now."""

    key: int
    attempts: int


def new_owner() -> str:
    """Return a name for a worker that says where the worker runs."""
    return f"{platform.node()[:100]}/{os.getpid()}/{secrets.token_hex(8)}"


def count_waiting(session: Session, works: Iterable[WorkList], *, now: datetime) -> list[int]:
    """Return the number of keys of each work list, leased or not, without those given up."""
    return [
        _count(
            session, work.keys.where(work.keys.selected_columns[0].not_in(_abandoned(work, now)))
        )
        for work in works
    ]


def count_abandoned(session: Session, works: Iterable[WorkList], *, now: datetime) -> list[int]:
    """Return the number of keys that nobody leases any more, of each work list."""
    return _count_leased(session, [(work, _abandoned(work, now)) for work in works])


def count_leased(session: Session, works: Iterable[WorkList], *, now: datetime) -> list[int]:
    """Return the number of keys on which a worker works, of each work list."""
    at_work = select(LeaseRow.key).where(LeaseRow.until_at >= now, LeaseRow.owner != NOBODY)
    return _count_leased(
        session, [(work, at_work.where(*_leases(work.kind, work.version))) for work in works]
    )


def free_keys(session: Session, work: WorkList, *, now: datetime, most: int) -> list[int]:
    """Return keys without a lease that holds, in the order in which they are to be leased."""
    if not work.lines:
        return _by_attempts(session, work, now, most)
    leased = _not_free(work, now)
    keys: dict[int, None] = {}
    for line in work.lines:
        if len(keys) < most:
            keys |= dict.fromkeys(session.scalars(line(leased, most)))
    return list(keys)[:most]


def _by_attempts(session: Session, work: WorkList, now: datetime, most: int) -> list[int]:
    # By key alone, so that a million keys are not sorted for the sake of a few leases.
    key = work.keys.selected_columns[0]
    leased = exists().where(*_leases(work.kind, work.version), LeaseRow.key == key)
    keys = list(session.scalars(work.keys.where(~leased).order_by(key).limit(most)))
    if len(keys) < most:
        again = _free(work, now).where(LeaseRow.key.is_not(None)).limit(most - len(keys))
        keys += [one for one, _ in session.execute(again)]
    return keys


def lease_keys(
    home: Installation,
    work: WorkList,
    keys: Collection[int],
    owner: str,
    *,
    now: datetime,
    most: int = 1,
) -> list[LeasedKey]:
    """Lease some of the keys that still wait and that nobody else holds.

    A key that was leased before is leased alone, so that it takes no others with it.

    Args:
        keys: From ``free_keys``, in their order; others are not leased.
        owner: The worker.
        most: Largest number of leases.
    """
    until = now + timedelta(seconds=home.settings.lease_seconds)
    with around(Failpoint.LEASE_CLAIM), home.database.write() as session:
        if session.get_bind().dialect.name == "postgresql":
            # SQLite writers queue up by themselves. Without the lock, two workers would see the
            # same free keys, and the later one would get none of them.
            session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        rows = _in_turn(session, work, keys, now)[:most]
        fresh = [row for row in rows if row[1] == 0] or rows[:1]
        if fresh:
            statement = insert(session, LeaseRow).values(
                [
                    {
                        "kind": work.kind,
                        "key": key,
                        "version": work.version,
                        "owner": owner,
                        "until_at": until,
                    }
                    for key, _ in fresh
                ]
            )
            session.execute(
                statement.on_conflict_do_update(
                    index_elements=["kind", "key", "version"],
                    set_={"owner": owner, "until_at": until, "attempts": LeaseRow.attempts + 1},
                )
            )
        return [LeasedKey(key, attempts + 1) for key, attempts in fresh]


def _in_turn(
    session: Session, work: WorkList, keys: Collection[int], now: datetime
) -> list[tuple[int, int]]:
    """Return the keys that are free still, in their order, with their attempts so far."""
    query = _free(work, now).where(work.keys.selected_columns[0].in_(keys))
    attempts = {row[0]: row[1] for row in session.execute(query)}
    return [(key, attempts[key]) for key in keys if key in attempts]


def fail(
    session: Session,
    kind: JobKind,
    version: str,
    key: int,
    owner: str,
    *,
    now: datetime,
    pause: float,
) -> int | None:
    """End a worker's lease whose work has failed; the work is tried again after a pause.

    Args:
        session: A session that writes.
        kind: The kind of work.
        version: The version of its work list.
        owner: The worker; the lease of another one stays as it is.
        pause: Seconds, doubled by each failure, up to ``LONGEST_PAUSE``.

    Returns:
        How often the work has failed; None if the worker has no such lease any more.
    """
    query = select(LeaseRow).where(*_leases(kind, version), LeaseRow.key == key)
    lease = session.scalar(query.where(LeaseRow.owner == owner).with_for_update())
    if lease is None:
        return None
    lease.failures += 1
    lease.owner = NOBODY
    lease.until_at = now + min(timedelta(seconds=pause * 2**lease.failures), LONGEST_PAUSE)
    return lease.failures


def finish(session: Session, kind: JobKind, version: str, keys: Sequence[int], owner: str) -> None:
    """Delete a worker's leases of work that is done, best in the transaction that writes it.

    Leases that nobody owns go too, for a page that has failed for good is done.
    """
    with around(Failpoint.LEASE_END):
        session.execute(
            delete(LeaseRow)
            .where(*_leases(kind, version), LeaseRow.key.in_(keys))
            .where(LeaseRow.owner.in_((owner, NOBODY)))
            .execution_options(synchronize_session=False)
        )


def let_run_out(
    session: Session, kind: JobKind, version: str, keys: Sequence[int], owner: str
) -> None:
    """Leave a worker's leases to end at their time: its heartbeat renews them no more."""
    session.execute(
        update(LeaseRow)
        .where(*_leases(kind, version), LeaseRow.key.in_(keys), LeaseRow.owner == owner)
        .values(owner=NOBODY)
        .execution_options(synchronize_session=False)
    )


def next_retry(session: Session, work: WorkList) -> datetime | None:
    """Return when failed work of a list may be tried again first; None if no such work waits.

    Work that is never given up is left out: it might fail for ever.
    """
    if work.most_attempts is None:
        return None
    query = select(func.min(LeaseRow.until_at)).where(
        *_leases(work.kind, work.version),
        LeaseRow.owner == NOBODY,
        LeaseRow.failures > 0,
        LeaseRow.attempts < work.most_attempts,
        LeaseRow.key.in_(work.keys),
    )
    return session.scalar(query)


def is_leased(session: Session, work: WorkList, *, now: datetime) -> bool:
    """Return whether a worker holds work of a list, or a pause after a failure holds it up."""
    leased = select(LeaseRow.key).where(
        *_leases(work.kind, work.version),
        LeaseRow.until_at >= now,
        LeaseRow.key.not_in(_abandoned(work, now)),
    )
    return session.scalar(leased.limit(1)) is not None


def renew(home: Installation, owner: str, *, now: datetime) -> None:
    """Put off the end of all leases of a worker."""
    until = now + timedelta(seconds=home.settings.lease_seconds)
    with home.database.write() as session:
        session.execute(update(LeaseRow).filter_by(owner=owner).values(until_at=until))
        _end_impossible(session, home, now)


def _end_impossible(session: Session, home: Installation, now: datetime) -> None:
    """End leases until a time that nobody can have meant: the clock has been put back."""
    longest = max(timedelta(seconds=home.settings.lease_seconds), LONGEST_PAUSE)
    impossible = update(LeaseRow).where(LeaseRow.until_at > now + 2 * longest)
    session.execute(impossible.values(until_at=now - timedelta(seconds=1)))


def release(home: Installation, owner: str) -> None:
    """Delete all leases of a worker that ends in good order."""
    with around(Failpoint.LEASE_RELEASE), home.database.write() as session:
        session.execute(delete(LeaseRow).filter_by(owner=owner))


def hand_back(home: Installation, owner: str, *, now: datetime) -> None:
    """End a worker's leases of work that it could not do, which count as no attempts."""
    past = now - timedelta(seconds=1)
    with home.database.write() as session:
        values = {"until_at": past, "owner": NOBODY, "attempts": LeaseRow.attempts - 1}
        session.execute(update(LeaseRow).filter_by(owner=owner).values(values))


def take_over(home: Installation, *, now: datetime) -> None:
    """End the leases of workers of this machine whose process has ended; delete forgotten ones."""
    past = now - timedelta(seconds=1)
    with around(Failpoint.LEASE_TAKE_OVER), home.database.write() as session:
        session.execute(delete(LeaseRow).where(LeaseRow.until_at < now - FORGOTTEN))
        _end_impossible(session, home, now)
        for owner in session.scalars(select(LeaseRow.owner).distinct()).all():
            if owner != NOBODY and _has_ended(owner):
                session.execute(update(LeaseRow).filter_by(owner=owner).values(until_at=past))


def _count(session: Session, keys: Select[int]) -> int:
    return session.scalar(select(func.count()).select_from(keys.subquery())) or 0


def _count_leased(session: Session, leases: Sequence[tuple[WorkList, Select[int]]]) -> list[int]:
    # There are few leases: without any, the work list, which is long to find, is not looked for.
    some = session.execute(select(*(keys.exists() for _, keys in leases))).one()
    return [
        _count(session, work.keys.where(work.keys.selected_columns[0].in_(keys))) if any_ else 0
        for (work, keys), any_ in zip(leases, some, strict=True)
    ]


def _abandoned(work: WorkList, now: datetime) -> Select[int]:
    """Return the query of the keys that were leased too often, and are leased no more."""
    query = select(LeaseRow.key).where(*_leases(work.kind, work.version))
    if work.most_attempts is None:
        return query.where(false())
    ended = or_(LeaseRow.until_at < now, LeaseRow.owner == NOBODY)
    return query.where(LeaseRow.attempts >= work.most_attempts, ended)


def _not_free(work: WorkList, now: datetime) -> Select[int]:
    """Return the query of the keys that are held, pause after a failure, or are given up."""
    blocks = LeaseRow.until_at >= now
    if work.most_attempts is not None:
        blocks = or_(blocks, LeaseRow.attempts >= work.most_attempts)
    return select(LeaseRow.key).where(*_leases(work.kind, work.version), blocks)


def _free(work: WorkList, now: datetime) -> Select[int, int]:
    """Return the query of the keys that may be leased, each with its attempts so far."""
    key = work.keys.selected_columns[0]
    attempts = func.coalesce(LeaseRow.attempts, 0)
    query = (
        work.keys.add_columns(attempts)
        .outerjoin(LeaseRow, and_(LeaseRow.key == key, *_leases(work.kind, work.version)))
        .where(or_(LeaseRow.until_at.is_(None), LeaseRow.until_at < now))
        .order_by(attempts, key)
    )
    if work.most_attempts is not None:
        query = query.where(attempts < work.most_attempts)
    return query


def _leases(kind: JobKind, version: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return LeaseRow.kind == kind, LeaseRow.version == version


def _has_ended(owner: str) -> bool:
    node, _, rest = owner.partition("/")
    pid = int(rest.partition("/")[0])
    if node != platform.node()[:100]:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


TURN_PAGES = 8
"""So many pages of an edition are looked at before other editions have their turn."""


def latest_editions(leased: Select[int], most: int, *, backfill: bool) -> Select[int]:
    """Return the query of the editions to unpack, the latest first.

    Args:
        leased: The query of those that may not be leased now.
        most: Largest number of them.
        backfill: Those of a backfill, or all others.
    """
    return (
        select(EditionRow.id)
        .where(EditionRow.unpacked_at.is_(None), EditionRow.backfill.is_(backfill))
        .where(EditionRow.id.not_in(leased))
        .order_by(EditionRow.id.desc())
        .limit(most)
    )


def scans_in_turn(
    leased: Select[int], most: int, *, observation_id: str, backfill: bool
) -> Select[int]:
    """Return the query of scans to observe: a scan may come twice, and counts where it is first.

    The latest edition has its first turn; then the one before it has, and the latest its second
    one; then the one before these, and so on. Within its turn a page over which a worker was lost
    comes last, for it may take the next worker along, too.

    No edition before the ``most`` latest ones has a page among the first ``most``: the pages of
    these alone are put in order.

    Args:
        leased: The query of those that may not be leased now.
        most: Largest number of different scans.
        observation_id: What they have no outcome of.
        backfill: Those of editions of a backfill, or of all others.
    """
    free = and_(
        PageRow.scan_id.is_not(None),
        PageRow.scan_id.not_in(leased),
        ~exists().where(
            OutcomeRow.scan_id == PageRow.scan_id, OutcomeRow.observation_id == observation_id
        ),
    )
    latest = (
        select(EditionRow.id)
        .where(EditionRow.backfill.is_(backfill))
        .where(exists().where(PageRow.edition_id == EditionRow.id, free))
        .order_by(EditionRow.id.desc())
        .limit(most)
    )
    number = func.row_number().over(partition_by=PageRow.edition_id, order_by=PageRow.number)
    place = func.dense_rank().over(order_by=PageRow.edition_id.desc())
    page = (
        select(PageRow.id, number.label("number"), place.label("place"))
        .where(PageRow.edition_id.in_(latest))
        .subquery()
    )
    lease = and_(
        LeaseRow.key == PageRow.scan_id,
        LeaseRow.kind == JobKind.OBSERVE,
        LeaseRow.version == observation_id,
    )
    turn = (page.c.number - 1) // TURN_PAGES + page.c.place
    attempts = func.coalesce(LeaseRow.attempts, 0)
    return (
        select(ScanRow.id)
        .join(PageRow, PageRow.scan_id == ScanRow.id)
        .join(page, page.c.id == PageRow.id)
        .outerjoin(LeaseRow, lease)
        .where(free)
        .order_by(turn, page.c.place.desc(), attempts, page.c.number)
    )
