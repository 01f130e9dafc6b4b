"""Share links: whoever has one sees one edition or one query of photos, and nothing else.

The link holds a secret of 256 bits; with a password too, the link alone opens nothing. It ends with
the account or the key that has made it.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from presslens.app.db.accounts import ApiKeyRow, AuditRow, ShareLinkRow
from presslens.app.db.tables import EditionRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.platform.permissions import Permission
from presslens.app.platform.text import LONGEST_NAME, one_line
from presslens.app.services.accounts.accounts import account_of
from presslens.app.services.accounts.audit import AuditAction, add_audit
from presslens.app.services.accounts.identity import Identity, Via
from presslens.app.services.accounts.passwords import (
    digest,
    equals,
    hash_password,
    new_id,
    new_secret,
    read_token,
    verify_password,
    write_token,
)
from presslens.pipelines.result import Moment, Served

PREFIX = "ps"
LONGEST_DAYS = 366
LONGEST_TARGET = 4000

EDITION = re.compile(r"/editions/([1-9][0-9]{0,8})")
PLACES = {"lang", "start", "columns", "rows", "limit", "cursor", "sort", "about"}
"""Parameters of a query that choose among the same photos, or how they are shown."""

QUERY = re.compile(r"/gallery(?:\?([!\x22$-~]*))?")


@dataclass(frozen=True, slots=True)
class ShareLink(Served):
    """A link as it is listed; its secret is known to nobody but its holders."""

    id: str
    target: str
    note: str
    has_password: bool
    made_by: str
    created_at: Moment
    expires_at: Moment
    opened_at: Moment | None
    revoked_at: Moment | None


@dataclass(frozen=True, slots=True)
class NewShareLink(ShareLink):
    """A link that was just made, with the path that opens it, which is shown once."""

    path: str


def add_link(
    home: Installation,
    target: str,
    *,
    days: int,
    by: Identity,
    now: datetime,
    note: str = "",
    password: str | None = None,
) -> NewShareLink:
    """Make a link.

    Args:
        target: What it opens: the path of an edition, or of the gallery with its query.
        days: How many days it can be opened; no longer than the key that makes it, if one does.
        by: Who makes it.
        note: For whom it is, for instance.
        password: What its holder has to know besides; None: nothing.

    Raises:
        InvalidRequest: The target, the days, the note or the password can't be used.
        NotFound: There is no such edition.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidRequest.saying("a link lasts 1 to %(most)s days", most=LONGEST_DAYS)
    note = one_line(note, "a note", LONGEST_NAME, empty=True)
    hashed = hash_password(password) if password else None
    secret = new_secret()
    with home.database.write() as session:
        _check_target(session, target)
        row = ShareLinkRow(
            id=new_id(),
            secret_sha256=digest(secret),
            target=target,
            note=note,
            password_hash=hashed,
            made_by=by.label,
            created_at=now,
            expires_at=_end(session, by, now + timedelta(days=days)),
        )
        session.add(row)
        made_with = {"key": by.token} if by.via is Via.KEY else {}
        add_audit(session, by, AuditAction.SHARE, target, now=now, link=row.id, **made_with)
        return NewShareLink.from_attributes(
            _state(row), path=f"/s/{write_token(PREFIX, row.id, secret)}"
        )


def list_links(home: Installation, *, by: Identity) -> list[ShareLink]:
    """Return the links that somebody has made, the latest first; all for an administrator."""
    query = select(ShareLinkRow).order_by(ShareLinkRow.created_at.desc(), ShareLinkRow.id)
    if not by.may(Permission.ADMIN):
        query = query.where(ShareLinkRow.made_by == by.label)
    with home.database.read() as session:
        return [_state(row) for row in session.scalars(query)]


def revoke_link(home: Installation, link_id: str, *, by: Identity, now: datetime) -> ShareLink:
    """Revoke a link for good: from now on it opens nothing. Twice is the same as once.

    Raises:
        NotFound: There is no such link, or not for who asks.
    """
    with home.database.write() as session:
        row = session.get(ShareLinkRow, link_id)
        if row is None or not (row.made_by == by.label or by.may(Permission.ADMIN)):
            raise NotFound.saying("there is no link with the id %(id)s", id=link_id)
        if row.revoked_at is None:
            row.revoked_at = now
            add_audit(session, by, AuditAction.REVOKE_LINK, row.target, now=now, link=row.id)
        return _state(row)


