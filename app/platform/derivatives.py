"""Derivatives: small pictures and tiles made of the views of pages, kept until room is needed.

``derivatives/ab/cdef…/`` in the folder of the store holds what was made of the scan with this
sha256. Everything here can be deleted at any time and is made again when somebody asks for it; what
was asked for least lately goes when there is too much.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from presslens.pipelines.disk import sync_folder
from presslens.pipelines.scans.file_cache import delete_oldest, files_in

LOW_WATER = 0.8
"""How full the folder is after files were deleted, as a share of what it may hold."""

FRESH_SECONDS = 3600.0
"""A file that was asked for since is not marked again as used."""


class Derivatives:
    """The derivatives of one store: written whole or not at all; safe for threads and processes.

    Each process counts what it writes. Several of them may go over the limit together until one
    looks through the folder again.
    """

    def __init__(self, store: Path, most_bytes: int) -> None:
        """Open the derivatives of a store; the folder is made when something is written.

        Args:
            store: The folder of the store.
            most_bytes: Size of all derivatives together.
        """
        self.root = store / "derivatives"
        self._most_bytes = most_bytes
        self._bytes: int | None = None
        self._lock = Lock()

    def find(self, sha256: str, name: str) -> Path | None:
        """Return the file of a derivative, and mark it as used; None if it was not made yet."""
        path = self._path(sha256, name)
        try:
            if time.time() - path.stat().st_mtime > FRESH_SECONDS:
                os.utime(path)
        except FileNotFoundError:
            return None
        except OSError:  # a store that can only be read
            return path if path.is_file() else None
        return path

    def put(self, sha256: str, name: str, write: Callable[[Path], object]) -> Path:
        """Write a derivative, and delete old ones where there are too many.

        Args:
            sha256: The scan that it is made of.
            name: Name of its file among those of the scan.
            write: Writes the file at the path that it is given.

        Raises:
            OSError: It can't be written.
        """
        path = self._path(sha256, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{name}.{os.getpid()}-{time.monotonic_ns()}.part")
        try:
            write(part)
            size = part.stat().st_size
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        self._make_room(path, size)
        return path

    def remove(self, sha256: str) -> None:
        """Delete everything that was made of a scan."""
        folder = self._path(sha256, "").parent
        shutil.rmtree(folder, ignore_errors=True)
        if folder.parent.is_dir():
            sync_folder(folder.parent)

    def _path(self, sha256: str, name: str) -> Path:
        return self.root / sha256[:2] / sha256[2:] / name

    def _make_room(self, written: Path, size: int) -> None:
        with self._lock:
            if self._bytes is None:
                self._bytes = sum(size for _, size, _ in files_in(self.root))
            else:
                self._bytes += size
            if self._bytes > self._most_bytes:

                def delete(path: Path) -> bool:
                    if path != written:
                        path.unlink(missing_ok=True)
                    return path != written

                self._bytes = delete_oldest(self.root, LOW_WATER * self._most_bytes, delete)
