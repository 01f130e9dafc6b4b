"""Passwords of people (Argon2id, as pwdlib recommends), and secrets of programs and browsers.

A secret has 256 random bits, of which the sha256 is stored: no guess at so many can succeed, so
that a fast hash is enough; passwords, which people choose, have a slow one.
"""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import timedelta
from functools import cache
from hashlib import sha256
from threading import BoundedSemaphore

from pwdlib import PasswordHash

from presslens.app.platform.errors import InvalidRequest

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
        raise InvalidRequest.saying(
            "a password has %(least)s to %(most)s characters", least=SHORTEST, most=LONGEST
        )
    with _AT_A_TIME:
        return _hasher().hash(password)


def verify_password(password: str, stored: str | None) -> bool:
    """Return whether a password is the stored one; it takes as long where none is stored."""
    with _AT_A_TIME:
        matches = _hasher().verify(password[: LONGEST + 1], stored or _nobodys())
    return matches and stored is not None


def new_password() -> str:
    """Return a random password of 22 characters, 128 bits."""
    return secrets.token_urlsafe(16)


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobodys() -> str:
    return _hasher().hash(new_password())


ID_BYTES = 6
SECRET_BYTES = 32

USE_IS_NOTED_EVERY = timedelta(minutes=5)
"""How old the last noted use of a key or login must be for another to be noted."""

_TOKEN = re.compile(r"(?P<prefix>[a-z]{2})_(?P<id>[0-9a-f]{12})_(?P<secret>[A-Za-z0-9_-]{43})")


def new_id() -> str:
    """Return a random id of 12 hex digits, which is no secret."""
    return secrets.token_hex(ID_BYTES)


def new_secret() -> str:
    """Return a random secret of 43 characters."""
    return secrets.token_urlsafe(SECRET_BYTES)


def digest(secret: str) -> str:
    """Return what is stored of a secret: its sha256 in hex."""
    return sha256(secret.encode()).hexdigest()


def equals(secret: str, stored: str) -> bool:
    """Return whether a secret is the stored one, in constant time."""
    return hmac.compare_digest(digest(secret), stored)


def write_token(prefix: str, token_id: str, secret: str) -> str:
    """Return a token as it is shown once: ``pl_<id>_<secret>`` for a key."""
    return f"{prefix}_{token_id}_{secret}"


def read_token(token: str, prefix: str) -> tuple[str, str] | None:
    """Return the id and the secret of a token; None if it is none of the kind of ``prefix``."""
    match = _TOKEN.fullmatch(token)
    if match is None or match["prefix"] != prefix:
        return None
    return match["id"], match["secret"]
