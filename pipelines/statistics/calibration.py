"""The hierarchical calibration model: what the machine alone says about a newspaper never seen.

The detectors were calibrated elsewhere. In an edition of a newspaper, photo i shows the measure
with probability

    sigmoid(a · logit(p_i) + s + s_e + λ d_e)

where a and s are the error of the detector on this newspaper (its print, scanner and camera), s_e
that of one edition, and d_e says how much commoner the measure is in the edition than where the
detector was calibrated. λ says how much of that stated probabilities miss: all of it where photos
that show the measure look alike everywhere (prior or label shift), nothing where what a photo shows
can be seen in it whatever others show (covariate shift: Moreno-Torres et al. 2012,
doi 10.1016/j.patcog.2011.06.019). How large a, s and s_e may be, and λ, was learned by leaving
whole sources out; nothing in the scores tells them. The scores do tell d_e: if photos that show the
measure look alike everywhere, an edition with few of them has few high scores (prior shift:
Saerens, Latinne & Decaestecker 2002, doi 10.1162/089976602753284446). The d_e of one newspaper lie
about a common mean, which its editions share (empirical Bayes).

An estimate is made at the expected error, which is none before anybody answered; the errors that
are likely make its interval.

All is integrated over grids of a, s, the mean and spread of d_e, and d_e itself. Photos enter as
histograms of their log odds, so that an archive costs a few products of matrices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from hashlib import blake2b
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, logsumexp

from presslens.models.recipe import Calibration
from presslens.pipelines.cache import Cache
from presslens.pipelines.mapped import mapped
from presslens.pipelines.statistics.cells import sums_by_group
from presslens.pipelines.statistics.photo_table import Numbers, PhotoTable

STEP = 0.25
"""Step of the grid of shifts, in logits."""

GRID = STEP * np.arange(-32, 33)
"""Shifts of the prevalence times λ: from 1/3,000 of the odds to 3,000 times."""

MEANS = GRID[::2]
"""Means of the shifts of a newspaper's editions, times λ."""

BINS = np.linspace(-8.0, 8.0, 65)
"""Edges of the histogram of log odds."""

CENTRES = (BINS[:-1] + BINS[1:]) / 2

SPREADS = (0.15, 0.4, 0.8, 1.4)
"""Standard deviations of the shifts of a newspaper's editions, times λ, in logits."""

TAILS = 4.0
"""Degrees of freedom of Student's t, which the error of a newspaper's scores follows: how large
such errors are was learned from 13 to 19 sources, and the posterior of that standard deviation is
as wide as one of 4 degrees of freedom (Gelman et al. 2013, Bayesian Data Analysis, 3.2)."""

_SCORE_AT = 0.8 * np.arange(-5, 6)
_SCORE_SHARE = (1 + _SCORE_AT**2 / TAILS) ** (-(TAILS + 1) / 2)
"""Nodes of the error of the scores, and the density of Student's t at each."""

_SLOPE_AT = np.sqrt(3) * np.array([-1.0, 0.0, 1.0])
_SLOPE_SHARE = np.array([1.0, 4.0, 1.0]) / 6
"""Nodes and weights of Gauss-Hermite quadrature for a standard normal."""

TRUST = 0.15
"""Power of the likelihood of the scores: photos that show a measure do not look quite alike
everywhere, so that scores tell the prevalence less surely than they would (a coarsened posterior:
Miller & Dunson 2019, doi 10.1080/01621459.2018.1469995). Of 0, 0.15, 0.3, 0.5 and 1 it gave the
narrowest intervals that held on the labelled collections, each left out in turn."""

MOST_TRUSTED = 45.0
"""Photos that the scores of a newspaper count for at most: the labelled collections have no more
than 300, and nothing shows that scores of thousands would tell more."""

ANSWERED = 0.5
"""Power of the likelihood of answers, of fewer than make a sample: the errors of scores are not
quite the ones of this model, so that answers tell of other photos less surely than they would."""

TAKEN_IN = 1.5
"""Largest error of the scores, in logits, that the prevalence takes in which scores tell: too low
scores make a newspaper look as if it showed the measure less often. Beyond this one they would tell
that nearly all photos show it, or none; at 1 logit newspapers whose scores are off by 1.5 were not
covered."""

