"""Average precision of photos ranked by the probability of a subject."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from presslens.pipelines.benchmark.resampling import Draws, Statistic


def ranking_precision(probability: NDArray[np.float64], shown: NDArray[np.bool_]) -> Statistic:
    """Return the statistic: the precision at each photo that shows the subject, on average.

    Photos of one probability are taken together, as scikit-learn does.

    Args:
        probability: Of each photo, shape (n,).
        shown: Whether it shows the subject.
    """
    order = np.argsort(-probability, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(probability[order]) != 0, True))

    def value(draws: Draws) -> NDArray[np.float64]:
        drawn, right = draws[:, order], (draws * shown)[:, order]
        hits, taken = np.cumsum(right, axis=1)[:, ends], np.cumsum(drawn, axis=1)[:, ends]
        gained = np.diff(hits, axis=1, prepend=0)
        total = np.where(hits[:, -1:] > 0, hits[:, -1:], np.nan)
        return np.asarray((gained * hits / np.maximum(taken, 1) / total).sum(axis=1))

    return value
