"""Logins of browsers: a random token in a cookie, another one after each sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from presslens.app.db.accounts import AccountRow, LoginRow
from presslens.app.installation import Installation
from presslens.app.services.accounts.accounts import Account, account_like, account_state
from presslens.app.services.accounts.audit import AuditAction, add_audit
from presslens.app.services.accounts.identity import NOBODY, Identity, Via
from presslens.app.services.accounts.passwords import (
    USE_IS_NOTED_EVERY,
    digest,
    new_secret,
    verify_password,
)

LASTS = timedelta(days=14)
"""A login ends so long after it began."""
IDLE = timedelta(days=3)
"""A login ends when it was not used for so long."""


@dataclass(frozen=True, slots=True)
class NewLogin:
    """A login that has just begun, with the token of its cookie."""

    account: Account
    token: str


def sign_in(
    home: Installation,
    name: str,
    password: str,
    *,
    now: datetime,
    address: str | None,
    replacing: str | None = None,
) -> NewLogin | None:
    """Begin a login; return None if the name and the password are not those of a usable account.

    Args:
        name: The name of the account, however its letters and blanks are written.
        address: The network address that the request comes from, for the log.
        replacing: The token that the browser had before, which ends.
    """
    with home.database.read() as session:
        row = account_like(session, name)
        stored = row.password_hash if row is not None and row.disabled_at is None else None
    if not verify_password(password, stored) or row is None:
        with home.database.write() as session:
            add_audit(session, NOBODY, AuditAction.SIGN_IN_FAILED, name, now=now, address=address)
        return None
    return begin_login(home, row.id, now=now, address=address, replacing=replacing)


def begin_login(
    home: Installation,
    account_id: int,
    *,
    now: datetime,
    address: str | None,
    replacing: str | None = None,
) -> NewLogin:
    """Begin a login of an account whose owner has proved who they are; see ``sign_in``."""
    token = new_secret()
    with home.database.write() as session:
        if replacing:
            session.execute(delete(LoginRow).where(LoginRow.token_sha256 == digest(replacing)))
        session.execute(delete(LoginRow).where(_is_over(now)))
        row = session.get_one(AccountRow, account_id)
        row.signed_in_at = now
        session.add(
            LoginRow(
                token_sha256=digest(token),
                account_id=row.id,
                created_at=now,
                seen_at=now,
                expires_at=now + LASTS,
            )
        )
        add_audit(session, _identity(row, token), AuditAction.SIGN_IN, row.name, now=now,
                  address=address)  # fmt: skip
        return NewLogin(account_state(row), token)


@dataclass(frozen=True, slots=True)
class Login:
    """A browser that is signed in; its id is what an ``Identity`` has as its token."""

    id: str
    created_at: datetime
    seen_at: datetime


def list_logins(home: Installation, account_id: int) -> list[Login]:
    """Return the browsers that are signed in with an account, the latest first."""
    mine = LoginRow.account_id == account_id
    with home.database.read() as session:
        rows = session.scalars(select(LoginRow).where(mine).order_by(LoginRow.seen_at.desc()))
        return [Login(row.token_sha256, row.created_at, row.seen_at) for row in rows]


def end_other_logins(home: Installation, account_id: int, *, keep: str) -> None:
    """End all logins of an account but that of a token."""
    others = LoginRow.account_id == account_id, LoginRow.token_sha256 != digest(keep)
    with home.database.write() as session:
        session.execute(delete(LoginRow).where(*others))


def has_password(home: Installation, account_id: int, password: str) -> bool:
    """Return whether a password is that of an account."""
    with home.database.read() as session:
        row = session.get_one(AccountRow, account_id)
        stored = row.password_hash
    return verify_password(password, stored)


def sign_out(home: Installation, token: str, *, now: datetime) -> None:
    """End a login; it is no error if it has ended already."""
    with home.database.write() as session:
        row = _account_of(session, token, now)
        if row is not None:
            add_audit(session, _identity(row, token), AuditAction.SIGN_OUT, row.name, now=now)
        session.execute(delete(LoginRow).where(LoginRow.token_sha256 == digest(token)))


def identify_login(home: Installation, token: str, *, now: datetime) -> Identity | None:
    """Return who is signed in with a token; None if nobody is (any more)."""
    with home.database.read() as session:
        row = _account_of(session, token, now)
        if row is None:
            return None
        login = session.get_one(LoginRow, digest(token))
        is_stale = now - login.seen_at > USE_IS_NOTED_EVERY
        who = _identity(row, token)
    if is_stale:
        with home.database.write() as session:
            mine = LoginRow.token_sha256 == digest(token)
            session.execute(update(LoginRow).where(mine).values(seen_at=now))
    return who


def _account_of(session: Session, token: str, now: datetime) -> AccountRow | None:
    query = (
        select(AccountRow)
        .join(LoginRow, LoginRow.account_id == AccountRow.id)
        .where(
            LoginRow.token_sha256 == digest(token),
            ~_is_over(now),
            AccountRow.disabled_at.is_(None),
        )
    )
    return session.scalar(query)


def _is_over(now: datetime) -> ColumnElement[bool]:
    return (LoginRow.expires_at <= now) | (LoginRow.seen_at <= now - IDLE)


def _identity(row: AccountRow, token: str) -> Identity:
    return Identity(row.name, Via.LOGIN, row.role.permissions, row.id, token=digest(token))
