"""The log of who did what that changes no photo or edition: accounts, keys, logins, exports.

Changes of what statistics are made of are edits (``app.db.edits``), which can be undone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.accounts import AuditRow
from presslens.app.db.queries import BATCH, Key, Listing, every, paginate
from presslens.app.installation import Installation
from presslens.app.services.accounts.identity import Identity
from presslens.pipelines.result import Moment, Served


class AuditAction(StrEnum):
    """What somebody did."""

    SIGN_IN = "sign in"
    SIGN_IN_FAILED = "sign in failed"
    SIGN_OUT = "sign out"
    ADD_ACCOUNT = "add account"
    CHANGE_ACCOUNT = "change account"
    DISABLE_ACCOUNT = "disable account"
    SET_PASSWORD = "set password"  # noqa: S105 - the name of an action
    INVITE = "invite"
    REVOKE_INVITATION = "revoke invitation"
    ADD_KEY = "add key"
    REVOKE_KEY = "revoke key"
    SHARE = "share"
    OPEN_LINK = "open link"
    OPEN_LINK_FAILED = "open link failed"
    REVOKE_LINK = "revoke link"
    EXPORT = "export"
    ERASE = "erase"


OF_ACCOUNTS = (
    AuditAction.SIGN_IN,
    AuditAction.SIGN_IN_FAILED,
    AuditAction.SIGN_OUT,
    AuditAction.ADD_ACCOUNT,
    AuditAction.CHANGE_ACCOUNT,
    AuditAction.DISABLE_ACCOUNT,
    AuditAction.SET_PASSWORD,
    AuditAction.INVITE,
    AuditAction.REVOKE_INVITATION,
)
"""What is done to an account, whose name is the target."""


@dataclass(frozen=True, slots=True)
class AuditEntry(Served):
    """One entry of the log."""

    id: int
    at: Moment
    actor: str
    via: str
    action: str
    target: str
    address: str | None
    detail: dict[str, Any]


def add_audit(
    session: Session,
    who: Identity,
    action: AuditAction,
    target: str,
    *,
    now: datetime,
    address: str | None = None,
    **detail: Any,
) -> None:
    """Log in the transaction that does it what somebody did.

    Args:
        who: Who did it.
        action: What they did.
        target: The name of what they did it to.
        address: The network address that the request came from, where ``who`` doesn't know it.
        detail: What else is to be known; never a secret.
    """
    session.add(
        AuditRow(
            at=now,
            actor=who.label,
            via=who.via.value,
            action=action.value,
            target=target[:255],
            address=address or who.address,
            detail=detail,
        )
    )


def log_audit(
    home: Installation,
    who: Identity,
    action: AuditAction,
    target: str,
    *,
    now: datetime,
    address: str | None = None,
) -> None:
    """Log what somebody did in a transaction of its own; see ``add_audit``."""
    with home.database.write() as session:
        add_audit(session, who, action, target, now=now, address=address)


def list_audit(home: Installation, *, limit: int, start: str | None = None) -> Listing[AuditEntry]:
    """Return the log, the latest first.

    Args:
        limit: Largest number of entries.
        start: The cursor of the listing before; None for the first one.

    Raises:
        InvalidRequest: The cursor is not one of this list.
    """
    keys = [Key(AuditRow.id, int)]
    with home.database.read() as session:
        page = paginate(session, select(AuditRow), keys, limit=limit, start=start, descending=True)
        entries = [AuditEntry.from_attributes(row.AuditRow) for row in page.items]
        return Listing(entries, page.next_cursor)


def iterate_audit(home: Installation) -> Iterator[AuditEntry]:
    """Yield the whole log, the latest first."""
    return every(lambda start: list_audit(home, limit=BATCH, start=start))
