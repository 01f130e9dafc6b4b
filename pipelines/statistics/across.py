"""Shares of several editions, with intervals.

Photos of one edition are alike, and special editions carry more photos and show other things. So
the edition is what is drawn, not the photo. The interval is about the newspaper's practice in the
period, of which the editions at hand are taken as draws by chance.

Both estimands are a ratio of totals of the editions: ``share_of_photos`` as it stands,
``mean_edition_share`` with each edition divided by its photos. The variance is that of the ratio's
linear approximation, an edition being one observation (Woodruff 1971,
doi 10.1080/01621459.1971.10482278). Few editions and rare subjects make the ratio skew, so the
quantiles are those of a studentised cluster bootstrap: editions are drawn again, each with all its
photos, and each time the error is divided by that draw's own standard error (Davison & Hinkley
1997, doi 10.1017/CBO9780511802843, ch. 5.2); where Student's are farther out, they stand.

The expected numbers of photos vary less over editions than the true ones, and that is right as far
as the probabilities are. But an interval should not be surer of a period than the detector is of
its very editions: the standard error is never less than the detector's own for their total.

Reviewed photos that were drawn by chance correct the machine: open photos of a stratum of
probability get the mean residual of the drawn ones in it, as in prediction-powered inference
(Angelopoulos et al. 2023, doi 10.1126/science.adi6000), stratified and clustered by edition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # which imports scipy.special when it is first used
from numpy.typing import NDArray

from pipelines.statistics.bootstrap import Corrected, RatioEstimate, intervals
from pipelines.statistics.measure import STRATA, Estimand
from pipelines.statistics.share_series import Sample, Series

Numbers = NDArray[np.float64]

FEWEST_DRAWN = 5
"""Smallest number of drawn photos of a stratum; below it, calibration alone corrects it."""


@dataclass(frozen=True, slots=True)
class AcrossEstimate:
    """A share over several editions.

    Attributes:
        value: The estimate with all reviews, 0–1; None without photos.
        machine: The estimate of the machine alone, without any review.
        interval: (low, high), 0–1; None for fewer than two editions with photos.
        method: How the interval was made, or why there is none.
        editions: How many were reckoned with: those that have photos.
    """

    value: float | None
    machine: float | None
    interval: tuple[float, float] | None
    method: str
    editions: int


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of two numbers that are estimated from separate editions.

    Attributes:
        value: The difference; None where one of them is unknown.
        interval: (low, high); None where one of them has fewer than two editions.
        p_value: Of the hypothesis that there is none, two-sided, for corrections for many
            comparisons; None without an interval.
        method: How the interval was made, or why there is none.
        editions: How many either side has.
    """

    value: float | None
    interval: tuple[float, float] | None
    p_value: float | None
    method: str
    editions: tuple[int, int]


def estimate(series: Series, *, estimand: Estimand, confidence: float) -> AcrossEstimate:
    """Return a share over the editions of a series.

    One edition says nothing of how editions vary: there is no interval, and the caller gives that
    of its detector reading instead.

    Args:
        series: The parts of the share in each edition.
        estimand: Photos pooled, or editions averaged.
        confidence: Level of the interval, 0.95 for instance.
    """
    return estimates([series], estimand=estimand, confidence=confidence)[0]


def estimates(
    many: Sequence[Series], *, estimand: Estimand, confidence: float
) -> list[AcrossEstimate]:
    """Return several shares at once, which is faster; see ``estimate``."""
    reads = [_read(series, estimand) for series in many]
    drawn = iter(intervals([read[0] for read in reads if read], confidence))
    estimated = []
    for series, read in zip(many, reads, strict=True):
        if read is None:
            estimated.append(AcrossEstimate(None, None, None, "no photos", 0))
            continue
        spread, machine, method = read
        bounds = next(drawn)
        bounds = _never_seen(spread, series, confidence) or bounds
        across = AcrossEstimate(
            value=float(np.clip(spread.value, 0, 1)),
            machine=machine,
            interval=None if bounds is None else (max(0.0, bounds[0]), min(1.0, bounds[1])),
            method="one edition" if bounds is None else f"{method}, {_level(confidence)}",
            editions=spread.editions,
        )
        estimated.append(across)
    return estimated


def difference(
    first: Series, second: Series, *, estimand: Estimand, confidence: float
) -> Difference:
    """Return the difference of a share between two periods or publications."""
    reads = _read(first, estimand), _read(second, estimand)
    one, other = (None if read is None else read[0] for read in reads)
    return _difference(one, other, confidence)


