"""Accounts, invitations, keys and the log of their use: for managers, and everybody's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import Field

from presslens.app.api.access import PermittedRoute, identity_of, needs, shows_secret
from presslens.app.api.csv_response import csv_response, table_of, wants_csv
from presslens.app.api.given import Given, OneOf
from presslens.app.api.params import Cursor, Home, Id, Limit
from presslens.app.platform import clock
from presslens.app.platform.errors import NotPermitted
from presslens.app.platform.permissions import AccountRole, Permission
from presslens.app.platform.questions import Name
from presslens.app.services.accounts.accounts import (
    Account,
    AccountChange,
    NewAccount,
    add_account,
    change_account,
    list_accounts,
)
from presslens.app.services.accounts.audit import AuditEntry, iterate_audit, list_audit
from presslens.app.services.accounts.identity import Identity, Via
from presslens.app.services.accounts.invitations import (
    Invitation,
    NewInvitation,
    invite,
    list_invitations,
    revoke_invitation,
)
from presslens.app.services.accounts.keys import (
    LONGEST_DAYS,
    ApiKey,
    NewApiKey,
    add_key,
    list_keys,
    revoke_key,
)
from presslens.app.services.accounts.passwords import LONGEST, new_password
from presslens.models.message import Message
from presslens.pipelines.result import Served

router = APIRouter(tags=["accounts"], route_class=PermittedRoute)

Password = Annotated[str, Field(min_length=1, max_length=LONGEST)]
InvitationId = Annotated[str, Path(max_length=16, description="the id of the invitation")]
KeyId = Annotated[str, Path(max_length=16, description="the part between the underscores")]


class AccountToAdd(Given):
    """An account to be added; without a password one is made, and answered once."""

    name: Name = Field(description="what they sign in with, and what changes are logged under")
    role: OneOf[AccountRole] = Field(default=AccountRole.READER, description="what they may do")
    password: Password | None = Field(default=None, description="12 to 200 characters")


class ChangedAccount(Given):
    """What is to be changed of an account."""

    role: OneOf[AccountRole] | None = Field(default=None, description="what they may do")
    password: Password | None = Field(default=None, description="12 to 200 characters")
    enabled: bool | None = Field(default=None, description="false: they can't sign in any more")


class InvitationRequest(Given):
    """An invitation to be made."""

    name: Name = Field(description="the name of the account that it makes")
    role: OneOf[AccountRole] = Field(
        default=AccountRole.REVIEWER, description="what that account may do"
    )


class NewKey(Given):
    """A key to be made."""

    name: Name = Field(description="what the key is for")
    scopes: list[OneOf[Permission]] = Field(
        min_length=1, max_length=6, description="what it may do"
    )
    days: int = Field(default=90, ge=1, le=LONGEST_DAYS, description="how long it can be used")
    account: Name | None = Field(
        default=None, description="whom it acts for; without it, yourself if you are signed in"
    )


@dataclass(frozen=True, slots=True)
class Caller(Served):
    """Who you are to this server, and what you may do."""

    name: str | None
    via: Via
    permissions: list[Permission]


@dataclass(frozen=True, slots=True)
class AccountList(Served):
    """All accounts."""

    accounts: list[Account]


@dataclass(frozen=True, slots=True)
class InvitationList(Served):
    """Invitations, the latest first."""

    invitations: list[Invitation]


@dataclass(frozen=True, slots=True)
class KeyList(Served):
    """Keys, the latest first."""

    keys: list[ApiKey]


@dataclass(frozen=True, slots=True)
class AuditList(Served):
    """Entries of the log; ``next`` is the cursor of those that follow."""

    audit: Sequence[AuditEntry]
    next: str | None


@router.get("/me", operation_id="get_identity")
@needs(Permission.READ)
def get_me(request: Request) -> Caller:
    """Return who you are to this server, and what you may do."""
    who = identity_of(request)
    return Caller(who.name, who.via, [one for one in Permission if who.may(one)])


@router.get("/accounts", operation_id="list_accounts")
@needs(Permission.ADMIN)
def get_accounts(home: Home) -> AccountList:
    """List the accounts."""
    return AccountList(list_accounts(home))


@router.post("/accounts", status_code=201, operation_id="add_account", max_body_size=2**16)
@needs(Permission.ADMIN)
@shows_secret
def post_account(home: Home, request: Request, account: AccountToAdd) -> NewAccount:
    """Add an account; `password` is answered where none was given, and never again."""
    password = account.password or new_password()
    added = add_account(
        home,
        account.name,
        role=account.role,
        password=password,
        by=identity_of(request),
        now=clock.now(),
    )
    return NewAccount.from_attributes(added, password=None if account.password else password)


@router.patch("/accounts/{account_id:id}", operation_id="change_account", max_body_size=2**16)
@needs(Permission.ADMIN)
def patch_account(home: Home, request: Request, account_id: Id, change: ChangedAccount) -> Account:
    """Change the role or the password of an account, disable it, or enable it again."""
    account_change = AccountChange(change.role, change.password, change.enabled)
    by = identity_of(request)
    return change_account(home, account_id, account_change, by=by, now=clock.now())


@router.get("/invitations", operation_id="list_invitations")
@needs(Permission.ADMIN)
def get_invitations(home: Home) -> InvitationList:
    """List the invitations, without what opens them."""
    return InvitationList(list_invitations(home))


@router.post("/invitations", status_code=201, operation_id="add_invitation", max_body_size=2**16)
@needs(Permission.ADMIN)
@shows_secret
def post_invitation(home: Home, request: Request, given: InvitationRequest) -> NewInvitation:
    """Invite somebody; `path` opens it on this server, once in 7 days, and is never shown again."""
    return invite(home, given.name, role=given.role, by=identity_of(request), now=clock.now())


@router.delete("/invitations/{invitation_id}", operation_id="revoke_invitation")
@needs(Permission.ADMIN)
def delete_invitation(home: Home, request: Request, invitation_id: InvitationId) -> Invitation:
    """Revoke an invitation: from now on it opens nothing."""
    return revoke_invitation(home, invitation_id, by=identity_of(request), now=clock.now())


@router.get("/keys", operation_id="list_keys")
@needs(Permission.READ)
def get_keys(home: Home, request: Request) -> KeyList:
    """List your keys; who may manage accounts sees all keys."""
    who = identity_of(request)
    own = None if who.may(Permission.ADMIN) else who.account_id or 0
    return KeyList(list_keys(home, account_id=own))


@router.post("/keys", status_code=201, operation_id="add_key", max_body_size=2**16)
@needs(Permission.READ)
@shows_secret
def post_key(home: Home, request: Request, key: NewKey) -> NewApiKey:
    """Make a key; `token` is what the Authorization header carries, and is never shown again."""
    by = identity_of(request)
    return add_key(
        home,
        key.name,
        scopes=key.scopes,
        days=key.days,
        account=key_owner(by, key.account),
        by=by,
        now=clock.now(),
    )


@router.delete("/keys/{key_id}", operation_id="revoke_key")
@needs(Permission.READ)
def delete_key(home: Home, request: Request, key_id: KeyId) -> ApiKey:
    """Revoke a key: from now on it opens nothing."""
    return revoke_key(home, key_id, by=identity_of(request), now=clock.now())


@router.get("/audit", operation_id="list_audit", response_model=AuditList)
@router.get("/audit.csv", operation_id="list_audit_csv")
@needs(Permission.ADMIN)
def get_audit(home: Home, request: Request, limit: Limit = 50, cursor: Cursor | None = None) -> Any:
    """List who did what to accounts, keys and links, and exported what; CSV holds all of it."""
    if wants_csv(request):
        return csv_response(*table_of(AuditEntry, iterate_audit(home)), name="audit")
    listing = list_audit(home, limit=limit, start=cursor)
    return AuditList(listing.items, listing.next_cursor)


def key_owner(by: Identity, owner: str | None) -> str | None:
    """Return the account that a new key acts for.

    Raises:
        NotPermitted: Somebody else's, by who may not manage accounts; or a key makes a key.
    """
    if by.may(Permission.ADMIN):
        return owner or (by.name if by.account_id else None)
    if by.via is not Via.LOGIN or owner not in (None, by.name):
        raise NotPermitted(Message("you can make keys for yourself alone, once you are signed in"))
    return by.name
