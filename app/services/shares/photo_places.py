"""Finds photos among others by their ids."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def places_of(
    printed: tuple[NDArray[np.int64], NDArray[np.int64]],
    asked: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> NDArray[np.int64]:
    """Return the place of each of some photos among printed ones; -1 if it is not there.

    Args:
        printed: Edition and photo, by id, of the printed ones.
        asked: Likewise of those that are looked for.
    """
    if not len(printed[1]):
        return np.full(len(asked[1]), -1, np.int64)
    width = int(max(printed[1].max(), asked[1].max(initial=0))) + 1
    keys, wanted = (edition * width + photo for edition, photo in (printed, asked))
    order = np.argsort(keys, kind="stable")
    at = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
    places = order[at]
    return np.where(keys[places] == wanted, places, -1)