NEGLIGIBLE = 3e-3
"""Hyperparameters less likely than this share of the likeliest are left out."""


UNKNOWN = 0.25
"""Reference prevalence where nobody measured it: scores then tell nothing of another one."""


def prevalence_of(components: Calibration) -> float:
    """Return the reference prevalence, 0–1."""
    return components.reference or UNKNOWN


def share_of(components: Calibration) -> float:
    """Return λ, the share of a shift of the prevalence that stated log odds miss, 0.1–1."""
    return max(0.1, components.prior_shift)


@dataclass(frozen=True, slots=True, eq=False)
class Histograms:
    """The photos of e editions by bin of their log odds; shapes (e, 64)."""

    seen: Numbers  # number of photos, all of them: they tell the prevalence
    open: Numbers  # weight of the photos that nobody answered: they are estimated
    squares: Numbers  # sum of their squared weights

    @classmethod
    def of(cls, table: PhotoTable) -> Histograms:
        """Return the histograms of the photos of a table."""
        cell = table.edition * len(CENTRES) + bins_of(table)
        shape = (len(table.editions), len(CENTRES))

        def binned(part: Numbers) -> Numbers:
            return np.bincount(cell, part, shape[0] * shape[1]).reshape(shape).astype(float)

        open_, seen = np.where(table.answered, 0.0, table.weight), binned(np.ones(len(table)))
        if np.all(open_ == 1):  # all three are one: of 2,000 editions each takes 1 MB
            seen = mapped({0: seen})[0]
            return cls(seen, seen, seen)
        parts = {"seen": seen, "open": binned(open_), "squares": binned(open_**2)}
        return cls(**mapped(parts))


def bins_of(table: PhotoTable) -> NDArray[np.int64]:
    """Return the bin of the log odds of each photo, 0–63, shape (n,)."""
    at = np.searchsorted(BINS, table.logits, side="right") - 1
    return np.clip(at, 0, len(CENTRES) - 1).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class ScoreEvidence:
    """What scores tell of the prevalence under an error; errors beyond ``TAKEN_IN`` share one."""

    errors: tuple[float, float]  # the shift of the scores, and the factor of the log odds
    hyper: NDArray[np.int64]  # indices of the likely means and spreads of the prevalence
    likely: Numbers  # weight of each of those, summing to 1


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One value of the errors that editions share."""

    score: float  # shift of the scores, s
    slope: float  # factor of the log odds, a
    spread: float  # standard deviation of the errors over which probabilities are true, logits
    evidence: ScoreEvidence
    log_weight: float  # logarithm of the node's weight
    likely: Numbers  # weight of each likely mean and spread, by scores and answers, summing to 1


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationPosterior:
    """The posterior of a newspaper's calibration."""

    components: Calibration  # the prior standard deviations
    nodes: tuple[Node, ...]  # the nodes of the integration, with their weights
    expected: Node  # at the expected error of the scores: it makes the estimates
    trust: float  # power of the likelihood of the scores


_CACHE = Cache(512_000_000)
"""Posteriors, and moments: those of 2,000 editions take 40 to 60 MB, most of it in files. The least
recently used go first."""


def calibrate(histograms: Histograms, components: Calibration) -> CalibrationPosterior:
    """Learn the prevalences of a newspaper from all of its photos.

    Args:
        histograms: Of all its editions.
        components: Of the measure.
    """
    seen = blake2b(histograms.seen.tobytes(), digest_size=16).digest()
    return _CACHE.find((seen, components), None, lambda: _calibrate(histograms, components))


def _calibrate(histograms: Histograms, components: Calibration) -> CalibrationPosterior:
    # Without the prevalence where the detector was calibrated, scores tell nothing of another one.
    photos = float(histograms.seen.sum())
    trust = min(TRUST, MOST_TRUSTED / max(1.0, photos)) if components.reference else 0.0
    # Where the reference is not known, probabilities are true over newspapers of any prevalence.
    spread = components.edition if components.reference else error_spread(components)
    evidence_of = cache(partial(_score_evidence, histograms.seen, components, trust))
    nodes = tuple(
        _node(evidence_of, (score, slope, spread), share)
        for score, slope, share in errors_of(components)
    )
    expected = _node(evidence_of, (0.0, 1.0, components.edition))
    return CalibrationPosterior(components, nodes, expected, trust)


