"""Column types with the same values on SQLite and PostgreSQL."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import DateTime, Dialect, LargeBinary, String
from sqlalchemy.types import TypeDecorator

from presslens.app.platform.errors import WrongKey
from presslens.models.vocabulary import Vector


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite, which has no time zones, stores it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware datetime into a value of the database."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn a value of the database into an aware datetime."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class PlainText(TypeDecorator[str]):
    """A text in Unicode's form NFC: however somebody's keyboard composes it, it is one text."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Compose the letters of a text that is stored or asked for."""
        return None if value is None else unicodedata.normalize("NFC", value)


ENCRYPTED = b"PLAE1"
"""Begins encrypted bytes; with nonce and tag their length is odd, that of plain vectors is not."""

CIPHER = "presslens_cipher"
"""Name of the cipher among the attributes of an engine's dialect, which is the engine's own."""


class Floats(TypeDecorator[Vector]):
    """A vector, shape (n,), as little-endian 32-bit floats: exactly what was observed."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Vector | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        """Turn a vector into bytes."""
        return None if value is None else np.asarray(value, dtype="<f4").tobytes()

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Vector | None:  # noqa: ARG002
        """Turn bytes into a vector."""
        return None if value is None else np.frombuffer(value, dtype="<f4").astype(np.float32)


class Embedding(Floats):
    """A vector that identifies a person: encrypted, if the database was opened with a key."""

    cache_ok = True

    def process_bind_param(self, value: Vector | None, dialect: Dialect) -> bytes | None:
        """Turn a vector into bytes, and encrypt them."""
        content = super().process_bind_param(value, dialect)
        cipher = getattr(dialect, CIPHER, None)
        return content if content is None or cipher is None else cipher.encrypt(content)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Vector | None:
        """Decrypt bytes, and turn them into a vector.

        Raises:
            WrongKey: They are encrypted, and there is no key for them.
        """
        if value is not None and value.startswith(ENCRYPTED) and len(value) % 2:
            cipher = getattr(dialect, CIPHER, None)
            if cipher is None:
                raise WrongKey("embeddings are encrypted: name the key file in PRESSLENS_KEY_FILE")
            value = cipher.decrypt(value)
        return super().process_result_value(value, dialect)
