"""How samples are shared out between strata, and drawn."""

import numpy as np
import pytest

from presslens.models.recipe import Calibration
from presslens.pipelines.statistics.estimator import ShareEstimator
from presslens.pipelines.statistics.measure import stratum
from presslens.pipelines.statistics.photo_table import PhotoTable
from presslens.pipelines.statistics.sampling import (
    Candidate,
    FrameStrata,
    allocate,
    chance,
    draw,
    foreseen_variance,
    foreseen_width,
    smallest_sample,
)


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def frame(probabilities):
    return [
        Candidate(i, f"photo {i}", stratum(p), foreseen_variance(p, 1.0), probability=p)
        for i, p in enumerate(probabilities)
    ]


def strata_of(probabilities):
    return FrameStrata.of(frame(probabilities), 4)


def rare(rng, photos=2000, share=0.025):
    """Probabilities of a detector that separates well, for a subject in few photos."""
    shows = rng.random(photos) < share
    logit = rng.normal(np.where(shows, 1.0, -5.0), 1.5)
    return 1 / (1 + np.exp(-logit))


@pytest.mark.parametrize("total", [1, 8, 50, 300, 5000])
def test_all_photos_are_shared_out_and_no_stratum_is_forgotten(total):
    strata = strata_of([0.01] * 900 + [0.3] * 60 + [0.7] * 30 + [0.99])
    got = allocate(strata, total)
    assert sum(got) == min(max(total, 7), 991)
    assert got[3] == 1
    assert all(n >= 2 for n in got[:3])
    assert all(n <= size for n, size in zip(got, strata.size, strict=True))


def test_half_goes_by_size_and_half_to_where_answers_differ():
    strata = strata_of([0.01] * 1000 + [0.5] * 100)
    got = allocate(strata, 110)
    assert got[0] >= 0.5 * 110 * 1000 / 1100 - 1
    needs = np.sqrt(strata.size * strata.variance)
    neyman = 110 * needs / needs.sum()
    assert got[2] >= 0.5 * neyman[2]
    assert got[2] > 110 * 100 / 1100


def test_a_larger_sample_takes_nothing_back():
    strata = strata_of([0.01] * 900 + [0.3] * 60 + [0.7] * 30 + [0.99] * 10)
    small = allocate(strata, 60)
    large = allocate(strata, 200, least=small)
    assert sum(large) == 200
    assert all(a <= b for a, b in zip(small, large, strict=True))
    # Even if others would have been drawn.
    assert allocate(strata, 70, least=[2, 60, 2, 2]) == [6, 60, 2, 2]
    assert allocate(strata, 10, least=[2, 60, 2, 2]) == [2, 60, 2, 2]


def test_the_smallest_sample_reaches_the_width_and_a_smaller_one_does_not(rng):
    strata = strata_of(rare(rng))
    n = smallest_sample(strata, 0.02, 0.95)
    assert foreseen_width(strata, allocate(strata, n), 0.95) <= 0.02
    assert foreseen_width(strata, allocate(strata, n - 1), 0.95) > 0.02
    assert foreseen_width(strata, [int(size) for size in strata.size], 0.95) == 0.0
    assert foreseen_width(FrameStrata.of([], 4), [0] * 4, 0.95) is None


def test_a_pilot_corrects_what_the_machine_foresees(rng):
    strata = strata_of(rare(rng))
    before = foreseen_width(strata, allocate(strata, 200), 0.95)

    def learned(yes, share=None):
        label = np.arange(100.0) < yes
        return strata.learn(np.zeros(100, int), np.zeros(100), np.ones(100), label, share=share)

    wrong, right = learned(20), learned(0)
    assert foreseen_width(wrong, allocate(wrong, 200), 0.95) > 2 * before
    assert foreseen_width(right, allocate(right, 200), 0.95) < before
    # Answers that an estimate expects are no surprise.
    calibrated = learned(20, 0.25)
    of = foreseen_width(calibrated, allocate(calibrated, 200), 0.95)
    assert of < 0.9 * foreseen_width(wrong, allocate(wrong, 200), 0.95)
    assert calibrated.variance.tolist() == wrong.variance.tolist()


def test_an_order_is_made_again_goes_on_and_mixes_the_strata():
    candidates = frame([0.01] * 90 + [0.5] * 10)
    first = draw(candidates, [9, 0, 3, 0], salt="a")
    assert draw(candidates[::-1], [9, 0, 3, 0], salt="a") == first
    assert draw(candidates, [9, 0, 3, 0], salt="b") != first
    more = draw(candidates, [20, 0, 5, 0], salt="a", before=[9, 0, 3, 0])
    together = {one.id for one in first + more}
    assert together == {one.id for one in draw(candidates, [20, 0, 5, 0], salt="a")}
    assert len(together) == 25
    assert [one.stratum for one in first[:4]] == [2, 2, 0, 0]


def test_every_photo_of_a_stratum_has_the_same_chance():
    candidates = frame([0.01] * 10)
    times = np.zeros(10)
    for seed in range(2000):
        for one in draw(candidates, [3, 0, 0, 0], salt=str(seed)):
            times[one.id] += 1
    assert np.abs(times / 2000 - 0.3).max() < 0.04
    assert np.mean([chance(str(i), "x") < 0.1 for i in range(5000)]) == pytest.approx(
        0.1, abs=0.015
    )


@pytest.mark.parametrize("shift", [0.0, -1.5, 1.5])
def test_a_rare_subject_is_told_better_than_by_blind_photos(rng, shift):
    """The error of the design-based share is smaller than that of a blind hand count.

    Also with a machine whose scores are shifted, so that its probabilities are wrong.
    """
    p = rare(rng)
    labels = rng.random(len(p)) < p
    logit = np.log(p / (1 - p)) + shift
    told = 1 / (1 + np.exp(-logit))
    candidates = frame(told)
    strata = FrameStrata.of(candidates, 4)
    numbers = allocate(strata, 100)
    planned, blind = [], []
    for seed in range(300):
        share = told.sum()
        for one in draw(candidates, numbers, salt=str(seed)):
            weight = strata.size[one.stratum] / numbers[one.stratum]
            share += weight * (labels[one.id] - told[one.id])
        planned.append(share / len(p))
        blind.append(rng.choice(labels, 100, replace=False).mean())
    truth = labels.mean()
    assert np.mean(planned) == pytest.approx(truth, abs=0.004)
    assert np.std(planned) < np.std(blind)


def test_the_foreseen_width_is_that_of_the_reported_interval(rng):
    """The plan foresees what the estimator of shares reports, on average over draws."""
    p = np.clip(rng.beta(0.4, 1.6, 1500), 0.001, 0.999)
    labels = (rng.random(1500) < p).astype(float)
    candidates = frame(p)
    strata = FrameStrata.of(candidates, 4)
    numbers = allocate(strata, 200)
    widths = []
    for seed in range(10):
        label, inclusion = np.full((2, 1500), np.nan)
        for one in draw(candidates, numbers, salt=str(seed)):
            label[one.id] = labels[one.id]
            inclusion[one.id] = numbers[one.stratum] / strata.size[one.stratum]
        table = PhotoTable(
            np.arange(1500) // 25, p, np.ones(1500), label, inclusion, np.ones(1500, bool),
            [str(e) for e in range(60)], [("all",)] * 60,
        )  # fmt: skip
        (found,) = ShareEstimator(
            table, np.zeros(1500, np.int64), ["all"], Calibration()
        ).estimates()
        widths.append(found.high - found.low)
    assert foreseen_width(strata, numbers, 0.95) == pytest.approx(np.mean(widths), rel=0.15)
