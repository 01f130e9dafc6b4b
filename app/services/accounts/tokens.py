"""Secrets that programs and browsers present: 256 random bits, of which the sha256 is stored.

A guess at so many bits can't succeed, so that a fast hash is enough; passwords, which people
choose, have a slow one (``passwords``).
"""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import timedelta
from hashlib import sha256

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
    """Return whether a secret is the stored one, in a time that tells nothing of it."""
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
