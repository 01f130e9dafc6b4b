"""Intervals for shares of photos that a detector has all analysed.

The photos of an edition are a census: none was left out, so there is no sampling error. What is
uncertain is each photo's answer. Photo i shows the subject with a calibrated probability p_i, but
calibration drifts: in one edition the detector sees a little too much, in another too little. So

    y_i ~ Bernoulli(sigmoid(a_i + delta)),  delta ~ N(0, drift²), the same for the whole edition,

with a_i such that the mean over delta is p_i: over many editions the probabilities stay true. It is
a logistic regression with a random intercept and known offsets (Agresti 2013, Categorical Data
Analysis, ch. 13). The number of photos that show the subject is then a mixture of Poisson-binomial
distributions. It is integrated with equally spaced nodes, the trapezoidal rule, whose error falls
exponentially for such integrands (Trefethen & Weideman 2014, doi 10.1137/130932132).

Reviewed photos of the edition have their answer in place of a probability, and show which drifts
are likely: so reviews of some photos inform the others.

An edition may also be off because the subject is more or less common in it than where calibration
was learnt (prior or label shift). Then its own probabilities show by how much
(``pipelines.statistics.prior_shift``); if the detector is off, they show nothing. Which it is can't
be seen, so each counts a half in the ends of the interval (Bayesian model averaging, Hoeting et al.
1999, doi 10.1214/ss/1009212519). The share itself stays the mean of the probabilities.

Quantiles are mid-p (Lancaster 1961, doi 10.1080/01621459.1961.10482105): a number at the edge of a
tail counts with half its probability. Photos are whole, so no interval holds the truth in exactly
95 % of cases: one that never holds it less often holds it in 97–100 % where a subject is rare, and
mid-p intervals hold it in about 95 % on average over editions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy  # which imports scipy.special when it is first used
from numpy.typing import ArrayLike, NDArray

from pipelines.statistics.poisson_binomial import Lattice, distributions, poisson_binomial
from pipelines.statistics.prior_shift import shift_log_likelihood

__all__ = [
    "DetectorReading",
    "detector_method",
    "detector_reading",
    "detector_readings",
    "poisson_binomial",
]

Numbers = NDArray[np.float64]

CENSUS = "census, reviewed"
"""The method where each photo was reviewed: there is nothing to be unsure of."""

EMPTY = "no photos"
"""The method where there is nothing to measure."""

_REACH = 4.0
"""How many standard deviations of the drift the nodes reach to either side."""

_APART = 1.5
"""How far nodes are apart at most, in standard deviations of what lies between two: the ripple of
a sum of such bells is below 0.0002."""

_PREVALENT = 0.5
"""Prior probability that an edition's drift is one of the prevalence: a half without evidence."""

_SURE = 1e-9
"""Probabilities are this far from 0 and 1 at least, where drift moves them; none is certain."""


@dataclass(frozen=True, slots=True)
class DetectorReading:
    """The share that a detector, and reviews of it, estimate.

    Attributes:
        share: Expected share, 0–1; None without photos.
        expected: Mean of the numerator: of the photos that show it, or of their area.
        variance: The numerator's variance; of the photos that are not settled.
        interval: (low, high) of the share, 0–1; None where all is settled, or without photos.
        method: How the interval was made, or why there is none.
    """

    share: float | None
    expected: float
    variance: float
    interval: tuple[float, float] | None
    method: str


def detector_reading(
    probabilities: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    settled: Sequence[float | None] | Numbers | None = None,
    drift: float = 0.0,
    prevalence: float | None = None,
    confidence: float,
) -> DetectorReading:
    """Return the share of photos that show a measure, with its interval.

    Args:
        probabilities: One calibrated probability a photo, 0–1, shape (n,).
        weights: How much each photo counts, its printed area for instance; None: 1 each.
        settled: The consensus of the coders, 1 or 0; NaN or None without one.
        drift: Standard deviation of an edition's calibration error, in logits.
        prevalence: Share of the photos that show it where calibration was learnt, above 0 and
            below 1; None: not known.
        confidence: Level of the interval, 0.95 for instance.
    """
    return detector_readings(
        np.asarray(probabilities, dtype=float).reshape(1, -1),
        weights=weights,
        settled=None if settled is None else np.asarray(settled, dtype=float).reshape(1, -1),
        drifts=(drift,),
        prevalences=(prevalence,),
        confidence=confidence,
    )[0]


