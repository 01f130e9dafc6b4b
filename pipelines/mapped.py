"""Arrays that files hold and not the heap: the system drops them from memory when others need it.

The files have no names: each is gone with the last array in it, and with the process.
"""

from __future__ import annotations

import os
from collections.abc import Hashable, Mapping
from mmap import mmap
from tempfile import TemporaryFile
from threading import Lock
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

K = TypeVar("K", bound=Hashable)

ALIGNED = 64
"""Bytes of which each array's place in a file is a multiple."""

FILE_BYTES = 16 * 1024**2
"""Size of a file, unless one array is larger: each takes a descriptor, and lasts as long as the
last of its arrays."""

LEAST_BYTES = 64 * 1024
"""Size of all arrays together from which on a file holds them."""


class _Files:
    """Gives room in one file after the other; safe for threads, and for no other process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._memory: mmap | None = None
        self._end = 0

    def room(self, size: int) -> tuple[mmap, int]:
        """Return a file that has room, mapped, and the place of the room.

        Raises:
            OSError: The disk is full.
        """
        with self._lock:
            if self._memory is None or self._end + size > len(self._memory):
                with TemporaryFile() as file:
                    os.posix_fallocate(file.fileno(), 0, max(size, FILE_BYTES))
                    self._memory, self._end = mmap(file.fileno(), 0), 0
            place = self._end
            self._end += size
            return self._memory, place


_FILES = _Files()
os.register_at_fork(after_in_child=_FILES.__init__)  # type: ignore[misc]


def mapped(arrays: Mapping[K, NDArray[Any]]) -> dict[K, NDArray[Any]]:
    """Return read-only copies of arrays that a file holds; the arrays where no file has the room.

    Args:
        arrays: The arrays by name, of numbers, truth values and days.
    """
    sizes = {name: -(-values.nbytes // ALIGNED) * ALIGNED for name, values in arrays.items()}
    if sum(sizes.values()) < LEAST_BYTES:
        return dict(arrays)
    try:
        memory, place = _FILES.room(sum(sizes.values()))
    except OSError:  # a full disk takes no answer away
        return dict(arrays)
    copies = {}
    for name, values in arrays.items():
        copy = copies[name] = np.ndarray(values.shape, values.dtype, memory, place)
        copy[...] = values
        copy.flags.writeable = False
        place += sizes[name]
    return copies