def means_of(many: Sequence[Numbers], *, confidence: float) -> list[AcrossEstimate]:
    """Return the mean over editions of each of several numbers, such as pages.

    At once, which is faster than one by one. Their range is not bounded.

    Args:
        many: For each, one an edition; NaN where there is none.
        confidence: Level of the intervals, 0.95 for instance.
    """
    spreads = [_plain(values) for values in many]
    drawn = iter(intervals([spread for spread in spreads if spread], confidence))
    means = []
    for spread in spreads:
        if spread is None:
            means.append(AcrossEstimate(None, None, None, "no editions", 0))
            continue
        bounds = next(drawn)
        method = f"cluster bootstrap over editions, studentised, {_level(confidence)}"
        method = "one edition" if bounds is None else method
        means.append(AcrossEstimate(spread.value, spread.value, bounds, method, spread.editions))
    return means


def compare_shares(
    first: Sequence[Series], second: Sequence[Series], *, estimand: Estimand, confidence: float
) -> list[tuple[AcrossEstimate, AcrossEstimate, Difference]]:
    """Return shares of two groups of editions, and the first less the second."""
    estimated = estimates([*first, *second], estimand=estimand, confidence=confidence)
    less = (
        difference(a, b, estimand=estimand, confidence=confidence)
        for a, b in zip(first, second, strict=True)
    )
    return list(zip(estimated[: len(first)], estimated[len(first) :], less, strict=True))


def compare_means(
    first: Sequence[Numbers], second: Sequence[Numbers], *, confidence: float
) -> list[tuple[AcrossEstimate, AcrossEstimate, Difference]]:
    """Return means of two groups of editions, and the first less the second."""
    means = means_of([*first, *second], confidence=confidence)
    less = (
        difference_of_means(a, b, confidence=confidence) for a, b in zip(first, second, strict=True)
    )
    return list(zip(means[: len(first)], means[len(first) :], less, strict=True))


def difference_of_means(first: Numbers, second: Numbers, *, confidence: float) -> Difference:
    """Return the difference of the means of one number an edition, NaN where there is none."""
    return _difference(_plain(first), _plain(second), confidence)


def _plain(values: Numbers) -> RatioEstimate | None:
    defined = np.asarray(values, dtype=float)
    defined = defined[~np.isnan(defined)]
    return RatioEstimate.of(defined, np.ones(len(defined))) if len(defined) else None


def _never_seen(
    spread: RatioEstimate, series: Series, confidence: float
) -> tuple[float, float] | None:
    """Return the interval where no photo or every photo shows the measure: the rule of three.

    Nothing varies then, so that no bootstrap helps (Hanley & Lippman-Hand 1983,
    doi 10.1001/jama.1983.03330370053031). Photos, or pages of photos, are taken as independent.
    """
    if spread.error > 0.0 or spread.editions < 2 or 0.0 < spread.value < 1.0:
        return None
    n = max(spread.editions, float(series.weight.sum()))
    reach = 1.0 - ((1.0 - confidence) / 2) ** (1.0 / n)
    return (0.0, reach) if spread.value <= 0.0 else (1.0 - reach, 1.0)


def _difference(
    first: RatioEstimate | None, second: RatioEstimate | None, confidence: float
) -> Difference:
    """Return Welch's interval (1947, doi 10.1093/biomet/34.1-2.28) of two independent spreads."""
    editions = (first.editions if first else 0, second.editions if second else 0)
    if first is None or second is None:
        return Difference(None, None, None, "nothing to compare", editions)
    value = first.value - second.value
    if min(editions) < 2:
        return Difference(value, None, None, "one edition", editions)
    parts = [first.error**2, second.error**2]
    error = float(np.sqrt(sum(parts)))
    method = f"editions as clusters, linearised variance, Welch's t, {_level(confidence)}"
    if error == 0.0:
        return Difference(value, (value, value), 1.0 if value == 0.0 else 0.0, method, editions)
    freedom = sum(parts) ** 2 / sum(v**2 / (n - 1) for v, n in zip(parts, editions, strict=True))
    reach = float(scipy.special.stdtrit(freedom, (1 + confidence) / 2)) * error
    p_value = 2 * float(scipy.special.stdtr(freedom, -abs(value) / error))
    return Difference(value, (value - reach, value + reach), p_value, method, editions)


