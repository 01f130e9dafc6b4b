"""Who asks, as far as it is known, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from presslens.app.platform.permissions import EVERYTHING, AccountRole, Permission


class Via(StrEnum):
    """How it is known who asks."""

    NOBODY = "nobody"
    """It is not known: no key and no login came with the request."""
    LOOPBACK = "loopback"
    """Whoever sits at this machine, of an installation that asks for no login."""
    LOGIN = "login"
    KEY = "key"
    LINK = "link"
    SHELL = "command line"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks."""

    name: str | None  # the name that changes are logged under; None: the request may give one
    via: Via  # how it is known
    permissions: frozenset[Permission]  # what they may do
    account_id: int | None = None  # the account, if one has signed in or a key belongs to it
    token: str | None = None  # the id of the key or link, or the sha256 of the login's token
    # What a share link opens: the address of a page; None: it is not a link.
    target: str | None = None
    # The network address that the request comes from, for the log; None: no request.
    address: str | None = field(default=None, compare=False)

    @property
    def label(self) -> str:
        """The name for logs and rate limits, which is never empty."""
        return self.name or self.via.value

    @property
    def role(self) -> AccountRole | None:
        """The role that may do just as much; None if there is none."""
        return next((one for one in AccountRole if one.permissions == self.permissions), None)

    @property
    def key(self) -> str:
        """What tells them from others: not the name alone, which a key and a login may share."""
        return f"{self.via.value} {self.token or self.label}"

    def may(self, permission: Permission) -> bool:
        """Return whether they may do what asks for a permission."""
        return permission in self.permissions


NOBODY = Identity(None, Via.NOBODY, frozenset())
LOOPBACK = Identity(None, Via.LOOPBACK, EVERYTHING)
SHELL = Identity("command line", Via.SHELL, EVERYTHING)
