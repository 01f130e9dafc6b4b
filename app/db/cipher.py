"""Encrypts embeddings at rest, with a key in a file that is no part of the installation.

AES-256-GCM with a random nonce for each vector: what was altered is not decrypted. A key file has
64 hex digits. The database stores the id of its key, so that a wrong or missing file is named when
an installation is opened, before anything is read.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Mapped, mapped_column

from presslens.app.db.columns import SHA, Table
from presslens.app.db.types import ENCRYPTED, Moment
from presslens.app.platform.errors import WrongKey

NONCE_BYTES = 12


class EmbeddingKeyRow(Table):
    """The key that embeddings are encrypted with, by its id; no row: they are not encrypted."""

    __tablename__ = "embedding_key"

    id: Mapped[str] = mapped_column(SHA, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Moment)


class EmbeddingCipher:
    """Encrypts and decrypts embeddings with one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._aes = AESGCM(key)
        self.id = hmac.digest(key, b"presslens embeddings", "sha256").hex()[:16]

    def encrypt(self, content: bytes) -> bytes:
        """Return encrypted bytes: a mark, the nonce, and what it encrypts."""
        nonce = os.urandom(NONCE_BYTES)
        return ENCRYPTED + nonce + self._aes.encrypt(nonce, content, ENCRYPTED)

    def decrypt(self, content: bytes) -> bytes:
        """Return decrypted bytes.

        Raises:
            WrongKey: They were encrypted with another key, or altered.
        """
        start = len(ENCRYPTED) + NONCE_BYTES
        try:
            return self._aes.decrypt(content[len(ENCRYPTED) : start], content[start:], ENCRYPTED)
        except InvalidTag:
            raise WrongKey("an embedding can't be decrypted: it was altered") from None


def read_key(file: Path) -> EmbeddingCipher:
    """Read a key file.

    Raises:
        WrongKey: It can't be read, or holds no key.
    """
    try:
        content = file.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        reason = f"the key file {file} can't be read ({why}): see PRESSLENS_KEY_FILE"
        raise WrongKey(reason) from error
    if not re.fullmatch("[0-9a-f]{64}", content):
        raise WrongKey(f"{file} is no key file: `presslens privacy key` makes one")
    return EmbeddingCipher(bytes.fromhex(content))


def write_key(file: Path) -> EmbeddingCipher:
    """Make a new key file that its owner alone can read.

    Raises:
        FileExistsError: There is a file of this name.
    """
    key = secrets.token_bytes(32)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(f"{key.hex()}\n")
        opened.flush()
        os.fsync(opened.fileno())
    return EmbeddingCipher(key)
