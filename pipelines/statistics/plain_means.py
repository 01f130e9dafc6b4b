"""Means of plain metrics over editions: of these editions, or of the newspaper's practice.

The mean of *these* editions is what it is: nothing was sampled, and only errors of counting leave
it unsure. For *practice* the editions are a draw. Their numbers are skew, since special editions
have many times the photos of others, and follow one another in time. So Student's interval is taken
through the cubic transformation that removes skewness (Hall 1992, Journal of the Royal Statistical
Society B 54, 221-228), widened by how alike neighbouring editions may be
(``pipelines.statistics.serial``). Nothing is drawn again at random, so that one more edition moves
an interval by what that edition says alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

import numpy as np
import scipy  # which imports scipy.special when it is first used
from numpy.typing import NDArray

from presslens.models.message import Message, join_messages
from presslens.pipelines.statistics.measure import Inference
from presslens.pipelines.statistics.photo_table import Numbers
from presslens.pipelines.statistics.reference_editions import FEWEST_REFERENCES
from presslens.pipelines.statistics.serial import SerialCorrelation, serial_correlation
from presslens.pipelines.written_numbers import written_level

FEWEST_EDITIONS = 20
"""Smallest number of editions that tell a practice: a kind of edition that is one in seven is among
so many in 96 of 100 cases. Among 8 it is missing in 29, and no interval knows of it."""

DIFFERENCE = Message("difference in practice")
"""What stands for the method where a practice is not known."""


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of a plain metric over editions."""

    value: float | None  # over the editions where the metric is known; None where it is in none
    # (low, high), within the bounds of the metric; None where there is none.
    interval: tuple[float, float] | None
    method: str  # how it was made, in words
    # Why there is no interval, and what would help; None where there is one, or where nothing was
    # sampled.
    refused: str | None
    editions: int  # number of editions where the metric is known


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """The mean of a plain metric over some editions less that over others."""

    value: float | None  # none where one of the two is not known
    interval: tuple[float, float] | None  # (low, high); None where there is none
    p_value: float | None  # of no difference in practice, two-sided; None for these editions
    method: str  # how it was made, in words
    refused: str | None  # why there is no interval, and what would help; as with ``Mean``
    editions: tuple[int, int]  # number of editions of either side where the metric is known


def mean_of(
    values: Numbers,
    *,
    inference: Inference,
    confidence: float,
    bounds: tuple[float, float] = (0.0, float("inf")),
    errors: Numbers | None = None,
) -> Mean:
    """Return the mean of one number an edition.

    Args:
        values: In the order of time, shape (e,); NaN where an edition's is not known.
        inference: About these editions, or the newspaper's practice.
        confidence: Level of the interval, 0.95 for instance.
        bounds: Least and greatest possible value.
        errors: The interval of each edition's number by errors of counting, shape (e, 2). They are
            taken as alike in all editions, which errs on the safe side; None: counted exactly.
    """
    measured = ~np.isnan(values)
    defined = values[measured]
    n, every = len(defined), len(values)
    if not n:
        return Mean(None, None, "no editions", None, 0)
    value = float(defined.mean())
    spread = _spread(errors, measured, value)
    if inference is Inference.THESE:
        interval = None if errors is None else _inside(value + spread[0], value + spread[1], bounds)
        return Mean(value, interval, _described(n, every, exact=errors is None), None, n)
    method = Message("mean of the editions, as a sample of the newspaper's practice")
    if n < FEWEST_EDITIONS:
        return Mean(value, None, method, _too_few(n), n)
    serial = _alike(defined)
    if serial.refused:
        return Mean(value, None, method, serial.refused, n)
    low, high = _practice(defined, serial, confidence)
    method = Message(
        "%(mean)s, skewness and autocorrelation removed, %(level)s %%",
        mean=method,
        level=written_level(confidence),
    )
    method = join_messages(filter(None, (method, serial.note)))
    return Mean(value, _inside(low + spread[0], high + spread[1], bounds), method, None, n)


