"""A store in a folder: of one machine, or one that several machines share."""

from __future__ import annotations

import filecmp
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from presslens.app.platform.errors import StoreMissing
from presslens.app.storage.storage import MARK, SENTINEL, STRAYS, Storage, scan_key
from presslens.models.vocabulary import Image
from presslens.pipelines.disk import sync_folder
from presslens.pipelines.failpoints import Failpoint, around
from presslens.pipelines.view import write_view

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class FolderStorage(Storage):
    """A store in a folder: temporary file, fsync, rename."""

    @property
    def name(self) -> str:
        """See ``Storage.name``."""
        return str(self.root)

    @property
    def marked(self) -> bool:
        """See ``Storage.marked``."""
        return (self.root / SENTINEL).is_file()

    @property
    def objects(self) -> None:
        """See ``Storage.objects``."""
        return None

    def create(self) -> None:
        """See ``Storage.create``."""
        for folder in (self.root, self.incoming, self.root / "scans", self.root / "views"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.root / SENTINEL).write_bytes(MARK)
        sync_folder(self.root)

    def check_mark(self) -> None:
        """See ``Storage.check_mark``."""
        if not self.marked:
            raise StoreMissing("the data folder has no .presslens file: is its disk mounted?")

    def remove(self, sha256: str, *, unless_put_after: float) -> bool:
        """See ``Storage.remove``."""
        path, aside = self.scan(sha256), self.incoming / f"removed-{sha256}"
        if aside.is_file() and not path.is_file():  # a removal was interrupted
            aside.replace(path)
        if not path.is_file():
            return True
        if path.stat().st_mtime > unless_put_after:
            return False
        with around(Failpoint.STORE_SET_ASIDE):
            path.replace(aside)
        if aside.stat().st_mtime > unless_put_after:  # given again in this very moment
            aside.replace(path)
            return False
        with around(Failpoint.STORE_REMOVE):
            aside.unlink()
        with around(Failpoint.STORE_SYNC_REMOVAL):
            sync_folder(path.parent)
        return True

    def remove_views(self, sha256: str) -> None:
        """See ``Storage.remove_views``."""
        folder = self.root / "views" / sha256[:2]
        with around(Failpoint.STORE_REMOVE_VIEWS):
            for view in folder.glob(f"{sha256[2:]}-*.jpg"):
                view.unlink(missing_ok=True)
            if folder.is_dir():
                sync_folder(folder)

    def _place(self, part: Path, sha256: str) -> bool:
        """See ``Storage._place``."""
        target = self.path(scan_key(sha256))
        written = not self._is_whole(part, target)
        if written:
            target.parent.mkdir(exist_ok=True)
            with around(Failpoint.STORE_RENAME):
                part.replace(target)
        else:
            with around(Failpoint.STORE_DROP_COPY):
                part.unlink()
        # Of bytes that were there too: who put them may not have come so far yet.
        with around(Failpoint.STORE_SYNC_FOLDER):
            sync_folder(target.parent)
        with around(Failpoint.STORE_SYNC_PARENT):
            sync_folder(target.parent.parent)
        return written

    def _is_whole(self, part: Path, target: Path) -> bool:
        """Return whether a file has the bytes that were given; it is needed again if so."""
        try:
            with around(Failpoint.STORE_TOUCH):
                os.utime(target)  # tells ``remove`` that it is needed again
            if target.stat().st_size == part.stat().st_size and _same_bytes(part, target):
                return True
        except FileNotFoundError:
            return False
        log.warning("replaced a damaged scan by the bytes that were given", scan=target.name)
        return False

    def has_scan(self, sha256: str) -> bool:
        """See ``Storage.has_scan``."""
        return self.scan(sha256).is_file()

    @contextmanager
    def open(self, key: str) -> Iterator[Path]:
        """See ``Storage.open``."""
        path = self.path(key)
        if not path.is_file():
            raise FileNotFoundError(path)
        yield path

    def write_view(self, page: Image, key: str) -> None:
        """See ``Storage.write_view``."""
        write_view(page, self.path(key), incoming=self.incoming)

    def path(self, key: str) -> Path:
        """See ``Storage.path``."""
        return self.root / key

    def keys(self, kind: str) -> Iterator[str]:
        """See ``Storage.keys``."""
        base = self.root / kind
        for folder in _names(base) if base.is_dir() else ():
            if not (base / folder).is_dir():
                yield f"{kind}/{folder}"
                continue
            yield from (f"{kind}/{folder}/{name}" for name in _names(base / folder))

    def copy(self, key: str) -> AbstractContextManager[Path]:
        """See ``Storage.copy``."""
        return self.open(key)

    def restore(self, file: Path, key: str) -> bool:
        """See ``Storage.restore``."""
        target = self.path(key)
        if target.exists():
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        file.replace(target)
        return True

    def take_back(self, key: str) -> None:
        """See ``Storage.take_back``."""
        self.path(key).unlink()

    def set_aside(self, key: str, *, unless_put_after: float) -> bool:
        """See ``Storage.set_aside``."""
        file, target = self.path(key), self.root / STRAYS / key
        if not file.is_file() or file.stat().st_mtime > unless_put_after:
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        file.replace(target)
        return True


def _names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in os.scandir(folder))


def _same_bytes(one: Path, other: Path) -> bool:
    """Return whether two files of one size have the same bytes; one can't be read, neither."""
    try:
        return filecmp.cmp(one, other, shallow=False)
    except FileNotFoundError:
        raise
    except OSError:  # a bad sector
        return False
