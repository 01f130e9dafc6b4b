"""How many photos must be drawn, or editions be at hand, until a difference can be shown."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy  # which imports scipy.special when it is first used
from numpy.typing import NDArray

from presslens.pipelines.statistics.measure import STRATA, strata
from presslens.pipelines.statistics.photo_table import Mask, Numbers
from presslens.pipelines.statistics.sampling import FrameStrata, allocate, doubted, foreseen_width

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
    share: float | None = None  # as an archive estimates it; None: the probabilities do
    extends: bool = False  # more draws make the sample larger, and draw none of it again

    @cached_property
    def every(self) -> FrameStrata:
        """The strata of all photos, with what answers have shown."""
        place, p, weight = strata(self.probability), self.probability, self.weight
        label = np.full(len(p), np.nan) if self.label is None else self.label
        known = ~np.isnan(label)
        return FrameStrata.of_photos(place, p, weight, len(STRATA) + 1).learn(
            place[known], p[known], weight[known], label[known], share=self.share
        )

    @cached_property
    def sides(self) -> list[FrameStrata]:
        """The strata of each side; of a share, of one."""
        p, w, of = self.probability, self.weight, self.every
        parts = [self.side == k for k in (0, 1) if (self.side == k).any()]
        made = [FrameStrata.of_photos(strata(p[at]), p[at], w[at], len(of.size)) for at in parts]
        return [replace(one, excess=of.excess, off=of.off) for one in made]

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

    def after(self, photos: int) -> Numbers:
        """Return the answered photos of each stratum once so many more are drawn, shape (s,).

        A sample beside another one draws some photos again that are answered.
        """
        if self.extends:
            whole = allocate(self.every, photos + sum(self.before), least=self.before)
            return np.array(whole, float)
        known = replace(self.every, known=np.array(self.before))
        return known.answered(allocate(self.every, photos))

    def reach(self, numbers: Numbers, confidence: float) -> float:
        """Return half the width that an interval about these editions is foreseen to have.

        Of a share and of a difference by ``sampling.foreseen_width``; of a trend by Student's
        quantile, and the sum of (1 - pi) / pi times the square of load and residual.

        Args:
            numbers: The answered photos of each stratum.
            confidence: Level of the interval, 0–1.
        """
        chance = np.minimum(1.0, numbers / np.maximum(self.every.size, 1))
        if self.loads is None:
            widths = [
                foreseen_width(side, (chance * side.size).tolist(), confidence)
                for side in self.sides
            ]
            return math.hypot(*(1.0 if width is None else width for width in widths)) / 2
        held = self.every.size > 0
        at = chance[held]
        if not (at > 0).all() or numbers.sum() <= 2:
            return math.inf
        open_ = (1 - at) / at * self._spread[held]
        reach = float(scipy.special.stdtrit(numbers.sum() - 2, 0.5 + confidence / 2))
        return reach * math.sqrt(float(open_.sum()))

    @cached_property
    def _spread(self) -> Numbers:
        """The squares of load and residual, summed over the photos of each stratum, shape (s,)."""
        loads = np.zeros(1) if self.loads is None else self.loads
        g = scipy.special.expit(scipy.special.logit(doubted(self.probability)) + self.every.off)
        squares = (self.weight * loads) ** 2 * g * (1 - g)
        place = strata(self.probability)
        return np.bincount(place, squares, minlength=len(self.every.size)) * self.every.excess


def power_factor(confidence: float) -> float:
    """Return how many reaches of its interval a difference is that four samples of 5 show."""
    z = float(scipy.special.ndtri((1 + confidence) / 2))
    return (z + POWER) / z


def needed_draws(frame: PhotoFrame, wished: float, confidence: float) -> int | None:
    """Return how many photos must be drawn for an interval about these editions.

    None where all would not do, or hardly less than all of a large frame; 0 where the answers do.
    With these they are ``frame.least`` at least, however wide the interval may be.

    Args:
        wished: Half the width that the interval may have, above 0.
        confidence: Its level, 0–1.
    """
    high = len(frame.side)
    if sum(frame.before) >= high:
        return None
    low = 0 if any(frame.before) else round(frame.after(0).sum())  # the fewest of strata
    while low < high:
        middle = (low + high) // 2
        after = frame.after(middle)
        if after.sum() >= frame.least - 0.5 and frame.reach(after, confidence) <= wished:
            high = middle
        else:
            low = middle + 1
    n = len(frame.side)
    return None if n > SMALL and frame.after(low).sum() > NEARLY_ALL * n else low


def needed_editions(editions: int, wished: float, by_editions: float, *, drawn: bool) -> int | None:
    """Return how many editions a side would tell a difference in practice; None: too many.

    Args:
        editions: Editions of the smaller side.
        wished: Half the width of the interval that would tell it.
        by_editions: Part of the half width that no answer lessens: how editions vary.
        drawn: Half of the variance is left to the answers about their photos.
    """
    left = wished * (math.sqrt(0.5) if drawn else 1.0)
    if left <= 0.0 or not editions:
        return None
    needed = math.ceil(editions * (by_editions / left) ** 2)
    return needed if editions < needed <= MOST_EDITIONS else None
