"""Invitations: links by which a person chooses a password for a new account, once.

The link holds a secret of 256 bits. It ends after a week, or when its maker may add no accounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.accounts import AccountRow, InvitationRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.app.platform.permissions import AccountRole, Permission
from presslens.app.services.accounts.accounts import Account, account_of, account_state, free_name
from presslens.app.services.accounts.audit import AuditAction, add_audit
from presslens.app.services.accounts.identity import NOBODY, Identity
from presslens.app.services.accounts.passwords import (
    digest,
    equals,
    hash_password,
    new_id,
    new_secret,
    read_token,
    write_token,
)
from presslens.pipelines.result import Moment, Served

PREFIX = "pi"
LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Invitation(Served):
    """An invitation as it is listed; its secret is known to nobody but its holder."""

    id: str
    name: str
    role: AccountRole
    made_by: str
    created_at: Moment
    expires_at: Moment
    accepted_at: Moment | None
    revoked_at: Moment | None


@dataclass(frozen=True, slots=True)
class NewInvitation(Invitation):
    """An invitation that was just made, with the path that opens it, which is shown once."""

    path: str


def invite(
    home: Installation, name: str, *, role: AccountRole, by: Identity, now: datetime
) -> NewInvitation:
    """Make an invitation; an earlier one for the same name is revoked.

    Args:
        name: The name of the account that it makes.
        role: What that account may do.
        by: Who makes it.

    Raises:
        InvalidRequest: The name can't be used.
        Conflict: There is an account of this name, or of one that looks like it.
    """
    secret = new_secret()
    with home.database.write() as session:
        name = free_name(session, name)
        for earlier in session.scalars(select(InvitationRow).filter_by(name=name)):
            _revoke(session, earlier, by, now)
        row = InvitationRow(
            id=new_id(),
            secret_sha256=digest(secret),
            name=name,
            role=role,
            made_by=by.label,
            created_at=now,
            expires_at=now + LASTS,
        )
        session.add(row)
        session.flush()
        add_audit(session, by, AuditAction.INVITE, name, now=now, invitation=row.id,
                  role=role.value)  # fmt: skip
        return NewInvitation.from_attributes(row, path=f"/i/{write_token(PREFIX, row.id, secret)}")


def list_invitations(home: Installation) -> list[Invitation]:
    """Return all invitations, the latest first."""
    query = select(InvitationRow).order_by(InvitationRow.created_at.desc(), InvitationRow.id)
    with home.database.read() as session:
        return [Invitation.from_attributes(row) for row in session.scalars(query)]


def revoke_invitation(
    home: Installation, invitation_id: str, *, by: Identity, now: datetime
) -> Invitation:
    """Revoke an invitation for good. Twice is the same as once; an accepted one stays so.

    Raises:
        NotFound: There is no such invitation.
    """
    with home.database.write() as session:
        row = session.get(InvitationRow, invitation_id)
        if row is None:
            raise NotFound.saying("there is no such invitation")
        _revoke(session, row, by, now)
        return Invitation.from_attributes(row)


def find_invitation(home: Installation, token: str, *, now: datetime) -> Invitation | None:
    """Return the invitation that a link opens; None if it opens nothing.

    Raises:
        NotFound: It was accepted or revoked, or is over: who has its secret is told which.
    """
    with home.database.read() as session:
        row = _usable(session, token, now)
        return None if row is None else Invitation.from_attributes(row)


def accept_invitation(
    home: Installation, token: str, password: str, *, now: datetime, address: str | None
) -> Account | None:
    """Add the account of an invitation, with a password; None if the link opens nothing.

    Args:
        password: The password that its holder has chosen.
        address: The network address that the request comes from, for the log.

    Raises:
        NotFound: It was accepted or revoked, or is over.
        InvalidRequest: The password can't be used.
        Conflict: There is an account of this name by now.
    """
    hashed = hash_password(password)
    with home.database.write() as session:
        row = _usable(session, token, now, lock=True)
        if row is None:
            return None
        name = free_name(session, row.name)
        account = AccountRow(name=name, role=row.role, password_hash=hashed, created_at=now)
        session.add(account)
        row.accepted_at = now
        session.flush()
        add_audit(session, NOBODY, AuditAction.ADD_ACCOUNT, name, now=now, address=address,
                  role=row.role.value, invitation=row.id)  # fmt: skip
        return account_state(account)


def _revoke(session: Session, row: InvitationRow, by: Identity, now: datetime) -> None:
    if row.revoked_at is None and row.accepted_at is None:
        row.revoked_at = now
        add_audit(session, by, AuditAction.REVOKE_INVITATION, row.name, now=now, invitation=row.id)


def _usable(
    session: Session, token: str, now: datetime, *, lock: bool = False
) -> InvitationRow | None:
    parts = read_token(token, PREFIX)
    if parts is None:
        return None
    # Of two who accept at one moment the second waits here, and finds it accepted.
    row = session.get(InvitationRow, parts[0], with_for_update=lock or None)
    if row is None or not equals(parts[1], row.secret_sha256):
        return None
    maker = account_of(session, row.made_by)
    if row.accepted_at is not None:
        raise NotFound.saying(
            "this invitation was used already: sign in with the name %(name)s and the password that"
            " was chosen; if that was not you, tell whoever invited you",
            name=row.name,
        )
    ended = maker is not None and (
        maker.disabled_at is not None or Permission.ADMIN not in maker.role.permissions
    )
    if row.revoked_at is not None or ended:
        raise NotFound.saying("this invitation was revoked: ask whoever invited you for another")
    if row.expires_at <= now:
        raise NotFound.saying(
            "this invitation is over, it lasted %(days)s days: ask whoever invited you for another",
            days=LASTS.days,
        )
    return row