def _node(
    evidence_of: Callable[[float, float], ScoreEvidence],
    errors: tuple[float, float, float],
    share: float = 1.0,
) -> Node:
    """Return a node, with the means and spreads of the prevalence that scores make likely."""
    score, slope, spread = errors
    evidence = evidence_of(float(np.clip(score, -TAKEN_IN, TAKEN_IN)), slope)
    return Node(score, slope, spread, evidence, float(np.log(share)), evidence.likely)


def _score_evidence(
    seen: Numbers, components: Calibration, trust: float, score: float, slope: float
) -> ScoreEvidence:
    share = share_of(components)
    mixture = _log_mixture((score, slope), prevalence_of(components), share)
    evidence = _hyper_evidence(trust * (seen @ mixture), components.prevalence * share)
    weight = np.exp(evidence - evidence.max())
    hyper = np.flatnonzero(weight > NEGLIGIBLE)
    return ScoreEvidence((score, slope), hyper, weight[hyper] / weight[hyper].sum())


def errors_of(components: Calibration) -> list[tuple[float, float, float]]:
    """Return values of what editions share, and their weights before anything was seen.

    Returns:
        The shift of the scores, the factor of the log odds, and the weight of both; the weights sum
        to 1.
    """
    scale = float(np.hypot(components.source, components.period))
    axes = (
        _distinct(scale * _SCORE_AT, _SCORE_SHARE),
        _distinct(np.exp(components.slope * _SLOPE_AT), _SLOPE_SHARE),
    )
    return [(score, slope, first * second) for (score, first), (slope, second) in product(*axes)]


def _distinct(at: NDArray[np.floating], weights: NDArray[np.floating]) -> list[tuple[float, float]]:
    """Return values and their weights, each value once: a component of 0 leaves one."""
    values, place = np.unique(at, return_inverse=True)
    sums = np.bincount(place, weights / weights.sum())
    return list(zip(values.tolist(), sums.tolist(), strict=True))


@lru_cache(maxsize=64)  # those of one measure; each is made in a tenth of a millisecond
def _log_mixture(errors: tuple[float, float], reference: float, share: float) -> Numbers:
    """Return the log likelihood of each shift by a photo of each bin, shape (64, d)."""
    score, slope = errors
    odds = slope * CENTRES + score - logit(reference)
    prevalence = expit(logit(reference) + GRID / share)
    ratio = np.exp(np.clip(odds, -30, 30))[:, None]
    return np.asarray(np.log(1 - prevalence + prevalence * ratio))


@lru_cache(maxsize=64)  # those of one measure; each is made in a tenth of a millisecond
def _responses(
    score: float, slope: float, edition: float, spread: float
) -> tuple[Numbers, Numbers, Numbers]:
    """Return what a photo of each bin adds to the total under each shift, shape (64, d) each.

    The probability; the probability and the variance averaged over an edition's own error of the
    scores, which the scores don't tell.
    """
    p = expit(slope * centred(CENTRES, spread) + score + GRID[:, None])
    blur = _blur(edition)
    return p.T, (blur @ p).T, (blur @ (p * (1 - p))).T


def total_spread(components: Calibration) -> float:
    """Return the standard deviation of all shifts together, in logits."""
    prevalence = components.prevalence * share_of(components)
    parts = components.source, components.period, components.edition, prevalence
    return float(np.sqrt(sum(part**2 for part in parts)))


def error_spread(components: Calibration) -> float:
    """Return the standard deviation of the errors of an edition's scores, in logits."""
    return float(np.hypot(np.hypot(components.source, components.period), components.edition))


def centred(logits: Numbers, spread: float) -> Numbers:
    """Return log odds whose probabilities, averaged over shifts of a spread, are those given.

    Over these the machine's probabilities are true: without it, shifts to either side would draw
    every mean towards a half.
    """
    if spread < STEP / 4:
        return logits
    before, after = _averaged(round(spread, 4))
    return np.asarray(np.interp(logits, after, before))


