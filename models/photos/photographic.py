"""Tells photographs from drawings, maps, charts, panels and text by image features."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import skops.io
from numpy.typing import NDArray


class LinearPhotographicTest:
    """A logistic regression over image features (see ``models/cards/photographic.md``).

    Args:
        path: The skops file.
    """

    def __init__(self, path: Path) -> None:
        self._model = skops.io.load(path, trusted=[])

    def probability(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the probability that each row of features, shape (n, 1280), is a photograph's."""
        if len(features) == 0:
            return np.empty(0)
        return np.asarray(self._model.predict_proba(features)[:, 1])
