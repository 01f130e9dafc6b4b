"""A cache of what instruments computed from labelled photos, between runs of the training."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class ArrayCache:
    """Stores named arrays, a file for each key; a file is written whole or not at all.

    Attributes:
        folder: Where the files lie; it is created with access for its owner alone.
    """

    folder: Path

    def arrays(self, key: str, compute: Callable[[], Arrays]) -> dict[str, NDArray[Any]]:
        """Return the arrays of a key, computed only where no file holds them.

        Args:
            key: Everything that the arrays depend on.
            compute: Returns the arrays by name.
        """
        self.folder.mkdir(mode=0o700, exist_ok=True)
        name = hashlib.sha256(key.encode()).hexdigest()
        path = self.folder / f"{name}.npz"
        if not path.exists():
            part = self.folder / f"{name}.{os.getpid()}.npz"
            np.savez(part, **compute())  # type: ignore[arg-type]
            part.replace(path)
        with np.load(path) as stored:
            return dict(stored)


CACHE = ArrayCache(Path(tempfile.gettempdir()) / f"presslens-training-{os.getuid()}")
"""The cache of the trainings, in the temporary folder of the machine."""
