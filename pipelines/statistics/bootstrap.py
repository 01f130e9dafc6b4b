"""A ratio of totals over editions, and its bootstrap interval with editions as clusters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import scipy  # which imports scipy.special when it is first used
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

DRAWS = 999
"""Number of bootstrap draws."""

_SEED = 20251216

_FEW = 128
"""Largest number of editions whose draws are cached for many sizes: 16 MB at most."""

_LEAST = 1e-3
"""Smallest standard error of a draw, as a share of that of the whole sample."""


@dataclass(frozen=True, slots=True, eq=False)
class Corrected:
    """The correction of a ratio by reviewed photos that were drawn by chance; k strata.

    Attributes:
        open: Weight of the photos that are not settled, by edition and stratum, shape (e, k).
        residual: Residuals of the drawn photos, weighed and added up, shape (e, k).
        weight: Their weights, added up, shape (e, k); above 0 in each stratum.
        least: Variance of each stratum's sum of residuals that the drawn photos don't show by
            themselves, shape (k,).
    """

    open: Numbers
    residual: Numbers
    weight: Numbers
    least: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class RatioEstimate:
    """A ratio of totals over e editions, by a linear approximation and by resampling.

    Attributes:
        value: The ratio.
        error: Its standard error, with the factor e / (e - 1) for few editions; at least the one
            that was given.
        editions: How many there are.
        parts: What a draw needs: errors of the numerators, denominators, and by stratum open
            weights, drawn residuals less their mean and drawn weights, shape (e, 2 + 3k).
    """

    value: float
    error: float
    editions: int
    parts: Numbers = field(repr=False)

    @classmethod
    def of(
        cls,
        total: Numbers,
        weight: Numbers,
        corrected: Corrected | None = None,
        *,
        error: float = 0.0,
    ) -> RatioEstimate:
        """Estimate the ratio of the totals of editions.

        Args:
            total: Numerators, shape (e,).
            weight: Denominators, above 0, shape (e,).
            corrected: What corrects the numerators.
            error: Standard error that the ratio has at least.
        """
        e, whole = len(total), float(weight.sum())
        none = np.zeros((e, 0))
        correction = corrected or Corrected(none, none, none, np.zeros(0))
        means = correction.residual.sum(0) / correction.weight.sum(0)
        gain = correction.open.sum(0) / correction.weight.sum(0)
        centred = correction.residual - means * correction.weight
        numerator = total + correction.open @ means
        value = float(numerator.sum()) / whole
        off = numerator - value * weight
        scores = off + centred @ gain
        variance = float((scores**2).sum()) * (e / (e - 1) if e > 1 else 0.0)
        variance += float(gain**2 @ correction.least)
        columns = [off[:, None], weight[:, None], correction.open, centred, correction.weight]
        standard_error = max(error, float(np.sqrt(variance)) / whole)
        return cls(value, standard_error, e, np.concatenate(columns, axis=1))

    def interval(self, confidence: float) -> tuple[float, float] | None:
        """Return the studentised bootstrap interval of the ratio; None for a single edition."""
        return intervals([self], confidence)[0]

    @property
    def corrected(self) -> bool:
        """Whether drawn photos correct the ratio."""
        return bool(self.parts.shape[1] > 2)


def intervals(
    ratios: Sequence[RatioEstimate], confidence: float
) -> list[tuple[float, float] | None]:
    """Return the studentised bootstrap interval of each ratio; None for a single edition.

    Ratios of equally many editions are resampled together, which is several times faster.

    Where Student's is farther out it stands: the bootstrap knows that a ratio is skew, but few
    editions tell it too little of that. A few drawn photos make tails that are long enough.

    Args:
        ratios: The ratios.
        confidence: Level of the intervals, 0.95 for instance.
    """
    bounds = [None if s.editions < 2 else (s.value, s.value) for s in ratios]
    alike: dict[int, list[int]] = defaultdict(list)
    for i, spread in enumerate(ratios):
        if spread.editions > 1 and spread.error > 0.0:
            alike[spread.editions].append(i)
    for editions, group in alike.items():
        counts = _counts(editions)
        drawn = _redrawn(counts, [ratios[i].parts for i in group])
        for i, (errors, variances) in zip(group, drawn, strict=True):
            bounds[i] = _interval(ratios[i], errors, variances, confidence)
    return bounds


def _interval(
    spread: RatioEstimate, errors: Numbers, variances: Numbers, confidence: float
) -> tuple[float, float]:
    tails = (1 - confidence) / 2, (1 + confidence) / 2
    # Each draw's error by its own standard error; a draw of one edition again and again has none
    # to speak of.
    ordered = np.sort(errors / np.sqrt(np.maximum(variances, (_LEAST * spread.error) ** 2)))
    low, high = (float(ordered[_rank(at)]) for at in tails)
    reach = -np.inf if spread.corrected else _student(tails[1], spread.editions - 1)
    return (
        spread.value - max(high, reach) * spread.error,
        spread.value + max(-low, reach) * spread.error,
    )


def _rank(at: float) -> int:
    """Return the index of a quantile among the ordered draws, from 0."""
    return min(max(round(at * (DRAWS + 1)) - 1, 0), DRAWS - 1)


@lru_cache(maxsize=1024)
def _student(at: float, freedom: int) -> float:
    return float(scipy.special.stdtrit(freedom, at))


def _redrawn(
    counts: NDArray[np.float32], parts: Sequence[Numbers]
) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield the error of each ratio in each draw, and its variance within that draw."""
    tables = [_DrawTable.of(part) for part in parts]
    # One product for all of them, as reading the draws is what takes long.
    sums = counts @ np.concatenate([table.columns for table in tables], axis=1)
    at = 0
    for table in tables:
        own = sums[:, at : at + table.columns.shape[1]].astype(float)
        at += table.columns.shape[1]
        yield _of_draws(counts, table, own)


