"""How alike neighbouring editions are, and how much wider that makes an interval for practice.

What editions vary by is taken as the sum of a wave, an autoregression of order 1 that neighbouring
editions share, and of what each edition has for itself (Granger & Morris 1976, doi
10.2307/2345178). Neither the wave's correlation nor its part is known. So the restricted likelihood
(Patterson & Thompson 1971, doi 10.1093/biomet/58.3.545) of each on a grid weighs the variance that
it would give a sum: a short series does not say how alike its editions are, and an estimate that is
taken for the truth, which is too low in short series (Kendall 1954, doi
10.1093/biomet/41.3-4.403), makes intervals too narrow. The weighted variances are told as one
variance with its degrees of freedom.

A cosine transform makes the waves next to independent (Ahmed, Natarajan & Rao 1974, doi
10.1109/T-C.1974.223784), so that a year of editions takes a millisecond.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy  # which imports scipy.fft and scipy.special when they are first used

from presslens.models.message import Message
from presslens.pipelines.statistics.photo_table import Numbers

INDEPENDENT = 0.75
"""Probability, beforehand, that editions are independent."""

CORRELATIONS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.96)
"""Correlations r of the wave in neighbouring editions, otherwise; log(1 - r) is even beforehand."""

HIGHEST = 0.98
"""A wave whose neighbours are more alike is a trend."""

OWN_PARTS = {0.0: 0.1, 0.25: 0.2, 0.5: 0.35, 0.75: 0.35}
"""Parts of the variance that each edition has for itself, and how likely they are beforehand:
photos are counted, so that some is always its own."""

NOTED = 0.2
"""Correlation of neighbouring editions from which on an estimate names it."""

ENOUGH = 100
"""Editions of a newspaper that show waves of a correlation of 0.9, of which 19 are worth an
independent one: intervals of shares hold for 120, not for 60 (docs/explanation/intervals.md)."""

FEWEST_INDEPENDENT = 2.0
"""Independent editions that a practice takes at least: with fewer nobody sees a wave's height."""


@dataclass(frozen=True, slots=True)
class SerialCorrelation:
    """How alike neighbouring editions are, and what that does to the variance of a sum."""

    editions: int  # of the longest series
    correlation: float  # expected correlation of neighbouring editions, 0–1
    independent: float  # number of independent editions that would tell as much
    # Mean and variance of the logarithm of the factor of the sum's variance.
    log_factor: float
    log_variance: float

    def widened(self, variance: float, freedom: float) -> tuple[float, float]:
        """Return a variance and its degrees of freedom where editions are not independent.

        Args:
            variance: As estimated of independent editions.
            freedom: Its degrees of freedom.
        """
        trigamma = scipy.special.polygamma
        doubt = float(trigamma(1, freedom / 2)) + self.log_variance
        fewer = float(
            scipy.optimize.brentq(lambda f: trigamma(1, f / 2) - doubt, 1e-2, freedom + 1.0)
        )
        shift = _log_bias(freedom) - _log_bias(fewer)
        return variance * float(np.exp(self.log_factor + shift)), fewer

    @property
    def refused(self) -> Message | None:
        """Why editions tell no practice; None where they do."""
        if self.independent >= FEWEST_INDEPENDENT:
            return None
        return Message(
            "neighbouring editions are too much alike to show the newspaper's practice: they count "
            "like %(independent)s independent ones; ask about these editions, or add editions of "
            "other months",
            independent=f"{self.independent:.1f}",
        )

    @property
    def note(self) -> Message | None:
        """How alike neighbouring editions are, or that too few say so; None otherwise."""
        if self.correlation >= NOTED:
            return Message(
                "neighbouring editions are alike: correlation %(correlation)s, as many as "
                "%(independent)s independent editions",
                correlation=f"{self.correlation:.1f}",
                independent=f"{self.independent:.0f}",
            )
        if self.editions >= ENOUGH:
            return None
        return Message(
            "slow ups and downs can't be seen in %(editions)s editions of a newspaper, only in "
            "%(enough)s or more: if there are any, the interval is too narrow",
            editions=self.editions,
            enough=ENOUGH,
        )


