"""The tables of who may do what: accounts, invitations, keys, logins, share links, the audit log.

No secret is stored: of passwords the Argon2 hash, of tokens, which are 256 random bits, the sha256.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from presslens.app.db.columns import NAME, SHA, Table, choice
from presslens.app.db.types import Moment
from presslens.app.platform.permissions import AccountRole


class AccountRow(Table):
    """A person who signs in; ``subject`` is the identity at an OpenID provider, if any.

    Accounts are disabled, not deleted: the logs name them.
    """

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(NAME, unique=True)
    role: Mapped[AccountRole] = mapped_column(choice(AccountRole, "role"))
    password_hash: Mapped[str | None] = mapped_column(NAME)
    subject: Mapped[str | None] = mapped_column(String(512), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    signed_in_at: Mapped[datetime | None] = mapped_column(Moment)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)


class InvitationRow(Table):
    """A link by which one person chooses a password for a new account, once.

    ``name`` and ``role`` are those of the account that is added when it is accepted.
    """

    __tablename__ = "invitation"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    secret_sha256: Mapped[str] = mapped_column(SHA)
    name: Mapped[str] = mapped_column(NAME)
    role: Mapped[AccountRole] = mapped_column(choice(AccountRole, "role"))
    made_by: Mapped[str] = mapped_column(NAME)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class ApiKeyRow(Table):
    """A key of a program; without an account it acts under its own name."""

    __tablename__ = "api_key"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(NAME)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    secret_sha256: Mapped[str] = mapped_column(SHA)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class LoginRow(Table):
    """A browser that an account is signed in with, by the sha256 of its cookie."""

    __tablename__ = "login"

    token_sha256: Mapped[str] = mapped_column(SHA, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)


class ShareLinkRow(Table):
    """A link that opens one edition or one query of photos to whoever has it.

    ``target`` is the address of the page that it opens, with its query.
    """

    __tablename__ = "share_link"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    secret_sha256: Mapped[str] = mapped_column(SHA)
    target: Mapped[str] = mapped_column(String(4096))
    note: Mapped[str] = mapped_column(NAME)
    password_hash: Mapped[str | None] = mapped_column(NAME)
    made_by: Mapped[str] = mapped_column(NAME)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    opened_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class AuditRow(Table):
    """What somebody did that changes no photo or edition: those changes are edits."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_at", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(NAME)
    via: Mapped[str] = mapped_column(String(16))
    action: Mapped[str] = mapped_column(String(32))
    target: Mapped[str] = mapped_column(NAME)
    address: Mapped[str | None] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
