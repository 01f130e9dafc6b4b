"""The ways in which a labelled photo is shown: as it is, printed at random, or degraded once."""

from __future__ import annotations

import hashlib

import numpy as np

from presslens.lab.training.newsprint import printed
from presslens.lab.training.printing import DEGRADATIONS
from presslens.models.vocabulary import Image

AS_IS, PRINTED, PRINTED_ANEW = "as it is", "as printed", "as printed anew"
"""The ways to show photos in training: untouched, and printed at random, twice."""

TAUGHT = (AS_IS, PRINTED, PRINTED_ANEW)
"""The ways in which photos teach estimators and readers."""


def as_shown(photo: Image, shown: str, key: str) -> Image:
    """Return a photo shown in one way, its random degradation seeded by its key."""
    if shown == AS_IS:
        return photo
    if shown in (PRINTED, PRINTED_ANEW):
        name = key if shown == PRINTED else f"{key} anew"
        seed = int(hashlib.sha256(name.encode()).hexdigest()[:8], 16)
        return printed(photo, np.random.default_rng(seed))
    return DEGRADATIONS[shown](photo)