def difference_of(
    first: Numbers,
    second: Numbers,
    *,
    inference: Inference,
    confidence: float,
    errors: tuple[Numbers | None, Numbers | None] = (None, None),
) -> MeanDifference:
    """Return the mean of one number an edition over some editions less that over others.

    Errors of counting are joined as ends of intervals are (MOVER, as in ``share_estimate``). For
    practice it is Welch's interval (1947, doi 10.1093/biomet/34.1-2.28) of two autocorrelated
    series. The arguments are those of ``mean_of``, for either side.
    """
    sides = [values[~np.isnan(values)] for values in (first, second)]
    sizes = (len(sides[0]), len(sides[1]))
    if not all(sizes):
        return MeanDifference(None, None, None, "nothing to compare", None, sizes)
    means = [float(side.mean()) for side in sides]
    value = means[0] - means[1]
    spreads = [
        _spread(error, ~np.isnan(values), mean)
        for error, values, mean in zip(errors, (first, second), means, strict=True)
    ]
    # Errors of the two sides are alike, or independent at worst.
    shift = -hypot(spreads[0][0], spreads[1][1]), hypot(spreads[0][1], spreads[1][0])
    exact = all(error is None for error in errors)
    if inference is Inference.THESE:
        interval = None if exact else (value + shift[0], value + shift[1])
        method = Message(
            "difference between these editions, %(counted)s; nothing is said of others",
            counted=Message("counted") if exact else Message("with the errors of counting"),
        )
        return MeanDifference(value, interval, None, method, None, sizes)
    if min(sizes) < FEWEST_EDITIONS:
        refused: str = _too_few(min(sizes))
        if min(sizes) == 1:
            one = Message(
                "`presslens baseline` sets one edition beside those before it, from %(n)s on",
                n=FEWEST_REFERENCES,
            )
            refused = join_messages([refused, one])
        return MeanDifference(value, None, None, DIFFERENCE, refused, sizes)
    alike = [_alike(side) for side in sides]
    for serial in alike:
        if serial.refused:
            return MeanDifference(value, None, None, DIFFERENCE, serial.refused, sizes)
    parts = [_variance(side, serial) for side, serial in zip(sides, alike, strict=True)]
    error = float(np.sqrt(sum(variance for variance, _ in parts)))
    method = Message(
        "difference in practice, Welch's t, autocorrelation removed, %(level)s %%",
        level=written_level(confidence),
    )
    noted = min(alike, key=lambda serial: serial.independent).note
    method = join_messages(filter(None, (method, noted)))
    if error == 0.0:
        p_value = 1.0 if value == 0.0 else 0.0
        return MeanDifference(value, (value, value), p_value, method, None, sizes)
    freedom = error**4 / sum(variance**2 / own for variance, own in parts)
    reach = float(scipy.special.stdtrit(freedom, (1 + confidence) / 2)) * error
    # What counting may have missed is no evidence of a difference.
    away = max(0.0, abs(value) - (0.0 if exact else (shift[1] - shift[0]) / 2))
    p_value = 2 * float(scipy.special.stdtr(freedom, -away / error))
    interval = value - reach + shift[0], value + reach + shift[1]
    return MeanDifference(value, interval, p_value, method, None, sizes)


def _described(measured: int, every: int, *, exact: bool) -> str:
    of = (
        Message("of this edition")
        if measured == 1
        else Message("mean of these %(known)s editions", known=measured)
    )
    counted = (
        Message("%(of)s, counted", of=of)
        if exact
        else Message("%(of)s, counted, with the errors of counting", of=of)
    )
    if measured == every:
        return counted
    unknown = Message(
        "it is not known in %(unknown)s of %(every)s", unknown=every - measured, every=every
    )
    return join_messages([counted, unknown])


def _too_few(editions: int) -> str:
    return Message(
        "the newspaper's practice takes %(fewest)s editions or more, not %(editions)s: "
        "the number is of these editions only",
        editions=editions,
        fewest=FEWEST_EDITIONS,
    )


def _spread(
    errors: Numbers | None, measured: NDArray[np.bool_], value: float
) -> tuple[float, float]:
    """Return how far errors of counting may move a mean, downwards and upwards."""
    if errors is None:
        return 0.0, 0.0
    low, high = errors[measured].mean(axis=0).tolist()
    return min(0.0, low - value), max(0.0, high - value)


def _inside(low: float, high: float, bounds: tuple[float, float]) -> tuple[float, float]:
    return max(low, bounds[0]), min(high, bounds[1])


def _alike(values: Numbers) -> SerialCorrelation:
    ones = np.ones(len(values))
    return serial_correlation(values, ones[:, None], ones)


def _variance(values: Numbers, serial: SerialCorrelation) -> tuple[float, float]:
    """Return the variance of a mean, and its degrees of freedom."""
    n = len(values)
    return serial.widened(float(values.var(ddof=1)) / n, n - 1.0)


def _practice(values: Numbers, serial: SerialCorrelation, confidence: float) -> tuple[float, float]:
    variance, freedom = _variance(values, serial)
    mean, error, n = float(values.mean()), float(np.sqrt(variance)), len(values)
    if error == 0.0:
        return mean, mean
    deviations = values - mean
    skewness = float((deviations**3).mean() / (deviations**2).mean() ** 1.5)
    skewness *= float(np.sqrt(n * (n - 1))) / (n - 2)
    # Little of what few independent editions show of skewness is theirs.
    skewness *= skewness**2 / (skewness**2 + 6 / serial.independent)
    reach = float(scipy.special.stdtrit(freedom, (1 + confidence) / 2))
    rate = skewness / np.sqrt(serial.independent)
    low, high = (_untransformed(t, float(rate)) for t in (reach, -reach))
    return mean - low * error, mean - high * error


def _untransformed(t: float, rate: float) -> float:
    """Return the studentised error whose transform without skewness is ``t``."""
    slope, shifted = rate / 3, t - rate / 6
    if abs(slope) < 1e-9:
        return shifted
    return float(np.cbrt(1 + 3 * slope * shifted) - 1) / slope
