"""What a disk keeps over a power cut: what was synced, file and folder each for itself."""

from __future__ import annotations

import errno
import os
from pathlib import Path

NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
"""The numbers of OSErrors by which nothing can be written: others, such as EIO, are a page's."""


def sync_file(file: Path) -> None:
    """Make the bytes of a file survive a power cut; its name needs ``sync_folder``."""
    _sync(file)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut: what was made, renamed and deleted there."""
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