@lru_cache(maxsize=64)
def _averaged(spread: float) -> tuple[Numbers, Numbers]:
    """Return log odds, and the log odds of their probabilities averaged over shifts."""
    reach = 12.0 + spread**2 + 4 * spread
    before = np.linspace(-reach, 0.0, 601)
    at = np.linspace(-8, 8, 129)
    bell = np.exp(-(at**2) / 2)
    low = logit(expit(before[:, None] + spread * at) @ (bell / bell.sum()))
    # Of the mirrored half: near 1 a probability has no digits left to tell it from 1.
    return np.append(before, -before[-2::-1]), np.append(low, -low[-2::-1])


@lru_cache(maxsize=1)
def _hyper() -> Numbers:
    """Return the log probability of each shift under each mean and spread, shape (d, h)."""
    log = np.concatenate(
        [-((GRID[:, None] - MEANS[None, :]) ** 2) / (2 * spread**2) for spread in SPREADS], axis=1
    )
    return np.asarray(log - logsumexp(log, axis=0))


def _hyper_evidence(likelihood: Numbers, prevalence: float) -> Numbers:
    """Return the log posterior of each mean and spread, shape (h,), up to a constant."""
    top = likelihood.max(axis=1, keepdims=True)
    evidence = np.log(np.exp(likelihood - top) @ np.exp(_hyper()) + 1e-300).sum(axis=0)
    spread = max(prevalence, STEP / 4)  # a recipe may hold that prevalence never differs
    prior = np.tile(-(MEANS**2) / (2 * spread**2), len(SPREADS))
    return np.asarray(evidence + prior)


class Moments(NamedTuple):
    """The mean and variance of the totals of e editions, under each likely mean and spread."""

    expected: Numbers  # the means at the expected error of the scores, shape (e, h)
    mean: Numbers  # the means under each node, the columns of all nodes beside each other
    variance: Numbers  # the variances, in the same columns


def moments(
    calibration: CalibrationPosterior, histograms: Histograms, rows: NDArray[np.int64]
) -> Moments:
    """Return the moments of the totals of editions, ``rows``.

    The last ones are cached: a metric is asked for by month after it was asked for by year.
    """
    digest = blake2b(digest_size=16)
    for part in (histograms.seen, histograms.open, histograms.squares):
        digest.update(part[rows].tobytes())
    return _CACHE.find(
        (calibration, digest.digest()),
        None,
        lambda: _moments(calibration, histograms, rows),
        size=lambda made: sum(part.nbytes for part in made),
    )


def _moments(
    calibration: CalibrationPosterior, histograms: Histograms, rows: NDArray[np.int64]
) -> Moments:
    edition, open_ = calibration.components.edition, histograms.open[rows]
    shifts_of = cache(partial(_shifts, calibration, histograms.seen[rows]))

    def mean_of(node: Node) -> Numbers:
        likely, prior, evidence = shifts_of(node.evidence)
        _, blurred, _ = _responses(node.score, node.slope, edition, node.spread)
        return np.asarray((likely * (open_ @ blurred)) @ prior / evidence)

    def both(node: Node) -> tuple[Numbers, Numbers]:
        likely, prior, evidence = shifts_of(node.evidence)
        p, _, variance = _responses(node.score, node.slope, edition, node.spread)
        second = histograms.squares[rows] @ variance + (open_ @ p) ** 2 @ _blur(edition).T
        mean, square = mean_of(node), (likely * second) @ prior / evidence
        return mean, np.maximum(square - mean**2, 0.0)

    width = sum(len(node.likely) for node in calibration.nodes)
    mean, variance = np.empty((len(rows), width)), np.empty((len(rows), width))
    place = 0
    for node in calibration.nodes:
        columns = slice(place, place := place + len(node.likely))
        mean[:, columns], variance[:, columns] = both(node)
    made = Moments(mean_of(calibration.expected), mean, variance)
    return Moments(**mapped(made._asdict()))


def photo_probabilities(
    histograms: Histograms, calibration: CalibrationPosterior, logits: Numbers
) -> Numbers:
    """Return the probability that each of n photos shows the measure, 0–1, shape (n,).

    That is its probability after the newspaper's own calibration, at the expected error of the
    scores, averaged over the editions by their photos; their mean over all photos is the share of
    the newspaper.

    Args:
        histograms: Of the newspaper's editions.
        calibration: Of the newspaper.
        logits: The log odds that the machine states, shape (n,).
    """
    by_bin = _CACHE.find(
        (calibration, "photos"), None, lambda: _photo_probabilities(histograms, calibration)
    )
    return np.asarray(np.interp(logits, CENTRES, by_bin))


