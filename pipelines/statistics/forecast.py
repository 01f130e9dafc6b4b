"""What the numbers of a newspaper's editions foretell of one more.

The limits are the outermost ends of Student's prediction intervals of four regressions: of the
level, of a trend, of the number on the one of the edition before, and of both. So neither a trend
nor a wave that neighbouring editions share makes an ordinary edition unusual, and nobody chooses
among the four. Each is taken of the numbers and of their square roots, as counts vary the more the
larger they are (Bartlett 1936, doi 10.2307/2983678). Numbers far off are left out of a regression.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
import scipy  # which imports scipy.special when it is first used
from numpy.typing import NDArray

from presslens.pipelines.statistics.photo_table import Numbers

SAME = 1e-6
"""Difference below which two numbers are the same: the digits that are stored."""

_NOTHING = 1e-9
"""Part of its square that a column has left where it is a sum of others; what a number that decides
a regression alone leaves of its residual."""

_FAR = 0.995
"""Student's quantile beyond which a number is left out of what foretells others."""

_ROUNDS = 2
"""Rounds in which numbers far off are left out."""


class _Way(NamedTuple):
    roots: bool  # of the square roots of the numbers
    trend: bool  # they rise or fall
    wave: bool  # each is like the one before


_WAYS = tuple(_Way(*way) for way in product((False, True), repeat=3))

Limits = tuple[float, float]
"""The least and the largest number that the baseline foretells of an edition."""


def foretold(
    values: Numbers, days: Numbers, at: NDArray[np.int64], level: float
) -> tuple[Numbers, Numbers]:
    """Return what the other numbers of each row foretell of one of its numbers: two limits.

    Args:
        values: Numbers in the order of time, 0 or more, shape (r, n).
        days: Their days, shape (r, n).
        at: The place of the number that is foretold, shape (r,).
        level: Probability that an ordinary number is outside of one regression's interval, 0–1.

    Returns:
        Shape (r,) each: the lowest and the highest of the ends of the intervals.
    """
    low, high = _intervals(values, days, at, level, _WAYS)
    return np.asarray(low.min(axis=0)), np.asarray(high.max(axis=0))


def unforetold(
    numbers: Numbers, values: Numbers, days: Numbers, at: NDArray[np.int64], level: float
) -> NDArray[np.bool_]:
    """Return which of r numbers are outside of what is foretold of them; see ``foretold``.

    Most are inside of the first interval, and are looked at no more.
    """
    rows = np.arange(len(numbers))
    for way in _WAYS:
        if not len(rows):
            break
        low, high = _intervals(values[rows], days[rows], at[rows], level, (way,))
        rows = rows[outside(numbers[rows], (low[0], high[0]))]
    found = np.zeros(len(numbers), bool)
    if len(rows):
        found[rows] = outside(numbers[rows], foretold(values[rows], days[rows], at[rows], level))
    return found


def _intervals(
    values: Numbers, days: Numbers, at: NDArray[np.int64], level: float, ways: Sequence[_Way]
) -> tuple[Numbers, Numbers]:
    """Return the prediction interval of each row in each way, shape (w, r) each."""
    numbers = [np.sqrt(np.maximum(values, 0.0)) if way.roots else values for way in ways]
    # The first one is set beside the second: a wave looks alike in either direction of time.
    before = [np.concatenate([own[:, 1:2], own[:, :-1]], axis=1) for own in numbers]
    y = np.concatenate(numbers)
    columns = (
        np.ones(y.shape),
        np.concatenate([days * way.trend for way in ways]),
        np.concatenate([own * way.wave for own, way in zip(before, ways, strict=True)]),
    )
    low, high = (
        end.reshape(len(ways), len(values))
        for end in _predicted(y, columns, np.tile(at, len(ways)), level)
    )
    roots = np.array([[way.roots] for way in ways])
    return np.where(roots, np.sign(low) * low**2, low), np.where(
        roots, np.sign(high) * high**2, high
    )


def _predicted(
    y: Numbers, columns: Sequence[Numbers], at: NDArray[np.int64], level: float
) -> tuple[Numbers, Numbers]:
    """Return the prediction interval of one number of each row by its regression on columns.

    Too few numbers foretell nothing: the interval is empty.
    """
    others = np.ones(y.shape)
    np.put_along_axis(others, at[:, None], 0.0, axis=1)
    place = np.arange(len(y)), at
    value, off, error, freedom = (one[place] for one in (y, *_ordinary(y, columns, others)[1:]))
    reach = scipy.special.stdtrit(np.maximum(freedom, 1.0), 1.0 - level / 2.0) * error
    centre, enough = value - off, freedom >= 1.0
    return np.where(enough, centre - reach, np.inf), np.where(enough, centre + reach, -np.inf)