def detector_readings(
    probabilities: Numbers,
    *,
    weights: ArrayLike | None = None,
    settled: Numbers | None = None,
    drifts: Sequence[float] | None = None,
    prevalences: Sequence[float | None] | None = None,
    confidence: float,
) -> list[DetectorReading]:
    """Return the shares of m measures among the same n photos at once, which is much faster.

    Args:
        probabilities: Shape (m, n), 0–1.
        weights: As for one share, shape (n,): the photos weigh the same for each.
        settled: Shape (m, n); NaN where a photo has no consensus.
        drifts: One for each of the m; None: none drifts.
        prevalences: One for each of the m; None: none is known.
        confidence: Level of the intervals.
    """
    m, n = probabilities.shape
    weigh = np.ones(n) if weights is None else np.asarray(weights, dtype=float)
    total = float(weigh.sum())
    answers = np.full((m, n), np.nan) if settled is None else settled
    if total <= 0.0 or not m:
        return [DetectorReading(None, 0.0, 0.0, None, EMPTY)] * m
    drifts, prevalences = drifts or (0.0,) * m, prevalences or (None,) * m
    cases = _Cases.of(probabilities, answers, drifts, prevalences)
    means, variances = cases.moments(weigh)
    # The mean is exact where drift leaves it as it is on average: no sum over drifts.
    untouched = np.isnan(answers).all(axis=1)
    means = np.where(untouched, probabilities @ weigh, means)
    bounds = _bounds(cases, weigh, means, confidence) / total
    unsettled: NDArray[np.bool_] = np.isnan(answers) & (weigh > 0)
    census = (unsettled.sum(axis=1) == 0).tolist()
    return [
        DetectorReading(
            min(1.0, mean / total),
            mean,
            variance,
            None if done else (low, high),
            CENSUS if done else _method(drifts[i], prevalences[i], answers[i], confidence),
        )
        for i, (mean, variance, done, (low, high)) in enumerate(
            zip(means.tolist(), variances.tolist(), census, bounds.tolist(), strict=True)
        )
    ]


def detector_method(drift: float, prevalence: float | None, confidence: float) -> str:
    """Return the name of an interval's method where no photo is reviewed."""
    return _method(drift, prevalence, np.empty(0), confidence)


def _method(drift: float, prevalence: float | None, answers: Numbers, confidence: float) -> str:
    parts = ["detector error: Poisson binomial over calibrated probabilities"]
    if drift > 0:
        parts.append("with drift" if prevalence is None else "with drift and prevalence")
    reviewed = int((~np.isnan(answers)).sum())
    parts += [f"{reviewed} of {len(answers)} photos reviewed"] if reviewed else []
    return ", ".join([*parts, f"{100 * confidence:g} %"])


@dataclass(frozen=True, slots=True, eq=False)
class _Cases:
    """The drifts that are integrated over: r cases, those of each of the m shares in a row.

    Attributes:
        probabilities: Of each photo in each case, shape (n, r); 0 or 1 where it is settled.
        likely: Prior weight of each case, shape (r,); the weights of a share sum to 1.
        posterior: Weight of each case given the edition's own probabilities, shape (r,).
        first: The first case of each share, shape (m,).
    """

    probabilities: Numbers
    likely: Numbers
    posterior: Numbers
    first: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        probabilities: Numbers,
        answers: Numbers,
        drifts: Sequence[float],
        prevalences: Sequence[float | None],
    ) -> _Cases:
        nodes = [_nodes(p, drift) for p, drift in zip(probabilities, drifts, strict=True)]
        sizes = [len(deltas) for deltas, _ in nodes]
        owner = np.repeat(np.arange(len(nodes)), sizes)
        first = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
        deltas = np.concatenate([deltas for deltas, _ in nodes])
        prior = np.concatenate([weights for _, weights in nodes])
        posterior = np.concatenate(
            [
                _posterior(p, *node, usual)
                for p, node, usual in zip(probabilities, nodes, prevalences, strict=True)
            ]
        )
        moved = np.stack([centred(p, d) for p, d in zip(probabilities, drifts, strict=True)])
        still = np.asarray(drifts)[owner] == 0.0
        chance = scipy.special.expit(moved[owner] + deltas[:, None])
        chance[still] = probabilities[owner[still]]
        given = answers[owner]
        known = ~np.isnan(given)
        if known.any():
            believed = np.where(known, chance, 0.5)
            prior, posterior = (
                _reweighed(weights, believed, given == 1.0, first, still)
                for weights in (prior, posterior)
            )
            chance = np.where(known, given, chance)
        return cls(np.ascontiguousarray(chance.T), prior, posterior, first)

    def moments(self, weights: Numbers) -> tuple[Numbers, Numbers]:
        """Return mean and variance of each share's numerator, shape (m,) each."""
        p = self.probabilities
        mean, spread = weights @ p, weights**2 @ (p * (1 - p))
        means = self.mixed(mean, self.likely)
        squares = self.mixed(spread + mean**2, self.likely)
        return means, np.maximum(0.0, squares - means**2)

    def mixed(self, values: Numbers, likely: Numbers) -> Numbers:
        """Return the mean over each share's cases of values of shape (..., r), shape (..., m)."""
        return np.asarray(np.add.reduceat(values * likely, self.first, axis=-1))