def revoke_links_of_key(session: Session, key_id: str, *, now: datetime) -> None:
    """Revoke the links that a key has made, which the log of use tells."""
    made = select(AuditRow.detail["link"].as_string()).where(
        AuditRow.action == AuditAction.SHARE.value,
        AuditRow.via == Via.KEY.value,
        AuditRow.detail["key"].as_string() == key_id,
    )
    links = update(ShareLinkRow).where(
        ShareLinkRow.id.in_(list(session.scalars(made))), ShareLinkRow.revoked_at.is_(None)
    )
    session.execute(links.values(revoked_at=now))


def find_link(home: Installation, token: str, *, now: datetime) -> ShareLink | None:
    """Return the link of a token; None if it opens nothing (any more)."""
    with home.database.read() as session:
        row = _usable(session, token, now)
        return None if row is None else _state(row)


def open_link(
    home: Installation, token: str, password: str, *, by: Identity, now: datetime, address: str
) -> str | None:
    """Open a link, and return what its holder's browser keeps as a cookie; both ends are logged.

    Args:
        token: The token of the link.
        password: Its password; any where it has none.
        by: Who opens it.
        address: The network address that the request comes from, for the log.

    Returns:
        The value of the cookie; None if the link opens nothing, or the password is another one.
    """
    with home.database.read() as session:
        row = _usable(session, token, now)
        stored = None if row is None else row.password_hash
    if row is None:
        return None
    if stored is not None and not verify_password(password, stored):
        with home.database.write() as session:
            add_audit(session, by, AuditAction.OPEN_LINK_FAILED, row.target, now=now,
                      address=address, link=row.id)  # fmt: skip
        return None
    with home.database.write() as session:
        opened = session.get_one(ShareLinkRow, row.id)
        opened.opened_at = now
        add_audit(session, by, AuditAction.OPEN_LINK, opened.target, now=now, address=address,
                  link=opened.id)  # fmt: skip
    return _cookie(token, stored)


def identify_link(home: Installation, cookie: str, *, now: datetime) -> Identity | None:
    """Return who a browser stands for that has opened a link; None if it opens nothing."""
    token = cookie.partition(".")[0]
    with home.database.read() as session:
        row = _usable(session, token, now)
        if row is None:
            return None
        expected = _cookie(token, row.password_hash)
        if not hmac.compare_digest(cookie.encode(), expected.encode()):
            return None
        return Identity(
            None, Via.LINK, frozenset({Permission.READ}), token=row.id, target=row.target
        )


def _cookie(token: str, password_hash: str | None) -> str:
    """Return the value that proves that a link, and its password if it has one, was known."""
    return token if password_hash is None else f"{token}.{digest(token + password_hash)}"


def _usable(session: Session, token: str, now: datetime) -> ShareLinkRow | None:
    parts = read_token(token, PREFIX)
    row = None if parts is None else session.get(ShareLinkRow, parts[0])
    if parts is None or row is None or not equals(parts[1], row.secret_sha256):
        return None
    if row.revoked_at is not None or row.expires_at <= now:
        return None
    maker = account_of(session, row.made_by)
    return None if maker is not None and maker.disabled_at is not None else row


def _end(session: Session, by: Identity, requested: datetime) -> datetime:
    """Return when a link ends that is asked for until a time: no later than its maker's key."""
    if by.via is not Via.KEY:
        return requested
    key = session.get_one(ApiKeyRow, by.token)
    return min(requested, key.revoked_at or key.expires_at)


def _check_target(session: Session, target: str) -> None:
    edition, query = EDITION.fullmatch(target), QUERY.fullmatch(target)
    if len(target) > LONGEST_TARGET or not (edition or query):
        raise InvalidRequest.saying(
            "a link opens the page of an edition, or the gallery with a query"
        )
    if query and re.search(r"(?:^|&)(?:like|start|lang)=", query[1] or ""):
        raise InvalidRequest.saying("a link opens photos that a filter selects, from the first")
    if edition and session.get(EditionRow, int(edition[1])) is None:
        raise NotFound.saying("there is no such edition")


def _state(row: ShareLinkRow) -> ShareLink:
    return ShareLink.from_attributes(row, has_password=row.password_hash is not None)
