"""Tells which photos are prints of one picture, by the cosine of their image features."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

REPRINT = 0.88
"""Photos with this cosine or a larger one are taken for prints of the same picture.

Of 338 pairs of prints of one picture in composed editions, cropped, tinted and screened anew, 72 %
reach it; of the 19,701 pairs of 199 news photos 2 do, frames of one hall from one place.
"""

_ROWS = 1024
"""Photos that are compared with all others at a time."""


def pictures_of(features: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return the picture of each photo: the index of the first photo that is a print of it.

    Photos that are linked by reprints of reprints are of one picture too (single linkage).

    Args:
        features: Image features of the photos, shape (n, 1280).
    """
    length = np.linalg.norm(features, axis=1, keepdims=True)
    unit = (features / np.maximum(length, 1e-12)).astype(np.float32)
    picture = np.arange(len(unit))
    for start in range(0, len(unit), _ROWS):
        alike = unit[start : start + _ROWS] @ unit[start:].T >= REPRINT
        for i in np.flatnonzero(alike.sum(axis=1) > 1):
            linked = np.unique(picture[start:][alike[i]])
            picture[np.isin(picture, linked)] = linked[0]
    return picture
