"""Estimation of the drift of a detector's calibration between editions, from labelled photos."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_expit, logsumexp

from pipelines.statistics.interval import centred

Numbers = NDArray[np.float64]

GRID = np.linspace(0.0, 2.5, 51)
"""The grid of drifts, in logits."""

_PRIOR = 1.0
"""Standard deviation of the half-normal prior of a drift (Gelman 2006, doi 10.1214/06-BA117A)."""

_NODES = np.linspace(-6.0, 6.0, 121)


def estimate_drift(
    probabilities: Numbers, truth: NDArray[np.bool_], clusters: Sequence[str]
) -> float:
    """Return the posterior mean of the drift over several clusters of photos, in logits.

    The model is that of ``pipelines.statistics.interval``: a random intercept for each cluster. Few
    clusters often fit best with no drift at all, which would make intervals too sure, so that the
    mean over all likely drifts is taken and not the likeliest.

    Args:
        probabilities: Out-of-fold probabilities, 0–1, shape (n,).
        truth: Whether each photo shows the subject, shape (n,).
        clusters: The event, day or site of each photo.
    """
    names, at = np.unique(np.asarray(clusters), return_inverse=True)
    likelihoods = np.array(
        [_likelihood(probabilities, truth, at, len(names), drift) for drift in GRID]
    )
    posterior = likelihoods - GRID**2 / (2 * _PRIOR**2)
    weights = np.exp(posterior - posterior.max())
    return float(GRID @ weights / weights.sum())


def _likelihood(
    probabilities: Numbers,
    truth: NDArray[np.bool_],
    at: NDArray[np.intp],
    clusters: int,
    drift: float,
) -> float:
    """Return the log likelihood of a drift, each cluster's intercept integrated out."""
    odds = centred(probabilities, drift)[:, None] + drift * _NODES
    log_likelihoods = log_expit(np.where(truth[:, None], odds, -odds))
    sums = np.zeros((clusters, len(_NODES)))
    np.add.at(sums, at, log_likelihoods)
    prior = -(_NODES**2) / 2
    return float((logsumexp(sums + prior, axis=1) - logsumexp(prior)).sum())
