"""The folder of a publication: written beside the older one, and exchanged with it when whole."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from presslens.app.deposit.bag import write_manifest
from presslens.app.platform.errors import Conflict, InvalidRequest

FORMAT = "presslens-publication"
MANIFEST = "snapshot.json"
SUMS = "SHA256SUMS"

_HERE = -100
"""``AT_FDCWD``: paths are those of this process."""

_EXCHANGE = 2
"""``RENAME_EXCHANGE`` of renameat2(2)."""


def check_folder(folder: Path) -> None:
    """Check that a publication in a folder would replace nothing but an older one.

    Raises:
        Conflict: There is something else in it.
        InvalidRequest: There is no folder around it that can be written to.
    """
    around = folder.parent
    if not around.is_dir() or not os.access(around, os.W_OK | os.X_OK):
        raise InvalidRequest(f"{folder} can't be written: {around} is no folder to write to")
    if not folder.exists():
        return
    if not folder.is_dir():
        raise Conflict(f"{folder} is a file: name a folder")
    entries = {one.name for one in folder.iterdir()}
    foreign = sorted(entries - _published(folder))
    if foreign:
        raise Conflict(
            f"{folder} has something else in it ({foreign[0]}): name an empty folder, or that of an"
            " earlier publication"
        )


def _published(folder: Path) -> set[str]:
    """Return the names of what the publication in a folder has put there."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        sums = (folder / SUMS).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return set()
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        return set()
    files = (line.partition("  ")[2] for line in sums.splitlines())
    return {SUMS, *(file.partition("/")[0] for file in files)}


@contextmanager
def replaced_folder(folder: Path) -> Iterator[Path]:
    """Give an empty folder; when the block ends well, it takes the place of ``folder``.

    Whatever happens, ``folder`` is the older one or the new one, whole.
    """
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.part-"))
    try:
        yield beside
        beside.chmod(0o755)
        _exchange(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _exchange(new: Path, folder: Path) -> None:
    """Let two folders change places, or one take the place of none."""
    if not folder.exists():
        new.rename(folder)
        return
    libc = ctypes.CDLL(None, use_errno=True)
    call = getattr(libc, "renameat2", None)
    if call is not None:
        paths = os.fsencode(new), os.fsencode(folder)
        if call(_HERE, paths[0], _HERE, paths[1], _EXCHANGE) == 0:
            return
        code = ctypes.get_errno()
        if code not in (errno.EINVAL, errno.ENOSYS, errno.EPERM):
            raise OSError(code, os.strerror(code), str(folder))
    # A file system that can't exchange: for a moment there is none.
    older = new.with_name(f"{new.name}.older")
    folder.rename(older)
    new.rename(folder)
    shutil.rmtree(older, ignore_errors=True)


def write_sums(folder: Path) -> tuple[int, int]:
    """Write the sha256 of each file, and return how many files there are and their bytes."""
    files = [one for one in folder.rglob("*") if one.is_file()]
    write_manifest(folder, SUMS, [one.relative_to(folder).as_posix() for one in files])
    total = sum(one.stat().st_size for one in files) + (folder / SUMS).stat().st_size
    return len(files) + 1, total
