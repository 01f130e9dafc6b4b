"""Arrays that files hold and not the heap: the system drops them from memory when others need it.

The files have no names: each is gone with the last array in it, and with the process.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterator, Mapping
from datetime import date
from functools import partial
from mmap import MADV_DONTNEED, mmap
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


_OWN = "presslens", "cachetools"
"""Packages of what holds results."""

_PLAIN = frozenset({type(None), str, bytes, int, float, bool, date})


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
    memory.madvise(MADV_DONTNEED)  # the file has it, and who reads it gets it from there
    return copies


def map_arrays(root: object) -> None:
    """Have a file hold each large array that objects within one another hold; none may change.

    Args:
        root: Holds them in its fields, and in lists and mappings.
    """
    copies: dict[int, tuple[NDArray[Any], NDArray[Any]]] = {}  # by the id of the first, kept alive
    seen, waiting = set[int](), [root]
    while waiting:
        for value, put in _parts(waiting.pop()):
            if isinstance(value, np.ndarray):
                if put and value.nbytes >= LEAST_BYTES and not _is_mapped(value):
                    if id(value) not in copies:
                        copies[id(value)] = value, mapped({0: value})[0]
                    put(copies[id(value)][1])
            elif type(value) not in _PLAIN and id(value) not in seen:
                seen.add(id(value))
                waiting.append(value)


def _is_mapped(array: NDArray[Any]) -> bool:
    """Return whether a file holds an array already, or none may: it holds objects, or one value."""
    alone = array.dtype.hasobject or 0 in array.strides
    while isinstance(array.base, np.ndarray):
        array = array.base
    return alone or isinstance(array.base, mmap)


def _parts(holder: object) -> Iterator[tuple[object, Callable[[Any], None] | None]]:
    """Yield what an object of this program holds, and what puts something else in its place."""
    if isinstance(holder, dict):
        yield from ((value, partial(holder.__setitem__, key)) for key, value in [*holder.items()])
    elif isinstance(holder, list):
        yield from ((value, partial(holder.__setitem__, at)) for at, value in enumerate(holder))
    elif isinstance(holder, tuple):
        yield from ((value, None) for value in holder)
    elif type(holder).__module__.startswith(_OWN):
        yield getattr(holder, "__dict__", None), None
        kinds = type(holder).__mro__
        for name in (one for kind in kinds for one in getattr(kind, "__slots__", ())):
            yield getattr(holder, name, None), partial(object.__setattr__, holder, name)