@dataclass(frozen=True, slots=True, eq=False)
class _DrawTable:
    """The columns that a draw sums: scaled parts, and their products where editions are many.

    Of many editions only sums are made, of few each edition's own part in a draw. Single precision
    is twice as fast, and enough for columns of like size.
    """

    scale: Numbers
    scaled: NDArray[np.float32]
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]]
    columns: NDArray[np.float32]

    @classmethod
    def of(cls, parts: Numbers) -> _DrawTable:
        e, width = parts.shape
        scale = np.sqrt((parts**2).mean(axis=0))
        scale[scale == 0.0] = 1.0
        scaled = (parts / scale).astype(np.float32)
        first, second = np.triu_indices(width)
        products = scaled[:, first] * scaled[:, second] if e > _FEW else scaled[:, :0]
        return cls(scale, scaled, (first, second), np.concatenate([scaled, products], axis=1))


def _of_draws(
    counts: NDArray[np.float32], table: _DrawTable, sums: Numbers
) -> tuple[Numbers, Numbers]:
    e, width = table.scaled.shape
    totals = sums[:, :width] * table.scale
    off, weight = totals[:, 0], totals[:, 1]
    opened, centred, sizes = np.split(totals[:, 2:], 3, axis=1)
    # A draw may lack a stratum's photos: it corrects nothing there.
    by = np.where(sizes > 0, sizes, np.inf)
    means, gain = centred / by, opened / by
    error = (off + (means * opened).sum(axis=1)) / weight
    leading = np.stack([np.ones(len(error)), -error], axis=1)
    each = np.concatenate([leading, means, gain, -gain * means], axis=1) * table.scale
    if e > _FEW:
        first, second = table.pairs
        twice = np.where(first == second, 1.0, 2.0)
        squares = (each[:, first] * each[:, second] * twice * sums[:, width:]).sum(axis=1)
    else:
        squares = (counts * (each.astype(np.float32) @ table.scaled.T) ** 2).sum(axis=1)
    return error, squares / weight**2 * (e / (e - 1))


def _counts(editions: int) -> NDArray[np.float32]:
    """Return the number of times that each draw has each edition, shape (DRAWS, editions)."""
    if editions > _FEW:
        return _counts_of_many(editions)
    return _drawn_of_few(editions).astype(np.float32)


def _drawn(editions: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(_SEED)
    size = DRAWS * editions
    drawn = rng.integers(0, editions, size) + np.repeat(np.arange(DRAWS) * editions, editions)
    return np.minimum(np.bincount(drawn, minlength=size), 255).reshape(DRAWS, -1).astype(np.uint8)


@lru_cache(maxsize=4)
def _counts_of_many(editions: int) -> NDArray[np.float32]:
    return _drawn(editions).astype(np.float32)


# Months have a few numbers of editions, again and again; all of an archive has one.
_drawn_of_few = lru_cache(maxsize=128)(_drawn)
