"""What somebody may do: permissions, the roles of accounts, and the presets of keys."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """What one route asks for. A key's scopes are permissions."""

    READ = "read"
    EXPORT = "export"
    REVIEW = "review"
    IMPORT = "import"
    ENROL = "enrol"
    ADMIN = "admin"


EVERYTHING = frozenset(Permission)


class AccountRole(StrEnum):
    """What an account is for; each role may do what those before it may."""

    READER = "reader"
    REVIEWER = "reviewer"
    EDITOR = "editor"
    ADMIN = "admin"

    @property
    def permissions(self) -> frozenset[Permission]:
        """What accounts of this role may do."""
        return _OF_ROLES[self]


_READING = frozenset({Permission.READ, Permission.EXPORT})
_REVIEWING = _READING | {Permission.REVIEW}
_OF_ROLES = {
    AccountRole.READER: _READING,
    AccountRole.REVIEWER: _REVIEWING,
    AccountRole.EDITOR: _REVIEWING | {Permission.IMPORT, Permission.ENROL},
    AccountRole.ADMIN: EVERYTHING,
}

PRESETS = {
    "R and pandas": _READING,
    "nightly": frozenset({Permission.READ, Permission.IMPORT}),
    "reviewer": _REVIEWING,
}
"""The scopes of keys for common uses."""
