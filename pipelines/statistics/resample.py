"""A ratio of totals over editions, and its spread when editions are drawn again."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

DRAWS = 999
"""How often editions are drawn again."""

_SEED = 20251216


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """A ratio of totals over e editions, as a linear approximation and by drawing again.

    Attributes:
        value: The ratio.
        error: Its standard error, with the factor e / (e - 1) for few editions.
        scores: What each edition adds to the ratio's error, shape (e,); they add up to 0.
        parts: What a draw needs: ``scores`` times the denominator, denominators, open weights by
            stratum, and drawn residuals less their mean and weights by stratum, shape (e, 2 + 3k).
    """

    value: float
    error: float
    scores: Numbers
    parts: Numbers = field(repr=False)

    @property
    def editions(self) -> int:
        """How many editions there are."""
        return len(self.scores)

    @classmethod
    def of(
        cls,
        total: Numbers,
        weight: Numbers,
        open_: Numbers | None = None,
        residual: Numbers | None = None,
        drawn: Numbers | None = None,
        least: Numbers | None = None,
    ) -> Spread:
        """Reckon the ratio of the totals of some editions.

        Args:
            total: Numerators, shape (e,).
            weight: Denominators, above 0, shape (e,).
            open_: Weight of the photos to be corrected, by stratum, shape (e, k).
            residual: Residuals of the photos drawn by chance, weighed and added up, shape (e, k).
            drawn: Their weights, added up, shape (e, k).
            least: Variance of each stratum's sum of residuals that the drawn photos don't show.
        """
        e = len(total)
        none = np.zeros((e, 0))
        opened, left, sizes = open_, residual, drawn
        if opened is None or left is None or sizes is None or least is None:
            opened, left, sizes, least = none, none, none, np.zeros(0)
        means = left.sum(0) / sizes.sum(0)
        centred = left - means * sizes
        numerator = total + opened @ means
        value = float(numerator.sum() / weight.sum())
        off = numerator - value * weight
        gain = opened.sum(0) / sizes.sum(0)
        scores = (off + centred @ gain) / weight.sum()
        variance = float((scores**2).sum()) * (e / (e - 1) if e > 1 else 0.0)
        variance += float((gain / weight.sum()) ** 2 @ least)
        parts = np.concatenate([off[:, None], weight[:, None], opened, centred, sizes], axis=1)
        return cls(value, float(np.sqrt(variance)), scores, parts)

    def interval(self, confidence: float) -> tuple[float, float] | None:
        """Return the studentised bootstrap interval of the ratio; None for a single edition."""
        if self.editions < 2:
            return None
        if self.error == 0.0:
            return self.value, self.value
        low, high = np.quantile(self._studentised(), ((1 - confidence) / 2, (1 + confidence) / 2))
        return self.value - float(high) * self.error, self.value - float(low) * self.error

    def _studentised(self) -> Numbers:
        """Return each draw's error by its own standard error."""
        counts = _counts(self.editions)
        errors, variances = _redrawn(counts, self.parts)
        floor = (1e-3 * self.error) ** 2
        return errors / np.sqrt(np.maximum(variances, floor))


def _redrawn(counts: NDArray[np.float32], parts: Numbers) -> tuple[Numbers, Numbers]:
    """Return the error of the ratio in each draw, and its variance as that draw reckons it."""
    e, width = parts.shape
    k = (width - 2) // 3
    scale = np.sqrt((parts**2).mean(axis=0))
    scale[scale == 0.0] = 1.0
    scaled = parts / scale
    first, second = np.triu_indices(width)
    columns = np.concatenate([scaled, scaled[:, first] * scaled[:, second]], axis=1)
    sums = (counts @ columns.astype(np.float32)).astype(float)
    off, weight, *rest = (sums[:, :width] * scale).T
    opened, centred, sizes = (np.array(rest[i * k : (i + 1) * k]) for i in range(3))
    # A draw may lack a stratum's photos: it corrects nothing there.
    by = np.where(sizes > 0, sizes, np.inf) if k else np.zeros((0, len(off)))
    means = centred / by if k else by
    gain = opened / by if k else by
    error = (off + (means * opened).sum(0)) / weight if k else off / weight
    ones = np.ones_like(error)
    coefficients = (
        np.concatenate([ones[None], -error[None], *((means, gain, -gain * means) if k else ())]).T
        * scale
    )
    products = coefficients[:, first] * coefficients[:, second] * np.where(first == second, 1, 2)
    squares = (products * sums[:, width:]).sum(axis=1)
    return error, squares / weight**2 * (e / (e - 1))


@lru_cache(maxsize=8)
def _counts(editions: int) -> NDArray[np.float32]:
    """Return how often each edition is drawn in each draw, shape (DRAWS, editions)."""
    rng = np.random.default_rng(_SEED)
    size = DRAWS * editions
    drawn = rng.integers(0, editions, size) + np.repeat(np.arange(DRAWS) * editions, editions)
    return np.bincount(drawn, minlength=size).reshape(DRAWS, editions).astype(np.float32)
