"""Coders of known accuracy are told from what they answered."""

import numpy as np
import pytest

from presslens.pipelines.statistics.coders import (
    EQUAL,
    REFERENCED,
    THREE,
    CodedPhoto,
    coder_accuracy,
)


def answered(rng, n, share, s, c, *, coders=2):
    """Return how many of the coders say yes to each photo, and what it shows."""
    shown = rng.random(n) < share
    yes = rng.binomial(coders, np.where(shown, s, 1 - c))
    return list(zip(yes.tolist(), shown.tolist(), strict=True))


def test_who_agrees_always_hardly_errs():
    accuracy = coder_accuracy([CodedPhoto(2, 0)] * 20 + [CodedPhoto(0, 2)] * 80)
    assert accuracy.n == 100
    assert np.quantile(accuracy.sensitivity, 0.05) > 0.98
    assert accuracy.method == EQUAL


def test_one_pair_of_coders_tells_one_accuracy():
    # Both err in one of ten: they differ in 18 of 100.
    accuracy = coder_accuracy(
        [CodedPhoto(2, 0)] * 411 + [CodedPhoto(1, 1)] * 180 + [CodedPhoto(0, 2)] * 409
    )
    assert accuracy.sensitivity.mean() == pytest.approx(0.9, abs=0.01)
    assert accuracy.specificity is accuracy.sensitivity


def test_adjudicated_disagreements_part_misses_from_false_yes():
    rng = np.random.default_rng(3)
    photos = [
        CodedPhoto(yes, 2 - yes, truth if yes == 1 else None)
        for yes, truth in answered(rng, 4000, 0.3, 0.8, 0.97)
    ]
    accuracy = coder_accuracy(photos)
    # Of the adjudicated alone every second answer is wrong, whoever gave it.
    assert accuracy.sensitivity.mean() == pytest.approx(0.8, abs=0.02)
    assert accuracy.specificity.mean() == pytest.approx(0.97, abs=0.01)
    assert accuracy.method == REFERENCED


def test_three_coders_need_no_adjudicator():
    rng = np.random.default_rng(4)
    coded = answered(rng, 3000, 0.4, 0.85, 0.95, coders=3)
    accuracy = coder_accuracy([CodedPhoto(yes, 3 - yes) for yes, _ in coded])
    assert accuracy.sensitivity.mean() == pytest.approx(0.85, abs=0.02)
    assert accuracy.specificity.mean() == pytest.approx(0.95, abs=0.01)
    assert accuracy.method == THREE


def test_who_codes_alone_tells_nothing():
    accuracy = coder_accuracy([CodedPhoto(1, 0), CodedPhoto(0, 1)])
    assert not accuracy.measured
    assert accuracy.method == "coding taken as without error: nobody coded twice"
