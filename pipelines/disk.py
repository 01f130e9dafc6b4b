"""What a disk keeps over a power cut: what was synced, file and folder each for itself."""

from __future__ import annotations

import os
from pathlib import Path


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
