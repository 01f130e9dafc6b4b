"""The components of a detector's calibration on sources that it never saw, from labelled photos.

The model of photo i of edition e of source s, which shows a measure with log odds
a_s logit(p_i) + b_s + b_e: log a_s is normal around 0, b_s around the shift of the prevalence that
the labels of the source tell, b_e around 0. The photos of a source are dealt into editions, events
whole, so that an edition is as alike in itself as one that a newspaper prints. What is left in b_s
beyond the prevalence is a shift of scores: another camera, print, or kind of scene. All effects are
integrated out on a grid, so that few sources give a wide posterior and not a standard deviation of
0; standard deviations have half-normal priors (Gelman 2006, doi 10.1214/06-BA117A).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from presslens.lab.evaluation.editions import dealt
from presslens.lab.training.subjects.left_out import collection_of, reference, sources
from presslens.lab.training.subjects.readers import OutOfFoldReading

Numbers = NDArray[np.float64]

SHIFTS = np.linspace(-9.0, 9.0, 181)
"""The grid of shifts b, in logits."""

LOG_SLOPES = np.linspace(-1.2, 1.2, 13)
"""The grid of log a."""

EDITION = np.arange(0.0, 2.01, 0.2)
SOURCE = np.arange(0.0, 3.01, 0.25)
SLOPE = np.arange(0.0, 0.81, 0.1)
"""The grids of the standard deviations of b_e, b_s and log a."""

PRIOR_SHIFT = np.linspace(0.0, 1.0, 6)
"""The grid of the share of the prevalence's shift that stated log odds miss."""

PREVALENCE = np.arange(0.0, 5.01, 0.1)
"""The grid of the standard deviations of a prevalence's log odds."""

_SURE = 1e-6
"""Probabilities are this far from 0 and 1 at least: none is certain on a source never seen."""


@dataclass(frozen=True, slots=True, eq=False)
class SourceReadings:
    """The readings of one measure in the photos of one source, by readers that never saw it.

    Attributes:
        measure: The measure.
        collection: The collection that was left out.
        source: The source, a part of the collection.
        edition: The edition that each photo is dealt into, 0 to e - 1, shape (n,).
        probability: The probability of each photo, 0–1, shape (n,).
        truth: Whether each photo shows the measure, shape (n,).
        reference: The prevalence among the photos that the readers learned from, 0–1.
    """

    measure: str
    collection: str
    source: str
    edition: NDArray[np.int64]
    probability: Numbers
    truth: NDArray[np.bool_]
    reference: float

    @property
    def shift(self) -> float:
        """The shift of the prevalence from the reference, in logits; finite without any photo."""
        share = (self.truth.sum() + 0.5) / (len(self.truth) + 1.0)
        return _logit(float(share)) - _logit(self.reference)


def by_source(judged: OutOfFoldReading, *, shown: str) -> list[SourceReadings]:
    """Return the readings of a subject by source, of photos shown in one way.

    Args:
        judged: The readings, from ``left_out``.
        shown: The way in which the photos are shown.
    """
    part = judged.of(shown=shown)
    photos = [e.photo for e in part.examples]
    names = np.array(sources(photos))
    evidence = []
    for name in dict.fromkeys(names.tolist()):
        rows = np.flatnonzero(names == name)
        collection = collection_of(photos[rows[0]])
        evidence.append(
            SourceReadings(
                judged.subject.value,
                collection,
                name,
                dealt([photos[i].group for i in rows]),
                part.probability[rows],
                part.truth[rows],
                reference(judged, collection),
            )
        )
    return evidence


def likelihood(readings: SourceReadings, *, around: float) -> Numbers:
    """Return the log likelihood of the standard deviations, shape (EDITION, SOURCE, SLOPE).

    Args:
        around: The shift that those of sources lie around: that of its prevalence, or 0 where
            nobody knows how common the measure was where the detector was calibrated.
    """
    table = _table(readings)
    prior_slope = np.stack([_normal(LOG_SLOPES, spread) for spread in SLOPE])
    prior_shift = np.stack([_normal(SHIFTS - around, spread) for spread in SOURCE])
    values = np.empty((len(EDITION), len(SOURCE), len(SLOPE)))
    for i, spread in enumerate(EDITION):
        of_source = _spread_out(table, spread).sum(axis=0)
        top = of_source.max()
        chance = np.exp(of_source - top)
        with np.errstate(divide="ignore"):
            values[i] = np.log(prior_shift @ chance.T @ prior_slope.T) + top
    return values


def prevalence_likelihood(readings: SourceReadings) -> Numbers:
    """Return the log likelihood of the prevalence's spread over sources, shape (PREVALENCE,)."""
    odds = SHIFTS + _logit(readings.reference)
    shown, n = readings.truth.sum(), len(readings.truth)
    chance = -shown * np.logaddexp(0, -odds) - (n - shown) * np.logaddexp(0, odds)
    with np.errstate(divide="ignore"):
        prior = np.log(np.stack([_normal(SHIFTS, spread) for spread in PREVALENCE]))
    return np.asarray(logsumexp(prior + chance, axis=1))


def _table(readings: SourceReadings) -> Numbers:
    """Return the log likelihood of each edition, shape (editions, slopes, shifts)."""
    scores = np.clip(readings.probability, _SURE, 1 - _SURE)
    odds = np.log(scores / (1 - scores))[:, None] * np.exp(LOG_SLOPES)
    sign = np.where(readings.truth, 1.0, -1.0)[:, None, None]
    photos = -np.logaddexp(0.0, -sign * (odds[:, :, None] + SHIFTS))
    table = np.zeros((int(readings.edition.max()) + 1, len(LOG_SLOPES), len(SHIFTS)))
    np.add.at(table, readings.edition, photos)
    return table


def _spread_out(table: Numbers, spread: float) -> Numbers:
    """Return the log likelihoods with each edition's own shift integrated out, the same shape."""
    if spread == 0.0:
        return table
    kernel = np.stack([_normal(SHIFTS - shift, spread) for shift in SHIFTS])
    top = table.max(axis=-1, keepdims=True)
    return np.asarray(np.log(np.exp(table - top) @ kernel.T + 1e-300) + top)


def _normal(at: Numbers, spread: float) -> Numbers:
    """Return the weights of a grid under a normal around 0; all on the nearest point if narrow."""
    step = abs(at[1] - at[0])
    weights = np.exp(-((at / max(spread, step / 4)) ** 2) / 2)
    total = weights.sum()
    if total <= 0.0:
        weights, total = (np.arange(len(at)) == np.argmin(np.abs(at))).astype(float), 1.0
    return np.asarray(weights / total)


def _logit(share: float) -> float:
    return float(np.log(share) - np.log1p(-share))