def _nodes(probabilities: Numbers, drift: float) -> tuple[Numbers, Numbers]:
    """Return the drifts and their weights: denser where photos are more informative."""
    if drift == 0.0 or not len(probabilities):
        return np.zeros(1), np.ones(1)
    moved = scipy.special.expit(
        scipy.special.logit(np.clip(probabilities, _SURE, 1 - _SURE)) + 2 * drift
    )
    information = max(float((p * (1 - p)).sum()) for p in (probabilities, moved))
    apart = min(1.0, _APART / np.sqrt(1.0 + information * drift**2))
    half = int(np.ceil(_REACH / apart))
    at = np.linspace(-_REACH, _REACH, 2 * half + 1)
    weights = np.exp(-(at**2) / 2)
    return at * drift, weights / weights.sum()


def _posterior(
    probabilities: Numbers, deltas: Numbers, weights: Numbers, prevalence: float | None
) -> Numbers:
    """Return the weight of each drift, as far as it may be one of the prevalence."""
    if prevalence is None or len(deltas) == 1:
        return weights
    log = np.log(weights) + shift_log_likelihood(probabilities, deltas, prevalence)
    by_scores = np.exp(log - log.max())
    return np.asarray((1 - _PREVALENT) * weights + _PREVALENT * by_scores / by_scores.sum())


def centred(probabilities: Numbers, drift: float) -> Numbers:
    """Return the logits whose probabilities, averaged over the drift, are those given."""
    exact = np.asarray(scipy.special.logit(np.clip(probabilities, _SURE, 1 - _SURE)))
    if drift == 0.0:
        return exact
    before, after = _averaged(drift)
    return np.asarray(np.interp(exact, after, before))


@lru_cache(maxsize=256)
def _averaged(drift: float) -> tuple[Numbers, Numbers]:
    """Return logits, and the logits of their probabilities averaged over a drift."""
    reach = 22.0 + drift**2 + 4 * drift
    before = np.linspace(-reach, reach, 1001)
    at = np.linspace(-8, 8, 129)
    weights = np.exp(-(at**2) / 2)
    mean = scipy.special.expit(before[:, None] + drift * at) @ (weights / weights.sum())
    # Of the mirrored half: near 1 a probability has no digits left to tell it from 1.
    low = scipy.special.logit(mean[:501])
    return before, np.concatenate([low, -low[-2::-1]])


def _reweighed(
    prior: Numbers,
    chance: Numbers,
    yes: NDArray[np.bool_],
    first: NDArray[np.int64],
    still: NDArray[np.bool_],
) -> Numbers:
    """Return the weight of each drift once photos have a consensus (0.5 where they have none)."""
    with np.errstate(divide="ignore"):
        log_likelihood = np.log(np.where(yes, chance, 1 - chance)).sum(axis=1)
    log_likelihood[still] = 0.0
    sizes = np.diff(np.append(first, len(prior)))
    weights = np.log(prior) + log_likelihood
    weights = np.exp(weights - np.repeat(np.maximum.reduceat(weights, first), sizes))
    return np.asarray(weights / np.repeat(np.add.reduceat(weights, first), sizes))


def _bounds(cases: _Cases, weights: Numbers, means: Numbers, confidence: float) -> Numbers:
    """Return the low and high numerator of each share, shape (m, 2), the mean between them."""
    lattice = Lattice.of(weights)
    distribution = cases.mixed(distributions(cases.probabilities, lattice.steps), cases.posterior)
    # Half of a number's own probability counts as below it, half as above.
    middle = np.cumsum(distribution, axis=0) - distribution / 2
    tail = (1.0 - confidence) / 2
    low = (middle <= tail).sum(axis=0)
    high = (middle < 1.0 - tail).sum(axis=0) - 1
    chance = cases.mixed(cases.probabilities, cases.posterior).T
    blur, moved = lattice.blur(chance), chance @ lattice.error
    bounds = np.stack([low + moved - blur, high + moved + blur], axis=1) * lattice.size
    bounds[:, 0] = np.minimum(bounds[:, 0], means)
    bounds[:, 1] = np.maximum(bounds[:, 1], means)
    sure = chance >= 1.0
    bounds = np.maximum(bounds, (sure @ weights)[:, None])
    return np.minimum(bounds, ((chance > 0.0) @ weights)[:, None])
