import numpy as np
import pytest
from scipy.linalg import block_diag, fractional_matrix_power

from presslens.pipelines.statistics.regression import cluster_sandwich


def _written_out(X, y, clusters):
    """CR2 and its degrees of freedom with matrices of n by n, as the papers have them."""
    n, k = X.shape
    bread = np.linalg.inv(X.T @ X)
    M = np.eye(n) - X @ bread @ X.T
    residuals = M @ y
    members = [np.flatnonzero(clusters == c) for c in np.unique(clusters)]
    roots = [fractional_matrix_power(M[np.ix_(i, i)], -0.5) for i in members]
    scores = [X[i].T @ A @ residuals[i] for i, A in zip(members, roots, strict=True)]
    variance = bread @ sum(np.outer(s, s) for s in scores) @ bread
    pairs = [(residuals[i].sum() ** 2 - (residuals[i] ** 2).sum()) for i in members]
    shared = max(0.0, sum(pairs) / sum(len(i) * (len(i) - 1) for i in members))
    own = (residuals @ residuals) / n - shared
    order = np.concatenate(members)
    sigma = np.empty((n, n))
    sigma[np.ix_(order, order)] = block_diag(
        *[own * np.eye(len(i)) + shared * np.ones((len(i), len(i))) for i in members]
    )
    freedom = []
    for j in range(k):
        P = np.stack(
            [
                M[:, i] @ A @ X[i] @ bread[:, j]
                for i, A in zip(members, roots, strict=True)
            ]
        )  # fmt: skip
        omega = P @ sigma @ P.T
        freedom.append(np.trace(omega) ** 2 / (omega**2).sum())
    return np.sqrt(np.diag(variance)), freedom


@pytest.mark.parametrize("seed", range(4))
def test_it_is_that_of_large_matrices(seed):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 9, 14)
    clusters = rng.permutation(np.repeat(np.arange(14), sizes))
    n = len(clusters)
    # One column is of editions and has few ones, one of photos.
    X = np.stack([np.ones(n), np.isin(clusters, (1, 4, 7)), rng.normal(size=n)], axis=1)
    y = rng.normal(size=14)[clusters] + rng.normal(size=n)
    residuals = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    error, freedom = cluster_sandwich(X, residuals, clusters, np.ones(n))
    expected_error, expected_freedom = _written_out(X, y, clusters)
    assert error == pytest.approx(expected_error)
    assert freedom == pytest.approx(expected_freedom)
    assert freedom[1] < 4  # three clusters decide it


def test_for_many_clusters_it_is_the_usual_sandwich():
    api = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(5)
    clusters = np.repeat(np.arange(600), 5)
    X = np.stack([np.ones(3000), rng.normal(size=600)[clusters]], axis=1)
    y = rng.normal(size=600)[clusters] + rng.normal(size=3000)
    fit = api.OLS(y, X).fit(cov_type="cluster", cov_kwds={"groups": clusters})
    error, freedom = cluster_sandwich(X, fit.resid, clusters, np.ones(3000))
    assert error == pytest.approx(fit.bse, rel=0.01)
    assert freedom.min() > 100
