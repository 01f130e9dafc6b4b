"""Where tests write: to memory where there is enough of it, for each commit waits for a disk."""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 6 * 2**30
"""Bytes: what a whole run writes, several times over."""


def quickest_folder() -> Path:
    """Return a folder for temporary files, from which programs may be run."""
    if not MEMORY.is_dir() or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return Path(tempfile.gettempdir())
    return MEMORY if shutil.disk_usage(MEMORY).free > ROOM else Path(tempfile.gettempdir())
