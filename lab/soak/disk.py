"""A model of what a disk holds after a loss of power, which files of the store are held against.

What is certain is what was synced: the bytes of a file as they were when it was synced last (none,
if it never was), and the names in a folder as they were when the folder was. Of what came after,
each name and each file may have reached the disk or not, whatever became of the others: as few file
systems are so careless, a store that withstands the model withstands them. SQLite and PostgreSQL
keep their own promises (``app.db.session``); their files are not in the folder.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path

State = dict[str, bytes]
"""The bytes of each file, by its path in the folder."""

Survives = Callable[[str], bool]
"""Tells of a change that was not synced, by its path, whether it has reached the disk."""


@dataclass(slots=True)
class Disk:
    """A folder, and what of it is synced.

    Files are told apart by inode; each is held open, so that no number is given again.

    Attributes:
        root: The folder. What it holds at first is synced.
        deaf: Says that syncing is passed over at the moment, as if the code didn't sync.
    """

    root: Path
    deaf: Callable[[], bool] = bool
    _bytes: dict[int, bytes] = field(default_factory=dict)
    _names: dict[int, dict[str, int]] = field(default_factory=dict)
    _fds: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for folder, _, files in os.walk(self.root):
            for path in (Path(folder), *(Path(folder, name) for name in files)):
                self._sync(self._hold(path))

    def watch(self) -> None:
        """Note from now on what this process syncs."""
        sync = os.fsync

        def noted(descriptor: int) -> None:
            sync(descriptor)
            path = Path(f"/proc/self/fd/{descriptor}").readlink()
            if path.is_relative_to(self.root) and not self.deaf():
                self._sync(self._hold(path))

        os.fsync = noted  # type: ignore[assignment]

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Note what this process syncs in a block; then let go of the files."""
        sync = os.fsync
        self.watch()
        try:
            yield
        finally:
            os.fsync = sync
            for descriptor in self._fds.values():
                os.close(descriptor)
            self._fds.clear()

    def state(self, survives: Survives) -> State:
        """Return what the disk holds, given what of the unsynced has reached it."""
        files = self._files(self.root.stat().st_ino, "", survives)
        return {path: self._content(number, path, survives) for path, number in files}

    def states(self) -> Iterator[State]:
        """Yield all states that the disk may be in."""
        undecided: dict[str, bool] = {}
        for survives in (False, True):
            self.state(partial(_note, undecided, survives))
        for fates in product((False, True), repeat=len(undecided)):
            yield self.state(dict(zip(undecided, fates, strict=True)).__getitem__)

    def lose_power(self, survives: Survives) -> None:
        """Make the folder what the disk holds; whoever runs is to be killed then."""
        top = self.root.stat().st_ino
        folders = sorted(self._folders(top, ""))
        files = [
            (self.root / path, self._content(number, path, survives), os.fstat(self._fds[number]))
            for path, number in self._files(top, "", survives)
        ]
        shutil.rmtree(self.root)
        for folder in ("", *folders):
            (self.root / folder).mkdir()
        for file, content, status in files:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            os.utime(file, (status.st_atime, status.st_mtime))

    def _hold(self, path: Path) -> int:
        number = path.stat().st_ino
        if number not in self._fds:
            self._fds[number] = os.open(path, os.O_RDONLY)
        return number

    def _sync(self, number: int) -> None:
        path = self._path(number)
        if path.is_dir():
            self._names[number] = self._listed(path)
        else:
            self._bytes[number] = path.read_bytes()

    def _path(self, number: int) -> Path:
        return Path(f"/proc/self/fd/{self._fds[number]}")

    def _listed(self, folder: Path) -> dict[str, int]:
        return {path.name: self._hold(path) for path in folder.iterdir()}

    def _files(self, folder: int, at: str, survives: Survives) -> Iterator[tuple[str, int]]:
        """Yield the files of a folder that the disk holds: path and inode."""
        for name, number in self._present(folder, at, survives).items():
            path = f"{at}{name}"
            if self._path(number).is_dir():
                yield from self._files(number, f"{path}/", survives)
            else:
                yield path, number

    def _folders(self, folder: int, at: str) -> Iterator[str]:
        for name, number in self._names.get(folder, {}).items():
            if self._path(number).is_dir():
                yield f"{at}{name}"
                yield from self._folders(number, f"{at}{name}/")

    def _present(self, folder: int, at: str, survives: Survives) -> dict[str, int]:
        """Return the names in a folder that the disk holds."""
        synced = self._names.get(folder, {})
        now = self._listed(self._path(folder))
        present = {name: number for name, number in synced.items() if now.get(name) == number}
        for name in sorted(synced.keys() | now.keys()):
            if synced.get(name) != now.get(name):
                source = now if survives(f"name {at}{name}") else synced
                if name in source:
                    present[name] = source[name]
        return present

    def _content(self, number: int, path: str, survives: Survives) -> bytes:
        """Return the bytes of a file: as they were synced, or as they are."""
        synced = self._bytes.get(number, b"")
        now = os.pread(self._fds[number], os.fstat(self._fds[number]).st_size, 0)
        return now if now == synced or survives(f"bytes {path}") else synced


def _note(changes: dict[str, bool], fate: bool, change: str) -> bool:
    """Note a change that is not synced, and decide its fate."""
    changes[change] = fate
    return fate
