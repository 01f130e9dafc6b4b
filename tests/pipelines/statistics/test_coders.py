"""Coders of known accuracy are told from what they answered."""

import numpy as np
import pytest

from presslens.pipelines.statistics.coders import (
    ALIKE,
    APART,
    FEW_REFERENCES,
    CodedPhoto,
    NamedAnswers,
    accuracy_by_coder,
    coder_accuracy,
    label_accuracy,
    rare_answers,
)


def answered(rng, n, share, s, c, *, coders=2):
    """Return how many of the coders say yes to each photo, and what it shows."""
    shown = rng.random(n) < share
    yes = rng.binomial(coders, np.where(shown, s, 1 - c))
    return list(zip(yes.tolist(), shown.tolist(), strict=True))


def test_who_agrees_always_hardly_errs():
    accuracy = coder_accuracy([CodedPhoto(2, 0)] * 20 + [CodedPhoto(0, 2)] * 80)
    assert accuracy.n == 100
    assert np.quantile(accuracy.sensitivity, 0.05) > 0.9
    assert accuracy.method == ALIKE + FEW_REFERENCES


def test_a_pair_of_coders_leaves_open_which_accuracy_is_lower():
    # Both err in one of ten: they differ in 18 of 100.
    accuracy = coder_accuracy(
        [CodedPhoto(2, 0)] * 411 + [CodedPhoto(1, 1)] * 180 + [CodedPhoto(0, 2)] * 409
    )
    for side in (accuracy.sensitivity, accuracy.specificity):
        low, high = np.quantile(side, [0.025, 0.975])
        assert low < 0.9 < high
        assert high - low > 0.1


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
    assert accuracy.method == ALIKE


def test_three_coders_need_no_adjudicator():
    rng = np.random.default_rng(4)
    coded = answered(rng, 3000, 0.4, 0.85, 0.95, coders=3)
    accuracy = coder_accuracy([CodedPhoto(yes, 3 - yes) for yes, _ in coded])
    assert accuracy.sensitivity.mean() == pytest.approx(0.85, abs=0.02)
    assert accuracy.specificity.mean() == pytest.approx(0.95, abs=0.01)
    assert accuracy.method == ALIKE


def test_who_codes_alone_tells_nothing():
    accuracy = coder_accuracy([CodedPhoto(1, 0), CodedPhoto(0, 1)])
    assert not accuracy.measured
    assert accuracy.method == "coders' answers count as right: no photo was coded by two people"


def doubly_coded(rng, shown, stratum, *, s=0.9, c=0.98, chance=0.1, decided=1.0):
    """Return photos whose rare answers, and some others by chance, a second coder answered, too."""
    says = rng.random((2, len(shown))) < np.where(shown, s, 1 - c)
    rare = rare_answers(list(zip(stratum.tolist(), says[0].tolist(), strict=True)))
    again = np.array(rare) | (rng.random(len(shown)) < chance)
    ruled = again & (says[0] != says[1]) & (rng.random(len(shown)) < decided)
    return [
        CodedPhoto(
            int(one) + int(twice and other),
            int(not one) + int(twice and not other),
            bool(true) if decides else None,
            bool(one),
            h,
        )
        for one, other, twice, decides, true, h in zip(
            *says, again, ruled, shown, stratum.tolist(), strict=True
        )
    ]


def test_an_answer_is_rare_that_one_in_ten_of_its_stratum_gives():
    firsts = [(0, i == 0) for i in range(10)] + [(1, i < 2) for i in range(10)]
    assert rare_answers(firsts) == [True] + [False] * 19


@pytest.mark.parametrize("decided", [0.0, 0.5, 1.0])
def test_what_rare_answers_are_asked_again_does_to_labels_is_known(decided):
    rng = np.random.default_rng(11)
    stratum = np.repeat([0, 1], [40_000, 10_000])
    shown = rng.random(50_000) < np.where(stratum, 0.3, 0.01)
    photos = doubly_coded(rng, shown, stratum, decided=decided)
    accuracy = label_accuracy(photos)
    label = np.array([one.label for one in photos])
    # True accuracies of the labels, which the adjudicators' truth is not shown to.
    c = float(np.median(accuracy.specificity))
    assert c == pytest.approx(1 - label[~shown].mean(), abs=0.002)
    s = float(np.median(accuracy.sensitivity))
    assert s == pytest.approx(label[shown].mean(), abs=0.03)
    share = (label.mean() + c - 1) / (s + c - 1)
    assert share == pytest.approx(shown.mean(), rel=0.05)


def test_each_coder_is_measured_by_hidden_known_photos():
    rng = np.random.default_rng(12)
    coders = {"Ann": (0.95, 0.99), "Ben": (0.7, 0.9)}
    photos = []
    for shown in rng.random(2000) < 0.3:
        answers = {
            name: bool(rng.random() < (s if shown else 1 - c)) for name, (s, c) in coders.items()
        }
        known = rng.random() < 0.2
        own = answers if known else {name: answers[name] for name in [rng.choice(["Ann", "Ben"])]}
        photos.append(NamedAnswers(own, bool(shown) if known else None))
    found = accuracy_by_coder(photos)
    for name, (s, c) in coders.items():
        one = found[name]
        assert one.method == APART
        assert one.n == one.adjudicated < 450
        low, high = one.mean_sensitivity.interval
        assert low < s < high < low + 0.2
        low, high = one.mean_specificity.interval
        assert low < c < high < low + 0.1


def test_who_shares_no_photo_is_not_measured():
    found = accuracy_by_coder([NamedAnswers({"Ann": True}), NamedAnswers({"Ben": False})])
    assert not any(one.measured for one in found.values())
    assert accuracy_by_coder([]) == {}
