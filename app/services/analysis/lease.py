"""Who looks at which page: the work list is a query, a lease is a row with a time limit.

Two workers that look at one page do no harm, for what they write has the same key; claims only
keep them from doing the work twice.
"""

from __future__ import annotations

import os
import platform
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, Update, delete, exists, func, literal, or_, select, update

from app.db.tables import EditionRow, LeaseRow, OutcomeRow, PageRow, ScanRow
from app.db.upsert import insert
from app.installation import Installation

MOST_CLAIMS = 10
"""A page over which so many workers were lost counts as failed."""


@dataclass(frozen=True, slots=True)
class Work:
    """A claimed page: where its bytes are, and how often it was claimed before and now."""

    scan_id: int
    sha256: str
    frame: int
    source: str
    attempts: int


def new_owner() -> str:
    """Return a name for this worker that says where it runs."""
    return f"{platform.node()[:100]}/{os.getpid()}/{secrets.token_hex(8)}"


def waiting(observation_id: str) -> Select[int]:
    """Return the query of the scans that have no outcome: the work list."""
    seen = exists().where(
        OutcomeRow.scan_id == ScanRow.id, OutcomeRow.observation_id == observation_id
    )
    return select(ScanRow.id).where(~seen)


def claim_page(home: Installation, owner: str, *, now: datetime) -> Work | None:
    """Lease a page that nobody looks at; pages over which no worker was lost come first."""
    observation_id = home.recipe.observation_id
    until = now + timedelta(seconds=home.settings.lease_seconds)
    free = (
        waiting(observation_id)
        .outerjoin(
            LeaseRow, (LeaseRow.scan_id == ScanRow.id) & (LeaseRow.observation_id == observation_id)
        )
        .where(or_(LeaseRow.until_at.is_(None), LeaseRow.until_at < now))
        .order_by(func.coalesce(LeaseRow.attempts, 0), ScanRow.id)
        .limit(1)
        .with_for_update(of=ScanRow, key_share=True, skip_locked=True)
        .with_only_columns(
            ScanRow.id,
            literal(observation_id),
            literal(owner),
            literal(until, LeaseRow.until_at.type),
            literal(1),
            literal(0),
        )
    )
    with home.database.write() as session:
        statement = insert(session, LeaseRow).from_select(
            ["scan_id", "observation_id", "owner", "until_at", "attempts", "failures"], free
        )
        claimed = session.execute(
            statement.on_conflict_do_update(
                index_elements=["scan_id", "observation_id"],
                set_={"owner": owner, "until_at": until, "attempts": LeaseRow.attempts + 1},
                where=LeaseRow.until_at < now,
            ).returning(LeaseRow.scan_id, LeaseRow.attempts)
        ).one_or_none()
        if claimed is None:
            return None
        scan = session.get_one(ScanRow, claimed.scan_id)
        source = session.scalar(select(func.min(PageRow.source)).filter_by(scan_id=scan.id))
        return Work(scan.id, scan.sha256, scan.frame, source or "", claimed.attempts)


def renew(home: Installation, owner: str, *, now: datetime) -> None:
    """Put off the end of everything that a worker has claimed."""
    until = now + timedelta(seconds=home.settings.lease_seconds)
    with home.database.write() as session:
        session.execute(update(LeaseRow).filter_by(owner=owner).values(until_at=until))
        session.execute(
            update(EditionRow).filter_by(claimed_by=owner).values(claimed_until_at=until)
        )


def release(home: Installation, owner: str) -> None:
    """Give back everything that a worker that ends in good order has claimed."""
    with home.database.write() as session:
        session.execute(delete(LeaseRow).filter_by(owner=owner))
        session.execute(_free_editions(owner).values(attempts=EditionRow.attempts - 1))


def take_over(home: Installation, *, now: datetime) -> None:
    """Free what workers of this machine have claimed that are no longer there."""
    past = now - timedelta(seconds=1)
    with home.database.write() as session:
        owners = {
            *session.scalars(select(LeaseRow.owner).distinct()),
            *session.scalars(select(EditionRow.claimed_by).distinct()),
        }
        for owner in owners:
            if owner is not None and _is_gone(owner):
                session.execute(update(LeaseRow).filter_by(owner=owner).values(until_at=past))
                session.execute(_free_editions(owner))


def _free_editions(owner: str) -> Update:
    return (
        update(EditionRow)
        .where(EditionRow.claimed_by == owner)
        .values(claimed_by=None, claimed_until_at=None)
    )


def _is_gone(owner: str) -> bool:
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
