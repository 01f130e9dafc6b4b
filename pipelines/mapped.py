"""Arrays that a file holds and not the heap: the system drops them from memory when others need it.

The file has no name: it is gone with the last array, and with the process.
"""

from __future__ import annotations

from collections.abc import Mapping
from mmap import ACCESS_READ, mmap
from tempfile import TemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray

ALIGNED = 64
"""Bytes of which each array's place in the file is a multiple."""


def mapped(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return read-only copies of arrays that a file holds; the arrays where no file has the room.

    Args:
        arrays: The arrays by name, of numbers, truth values and days.
    """
    places: dict[str, int] = {}
    try:
        with TemporaryFile() as file:
            for name, values in arrays.items():
                places[name] = file.seek(-(-file.tell() // ALIGNED) * ALIGNED)
                file.write(np.ascontiguousarray(values).view(np.uint8).data)
            file.write(b"\0")  # an empty file can't be mapped
            file.flush()
            memory = mmap(file.fileno(), 0, access=ACCESS_READ)
    except OSError:  # a full disk takes no answer away
        return dict(arrays)
    return {
        name: np.ndarray(arrays[name].shape, arrays[name].dtype, memory, place)
        for name, place in places.items()
    }
