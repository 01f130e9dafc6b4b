"""The list of what a backup holds, which stands in it and is checked while it is restored."""

from __future__ import annotations

import hashlib
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from presslens.app.platform.errors import InvalidRequest
from presslens.app.storage.storage import BACKUP_LIST, CHUNK

DATABASE = "presslens.db"
MANIFEST = BACKUP_LIST
FORMAT = 1
SHA256 = r"[0-9a-f]{64}"
PATH = r"presslens\.db|scans/[0-9a-f]{2}/[0-9a-f]{62}|views/[0-9a-f]{2}/[0-9a-f]{62}-\d+-\w+\.jpg"
"""The paths of a backup: nothing that is restored can lie elsewhere."""


class BackedUpFile(BaseModel):
    """A file of a backup: its size in bytes, and the sha256 of its content."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int = Field(ge=0)
    sha256: str = Field(pattern=f"^{SHA256}$")


class BackupManifest(BaseModel):
    """What a backup holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    presslens: str  # the version of the program that made it
    revision: str  # the migration that its tables are at
    database: str  # the kind of database that was backed up: sqlite or postgresql
    created_at: datetime  # when the database was read
    # The files by their path, the database among them; "/" parts folders.
    files: dict[str, BackedUpFile]

    @classmethod
    def read(cls, content: bytes) -> BackupManifest:
        """Return the manifest that a backup holds.

        Raises:
            InvalidRequest: It is none, or one of another format.
        """
        try:
            manifest = cls.model_validate_json(content)
        except ValidationError as error:
            raise InvalidRequest(f"{MANIFEST} of the backup can't be read") from error
        if manifest.format != FORMAT:
            raise InvalidRequest(
                f"the backup has format {manifest.format}: restore it with the version of"
                f" Presslens that made it, {manifest.presslens}"
            )
        if DATABASE not in manifest.files or not all(re.fullmatch(PATH, p) for p in manifest.files):
            raise InvalidRequest(f"{MANIFEST} of the backup names what no backup holds")
        return manifest


def copy_and_hash(
    source: IO[bytes], target: IO[bytes] | None = None, *, most: int = sys.maxsize
) -> BackedUpFile:
    """Copy a stream in pieces, and return its size and sha256; without a target only read it.

    Of a longer stream than ``most`` bytes one byte more is copied, which tells that it is longer.
    """
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(min(CHUNK, most + 1 - size)):
        size += len(chunk)
        digest.update(chunk)
        if target is not None:
            target.write(chunk)
    return BackedUpFile(size=size, sha256=digest.hexdigest())


def hash_file(path: Path) -> BackedUpFile:
    """Return the size and sha256 of a file."""
    with path.open("rb") as file:
        return copy_and_hash(file)
