"""Partial pooling of standard deviations over measures: few sources show each, all teach all.

The standard deviations of a measure scatter around those of all measures, on the scale of
log(sd + ``_FLOOR``), with the standard deviation ``SCATTER``. All is summed over grids: there is no
chance in it, and leaving sources out is a subtraction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

SCATTER = 0.4
"""How far a measure's standard deviations lie from those of all, on the log scale."""

_FLOOR = 0.1
"""Keeps the log scale finite where a standard deviation is 0."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A standard deviation, as far as it is known.

    Attributes:
        mean: Its posterior mean.
        interval: The central 95 % of its posterior.
    """

    mean: float
    interval: tuple[float, float]


def pooled(
    likelihoods: Mapping[str, Numbers], grids: Sequence[Numbers], scales: Sequence[float]
) -> tuple[dict[str, tuple[Spread, ...]], tuple[Spread, ...]]:
    """Return the standard deviations of each measure, and those of any other measure.

    Args:
        likelihoods: The log likelihood of each measure, over the product of the grids.
        grids: The grid of each standard deviation.
        scales: The scale of each one's half-normal prior, for all measures together.
    """
    prior = _half_normals(grids, scales)
    kernels = [_kernel(grid) for grid in grids]
    chances = {name: np.exp(log - log.max()) for name, log in likelihoods.items()}
    given = {name: _through(kernels, chance) for name, chance in chances.items()}
    common = prior * np.exp(sum(np.log(g + 1e-300) - np.log(g.max()) for g in given.values()))
    common /= common.sum()
    backward = [kernel.T for kernel in kernels]
    own = {
        name: _spreads(chance * _through(backward, common / (given[name] + 1e-300)), grids)
        for name, chance in chances.items()
    }
    return own, _spreads(_through(backward, common), grids)


def weighted(
    likelihood: Numbers, values: Numbers, grids: Sequence[Numbers], scales: Sequence[float]
) -> Spread:
    """Return the posterior of what the first axis of a likelihood stands for, before flat.

    Args:
        likelihood: The log likelihood, over the product of the values and the grids.
        values: What the first axis stands for.
        grids: The grid of each standard deviation.
        scales: The scale of each one's half-normal prior.
    """
    posterior = np.exp(likelihood - likelihood.max()) * _half_normals(grids, scales)
    weights = posterior.reshape(len(values), -1).sum(axis=1)
    return _spread(weights / weights.sum(), values)


def _half_normals(grids: Sequence[Numbers], scales: Sequence[float]) -> Numbers:
    return _product([np.exp(-((g / s) ** 2) / 2) for g, s in zip(grids, scales, strict=True)])


def _kernel(grid: Numbers) -> Numbers:
    """Return the chance of each standard deviation (column) given that of all measures (row)."""
    log = np.log(grid + _FLOOR)
    chance = np.exp(-(((log[:, None] - log) / SCATTER) ** 2) / 2) / (grid + _FLOOR)
    return np.asarray(chance / chance.sum(axis=1, keepdims=True))


def _through(kernels: Sequence[Numbers], values: Numbers) -> Numbers:
    """Return values summed over each axis with the weights of its kernel's rows."""
    for axis, kernel in enumerate(kernels):
        values = np.moveaxis(np.tensordot(kernel, values, axes=(1, axis)), 0, axis)
    return values


def _spreads(posterior: Numbers, grids: Sequence[Numbers]) -> tuple[Spread, ...]:
    weights = posterior / posterior.sum()
    spreads = []
    for axis, grid in enumerate(grids):
        rest = tuple(k for k in range(len(grids)) if k != axis)
        spreads.append(_spread(weights.sum(axis=rest), grid))
    return tuple(spreads)


def _spread(weights: Numbers, grid: Numbers) -> Spread:
    below = np.cumsum(weights)
    low, high = (
        float(grid[min(int(np.searchsorted(below, q)), len(grid) - 1)]) for q in (0.025, 0.975)
    )
    mean = float(grid @ weights)
    return Spread(mean, (min(low, mean), max(high, mean)))


NOTHING = Spread(0.0, (0.0, 0.0))
"""A standard deviation that another one holds."""


def _product(parts: Sequence[Numbers]) -> Numbers:
    values = np.ones(())
    for part in parts:
        values = np.multiply.outer(values, part)
    return values
