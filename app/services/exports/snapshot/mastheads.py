"""The pictures of mastheads of a snapshot: copied out of the store, checked and put into it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select

from presslens.app.db.queries import EditionScope
from presslens.app.db.tables import EditionRow, PublicationRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.exports.snapshot.manifest import MASTHEAD
from presslens.pipelines.scans.rejection import ScanRejected
from presslens.pipelines.scans.sandbox import Sandbox

MOST_BYTES = 5_000_000
"""A masthead that people set is a JPEG of a few hundred kilobytes."""

JPEG = b"\xff\xd8\xff"
"""The first bytes of a JPEG file."""


def copy_mastheads(home: Installation, scope: EditionScope, folder: Path) -> list[Path]:
    """Copy the mastheads of the newspapers of a scope into a folder, and return their paths."""
    query = (
        select(PublicationRow.masthead_sha256)
        .join(EditionRow, EditionRow.publication_id == PublicationRow.id)
        .where(PublicationRow.masthead_sha256.is_not(None), *scope.conditions())
        .distinct()
    )
    with home.database.read() as session:
        names = sorted(sha256 for sha256 in session.scalars(query) if sha256 is not None)
    copied = []
    for sha256 in names:
        with suppress(FileNotFoundError), home.storage.open_scan(sha256) as picture:
            shutil.copyfile(picture, target := folder / f"{MASTHEAD}{sha256}.jpg")
            copied.append(target)
    return copied


def store_mastheads(home: Installation, pictures: Mapping[str, Path]) -> None:
    """Put the mastheads of a snapshot into the store.

    Args:
        pictures: Their files by sha256, which was checked.

    Raises:
        InvalidRequest: One is no JPEG that can be decoded, or too large.
        DiskFull: Too little disk is free.
    """
    if not pictures:
        return
    with Sandbox(home.settings.limits) as sandbox:
        for sha256, path in pictures.items():
            with path.open("rb") as file:
                if file.read(len(JPEG)) != JPEG or path.stat().st_size > MOST_BYTES:
                    raise InvalidRequest(f"masthead {sha256[:12]} is no JPEG, or too large")
            try:
                sandbox.decode(path, 0, "masthead", pdf_dpi=72)
            except ScanRejected as error:
                raise InvalidRequest(f"masthead {sha256[:12]}: {error.detail}") from error
    for path in pictures.values():
        with path.open("rb") as file:
            home.storage.put(file, most=MOST_BYTES)
