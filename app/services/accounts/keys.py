"""Keys of programs: ``pl_<id>_<secret>``, shown once, with scopes and an end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from presslens.app.db.accounts import AccountRow, ApiKeyRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.platform.permissions import EVERYTHING, Permission
from presslens.app.platform.text import LONGEST_NAME, one_line
from presslens.app.services.accounts.audit import AuditAction, add_audit
from presslens.app.services.accounts.identity import Identity, Via
from presslens.app.services.accounts.passwords import (
    USE_IS_NOTED_EVERY,
    digest,
    equals,
    new_id,
    new_secret,
    read_token,
    write_token,
)
from presslens.app.services.accounts.share_links import revoke_links_of_key
from presslens.pipelines.result import Moment, Served

PREFIX = "pl"
LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class ApiKey(Served):
    """A key as it is listed; its secret is known to nobody but its holder."""

    id: str
    name: str
    account: str | None
    scopes: tuple[Permission, ...]
    created_at: Moment
    expires_at: Moment
    used_at: Moment | None
    revoked_at: Moment | None


@dataclass(frozen=True, slots=True)
class NewApiKey(ApiKey):
    """A key that was just made, with the token that is shown once."""

    token: str


def add_key(
    home: Installation,
    name: str,
    *,
    scopes: Iterable[Permission],
    days: int,
    by: Identity,
    now: datetime,
    account: str | None = None,
) -> NewApiKey:
    """Make a key.

    Args:
        name: What the key is for; changes are logged under it if it has no account.
        scopes: What it may do; of an account's key no more than the account.
        days: How many days it can be used.
        by: Who makes it: with no more scopes than they have.
        account: The name of the account that it acts for; None: for no person.

    Raises:
        InvalidRequest: The name, the scopes or the number of days can't be used.
        NotFound: There is no such account.
    """
    name, requested = one_line(name, "the name of a key", LONGEST_NAME), frozenset(scopes)
    if not requested:
        raise InvalidRequest.saying("a key needs at least one scope")
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidRequest.saying("a key lasts 1 to %(most)s days", most=LONGEST_DAYS)
    secret = new_secret()
    with home.database.write() as session:
        owner = None
        if account is not None:
            owner = session.scalar(select(AccountRow).where(AccountRow.name == account))
            if owner is None:
                raise NotFound.saying("there is no account named %(name)s", name=account)
        allowed = by.permissions & (owner.role.permissions if owner else EVERYTHING)
        if not requested <= allowed:
            refused = ", ".join(sorted(requested - allowed))
            whose = owner.name if owner and not requested <= owner.role.permissions else by.label
            raise InvalidRequest.saying(
                "these scopes can't be given, as the role of %(name)s lacks them: %(scopes)s",
                name=whose,
                scopes=refused,
            )
        row = ApiKeyRow(
            id=new_id(),
            name=name,
            account_id=owner.id if owner else None,
            secret_sha256=digest(secret),
            scopes=[one.value for one in Permission if one in requested],
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        session.add(row)
        add_audit(session, by, AuditAction.ADD_KEY, name, now=now, key=row.id, scopes=row.scopes)
        session.flush()
        return NewApiKey.from_attributes(
            _state(row, owner), token=write_token(PREFIX, row.id, secret)
        )


def list_keys(home: Installation, *, account_id: int | None = None) -> list[ApiKey]:
    """Return the keys, the latest first; of one account, or all."""
    query = (
        select(ApiKeyRow, AccountRow)
        .join(AccountRow, AccountRow.id == ApiKeyRow.account_id, isouter=True)
        .order_by(ApiKeyRow.created_at.desc(), ApiKeyRow.id)
    )
    if account_id is not None:
        query = query.where(ApiKeyRow.account_id == account_id)
    with home.database.read() as session:
        return [_state(key, owner) for key, owner in session.execute(query)]


def revoke_key(home: Installation, key_id: str, *, by: Identity, now: datetime) -> ApiKey:
    """Revoke a key for good, with the links that it made. Twice is the same as once.

    Args:
        key_id: The part of the key between the underscores.
        by: Who revokes it: an account its own keys, who may manage accounts all.

    Raises:
        NotFound: There is no such key, or not for who asks.
    """
    with home.database.write() as session:
        row = session.get(ApiKeyRow, key_id)
        own = row is not None and row.account_id is not None and row.account_id == by.account_id
        if row is None or not (own or by.may(Permission.ADMIN)):
            raise NotFound.saying("there is no key with the id %(id)s", id=key_id)
        if row.revoked_at is None:
            row.revoked_at = now
            revoke_links_of_key(session, row.id, now=now)
            add_audit(session, by, AuditAction.REVOKE_KEY, row.name, now=now, key=row.id)
        owner = session.get(AccountRow, row.account_id) if row.account_id else None
        return _state(row, owner)


def identify_key(home: Installation, token: str, *, now: datetime) -> Identity | None:
    """Return who a key stands for; None if it opens nothing (any more)."""
    parts = read_token(token, PREFIX)
    if parts is None:
        return None
    key_id, secret = parts
    with home.database.read() as session:
        row = session.get(ApiKeyRow, key_id)
        if row is None or not equals(secret, row.secret_sha256):
            return None
        if row.revoked_at is not None or row.expires_at <= now:
            return None
        permissions = frozenset(map(Permission, row.scopes))
        owner = session.get(AccountRow, row.account_id) if row.account_id else None
        if owner is not None:
            if owner.disabled_at is not None:
                return None
            permissions &= owner.role.permissions
        name, account_id = (owner.name, owner.id) if owner else (row.name, None)
        is_stale = row.used_at is None or now - row.used_at > USE_IS_NOTED_EVERY
    if is_stale:
        with home.database.write() as session:
            session.execute(update(ApiKeyRow).where(ApiKeyRow.id == key_id).values(used_at=now))
    return Identity(name, Via.KEY, permissions, account_id, token=key_id)


def _state(row: ApiKeyRow, owner: AccountRow | None) -> ApiKey:
    scopes = tuple(map(Permission, row.scopes))
    return ApiKey.from_attributes(row, account=owner.name if owner else None, scopes=scopes)