def _read(series: Series, estimand: Estimand) -> tuple[RatioEstimate, float, str] | None:
    """Return the ratio, the machine's own share, and the method; None without photos."""
    counted = series.weight > 0
    if not counted.any():
        return None
    pooled = estimand is Estimand.SHARE_OF_PHOTOS
    by = np.where(counted & (not pooled), series.weight, 1.0)
    weight, open_ = (series.weight / by)[counted], (series.open / by[:, None])[counted]
    machine = float((series.machine / by)[counted].sum() / weight.sum())
    error = float(np.sqrt((series.variance / by**2)[counted].sum())) / float(weight.sum())
    drawn = _Drawn.of(series.sample, counted, by) if open_.any() else None
    corrected = None if drawn is None else drawn.correct(open_)
    spread = RatioEstimate.of((series.settled / by)[counted], weight, corrected, error=error)
    return spread, machine, _method(open_, drawn)


def _method(open_: Numbers, drawn: _Drawn | None) -> str:
    bootstrap = "cluster bootstrap over editions, studentised"
    if not open_.any():
        return f"{bootstrap}; all photos reviewed, what varies is editions"
    if drawn is None:
        return f"{bootstrap}; calibrated probabilities"
    reviewed = f"prediction-powered by {drawn.photos} reviewed photos drawn by chance, stratified"
    left = "" if len(drawn.strata) == len(STRATA) + 1 else "; calibration alone where few are drawn"
    return f"{bootstrap}; {reviewed}{left}"


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """The photos drawn by chance, summed by edition and stratum, where there are enough.

    Attributes:
        strata: Those with enough drawn photos, k of them.
        residual: Their residuals, weighed, shape (e, k).
        weight: Their weights, shape (e, k).
        least: Variance of each stratum's sum of residuals beyond what the drawn photos show,
            shape (k,): where a subject is rare they may all agree by chance, and then what
            calibration expects stands.
        photos: How many they are.
    """

    strata: list[int]
    residual: Numbers
    weight: Numbers
    least: Numbers
    photos: int

    def correct(self, open_: Numbers) -> Corrected:
        """Return the correction of open photos, whose weights are of shape (e, 4)."""
        return Corrected(open_[:, self.strata], self.residual, self.weight, self.least)

    @classmethod
    def of(cls, sample: Sample, counted: NDArray[np.bool_], by: Numbers) -> _Drawn | None:
        inside = counted[sample.edition] & (sample.weight > 0)
        edition, stratum = sample.edition[inside], sample.stratum[inside]
        weight, residual = (sample.weight / by[sample.edition])[inside], sample.residual[inside]
        strata = [h for h in range(len(STRATA) + 1) if (stratum == h).sum() >= FEWEST_DRAWN]
        if not strata:
            return None
        cell = edition * (len(STRATA) + 1) + stratum
        shape = (len(counted), len(STRATA) + 1)
        size = shape[0] * shape[1]
        weights, residuals = (
            np.asarray(np.bincount(cell, part, size), dtype=float).reshape(shape)[counted][
                :, strata
            ]
            for part in (weight, weight * residual)
        )
        least = _unseen(stratum, weight, residual, residuals.sum(0) / weights.sum(0), strata)
        return cls(strata, residuals, weights, least, int(np.isin(stratum, strata).sum()))


def _unseen(
    stratum: NDArray[np.int64],
    weight: Numbers,
    residual: Numbers,
    means: Numbers,
    strata: list[int],
) -> Numbers:
    """Return the variance of the summed residuals of each stratum that drawn photos do not show.

    Where a subject is rare they may all agree by chance, and would show no variance at all. As long
    as fewer than ``FEWEST_DRAWN`` give either answer, there is as much as calibration expects.
    """
    # A residual is 1 - p or -p, so its sign tells the answer and with it p.
    yes = residual > 0
    p = np.where(yes, 1 - residual, -residual)
    least = []
    for h, mean in zip(strata, means.tolist(), strict=True):
        here = stratum == h
        both_answers = min(int(yes[here].sum()), int((~yes)[here].sum())) >= FEWEST_DRAWN
        lacking = weight[here] ** 2 @ (p * (1 - p) - (residual - mean) ** 2)[here]
        least.append(0.0 if both_answers else max(0.0, float(lacking)))
    return np.array(least)


def _level(confidence: float) -> str:
    return f"{100 * confidence:g} %"
