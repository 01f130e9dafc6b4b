"""The photos of editions that tests add without pages, as the worker would have added them up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presslens.pipelines.statistics.edition_photos import EditionPhotos
from presslens.pipelines.statistics.measure import BITS, Zone


def edition_photos(n: int, shares: Mapping[str, float]) -> EditionPhotos:
    """Return n photos of an edition, of which shares show measures by the machine."""
    return EditionPhotos(
        areas=np.full(n, 0.1),
        zones=np.full(n, BITS[Zone.ALL], np.uint8),
        probabilities={name: _sure(n, share) for name, share in shares.items()},
        decided={name: np.zeros(n, bool) for name in shares},
        consensus={name: np.full(n, np.nan) for name in shares},
    )


def summary(photos: int, pages: int, seen: int) -> dict[str, Any]:
    """Return the plain columns of an edition's summary."""
    return {
        "gallery": "g",
        "label_set": "l",
        "pages": pages,
        "pages_seen": seen,
        "photos": photos,
        "photo_area": photos / 10,
        "largest_photo": 0.5,
        "page_types": {"mixed": pages},
        "leader_photos": 3,
        "leader_unsure": 0,
        "leader_area": 0.2,
        "leader_centrality": 0.8,
        "together_photos": 0,
    }


def _sure(n: int, share: float) -> NDArray[np.float64]:
    """Return probabilities, of a given mean, of a detector that is sure of all photos but one."""
    probabilities = np.full(n, 0.0001)
    yes = int(n * share)
    probabilities[:yes] = 0.9999
    probabilities[yes : yes + 1] = np.clip(n * share - yes, 0.0001, 0.9999)
    return probabilities
