"""The ways in which a labelled photo is shown: as it is, printed at random, or degraded once."""

from __future__ import annotations

import hashlib

import numpy as np

from models.training.newsprint import printed, screened
from models.training.printing import DEGRADATIONS
from models.vocabulary import Image

AS_IS, PRINTED, PRINTED_ANEW = "as it is", "as printed", "as printed anew"
"""The ways to show photos in training: untouched, and printed at random, twice."""

SCREENED = "through a screen"
"""The way to show photos in training that is a screen for certain, its details at random."""

TAUGHT = (AS_IS, PRINTED, PRINTED_ANEW, SCREENED)
"""The ways in which photos teach estimators and readers."""


_SEEDS = {PRINTED: "", PRINTED_ANEW: " anew", SCREENED: " screened"}


def as_shown(photo: Image, shown: str, key: str) -> Image:
    """Return a photo shown in one way, its random degradation seeded by its key."""
    if shown == AS_IS:
        return photo
    if shown in DEGRADATIONS:
        return DEGRADATIONS[shown](photo)
    seed = hashlib.sha256(f"{key}{_SEEDS[shown]}".encode()).hexdigest()[:8]
    rng = np.random.default_rng(int(seed, 16))
    return screened(photo, rng) if shown == SCREENED else printed(photo, rng)
