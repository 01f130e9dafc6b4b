"""Standard errors of least squares whose rows come in clusters, for few or unequal clusters.

The usual sandwich is too small where few clusters decide a coefficient. CR2 multiplies the
residuals of each cluster by the inverse root of (I - H), which makes the variance unbiased if rows
were independent, and a t distribution with Satterthwaite's degrees of freedom is used (Bell &
McCaffrey 2002, Survey Methodology 28(2), 169-181; Pustejovsky & Tipton 2018,
doi 10.1080/07350015.2016.1247004). The degrees of freedom are those of rows of one cluster that
share an error, as large as the residuals say (Imbens & Kolesár 2016, doi 10.1162/REST_a_00552).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

_ALONE = 1e-9
"""A cluster that alone decides a direction (an eigenvalue of H this near to 1) has no residual
there, and so no part in the variance."""


def cluster_sandwich(
    X: Numbers, residuals: Numbers, clusters: NDArray[np.int64], unit: Numbers
) -> tuple[Numbers, Numbers]:
    """Return standard errors and degrees of freedom of the coefficients of least squares.

    Args:
        X: The columns, shape (n, k), of full rank; of weighted least squares times the roots of
            the weights.
        residuals: Shape (n,); times the roots of the weights too.
        clusters: Number of each row's cluster, shape (n,).
        unit: An error that rows of a cluster share enters a row times this, shape (n,): the roots
            of the weights; ones without weights.

    Returns:
        Shape (k,) each.
    """
    # In columns that are orthonormal all matrices are of k by k, whatever the clusters' sizes.
    root = np.linalg.cholesky(np.linalg.inv(X.T @ X))
    Q = X @ root
    _, place = np.unique(clusters, return_inverse=True)
    count, k = int(place.max()) + 1, X.shape[1]

    def added(rows: Numbers) -> Numbers:
        total = np.zeros((count, *rows.shape[1:]))
        np.add.at(total, place, rows)
        return total

    leverage = added(Q[:, :, None] * Q[:, None, :])
    values, vectors = np.linalg.eigh(leverage)
    left = 1 - values
    inflated = np.where(left > _ALONE, 1 / np.sqrt(np.maximum(left, _ALONE)), 0.0)
    adjust = (vectors * inflated[:, None, :]) @ vectors.transpose(0, 2, 1)
    scores = np.einsum("cij,cj->ci", adjust, added(Q * residuals[:, None]))
    variance = root @ (scores.T @ scores) @ root.T

    shared = max(0.0, _shared(residuals, unit, added))
    own = max(1e-12, float(residuals @ residuals) - shared * float(unit @ unit)) / len(residuals)
    common = added(Q * unit[:, None])
    spread = own * leverage + shared * common[:, :, None] * common[:, None, :]
    freedom = [_freedom(root[j], adjust, leverage, spread) for j in range(k)]
    return np.sqrt(np.maximum(0.0, np.diag(variance))), np.array(freedom)


def _shared(residuals: Numbers, unit: Numbers, added: Callable[[Numbers], Numbers]) -> float:
    """Return the variance of the error that rows of a cluster share, from products of pairs."""
    pairs = added(unit**2) ** 2 - added(unit**4)
    products = added(unit * residuals) ** 2 - added((unit * residuals) ** 2)
    return float(products.sum() / pairs.sum()) if pairs.sum() > 0 else 0.0


def _freedom(direction: Numbers, adjust: Numbers, leverage: Numbers, spread: Numbers) -> float:
    """Return Satterthwaite's degrees of freedom of one coefficient's variance, at least 1.

    The variance is a sum of squares of a product for each cluster. Their covariance is a diagonal
    and a matrix of low rank, F C F', so no matrix of clusters by clusters is made.
    """
    a = np.einsum("i,cij->cj", direction, adjust)
    diagonal = np.einsum("ci,cij,cj->c", a, spread, a)
    F = np.hstack([np.einsum("ci,cij->cj", a, of) for of in (spread, leverage)])
    one = np.eye(len(direction))
    C = np.block([[0 * one, -one], [-one, spread.sum(axis=0)]])
    low = ((F @ C) * F).sum(axis=1)
    inner = C @ (F.T @ F)
    square = float((diagonal**2 + 2 * diagonal * low).sum() + np.trace(inner @ inner))
    trace = float((diagonal + low).sum())
    return max(1.0, trace**2 / square) if square > 0 else 1.0
