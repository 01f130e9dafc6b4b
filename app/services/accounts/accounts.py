"""The accounts of people: their names, roles and passwords; and all that opens an installation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from presslens.app.db.accounts import AccountRow, ApiKeyRow, InvitationRow, LoginRow, ShareLinkRow
from presslens.app.db.repeated_requests import RepeatedRequestRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, NotFound, NotPermitted
from presslens.app.platform.permissions import AccountRole
from presslens.app.platform.text import LONGEST_NAME, fold_name, one_line
from presslens.app.services.accounts.audit import AuditAction, add_audit
from presslens.app.services.accounts.identity import Identity
from presslens.app.services.accounts.passwords import hash_password
from presslens.app.storage.storage import BACKUP_LIST
from presslens.pipelines.result import OMITTED, Moment, Served


@dataclass(frozen=True, slots=True)
class Account(Served):
    """An account as it is listed; its password is known to nobody but its owner."""

    id: int
    name: str
    role: AccountRole
    has_password: bool
    created_at: Moment
    signed_in_at: Moment | None
    disabled_at: Moment | None


@dataclass(frozen=True, slots=True)
class NewAccount(Account):
    """An account that was just added, with the password that was made for it, shown once."""

    password: Annotated[str | None, OMITTED] = None


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What is changed of an account; None leaves it as it is."""

    role: AccountRole | None = None
    password: str | None = None
    enabled: bool | None = None


def add_account(
    home: Installation,
    name: str,
    *,
    role: AccountRole,
    password: str | None,
    by: Identity,
    now: datetime,
    subject: str | None = None,
) -> Account:
    """Add an account.

    Args:
        name: What it signs in with, and what changes are logged under.
        role: What it may do.
        password: Its password; None: it signs in through an OpenID provider alone.
        by: Who adds it.
        subject: Its identity at the OpenID provider.

    Raises:
        InvalidRequest: The name or the password can't be used.
        Conflict: There is an account of this name, or of one that looks like it.
    """
    hashed = None if password is None else hash_password(password)
    with home.database.write() as session:
        name = free_name(session, name)
        row = AccountRow(
            name=name, role=role, password_hash=hashed, subject=subject, created_at=now
        )
        session.add(row)
        session.flush()
        add_audit(session, by, AuditAction.ADD_ACCOUNT, name, now=now, role=role.value)
        return account_state(row)


def free_name(session: Session, name: str) -> str:
    """Return the name of a new account in one line.

    Raises:
        InvalidRequest: The name can't be used.
        Conflict: There is an account of this name, or of one that looks like it.
    """
    name = one_line(name, "the name of an account", LONGEST_NAME)
    taken = account_like(session, name)
    if taken is not None:
        raise Conflict.saying("there is an account named %(name)s", name=taken.name)
    return name


def change_account(
    home: Installation, account_id: int, change: AccountChange, *, by: Identity, now: datetime
) -> Account:
    """Change the role or the password of an account, disable it, or enable it again.

    A new password and a disabled account end its logins; its keys have no more scopes than its
    role, and none while it is disabled.

    Raises:
        NotFound: There is no such account.
        InvalidRequest: The password can't be used.
        Conflict: No other account could add accounts any more.
    """
    hashed = None if change.password is None else hash_password(change.password)
    with home.database.write() as session:
        row = session.get(AccountRow, account_id)
        if row is None:
            raise NotFound.saying("there is no such account")
        had_admin = _has_admin(session)  # a restored archive has none until a password is set
        if change.role is not None and change.role is not row.role:
            row.role = change.role
            _log_change(session, by, AuditAction.CHANGE_ACCOUNT, row, now)
        if hashed is not None:
            row.password_hash = hashed
            _end_logins(session, row)
            _log_change(session, by, AuditAction.SET_PASSWORD, row, now)
        if change.enabled is not None and change.enabled is (row.disabled_at is not None):
            row.disabled_at = None if change.enabled else now
            _end_logins(session, row)
            action = AuditAction.CHANGE_ACCOUNT if change.enabled else AuditAction.DISABLE_ACCOUNT
            _log_change(session, by, action, row, now)
        session.flush()
        if had_admin and not _has_admin(session):
            raise Conflict.saying("this is the only account that can manage accounts")
        return account_state(row)


def list_accounts(home: Installation) -> list[Account]:
    """Return all accounts by their names."""
    with home.database.read() as session:
        rows = session.scalars(select(AccountRow).order_by(AccountRow.name))
        return [account_state(row) for row in rows]


def account_named(home: Installation, name: str) -> Account:
    """Return the account of a name.

    Raises:
        NotFound: There is none.
    """
    with home.database.read() as session:
        row = account_of(session, name)
        if row is None:
            raise NotFound.saying("there is no account named %(name)s", name=name)
        return account_state(row)


