"""Standard errors of a regression on a drawn sample: of these editions, and of practice."""

from __future__ import annotations

import numpy as np
import scipy  # which imports scipy.special and scipy.stats when they are first used
from numpy.typing import NDArray

from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.cluster_sandwich import cluster_sandwich
from presslens.pipelines.statistics.design import ODDS
from presslens.pipelines.statistics.moments import Fit, Outcome
from presslens.pipelines.statistics.photo_table import CERTAIN, Numbers, PhotoTable
from presslens.pipelines.statistics.practice import FEWEST

LEAST_DRAWN = 10
"""Drawn photos that each value of a column of zeros and ones needs at least."""

MORE_BLOCKS = 4
"""Blocks of editions beyond one for each column, at least."""

SUSPICIOUS = 1.0
"""Standard errors by which neighbouring editions go together that are enough to take blocks: to
take them in vain costs little, not to take them where editions are alike costs much."""

_WIDE = 0.975
"""Quantile at which intervals by editions and by blocks are compared."""

_TINY = 1e-150
"""Keeps photos whose fitted mean is certain from dividing by nothing."""


def errors_of_these(
    outcome: Outcome, table: PhotoTable, X: Numbers, fit: Fit
) -> tuple[Numbers, Numbers, str]:
    """Return standard errors and degrees of freedom where only the draw is by chance.

    What the predictions expect of the labels' errors counts like ``LEAST_DRAWN`` photos more where
    it is larger than what was seen: a few drawn photos that all say "no" do not make it sure.
    """
    drawn = table.sampled
    pi, g = outcome.chance[drawn], outcome.expected[drawn]
    m, k = int(drawn.sum()), X.shape[1]
    share = (1 - pi) / pi**2 * outcome.weight[drawn] ** 2
    seen, expected = (table.label[drawn] - g) ** 2, g * (1 - g)
    if share @ expected > share @ seen:
        seen = (m * seen + LEAST_DRAWN * expected) / (m + LEAST_DRAWN)
    rows = X[drawn] @ fit.bread * np.sqrt(share * seen)[:, None]
    freedom = max(1, m - k)
    error = np.sqrt((rows**2).sum(axis=0) * m / freedom)
    return error, np.full(k, float(freedom)), "these editions, the draw alone is by chance"


def errors_of_practice(
    outcome: Outcome, table: PhotoTable, X: Numbers, fit: Fit
) -> tuple[Numbers, Numbers, str]:
    """Return standard errors and degrees of freedom where editions are by chance, too."""
    root = np.sqrt(outcome.weight * fit.slope)
    residual = outcome.weight * (outcome.pseudo - fit.mean)
    scaled, rows = residual / np.maximum(root, _TINY), X * root[:, None]
    place, e = _in_order(table)
    error, freedom = cluster_sandwich(rows, scaled, place, root)
    if not _alike(np.bincount(place, residual, e).astype(float), X.shape[1]):
        return error, freedom, f"practice, {counted(e, 'edition')} as clusters (CR2)"
    count = max(round((2 * e) ** 0.5), X.shape[1] + MORE_BLOCKS)
    by_block = cluster_sandwich(rows, scaled, place * count // e, root)
    reach = [scipy.stats.t.ppf(_WIDE, f) * s for s, f in ((error, freedom), by_block)]
    wider = reach[1] > reach[0]
    return (
        np.where(wider, by_block[0], error),
        np.where(wider, by_block[1], freedom),
        f"practice, {counted(e, 'edition')} as clusters, {counted(count, 'block')} of them where"
        " that is wider, as neighbours are alike (CR2)",
    )


def _in_order(table: PhotoTable) -> tuple[NDArray[np.int64], int]:
    """Return the place of each photo's edition, by newspaper and time, and their number."""
    there = np.unique(table.edition).tolist()
    order = sorted(there, key=lambda edition: (table.periods[edition][:1], edition))
    place = np.zeros(len(table.editions), np.int64)
    place[order] = np.arange(len(order))
    return place[table.edition], len(order)


def _alike(sums: Numbers, columns: int) -> bool:
    """Return whether the residuals of neighbouring editions go together, as far as is told.

    The first autocorrelation, plus what fitting so many columns takes from it (Kendall 1954), is
    held against its standard error where there is none.
    """
    square = float(sums @ sums)
    if len(sums) < 2 * FEWEST or square <= 0:
        return False
    correlation = float(sums[1:] @ sums[:-1]) / square + columns / len(sums)
    return bool(correlation * np.sqrt(len(sums)) > SUSPICIOUS)


def doubt_of_unanswered(outcome: Outcome, table: PhotoTable, X: Numbers, fit: Fit) -> Numbers:
    """Return by how much photos that were drawn and not answered may move each coefficient."""
    lost = table.unanswered
    g = scipy.special.logit(np.clip(outcome.expected[lost], CERTAIN, 1 - CERTAIN))
    apart = scipy.special.expit(g + np.log(ODDS)) - scipy.special.expit(g - np.log(ODDS))
    moved = outcome.weight[lost] / table.inclusion[lost] * apart / 2
    return np.asarray(np.abs(X[lost] @ fit.bread).T @ moved)
