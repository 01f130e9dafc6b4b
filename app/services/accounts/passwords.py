"""Passwords: Argon2id with the parameters that pwdlib recommends."""

from __future__ import annotations

import secrets
from functools import cache
from threading import BoundedSemaphore

from pwdlib import PasswordHash

from presslens.app.platform.errors import InvalidRequest
from presslens.models.message import Message

SHORTEST = 12
"""Characters of a password at least (NIST SP 800-63B-4 asks for 15 where it is the only factor, 8
otherwise; guesses are slowed here by the limit of failed logins)."""
LONGEST = 200

_AT_A_TIME = BoundedSemaphore(2)
"""Argon2 takes 64 MB and a processor for each password that is hashed at a time."""


def hash_password(password: str) -> str:
    """Return what is stored of a password.

    Raises:
        InvalidRequest: It is too short or too long.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidRequest(
            Message("a password has %(least)s to %(most)s characters", least=SHORTEST, most=LONGEST)
        )
    with _AT_A_TIME:
        return _hasher().hash(password)


def verify_password(password: str, stored: str | None) -> bool:
    """Return whether a password is the stored one; it takes as long where none is stored."""
    with _AT_A_TIME:
        known = _hasher().verify(password[: LONGEST + 1], stored or _nobodys())
    return known and stored is not None


def new_password() -> str:
    """Return a random password of 22 characters, 128 bits."""
    return secrets.token_urlsafe(16)


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobodys() -> str:
    return _hasher().hash(new_password())
