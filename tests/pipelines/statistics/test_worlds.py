"""Simulated newspapers are what they say, and their samples are drawn as samples are."""

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.metrics import roc_auc_score

from presslens.pipelines.statistics.measure import strata
from presslens.pipelines.statistics.worlds import World, allocation, joined


def test_a_detector_has_its_auc_and_is_calibrated_where_it_was():
    world = World(editions=400, spread=0.0, special=0.0, prevalence=0.25, reference=0.25, auc=0.92)
    paper = world.newspaper(np.random.default_rng(0))
    assert roc_auc_score(paper.truth, paper.probability) == pytest.approx(0.92, abs=0.01)
    assert paper.probability.mean() == pytest.approx(paper.truth.mean(), abs=0.01)
    sure = paper.probability > 0.8
    assert paper.truth[sure].mean() == pytest.approx(paper.probability[sure].mean(), abs=0.03)


def test_elsewhere_it_is_off_by_the_prevalence_and_the_shift():
    rng = np.random.default_rng(1)
    rare = World(editions=200, prevalence=0.03, spread=0.0, special=0.0).newspaper(rng)
    assert rare.truth.mean() == pytest.approx(0.03, abs=0.005)
    assert rare.probability.mean() > 0.1
    plain, dark = (
        World(editions=5, shift=shift).newspaper(np.random.default_rng(2)) for shift in (0.0, -1.0)
    )
    np.testing.assert_array_equal(plain.truth, dark.truth)
    assert logit(plain.probability) - logit(dark.probability) == pytest.approx(1.0)


def test_practice_is_what_many_editions_tend_to():
    world = World(editions=6000, photos=5.0)
    found = [world.newspaper(np.random.default_rng(seed)).truth.mean() for seed in range(12)]
    assert np.mean(found) == pytest.approx(world.practice, abs=0.002)
    plain = World(special=0.0, spread=1e-6, prevalence=0.2)
    assert plain.practice == pytest.approx(0.2)
    assert expit(logit(0.15) + 0.7) == pytest.approx(World().special_prevalence)


def test_the_oracle_is_calibrated_in_every_world():
    paper = World(editions=400, prevalence=0.05, shift=2.0).newspaper(np.random.default_rng(4))
    assert paper.posterior.mean() == pytest.approx(paper.truth.mean(), abs=0.005)
    assert roc_auc_score(paper.truth, paper.posterior) > roc_auc_score(
        paper.truth, paper.probability
    )


@pytest.mark.parametrize("blind", [True, False])
def test_a_sample_stands_for_its_frame(blind):
    rng = np.random.default_rng(5)
    paper = World(editions=20).newspaper(rng)
    within = np.asarray(paper.edition < 15)
    table = paper.drawn(paper.table(), 100, rng, within=within, blind=blind)
    assert table.sampled.sum() == pytest.approx(100, abs=2)
    assert (table.framed == within).all()
    assert not table.drawn[~within].any()
    assert np.nansum(1 / table.inclusion) == pytest.approx(within.sum())
    assert (table.label[table.sampled] == paper.truth[table.sampled]).all()
    assert not table.picked.any()


def test_every_stratum_gets_two_and_none_more_than_it_has():
    probability = np.concatenate([np.full(1000, 0.01), np.full(3, 0.95), [0.6]])
    at = strata(probability)
    found = allocation(probability, at, np.ones(1004, bool), 50)
    assert found.keys() == {0, 2, 3}
    assert found[2] == 1
    assert found[3] >= 2
    assert found[0] >= 40


def test_newspapers_are_joined_one_after_the_other():
    rng = np.random.default_rng(6)
    papers = [World(editions=n).newspaper(rng) for n in (3, 5)]
    both = joined(papers)
    assert both.editions == 8
    assert both.truth[both.edition < 3].tolist() == papers[0].truth.tolist()
    assert both.table().probability[both.edition >= 3].tolist() == papers[1].probability.tolist()
