"""Worlds like an archive: drawn anew from what is known of it, with and without a sample."""

from dataclasses import replace

import numpy as np
import pytest

from presslens.pipelines.statistics.archive_worlds import simulate_archive
from presslens.pipelines.statistics.measure import Estimand
from presslens.pipelines.statistics.pools import PooledShares
from presslens.pipelines.statistics.worlds import World


def _archive(make_estimator, drawn, **settings):
    rng = np.random.default_rng(1)
    paper = World(months=3, editions=24, photos=20.0).newspaper(rng)
    table = paper.table()
    if drawn:
        table = paper.drawn(table, drawn, rng)
    month = paper.month[table.edition]
    return _pooled(make_estimator(table, month, **settings))


def _pooled(one):
    return PooledShares((one,), (np.arange(len(one.names)),), one.names)


@pytest.mark.parametrize("estimand", Estimand)
def test_intervals_hold_in_worlds_like_an_archive_with_a_sample(make_estimator, estimand):
    estimator, done = _archive(make_estimator, 150, estimand=estimand), []
    found = simulate_archive(estimator, 40, progress=done.append)
    assert done == list(range(1, 41))
    assert [one.group for one in found] == ["0", "1", "2"]
    for one in found:
        assert one.trials == 40
        assert one.refused == 0.0
        assert one.held >= 0.85
        assert 0.02 < one.width < 0.3
        assert abs(one.bias) < 0.05


def test_the_same_seed_draws_the_same_worlds(make_estimator):
    estimator = _archive(make_estimator, 60)
    first, again, other = (
        simulate_archive(estimator, 3, seed=seed, progress=lambda _: None) for seed in (1, 1, 2)
    )
    assert first == again != other


def test_without_a_sample_the_machine_errs_as_the_recipe_expects(make_estimator):
    found = simulate_archive(_archive(make_estimator, 0), 20, progress=lambda _: None)
    for one in found:
        assert one.held is None or one.held >= 0.8
        assert 0 <= one.refused <= 1


def test_photos_without_an_answer_and_picks_stay_so(make_estimator):
    estimator = _archive(make_estimator, 100)
    (own,) = estimator.pools
    table = own.table
    lost, picked = np.flatnonzero(table.sampled)[:20], np.flatnonzero(~table.drawn)[:5]
    label = table.label.copy()
    label[lost], label[picked] = np.nan, 1.0
    lacking = _pooled(replace(own, table=replace(table, label=label)))
    (one, *_) = simulate_archive(lacking, 3, progress=lambda _: None)
    (whole, *_) = simulate_archive(estimator, 3, progress=lambda _: None)
    assert one.width > whole.width
