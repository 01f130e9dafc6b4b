"""Scans and views in a bucket, with copies on this machine; checked on the way back.

The process that observes a page fetches its scan and puts its view by itself, on whatever machine
it runs: the store goes there with the task.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from presslens.models.registry import sha256_of
from presslens.pipelines.scans.bucket import Bucket, StoreMissing
from presslens.pipelines.scans.file_cache import FileCache, open_cache

SCANS, VIEWS = "scans", "views"
"""How the keys of files begin."""


class ObjectDamaged(FileNotFoundError):
    """An object has other bytes than were put: it is as good as missing."""


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """A bucket and the copies of its objects; may be sent to other processes and machines."""

    bucket: Bucket  # where the files are
    # A folder of this machine for copies and unfinished files; made where it is missing.
    folder: Path
    cache_bytes: int  # size of the copies, about

    @property
    def cache(self) -> FileCache:
        """The copies."""
        return open_cache(self.folder / "cache", self.cache_bytes)

    @property
    def incoming(self) -> Path:
        """The folder of unfinished files."""
        return self.folder / "tmp"

    @contextmanager
    def open(self, key: str) -> Iterator[Path]:
        """Return a copy of an object, which stays until the block ends; fetched if there is none.

        A copy that has been damaged since is fetched again, unless this process has checked it.

        Raises:
            FileNotFoundError: There is no such object, or it is damaged.
            StoreMissing: The store can't be used, or copies can't be written.
        """
        with ExitStack() as stack:
            yield self._cached(key, stack)

    def has(self, key: str) -> bool:
        """Return whether there is an object, by a copy of it or by the bucket.

        Raises:
            StoreMissing: The store can't be used.
        """
        return (self.cache.root / key).is_file() or self.bucket.find(key) is not None

    @contextmanager
    def copy(self, key: str) -> Iterator[Path]:
        """Fetch an object, whatever its bytes are, into a file that goes when the block ends.

        Raises:
            FileNotFoundError: There is no such object.
            StoreMissing: The store can't be used.
        """
        with self.new_file() as part:
            self.bucket.get(key, part)
            yield part

    @contextmanager
    def new_file(self) -> Iterator[Path]:
        """Return the path of a new, empty file; it goes when the block ends, unless it was put.

        Raises:
            StoreMissing: It can't be made.
        """
        try:
            self.incoming.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.incoming, delete=False) as file:
                part = Path(file.name)
        except OSError as error:
            raise StoreMissing(f"copies of scans can't be written: {self.folder}") from error
        try:
            yield part
        finally:
            part.unlink(missing_ok=True)

    def put(self, key: str, part: Path) -> None:
        """Put a file into the bucket, and make it a copy then; it loses its name.

        Raises:
            StoreMissing: The store can't be used.
        """
        self.bucket.put(key, part)
        self.keep(key, part)

    def keep(self, key: str, part: Path) -> None:
        """Make a file that is in the bucket a copy; it loses its name."""
        self.cache.drop(key)
        with suppress(FileNotFoundError), self.cache.adopt(key, part):
            pass

    def delete(self, key: str) -> None:
        """Delete an object and the copy of this machine.

        Raises:
            StoreMissing: The store can't be used.
        """
        self.bucket.delete(key)
        self.cache.drop(key)

    def _cached(self, key: str, reading: ExitStack) -> Path:
        with suppress(FileNotFoundError):
            copy = reading.enter_context(self.cache.hold(key))
            _check_copy(key, copy)
            return copy
        with self.copy(key) as part:
            if not is_whole(key, part):
                raise ObjectDamaged(f"the bytes of {key} are not those that were put")
            with suppress(FileNotFoundError):  # another process makes room in this very moment
                return reading.enter_context(self.cache.adopt(key, part))
        return self._cached(key, reading)


@lru_cache(maxsize=4096)
def _check_copy(key: str, copy: Path) -> None:
    """Check a copy that this process has not looked at lately; delete it if it is not whole.

    Raises:
        ObjectDamaged: It isn't.
    """
    with suppress(OSError):  # a bad sector
        if is_whole(key, copy):
            return
    copy.unlink(missing_ok=True)
    raise ObjectDamaged(f"the copy of {key} on this machine is damaged")


def is_whole(key: str, file: Path) -> bool:
    """Return whether a file has the bytes that were put under a key, as far as they tell."""
    kind, _, rest = key.partition("/")
    if kind == SCANS:
        return sha256_of(file) == rest.replace("/", "")
    # Imported here: who makes tasks and reads results imports nothing that reads pixels.
    from presslens.pipelines.view import is_intact

    return is_intact(file) is not False
