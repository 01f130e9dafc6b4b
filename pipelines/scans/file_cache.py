"""Copies of stored files on this machine, as many as there is room for; safe between processes.

Who uses a copy holds a lock on it, which ends with its process; what nobody holds and was used
least lately goes when there is too much. A copy is there whole or not at all, and what is here is
in the store too.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from threading import Lock

from presslens.pipelines.disk import sync_file

LOW_WATER = 0.9
"""How full the folder is after copies were deleted, as a share of what it may hold."""

LOOK_SHARE = 0.05
"""A process that has added so much, as a share, looks at what others have added meanwhile."""

FRESH_SECONDS = 60.0
"""A copy that was used since is not marked again as used."""


class FileCache:
    """The copies of one machine in a folder, by the keys that the files have in the store."""

    def __init__(self, root: Path, most_bytes: int) -> None:
        """Open a folder of copies; it is made when something is added.

        Args:
            root: The folder.
            most_bytes: Size of all copies together; those in use may be more.
        """
        self.root = root
        self._most_bytes = most_bytes
        self._bytes: int | None = None
        self._added = 0
        self._lock = Lock()

    @contextmanager
    def hold(self, key: str) -> Iterator[Path]:
        """Return a copy, which is not deleted before the block ends.

        Raises:
            FileNotFoundError: There is none.
        """
        path = self.root / key
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            if not _is_at(path, file.fileno()):
                raise FileNotFoundError(path)
            if time.time() - path.stat().st_mtime > FRESH_SECONDS:
                os.utime(path)
            yield path

    @contextmanager
    def adopt(self, key: str, part: Path) -> Iterator[Path]:
        """Make a file a copy, and hold it.

        Args:
            key: Its key; a copy that is there already stays, and the file is deleted.
            part: The file, on the disk of the folder; it has another name then.

        Raises:
            FileNotFoundError: Another process deletes the copy in this very moment.
        """
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        sync_file(part)
        with part.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            with suppress(FileExistsError):
                os.link(part, path)
                self._make_room(part.stat().st_size)
            part.unlink()
            with self.hold(key):
                yield path

    def drop(self, pattern: str) -> None:
        """Delete copies, whoever uses them: that of a key, or those of all keys, with ``*``."""
        for path in self.root.glob(pattern):
            path.unlink(missing_ok=True)

    def copies(self) -> Iterator[str]:
        """Yield the keys of the copies, sorted."""
        yield from sorted(
            path.relative_to(self.root).as_posix() for _, _, path in files_in(self.root)
        )

    def _make_room(self, size: int) -> None:
        with self._lock:
            self._added += size
            if self._bytes is None or self._added > LOOK_SHARE * self._most_bytes:
                self._bytes, self._added = sum(size for _, size, _ in files_in(self.root)), 0
            else:
                self._bytes += size
            if self._bytes > self._most_bytes:
                most = LOW_WATER * self._most_bytes
                self._bytes, self._added = delete_oldest(self.root, most, _delete_unheld), 0


def delete_oldest(root: Path, left_bytes: float, delete: Callable[[Path], bool]) -> int:
    """Delete the files of a folder that were used least lately; return the size of those that stay.

    Args:
        root: The folder.
        left_bytes: What may stay.
        delete: Deletes a file, and returns whether it is gone.
    """
    files = sorted(files_in(root))
    total = sum(size for _, size, _ in files)
    for _, size, path in files:
        if total <= left_bytes:
            break
        if delete(path):
            total -= size
    return total


def files_in(root: Path) -> Iterator[tuple[float, int, Path]]:
    """Yield (time of last use, size in bytes, path) of each file in a folder."""
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            with suppress(FileNotFoundError):
                status = path.stat()
                yield status.st_mtime, status.st_size, path


@lru_cache(maxsize=8)
def open_cache(root: Path, most_bytes: int) -> FileCache:
    """Return the cache of a folder, one in each process."""
    return FileCache(root, most_bytes)


def _delete_unheld(path: Path) -> bool:
    """Delete a copy unless somebody holds it; return whether it is gone."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
    except FileNotFoundError:
        return True
    except BlockingIOError:
        return False
    return True


def _is_at(path: Path, descriptor: int) -> bool:
    """Return whether an open file still has its name."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
