"""How many photos must be drawn, or editions be at hand, until a difference can be shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # which imports scipy.special when it is first used
from numpy.typing import NDArray

from presslens.pipelines.statistics.measure import STRATA, strata
from presslens.pipelines.statistics.photo_table import Mask, Numbers
from presslens.pipelines.statistics.sampling import FrameStrata, allocate, foreseen_width

POWER = 0.84
"""Standard errors beyond the quantile that a difference must be wide to be shown in four samples of
five (Cohen 1988, *Statistical Power Analysis for the Behavioral Sciences*, ch. 1)."""

FEWEST = 30
"""Drawn photos of each side from which on it stands on its own draws."""

SMALL = 200
"""Photos of a frame of which all may be reviewed."""

NEARLY_ALL = 0.8
"""Part of a larger frame that is no sample any more."""

MOST_EDITIONS = 2000
"""Largest number of editions that a sentence asks for."""


@dataclass(frozen=True, slots=True, eq=False)
class PhotoFrame:
    """The n photos that a sample is drawn from; arrays of shape (n,)."""

    probability: Numbers  # the machine's, 0–1
    weight: Numbers
    # 0 and 1 of photos of either side of a difference, -1 of others; nowhere 1: of a share alone.
    side: NDArray[np.int64]
    drawn: Mask  # photos that are drawn already

    def strata(self, part: Mask) -> FrameStrata:
        """Return the strata of some of the photos."""
        p, weight = self.probability[part], self.weight[part]
        return FrameStrata.of_photos(strata(p), p, weight, len(STRATA) + 1)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the interval of a difference reaches towards 0, in its unit."""

    value: float  # the difference
    these: float  # reach of the interval about these editions
    practice: float  # reach of that in question: about practice, or these editions
    confidence: float  # level of both, 0.99 for instance

    @property
    def wished(self) -> float:
        """Reach with which the difference, if it is as estimated, is shown in four samples of 5."""
        z = float(scipy.special.ndtri((1 + self.confidence) / 2))
        return abs(self.value) * z / (z + POWER)

    @property
    def by_editions(self) -> float:
        """Part of the reach that no answer lessens: how editions vary."""
        return math.sqrt(max(0.0, self.practice**2 - self.these**2))


def needed_draws(frame: PhotoFrame, reach: Reach) -> int | None:
    """Return how many more photos of a frame must be drawn to tell a difference.

    None where all would not tell it, or hardly less than all of a large frame.

    The reach is foreseen as in ``sampling.foreseen_width``; where photos are drawn already, it is
    set to scale by what the interval is now.
    """
    left = reach.wished**2 - reach.by_editions**2
    if left <= 0.0:
        return None
    every = frame.strata(np.ones(len(frame.side), bool))
    sides = [frame.strata(frame.side == k) for k in (0, 1) if (frame.side == k).any()]
    drawn = strata(frame.probability[frame.drawn])
    before: list[int] = np.bincount(drawn, minlength=len(STRATA) + 1).tolist()

    def foreseen(numbers: Sequence[int]) -> float:
        part = np.array(numbers, float) / np.maximum(every.size, 1)
        widths = [
            foreseen_width(side, (part * side.size).tolist(), reach.confidence) for side in sides
        ]
        return math.hypot(*(1.0 if width is None else width for width in widths)) / 2

    now = foreseen(before) if sum(before) >= FEWEST else 0.0
    scale = reach.these / now if 0.0 < now < 0.5 else 1.0
    low, high = sum(before) + 1, len(frame.side)
    if high < low:
        return None
    while low < high:
        middle = (low + high) // 2
        if scale * foreseen(allocate(every, middle, least=before)) <= math.sqrt(left):
            high = middle
        else:
            low = middle + 1
    rarest = min((float(side.size.sum()) for side in sides), default=1.0)
    least = math.ceil(FEWEST * len(frame.side) / rarest)
    needed: int = max(min(least, len(frame.side)), low)
    if len(frame.side) > SMALL and needed > NEARLY_ALL * len(frame.side):
        return None
    return needed - sum(before)


def needed_editions(editions: int, reach: Reach) -> int | None:
    """Return how many editions a side would tell a difference in practice; None: too many.

    Of a share half of the variance is left to the answers about their photos.

    Args:
        editions: Editions of the smaller side.
    """
    left = reach.wished * (math.sqrt(0.5) if reach.these > 0.0 else 1.0)
    if left <= 0.0 or not editions:
        return None
    needed = math.ceil(editions * (reach.by_editions / left) ** 2)
    return needed if editions < needed <= MOST_EDITIONS else None
