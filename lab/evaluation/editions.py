"""Photos of a source dealt into editions, events whole: as a newspaper prints them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from presslens.pipelines.statistics.photo_table import PhotoTable

PHOTOS = 15
"""Least number of photos of a dealt edition; events stay together, so some have more."""


def dealt(events: Sequence[str]) -> NDArray[np.int64]:
    """Return the edition of each photo, 0 to e - 1, shape (n,).

    Events come in the order of their hashes until an edition has ``PHOTOS`` photos; what is left
    over joins the last edition.

    Args:
        events: The event of each photo, n of them.
    """
    number = Counter(events)
    order = sorted(number, key=lambda event: hashlib.sha256(event.encode()).digest())
    edition_of: dict[str, int] = {}
    edition, photos, left = 0, 0, len(events)
    for event in order:
        edition_of[event] = edition
        photos += number[event]
        left -= number[event]
        if photos >= PHOTOS and left >= PHOTOS:
            edition, photos = edition + 1, 0
    return np.array([edition_of[event] for event in events], dtype=np.int64)


def unreviewed(probability: ArrayLike, edition: NDArray[np.int64]) -> PhotoTable:
    """Return photos of one newspaper of which nobody reviewed any.

    Args:
        probability: The machine's, 0–1, shape (n,).
        edition: The edition of each photo, 0 to e - 1, shape (n,).
    """
    n, editions = len(edition), int(edition.max()) + 1
    unknown = np.full(n, np.nan)
    return PhotoTable(
        edition=edition,
        probability=np.asarray(probability, dtype=float),
        weight=np.ones(n),
        label=unknown,
        inclusion=unknown,
        framed=np.zeros(n, bool),
        editions=[str(number) for number in range(editions)],
        periods=[("newspaper",)] * editions,
    )
