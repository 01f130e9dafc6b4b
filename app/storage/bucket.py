"""A store in a bucket of an S3-compatible service, with copies on this machine.

Removal and upload of the same bytes may meet. A bucket can't rename, so who removes them, or sets
them aside, puts a mark first (``removing/``), and only then looks when the bytes were last put and
deletes them. Who puts looks for the mark afterwards: with a mark it puts again until there is none,
and without one it looks that the bytes are there. So whichever request comes first, what was put
last is there.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from presslens.app.platform.errors import BeingRemoved, StoreMissing
from presslens.app.storage.storage import (
    MARK,
    SENTINEL,
    STALE_SECONDS,
    STRAYS,
    Storage,
    scan_key,
    view_keys,
)
from presslens.models.message import Message
from presslens.models.vocabulary import Image
from presslens.pipelines.object_store import ObjectStore, is_whole
from presslens.pipelines.scans.bucket import Bucket, StoredObject
from presslens.pipelines.view import write_view

PROBE = "probe"
"""The key of an object that is written and deleted before the store is marked."""
REMOVING = "removing"
"""How the keys of marks begin."""
REMOVED = "removed"
"""How the keys begin that tell other machines what was removed; they stay until it is put again."""
REMOVAL = timedelta(minutes=10)
"""No removal takes so long: an older mark is of a process that was killed."""
PATIENCE_SECONDS = 30.0
"""How long an upload waits for the removal of the same bytes."""
MARK_SECONDS = 5.0
"""A mark of the store that was seen since is not looked for again."""


@dataclass(frozen=True, slots=True)
class BucketStorage(Storage):
    """A store in a bucket; ``root`` has copies of its files and what is not finished yet."""

    bucket: Bucket = field(kw_only=True)  # where the files are
    cache_bytes: int = field(kw_only=True)  # size of the copies, about
    _marked_at: list[float] = field(default_factory=list, repr=False, compare=False)

    @property
    def name(self) -> str:
        """See ``Storage.name``."""
        return self.bucket.url

    @property
    def marked(self) -> bool:
        """See ``Storage.marked``."""
        return self.bucket.find(SENTINEL) is not None

    @property
    def objects(self) -> ObjectStore:
        """See ``Storage.objects``."""
        return ObjectStore(self.bucket, self.root, self.cache_bytes)

    def create(self) -> None:
        """See ``Storage.create``."""
        for folder in (self.root, self.incoming):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.bucket.write(PROBE, b"")
        self.bucket.erase(PROBE)  # a bucket that lets nobody delete can't erase what it must
        self.bucket.write(SENTINEL, MARK)

    def check_mark(self) -> None:
        """See ``Storage.check_mark``. A worker asks each second: what it saw counts a while."""
        now = time.monotonic()
        if self._marked_at and now - self._marked_at[-1] < MARK_SECONDS:
            return
        if not self.marked:
            raise StoreMissing(f"{self.name} has no .presslens object: is it the right bucket?")
        self.incoming.mkdir(mode=0o700, parents=True, exist_ok=True)  # another machine's first time
        self._marked_at[:] = [now]

    def _place(self, part: Path, sha256: str) -> bool:
        """See ``Storage._place``. The bytes are put in any case: that tells ``remove``."""
        key = scan_key(sha256)
        written = not self._is_whole(key, part.stat().st_size)
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            self.bucket.put(key, part)
            marks = [self.bucket.find(mark) for mark in self.bucket.keys(_marks(sha256))]
            there = self.bucket.find(key)
            if there is not None and not any(_holds(mark, there) for mark in marks):
                break
            if time.monotonic() > until:
                raise BeingRemoved(
                    Message("the same bytes are removed at this moment; put them again")
                )
            time.sleep(0.1)
        self.bucket.delete(_removed(sha256))  # who removed them has written it before
        self.objects.keep(key, part)
        return written

    def _is_whole(self, key: str, size: int) -> bool:
        """Return whether an object has the bytes that it should have, of so many bytes."""
        there = self.bucket.find(key)
        if there is None or there.size != size:
            return False
        with suppress(FileNotFoundError), self.objects.copy(key) as stored:
            return is_whole(key, stored)
        return False

    def remove(self, sha256: str, *, unless_put_after: float) -> bool:
        """See ``Storage.remove``."""
        key = scan_key(sha256)
        with self._removal(sha256, key, unless_put_after) as may_go:
            if may_go:
                self._erase(key)
                self.bucket.write(_removed(sha256), b"")  # for machines with copies
        return may_go

    @contextmanager
    def _removal(self, sha256: str, key: str, unless_put_after: float) -> Iterator[bool]:
        """Mark a removal until the block ends; return whether the object may be deleted in it."""
        mark, began = _marks(sha256) + secrets.token_hex(8), time.monotonic()
        self.bucket.write(mark, b"")
        is_put = self._is_put_after(key, unless_put_after)
        late = time.monotonic() - began > REMOVAL.total_seconds() / 2  # the mark may count no more
        yield not (is_put or late)
        self.bucket.delete(mark)

    def _is_put_after(self, key: str, moment: float) -> bool:
        there = self.bucket.find(key)
        return there is not None and there.put_at.timestamp() > moment

    def removed(self) -> Iterator[str]:
        """See ``Storage.removed``."""
        return (key.removeprefix(f"{REMOVED}/") for key in self.bucket.keys(f"{REMOVED}/"))

    def remove_views(self, sha256: str) -> None:
        """See ``Storage.remove_views``."""
        for key in self.bucket.keys(view_keys(sha256)):
            self._erase(key)

    def _erase(self, key: str) -> None:
        self.bucket.erase(key)
        self.objects.cache.drop(key)

    def has_scan(self, sha256: str) -> bool:
        """See ``Storage.has_scan``."""
        return self.objects.has(scan_key(sha256))

    def open(self, key: str) -> AbstractContextManager[Path]:
        """See ``Storage.open``."""
        return self.objects.open(key)

    def write_view(self, page: Image, key: str) -> None:
        """See ``Storage.write_view``."""
        with self.objects.new_file() as part:
            write_view(page, part)
            self.objects.put(key, part)

    def path(self, key: str) -> Path:
        """See ``Storage.path``."""
        return Path(key)

    def keys(self, kind: str) -> Iterator[str]:
        """See ``Storage.keys``."""
        return self.bucket.keys(f"{kind}/")

    def copy(self, key: str) -> AbstractContextManager[Path]:
        """See ``Storage.copy``."""
        return self.objects.copy(key)

    def restore(self, file: Path, key: str) -> bool:
        """See ``Storage.restore``."""
        if self.bucket.find(key) is not None:
            return False
        self.bucket.put(key, file)
        file.unlink()
        return True

    def take_back(self, key: str) -> None:
        """See ``Storage.take_back``."""
        self.objects.delete(key)

    def set_aside(self, key: str, *, unless_put_after: float) -> bool:
        """See ``Storage.set_aside``."""
        if self._is_put_after(key, unless_put_after):
            return False
        stray, sha256 = f"{STRAYS}/{key}", "".join(key.split("/")[1:])
        try:
            self.bucket.copy(key, stray)
        except FileNotFoundError:
            return False
        with self._removal(sha256, key, unless_put_after) as may_go:
            self.bucket.delete(key if may_go else stray)
        if may_go:
            self.objects.cache.drop(key)
        return may_go

    def sweep(self, now: float) -> None:
        """See ``Storage.sweep``; copies of removed bytes and old marks go too."""
        Storage.sweep(self, now)  # super() finds no class that has slots
        for mark in self.bucket.keys(f"{REMOVING}/"):
            there = self.bucket.find(mark)
            if there is not None and now - there.put_at.timestamp() > STALE_SECONDS:
                self.bucket.delete(mark)
        for sha256 in self.removed():
            self.objects.cache.drop(scan_key(sha256))
            self.objects.cache.drop(view_keys(sha256) + "*")


def _marks(sha256: str) -> str:
    """Return how the keys of the marks of removals begin; each removal has its own."""
    return f"{REMOVING}/{sha256}/"


def _removed(sha256: str) -> str:
    """Return the key that tells other machines that bytes were removed."""
    return f"{REMOVED}/{sha256}"


def _holds(mark: StoredObject | None, there: StoredObject) -> bool:
    """Return whether a removal is under way: its mark is not far older than what was put now."""
    return mark is not None and there.put_at - mark.put_at < REMOVAL