def ordinary(days: Numbers, values: Numbers) -> NDArray[np.bool_]:
    """Return which numbers of each row are not far off its trend.

    Args:
        days: Shape (r, n).
        values: Shape (r, n).
    """
    ones = np.ones(values.shape)
    return np.asarray(_ordinary(values, (ones, days), ones)[0] > 0.0)


def slope_of(days: Numbers, values: Numbers) -> Numbers:
    """Return the slope of the ordinary numbers of each row by day, shape (r,), by least squares.

    A median of slopes is 0 where half of the pairs are ties, however many more pairs rise.

    Args:
        days: Shape (r, n).
        values: Shape (r, n).
    """
    used = ordinary(days, values)
    away = days - (used * days).sum(axis=1, keepdims=True) / used.sum(axis=1, keepdims=True)
    square = (used * away**2).sum(axis=1)
    rise = (used * away * values).sum(axis=1)
    return np.asarray(np.divide(rise, square, out=np.zeros(len(rise)), where=square > 0.0))


def _ordinary(
    y: Numbers, columns: Sequence[Numbers], others: Numbers
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Return the regression of the numbers that are not far off the others.

    An edition that was special does not make the next one usual; that is left to the rank.

    Returns:
        Shape (r, n) each: 1 for the numbers that are not far off, 0 for the rest; and of each what
        ``_deleted`` gives.
    """
    used = others
    quantiles = scipy.special.stdtrit(np.arange(y.shape[1] + 1).clip(1), _FAR)
    for left in range(_ROUNDS, -1, -1):
        off, error, freedom = _deleted(y, columns, used)
        reach = quantiles[np.maximum(freedom, 0.0).astype(np.int64)] * error
        near = np.abs(off) <= reach + SAME * np.maximum(1.0, np.abs(y))
        now = others * (near | (freedom < 1.0))
        if not left or (now == used).all():
            break
        used = now
    return used, off, error, freedom


def _deleted(
    y: Numbers, columns: Sequence[Numbers], used: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """Return by how much numbers are off a regression without them, its error and its freedom.

    Shape (r, n) each. Deleted residuals, in closed form (Cook & Weisberg 1982, Residuals and
    influence in regression, ch. 2).
    """
    leverage, residual, rank = _regressed(y, columns, used)
    factor = np.where(used > 0.0, 1.0 / np.maximum(1.0 - leverage, _NOTHING), 1.0 + leverage)
    freedom = used.sum(axis=1, keepdims=True) - rank - used
    squares = (used * residual**2).sum(axis=1, keepdims=True) - used * residual**2 * factor
    error = np.sqrt(np.maximum(squares, 0.0) / np.maximum(freedom, 1.0) * factor)
    return np.where(used > 0.0, residual * factor, residual), error, freedom


def _regressed(
    y: Numbers, columns: Sequence[Numbers], used: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """Return leverages and residuals, shape (r, n), and ranks, shape (r, 1), of regressions by row.

    Columns are made orthonormal one after the other (Gram and Schmidt), over the numbers in use.
    """
    leverage, residual, rank = np.zeros(y.shape), y, np.zeros((len(y), 1))
    base: list[Numbers] = []
    for column in columns:
        unit = column
        for other in base:
            unit = unit - (used * unit * other).sum(axis=1, keepdims=True) * other
        square = (used * unit**2).sum(axis=1, keepdims=True)
        own = square > _NOTHING * (used * column**2).sum(axis=1, keepdims=True)
        unit = np.where(own, unit / np.sqrt(np.where(own, square, 1.0)), 0.0)
        base.append(unit)
        leverage = leverage + unit**2
        residual = residual - (used * residual * unit).sum(axis=1, keepdims=True) * unit
        rank = rank + own
    return leverage, residual, rank


def foretold_next(values: Sequence[float], days: Sequence[float], level: float) -> Limits:
    """Return what numbers by day, oldest first, foretell of the next one, of day 0."""
    row = np.array([[*values, values[-1]]], float)
    at = np.array([len(values)])
    low, high = foretold(row, np.array([[*days, 0.0]]), at, level)
    return float(low[0]), float(high[0])


def outside(numbers: Numbers, limits: tuple[Numbers, Numbers]) -> NDArray[np.bool_]:
    """Return which numbers are outside of limits, by more than the last digits of computing."""
    little = SAME * np.maximum(1.0, np.abs(numbers))
    return np.asarray((numbers < limits[0] - little) | (numbers > limits[1] + little))
