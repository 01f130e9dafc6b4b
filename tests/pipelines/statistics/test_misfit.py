"""Scores that no likely error explains say nothing."""

import numpy as np

from presslens.pipelines.statistics.calibration import Histograms
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.misfit import FEWEST_PHOTOS as FEWEST
from presslens.pipelines.statistics.misfit import HIGHER, LOWER, UNUSUAL, WIDER, score_fit
from presslens.pipelines.statistics.pools import PooledShares
from presslens.pipelines.statistics.worlds import World


def _newspaper(**world):
    settings = {"editions": 12, "photos": 20.0, "special": 0.0, **world}
    return World(**settings).newspaper(np.random.default_rng(7))


def _seen(**world):
    return Histograms.of(_newspaper(**world).table()).seen.sum(axis=0)


def test_scores_that_some_prevalence_makes_need_no_larger_errors(components):
    for prevalence in (0.02, 0.25, 0.7):
        fit = score_fit(_seen(prevalence=prevalence), components)
        assert (fit.components, fit.note, fit.refused) == (components, None, None)


def test_scores_that_no_prevalence_makes_are_told(components):
    for shift, why in ((-7.0, LOWER), (8.0, HIGHER)):
        seen = _seen(shift=shift, prevalence=0.25, photos=100.0)
        assert score_fit(seen, components).refused == why
        assert not score_fit(seen * (FEWEST - 1) / seen.sum(), components).refused


def test_photos_that_are_surely_without_a_measure_get_an_interval(components):
    """None shows it, and all look less like it than photos elsewhere that don't."""
    table = _newspaper(shift=-2.5, prevalence=1e-6, photos=100.0).table()
    fit = score_fit(Histograms.of(table).seen.sum(axis=0), components)
    assert fit.components.source == WIDER * components.source
    every = np.zeros(len(table), np.int64)
    estimator = ShareEstimator(table, every, ["all"], components)
    (found,) = estimator.estimates()
    assert (found.note, found.refused) == (UNUSUAL, None)
    assert found.low == 0 < found.high < 0.15
    halves = estimator.about(table, np.arange(len(table)) % 2, ["even", "odd"])
    assert halves.difference(0, 1).note.count(UNUSUAL) == 1
    other = ShareEstimator(_newspaper(prevalence=0.25).table(), every[:0], ["all"], components)
    other = other.about(other.table, np.zeros(len(other.table), np.int64), ["all"])
    rows = np.split(np.arange(len(table) + len(other.table)), [len(table)])
    of = np.repeat([0, 1], [len(table), len(other.table)])
    said = f"{table.newspapers[0]}: {UNUSUAL}"
    two = PooledShares.of((estimator, other), rows, of, ["one", "other"])
    assert two.difference(1, 0).note == said
    (both,) = PooledShares.of((estimator, other), rows, 0 * of, ["both"]).estimates()
    assert both.note.startswith(said)


def test_scores_that_no_likely_error_explains_are_refused(components):
    table = _newspaper(shift=8.0, prevalence=0.25, photos=100.0).table()
    group = np.arange(len(table)) % 2
    estimator = ShareEstimator(table, group, ["even", "odd"], components)
    for found in estimator.estimates():
        assert found.interval is None
        assert found.refused.startswith(HIGHER)
    assert estimator.difference(0, 1).refused.startswith(HIGHER)
    other = _newspaper(prevalence=0.25).table()
    every = np.zeros(len(other), np.int64)
    pools = (estimator, ShareEstimator(other, every, ["all"], components))
    rows = np.arange(len(table)), len(table) + np.arange(len(other))
    of = np.repeat([0, 1], [len(table), len(other)])
    two = PooledShares.of(pools, rows, of, ["one", "other"])
    assert two.difference(0, 1).refused.startswith(HIGHER)
    (whole,) = PooledShares.of(pools, rows, np.zeros(len(of), np.int64), ["all"]).estimates()
    assert whole.interval is None
    large = _newspaper(prevalence=0.25, photos=900.0).table()
    every = np.zeros(len(large), np.int64)
    pools = (estimator, ShareEstimator(large, every, ["all"], components))
    rows = np.arange(len(table)), len(table) + np.arange(len(large))
    of = np.zeros(len(table) + len(large), np.int64)
    (whole,) = PooledShares.of(pools, rows, of, ["all"]).estimates()
    assert whole.interval is not None
    assert "anything from 0% to 100%, and counts as that in the whole" in whole.note