def has_admin(home: Installation) -> bool:
    """Return whether somebody can sign in who may manage accounts."""
    with home.database.read() as session:
        return _has_admin(session)


def close_account(session: Session, name: str, pseudonym: str, *, now: datetime) -> None:
    """Close an account for good, and replace its name: its logins and keys end.

    Raises:
        Conflict: No other account could manage accounts.
    """
    row = account_of(session, name)
    if row is None:
        return
    had_admin = _has_admin(session)
    row.name, row.password_hash, row.subject = pseudonym, None, None
    row.disabled_at = now
    _end_logins(session, row)
    keys = update(ApiKeyRow).where(ApiKeyRow.account_id == row.id)
    session.execute(keys.values(revoked_at=func.coalesce(ApiKeyRow.revoked_at, now)))
    session.flush()
    if had_admin and not _has_admin(session):
        raise Conflict.saying("this is the only account that can manage accounts")


def account_state(row: AccountRow) -> Account:
    """Return the account of a row."""
    return Account.from_attributes(row, has_password=row.password_hash is not None)


def account_of(session: Session, name: str) -> AccountRow | None:
    """Return the row of the account of a name; None if there is none."""
    return session.scalar(select(AccountRow).where(AccountRow.name == name))


def account_like(session: Session, name: str) -> AccountRow | None:
    """Return the row of the account that somebody means by a name; see ``fold_name``."""
    exact = account_of(session, name)
    if exact is not None:
        return exact
    rows = session.scalars(select(AccountRow).order_by(AccountRow.id))
    return next((row for row in rows if fold_name(row.name) == fold_name(name)), None)


def _has_admin(session: Session) -> bool:
    usable = select(func.count()).where(
        AccountRow.role == AccountRole.ADMIN,
        AccountRow.disabled_at.is_(None),
        AccountRow.password_hash.is_not(None) | AccountRow.subject.is_not(None),
    )
    return bool(session.scalar(usable))


def _end_logins(session: Session, row: AccountRow) -> None:
    session.execute(delete(LoginRow).where(LoginRow.account_id == row.id))


def _log_change(
    session: Session, by: Identity, action: AuditAction, row: AccountRow, now: datetime
) -> None:
    add_audit(
        session, by, action, row.name, now=now, role=row.role.value, enabled=row.disabled_at is None
    )


@dataclass(frozen=True, slots=True)
class Access:
    """What opens an installation."""

    keys: int = 0  # number of keys of programs
    links: int = 0  # number of share links
    invitations: int = 0  # number of invitations
    logins: int = 0  # number of browsers that are signed in
    accounts: Sequence[str] = ()  # names of accounts that can sign in


def check_doors(home: Installation) -> None:
    """Check that an installation that asks for logins has somebody who can give them.

    Raises:
        NotPermitted: It has no administrator, or is a backup: whatever opened the installation that
            it is of would open this one.
    """
    if not home.settings.login_required:
        return
    folder = home.settings.data_dir
    if (folder / BACKUP_LIST).exists():
        raise NotPermitted(
            f"{folder} is a backup, with the keys, links and passwords of its installation: restore"
            f" it into a folder of its own (`presslens restore {folder}`)"
        )
    if not has_admin(home):
        raise NotPermitted(
            f"the server on {home.settings.host} would ask everybody to sign in, and nobody can:"
            " run `presslens users add NAME --role admin` first, or give an administrator of a"
            " restored archive another password: `presslens users password NAME`"
        )


def find_access(session: Session) -> Access:
    """Return what opens an installation."""
    keys, links, invitations, logins = (
        session.scalar(select(func.count()).select_from(table)) or 0
        for table in (ApiKeyRow, ShareLinkRow, InvitationRow, LoginRow)
    )
    can_sign_in = AccountRow.password_hash.is_not(None) | AccountRow.subject.is_not(None)
    names = select(AccountRow.name).where(can_sign_in, AccountRow.disabled_at.is_(None))
    return Access(
        keys, links, invitations, logins, tuple(session.scalars(names.order_by(AccountRow.name)))
    )


def remove_access(session: Session) -> None:
    """Delete keys, links, invitations and logins, and the passwords of accounts.

    The accounts stay, with their roles: the logs name them. Answers that are stored for requests
    sent again go too: that to a request for a key has the key.
    """
    end_all_logins(session)
    for table in (ApiKeyRow, ShareLinkRow, InvitationRow, RepeatedRequestRow):
        session.execute(delete(table))
    session.execute(update(AccountRow).values(password_hash=None, subject=None))


def end_all_logins(session: Session) -> None:
    """End the logins of all browsers."""
    session.execute(delete(LoginRow))
