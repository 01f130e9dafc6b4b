"""How many photos must be drawn, or editions be at hand, until a difference can be shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy  # which imports scipy.special when it is first used
from numpy.typing import NDArray

from presslens.pipelines.statistics.measure import STRATA, strata
from presslens.pipelines.statistics.photo_table import Mask, Numbers
from presslens.pipelines.statistics.sampling import (
    FrameStrata,
    allocate,
    foreseen_variance,
    foreseen_width,
)

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


@dataclass(frozen=True, eq=False)
class PhotoFrame:
    """The n photos that a sample is drawn from; arrays of shape (n,)."""

    probability: Numbers  # the machine's, 0–1
    weight: Numbers
    # 0 and 1 of photos of either side of a difference, -1 of others; nowhere 1: of a share alone.
    side: NDArray[np.int64]
    drawn: Mask  # photos that are drawn already
    # What one more photo that shows it adds to a trend, by its weight; None: it is no trend.
    loads: Numbers | None = None
    # Answers of photos that were drawn before, 0 and 1, NaN of others; they tell how far the
    # machine is off. None: there are none.
    label: Numbers | None = None
    off: float = 0.0  # as of ``FrameStrata``

    def strata(self, part: Mask) -> FrameStrata:
        """Return the strata of some of the photos."""
        p, weight = self.probability[part], self.weight[part]
        made = FrameStrata.of_photos(strata(p), p, weight, len(STRATA) + 1)
        excess = self.excess
        return replace(made, variance=made.variance * excess, excess=excess, off=self.off)

    @cached_property
    def excess(self) -> Numbers:
        """Mean square residual of each stratum as a multiple of what the machine foresees."""
        place, p = strata(self.probability), self.probability
        made = FrameStrata.of_photos(place, p, self.weight, len(STRATA) + 1)
        if self.label is None:
            return made.excess
        off = self.weight * (self.label - p)
        return made.learn(
            [off[(place == h) & ~np.isnan(off)].tolist() for h in range(len(STRATA) + 1)]
        ).excess

    @cached_property
    def every(self) -> FrameStrata:
        """The strata of all photos."""
        return self.strata(np.ones(len(self.side), bool))

    @cached_property
    def sides(self) -> list[FrameStrata]:
        """The strata of each side; of a share, of one."""
        return [self.strata(self.side == k) for k in (0, 1) if (self.side == k).any()]

    @cached_property
    def before(self) -> list[int]:
        """Number of photos of each stratum that are drawn already."""
        drawn = strata(self.probability[self.drawn])
        counts: list[int] = np.bincount(drawn, minlength=len(STRATA) + 1).tolist()
        return counts

    @cached_property
    def least(self) -> int:
        """Fewest photos of which either side, or a share alone, stands on its own draws."""
        n = len(self.side)
        rarest = min((float(side.size.sum()) for side in self.sides), default=1.0)
        return min(math.ceil(FEWEST * n / rarest), n)

    def reach(self, numbers: Sequence[float], confidence: float) -> float:
        """Return half the width that an interval about these editions is foreseen to have.

        Of a share and of a difference by ``sampling.foreseen_width``; of a trend by Student's
        quantile, and the sum of (1 - pi) / pi times the square of load and residual.

        Args:
            numbers: The answered photos of each stratum.
            confidence: Level of the interval, 0–1.
        """
        chance = np.minimum(1.0, np.array(numbers, float) / np.maximum(self.every.size, 1))
        if self.loads is None:
            widths = [
                foreseen_width(side, (chance * side.size).tolist(), confidence)
                for side in self.sides
            ]
            return math.hypot(*(1.0 if width is None else width for width in widths)) / 2
        place = strata(self.probability)
        at = chance[place]
        if not (at > 0).all() or sum(numbers) <= 2:
            return math.inf
        spread = foreseen_variance(self.probability, self.weight * self.loads)
        open_ = (1 - at) / at * spread * self.excess[place]
        reach = float(scipy.special.stdtrit(sum(numbers) - 2, 0.5 + confidence / 2))
        return reach * math.sqrt(float(open_.sum()))


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
        return abs(self.value) / power_factor(self.confidence)

    @property
    def by_editions(self) -> float:
        """Part of the reach that no answer lessens: how editions vary."""
        return math.sqrt(max(0.0, self.practice**2 - self.these**2))


def power_factor(confidence: float) -> float:
    """Return how many reaches of its interval a difference is that four samples of 5 show."""
    z = float(scipy.special.ndtri((1 + confidence) / 2))
    return (z + POWER) / z


def needed_draws(frame: PhotoFrame, reach: Reach) -> int | None:
    """Return how many more photos of a frame must be drawn to tell a difference.

    None where all would not tell it, or hardly less than all of a large frame.

    The reach is foreseen by ``PhotoFrame.reach``; where photos are drawn already, it is set to
    scale by what the interval is now.
    """
    left = reach.wished**2 - reach.by_editions**2
    if left <= 0.0:
        return None
    before = frame.before
    now = frame.reach(before, reach.confidence) if sum(before) >= FEWEST else 0.0
    scale = reach.these / now if 0.0 < now < 0.5 else 1.0
    return draws_for(frame, math.sqrt(left) / scale, reach.confidence)


def draws_for(frame: PhotoFrame, wished: float, confidence: float) -> int | None:
    """Return how many more photos must be drawn for an interval about these editions.

    None where all would not do, or hardly less than all of a large frame. With those that are
    drawn they are ``frame.least`` at least, however wide the interval may be.

    Args:
        frame: The photos.
        wished: Half the width that the interval may have, above 0.
        confidence: Its level, 0–1.
    """
    before = frame.before
    low, high = sum(before) + 1, len(frame.side)
    if high < low:
        return None
    while low < high:
        middle = (low + high) // 2
        if frame.reach(allocate(frame.every, middle, least=before), confidence) <= wished:
            high = middle
        else:
            low = middle + 1
    needed: int = max(frame.least, low)
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