def serial_correlation(
    numbers: Numbers,
    columns: Numbers,
    loads: Numbers,
    lengths: Sequence[int] | None = None,
) -> SerialCorrelation:
    """Return how alike neighbouring numbers are about a regression, and what that does to a sum.

    Args:
        numbers: One an edition, in the order of time, shape (e,).
        columns: What they are regressed on, shape (e, k).
        loads: What each number's error counts in the sum, shape (e,).
        lengths: Numbers of editions of series that follow each other; None: all are one.
    """
    e, longest = len(numbers), max(lengths or [len(numbers)])
    base = _orthonormal(columns)
    free = e - base.shape[1]
    off = numbers - base @ (base.T @ numbers)
    nothing = 1e-18 * float(numbers @ numbers)
    if free < 2 or float(off @ off) <= nothing or not float(loads @ loads) > 0.0:
        return SerialCorrelation(longest, 0.0, float(e), 0.0, 0.0)
    parts = np.split(np.column_stack([off, base, loads]), np.cumsum(lengths or [e])[:-1])
    waves = np.concatenate([scipy.fft.dct(part, norm="ortho", axis=0) for part in parts])
    spectra, prior, near = _spectra(tuple(len(part) for part in parts))
    squares, determinant = _residual(waves[:, 0], waves[:, 1:-1], spectra)
    likelihood = -(np.log(spectra).sum(axis=1) + determinant + free * np.log(squares)) / 2
    weight = prior * np.exp(likelihood - likelihood.max())
    weight = weight / weight.sum()
    inflated = spectra @ waves[:, -1] ** 2 / float(loads @ loads)
    factor = np.log(squares * inflated / float(off @ off))
    mean = float(weight @ factor)
    return SerialCorrelation(
        longest,
        float(weight @ near),
        float(e * np.exp(-weight @ np.log(inflated))),
        mean,
        float(weight @ (factor - mean) ** 2),
    )


@lru_cache(maxsize=8)
def _spectra(lengths: tuple[int, ...]) -> tuple[Numbers, Numbers, Numbers]:
    """Return variances of waves, shape (g, e), and how likely and how alike each kind is, (g,)."""
    edges = np.array([0.0, *CORRELATIONS, HIGHEST])
    cells = np.diff((edges[1:] + edges[:-1]) / 2) / (1 - edges[1:-1])
    kinds = [np.ones(sum(lengths))]
    prior, near = [INDEPENDENT], [0.0]
    for correlation, cell in zip(CORRELATIONS, cells / cells.sum(), strict=True):
        wave = np.concatenate([_wave(length, correlation) for length in lengths])
        for own, likely in OWN_PARTS.items():
            kinds.append(own + (1 - own) * wave)
            prior.append((1 - INDEPENDENT) * float(cell) * likely)
            near.append((1 - own) * correlation)
    return np.array(kinds), np.array(prior), np.array(near)


def _wave(length: int, correlation: float) -> Numbers:
    """Return the variances of the cosine transform of an autoregression whose variance is 1.

    The transform diagonalises its inverse covariance but for the first and the last edition, which
    a correction of rank 1 makes up for in waves that are even, and in those that are odd.
    """
    at = np.arange(length)
    inverse = 1 - 2 * correlation * np.cos(np.pi * at / length) + correlation**2
    end = np.cos(np.pi * at / (2 * length)) * np.sqrt(np.where(at == 0, 1, 2) / length) / inverse
    excess = 2 * correlation * (1 - correlation)
    own = np.zeros(length)
    for parity in (at % 2 == 0, at % 2 == 1):
        of_ends = float((end**2 * inverse)[parity].sum())
        own[parity] = excess * end[parity] ** 2 / (1 + excess * of_ends)
    return np.asarray((1 - correlation**2) * (1 / inverse - own))


def _residual(z: Numbers, base: Numbers, spectra: Numbers) -> tuple[Numbers, Numbers]:
    """Return squares about a regression, and the log of its determinant, shape (g,) each."""
    inner = np.einsum("ek,ge,el->gkl", base, 1 / spectra, base)
    cross = (z * base.T) @ (1 / spectra).T
    fitted = np.linalg.solve(inner, cross.T[:, :, None])[:, :, 0]
    squares = (1 / spectra) @ z**2 - (cross.T * fitted).sum(axis=1)
    return np.maximum(squares, np.finfo(float).tiny), np.linalg.slogdet(inner)[1]


def _orthonormal(columns: Numbers) -> Numbers:
    vectors, sizes, _ = np.linalg.svd(columns, full_matrices=False)
    return np.asarray(vectors[:, sizes > 1e-9 * sizes.max(initial=0.0)])


def _log_bias(freedom: float) -> float:
    """Return by how much the logarithm of an estimated variance is too low on average."""
    return float(np.log(freedom / 2) - scipy.special.digamma(freedom / 2))
