"""What the machine alone says of a newspaper: the integration, and what scores and labels teach."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import norm

from presslens.models.recipe import Calibration, Recipe
from presslens.pipelines.statistics import calibration
from presslens.pipelines.statistics.calibration import (
    BINS,
    CENTRES,
    GRID,
    MEANS,
    SPREADS,
    TAKEN_IN,
    CalibrationPosterior,
    Histograms,
    Node,
    ScoreEvidence,
    calibrate,
    centred,
    learn,
    moments,
    prevalence_of,
    share_of,
)
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.worlds import World


def _newspaper(seed=0, **world):
    settings = {"editions": 12, "photos": 20.0, "special": 0.0, **world}
    return World(**settings).newspaper(np.random.default_rng(seed))


def _mean(posterior, table):
    """The expected number of photos of all editions that show the measure."""
    rows = np.arange(len(table.editions))
    mean = moments(posterior, Histograms.of(table), rows).expected
    return float(mean.sum(axis=0) @ posterior.expected.likely)


def test_histograms_count_each_photo_once():
    table = _newspaper().table()
    label = table.label.copy()
    label[:5] = 1.0
    weight = np.linspace(0.01, 0.5, len(table))
    found = Histograms.of(replace(table, label=label, weight=weight))
    assert found.seen.shape == found.open.shape == (12, 64)
    assert found.seen.sum(axis=1) == pytest.approx(np.bincount(table.edition))
    assert found.open.sum() == pytest.approx(weight[5:].sum())
    assert found.squares.sum() == pytest.approx((weight[5:] ** 2).sum())
    # A photo whose probability is 0 or 1 lies in the outermost bin, and not outside.
    ends = replace(table.at(np.arange(len(table)) < 2), probability=np.array([0.0, 1.0]))
    assert np.flatnonzero(Histograms.of(ends).seen.sum(axis=0)).tolist() == [0, 63]
    assert CENTRES[0] - BINS[0] == pytest.approx(0.125)


def test_moments_are_those_of_a_brute_force_integration(components):
    """One edition, one node, one mean and spread of the prevalence: summed photo by photo."""
    rng = np.random.default_rng(1)
    at = rng.integers(20, 50, 15)
    seen = np.bincount(at, minlength=64)[None].astype(float)
    histograms = Histograms(seen, seen.copy(), seen.copy())
    score, slope, mean_index, spread_index, trust = 1.7, 1.1, 11, 1, 0.6
    hyper = np.array([spread_index * len(MEANS) + mean_index])
    base, share = logit(prevalence_of(components)), share_of(components)
    evidence = ScoreEvidence((TAKEN_IN, slope), hyper, np.ones(1))
    node = Node(score, slope, components.edition, evidence, 0.0, np.ones(1))
    posterior = CalibrationPosterior(components, (node,), node, trust)
    _, mean, variance = moments(posterior, histograms, np.array([0]))
    prior = norm.pdf(GRID, MEANS[mean_index], SPREADS[spread_index])
    likelihood = np.ones(len(GRID))
    stated = centred(CENTRES[at], components.edition)
    for centre in CENTRES[at]:
        odds = np.exp(slope * centre + TAKEN_IN - base)
        prevalence = expit(base + GRID / share)
        likelihood *= 1 - prevalence + prevalence * odds
    by_shift = prior * likelihood**trust / (prior * likelihood**trust).sum()
    first = second = 0.0
    for weight, shift in zip(by_shift, GRID, strict=True):
        own = norm.pdf(GRID, shift, components.edition)
        for share, moved in zip(own / own.sum(), GRID, strict=True):
            p = expit(slope * stated + score + moved)
            first += weight * share * p.sum()
            second += weight * share * (p.sum() ** 2 + (p * (1 - p)).sum())
    assert mean[0, 0] == pytest.approx(first, rel=1e-9)
    assert variance[0, 0] == pytest.approx(second - first**2, rel=1e-8)


@pytest.mark.parametrize("spread", [0.0, 0.5, 1.2, 2.5])
def test_probabilities_are_true_over_shifts(spread):
    p = np.array([0.001, 0.02, 0.3, 0.5, 0.9, 0.999])
    shifts = spread * np.linspace(-6, 6, 2001)
    bell = norm.pdf(np.linspace(-6, 6, 2001))
    moved = expit(centred(logit(p), spread)[:, None] + shifts) @ bell / bell.sum()
    assert moved == pytest.approx(p, rel=2e-3)


def test_scores_tell_how_rare_a_subject_is(components):
    for prevalence in (0.02, 0.5):
        paper = _newspaper(2, prevalence=prevalence)
        table = paper.table()
        expected = _mean(calibrate(Histograms.of(table), components), table)
        off, before = (abs(x - paper.truth.sum()) for x in (expected, table.probability.sum()))
        assert off < 0.7 * before


def test_drawn_labels_teach_how_far_scores_are_off(components):
    rng = np.random.default_rng(3)
    for shift in (-1.5, 1.5):
        paper = _newspaper(4, shift=shift)
        table = paper.table()
        histograms = Histograms.of(table)
        before = calibrate(histograms, components)
        sample = paper.drawn(table, 60, rng)
        after = learn(before, histograms, sample.at(sample.sampled))
        scores = [
            np.average([n.score for n in p.nodes], weights=np.exp([n.log_weight for n in p.nodes]))
            for p in (before, after)
        ]
        # What the detector states too low is to be raised.
        assert np.sign(scores[1] - scores[0]) == -np.sign(shift)
        truth = paper.truth.sum()
        assert abs(_mean(after, table) - truth) < abs(_mean(before, table) - truth)
        for node in after.nodes:
            assert node.likely.sum() == pytest.approx(1.0)


def test_nothing_is_learnt_from_no_photos(components):
    table = _newspaper().table()
    posterior = calibrate(Histograms.of(table), components)
    none = table.at(np.zeros(len(table), np.bool_))
    assert learn(posterior, Histograms.of(table), none) is posterior


def test_what_is_cached_is_what_would_be_computed(components):
    table = _newspaper(5).table()
    histograms = Histograms.of(table)
    first = calibrate(histograms, components)
    assert calibrate(Histograms.of(table), components) is first
    wider = components.model_copy(update={"source": 1.5})
    assert calibrate(histograms, wider) is not first
    rows = np.array([2, 7])
    kept = moments(first, histograms, rows)
    assert moments(first, histograms, rows) is kept
    fewer = replace(histograms, open=np.zeros_like(histograms.open))
    assert (moments(first, fewer, rows).mean == 0).all()
    calibration._CACHE.drop(lambda _: True)
    again = calibrate(histograms, components)
    assert again is not first
    assert all(map(np.array_equal, kept, moments(again, histograms, rows)))


def test_errors_beyond_what_the_prevalence_takes_in_tell_one_thing(components):
    posterior = calibrate(Histograms.of(_newspaper(5).table()), components)
    far = [node for node in posterior.nodes if node.score > TAKEN_IN]
    assert len(far) > len({node.slope for node in far}) == len({node.evidence for node in far})


def test_a_component_of_nothing_leaves_one_value():
    sure = Calibration(
        source=0.0, period=0.0, edition=0.0, slope=0.0, prevalence=0.0, reference=0.25
    )
    table = _newspaper(8).table()
    posterior = calibrate(Histograms.of(table), sure)
    assert [(node.score, node.slope) for node in posterior.nodes] == [(0.0, 1.0)]
    assert _mean(posterior, table) == pytest.approx(table.probability.sum(), rel=0.1)


def test_a_prevalence_that_nobody_stated_is_a_quarter():
    assert prevalence_of(Calibration()) == 0.25
    assert prevalence_of(Calibration(reference=0.065)) == 0.065


@pytest.mark.parametrize(
    ("measure", "world"),
    [
        ("children", {"shift": -1.0, "prevalence": 0.15}),
        ("children", {"shift": -1.5, "prevalence": 0.15}),
        ("children", {"shift": -1.5, "prevalence": 0.03}),
        ("label:flags", {"prevalence": 0.03}),
        ("label:flags", {"prevalence": 0.4}),
    ],
)
def test_a_newspaper_whose_scores_are_off_is_held(measure, world):
    components = Recipe.load().aggregate.calibration_of(measure)
    for seed in range(3):
        paper = _newspaper((17, seed), editions=60, photos=12.0, **world)
        group = np.zeros(len(paper.edition), np.int64)
        (found,) = ShareEstimator(paper.table(), group, ["all"], components).estimates()
        assert found.low <= paper.truth.mean() <= found.high


def test_the_probability_of_photos_is_the_share_of_the_newspaper(components):
    table = _newspaper(9).table()
    group = np.zeros(len(table), np.int64)
    estimator = ShareEstimator(table, group, ["all"], components)
    calibrated = estimator.calibrated
    assert (np.diff(calibrated[np.argsort(table.logits, kind="stable")]) >= 0).all()
    assert calibrated.mean() == pytest.approx(estimator.estimates()[0].value, rel=0.05)
