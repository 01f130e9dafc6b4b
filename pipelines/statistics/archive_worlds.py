"""Worlds like an archive: how often the intervals of one table would hold, before it is published.

The scores, groups, editions and the size of the sample stay as they are. What photos show is drawn
anew: by the model that the sample has taught (a parametric bootstrap: Efron 1985,
doi 10.1093/biomet/72.1.45), or, without a sample, by the machine's calibration and errors as large
as the recipe expects of a newspaper that no detector has seen. Then the sample is drawn and
answered anew, and every group is estimated as before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy  # which imports scipy.linalg when it is first used
from scipy.special import expit, logit

from presslens.pipelines.result import Rounded, Served
from presslens.pipelines.statistics.cells import GroupedPhotos
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.measure import Estimand, strata
from presslens.pipelines.statistics.photo_table import CERTAIN, Numbers, PhotoTable
from presslens.pipelines.statistics.pools import PooledShares
from presslens.pipelines.statistics.recalibration import Mode


@dataclass(frozen=True, slots=True)
class GroupCoverage(Served):
    """How often the interval of a group held in worlds like its archive."""

    group: str
    trials: int  # worlds
    refused: Rounded  # share of the worlds in which there was no interval, 0–1
    held: Rounded | None  # share of the others whose interval held the truth; None without any
    width: Rounded | None  # mean width of the intervals, 0–1; None without any
    bias: Rounded  # mean of the estimate less the truth


def simulate_archive(
    estimator: PooledShares, trials: int, *, seed: int = 0, progress: Callable[[int], None]
) -> list[GroupCoverage]:
    """Return how often the interval of each group holds in worlds like an archive.

    Args:
        estimator: Of the groups of the archive's photos, about these editions.
        trials: Worlds, 1 or more.
        seed: Of chance.
        progress: Is called with the number of worlds that are done.
    """
    draws = [_truths(pool) for pool in estimator.pools]
    found = []
    for trial in range(trials):
        rng = np.random.default_rng((seed, trial))
        truths = [draw(rng) for draw in draws]
        pools = (
            replace(pool, table=_answered(pool.table, truth, rng), fitted=None)
            for pool, truth in zip(estimator.pools, truths, strict=True)
        )
        world = replace(estimator, pools=tuple(pools))
        found.append(
            [
                (share, one.value, one.low, one.high)
                for share, one in zip(_shares(estimator, truths), world.estimates(), strict=True)
            ]
        )
        progress(trial + 1)
    return [_coverage(name, [one[k] for one in found]) for k, name in enumerate(estimator.names)]


def _coverage(
    group: str, found: list[tuple[float, float | None, float | None, float | None]]
) -> GroupCoverage:
    stated = [(t, low, high) for t, _, low, high in found if low is not None and high is not None]
    held = [low - 1e-9 <= truth <= high + 1e-9 for truth, low, high in stated]
    return GroupCoverage(
        group,
        len(found),
        refused=1 - len(stated) / len(found),
        held=float(np.mean(held)) if stated else None,
        width=float(np.mean([high - low for _, low, high in stated])) if stated else None,
        bias=float(np.mean([value - truth for truth, value, *_ in found if value is not None])),
    )


def _truths(estimator: ShareEstimator) -> Callable[[np.random.Generator], Numbers]:
    """Return what draws whether each photo shows the measure, 1 or 0, shape (n,)."""
    table = estimator.table

    def by_sample(rng: np.random.Generator) -> Numbers:
        model, shift = estimator.model, estimator.frame.balance.middle
        share = np.array([mode.weight for mode in model.modes])
        mode = model.modes[int(rng.choice(len(share), p=share / share.sum()))]
        coefficient, edition = _posterior_draw(mode, rng)
        odds = model.effects.times(coefficient) + edition[table.edition]
        return np.asarray(rng.random(len(odds)) < expit(odds + np.clip(shift, -1, 1)), float)

    def by_machine(rng: np.random.Generator) -> Numbers:
        components = estimator.components
        off = components.edition * rng.standard_normal(len(table.editions))
        off = off + np.hypot(components.source, components.period) * rng.standard_normal()
        odds = logit(np.clip(estimator.calibrated, CERTAIN, 1 - CERTAIN))
        return np.asarray(rng.random(len(odds)) < expit(odds + off[table.edition]), float)

    return by_sample if estimator.designed else by_machine


def _posterior_draw(mode: Mode, rng: np.random.Generator) -> tuple[Numbers, Numbers]:
    """Return coefficients and effects of editions by chance, as likely as the sample has them."""
    off = scipy.linalg.solve_triangular(
        mode.root.T, rng.standard_normal(len(mode.coefficient)), lower=False
    )
    edition = mode.edition + rng.standard_normal(len(mode.edition)) / np.sqrt(mode.precision)
    edition[mode.drawn] -= mode.cross @ off / mode.precision[mode.drawn]
    return mode.coefficient + off, edition


def _answered(table: PhotoTable, truth: Numbers, rng: np.random.Generator) -> PhotoTable:
    """Return a table whose sample is drawn and answered anew, and whose picks are answered anew."""
    label = np.where(table.picked, truth, np.nan)
    inclusion = np.full(len(table), np.nan)
    stratum = strata(table.probability)
    for h in np.unique(stratum[table.drawn]):
        frame = np.flatnonzero((table.framed | table.drawn) & ~table.picked & (stratum == h))
        drawn = table.drawn & (stratum == h)
        chosen = rng.choice(frame, min(len(frame), int(drawn.sum())), replace=False)
        inclusion[chosen] = len(chosen) / len(frame)
        told = rng.random(len(chosen)) < table.answered[drawn].mean()
        label[chosen] = np.where(told, truth[chosen], np.nan)
    return replace(table, label=label, inclusion=inclusion)


def _shares(estimator: PooledShares, truths: Sequence[Numbers]) -> list[float]:
    """Return the true share of each group, from the truths of each pool."""
    top, bottom = np.zeros((2, len(estimator.names)))
    for pool, at, truth in zip(estimator.pools, estimator.places, truths, strict=True):
        pooled = pool.estimand is Estimand.SHARE_OF_PHOTOS
        of = GroupedPhotos(pool.table, pool.group, len(pool.names), pooled)
        there = at >= 0
        top[there] += of.sums(truth * of.scaled.weight)[at[there]]
        bottom[there] += of.whole[at[there]]
    return list(map(float, top / np.where(bottom > 0, bottom, 1.0)))