def _photo_probabilities(histograms: Histograms, calibration: CalibrationPosterior) -> Numbers:
    """Return the probability that a photo of each bin shows the measure, shape (64,)."""
    photos = histograms.seen.sum(axis=1)
    total = photos @ edition_probabilities(histograms, calibration)
    return np.asarray(total / max(1.0, float(photos.sum())))


def edition_probabilities(histograms: Histograms, calibration: CalibrationPosterior) -> Numbers:
    """Return the probability of a photo of each bin in each edition, 0–1, shape (e, 64).

    Their sums are the means of ``moments`` at the expected error of the scores.

    Args:
        histograms: Of the newspaper's editions.
        calibration: Of the newspaper.
    """
    node = calibration.expected
    likely, prior, evidence = _shifts(calibration, histograms.seen, node.evidence)
    edition = calibration.components.edition
    _, blurred, _ = _responses(node.score, node.slope, edition, node.spread)
    return np.asarray((likely * ((node.likely / evidence) @ prior.T)) @ blurred.T)


def _shifts(
    calibration: CalibrationPosterior, seen: Numbers, evidence: ScoreEvidence
) -> tuple[Numbers, Numbers, Numbers]:
    """Return how likely shifts are: by scores (e, d), before (d, h), and both together (e, h)."""
    components = calibration.components
    mixture = _log_mixture(evidence.errors, prevalence_of(components), share_of(components))
    likelihood = calibration.trust * (seen @ mixture)
    likely = np.exp(likelihood - likelihood.max(axis=1, keepdims=True))
    prior = np.exp(_hyper()[:, evidence.hyper])
    return likely, prior, likely @ prior + 1e-300


@lru_cache(maxsize=64)
def _blur(spread: float) -> Numbers:
    """Return the matrix that averages over an edition's own shift, shape (d, d)."""
    if spread < STEP / 4:
        return np.eye(len(GRID))
    log = -((GRID[:, None] - GRID[None, :]) ** 2) / (2 * spread**2)
    weights = np.exp(log)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def learn(
    calibration: CalibrationPosterior, histograms: Histograms, sample: PhotoTable
) -> CalibrationPosterior:
    """Return the calibration once some photos are answered: nodes by how well they foretell them.

    Args:
        calibration: Of the newspaper.
        histograms: Of its editions.
        sample: Photos that were drawn by chance and answered.
    """
    if not len(sample):
        return calibration
    components = calibration.components
    rows, at = np.unique(sample.edition, return_inverse=True)
    sign = np.where(sample.label == 1, 1.0, -1.0)[:, None]
    blur = _blur(components.edition)
    shifts_of = cache(partial(_shifts, calibration, histograms.seen[rows]))

    def learned(node: Node) -> Node:
        likely, prior, evidence = shifts_of(node.evidence)
        logits = centred(sample.logits, node.spread)
        odds = node.slope * logits[:, None] + node.score + GRID
        answers = ANSWERED * sums_by_group(at, -np.logaddexp(0.0, -sign * odds), len(rows))
        # An edition's own error of the scores is in all of its answers.
        top = answers.max(axis=1, keepdims=True)
        chance = np.exp(answers - top) @ blur.T
        by_edition = (likely * chance) @ prior / evidence
        by_hyper = (np.log(by_edition + 1e-300) + top).sum(axis=0) + np.log(node.likely)
        total = float(logsumexp(by_hyper))
        log_weight = node.log_weight + total
        return replace(node, log_weight=log_weight, likely=np.exp(by_hyper - total))

    nodes = tuple(learned(node) for node in calibration.nodes)
    top_weight = max(node.log_weight for node in nodes)
    nodes = tuple(replace(node, log_weight=node.log_weight - top_weight) for node in nodes)
    weight = np.exp([node.log_weight for node in nodes])
    score = float(np.average([node.score for node in nodes], weights=weight))
    slope = float(np.exp(np.average([np.log(node.slope) for node in nodes], weights=weight)))
    evidence_of = partial(_score_evidence, histograms.seen, components, calibration.trust)
    expected = _node(evidence_of, (score, slope, calibration.expected.spread))
    return replace(calibration, nodes=nodes, expected=learned(expected))
