"""Coders of known accuracy are told from what they answered."""

from dataclasses import replace

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
from presslens.pipelines.statistics.misclassification import CoderAccuracy


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


def test_more_agreement_makes_labels_more_certain():
    worth = []
    for n in (25, 200, 3000, 20_000, 250_000):
        photos = [CodedPhoto(2, 0, None, True)] * (n // 5) + [CodedPhoto(0, 2)] * (n - n // 5)
        accuracy = label_accuracy([replace(one, first=one.yes > 0) for one in photos])
        worth.append([rate.photos for rate in accuracy.rates])
        assert accuracy.rates == CoderAccuracy.of_cells(*(r.cell for r in accuracy.rates)).rates
    assert (np.diff(worth, axis=0) >= 0).all()
    assert (np.diff(worth, axis=0)[0] > 0).all()


def test_settled_labels_are_exact():
    twice = [CodedPhoto(1, 1, i % 2 == 0, i % 3 == 0) for i in range(8)]
    alike = [CodedPhoto(2, 0, True, True), CodedPhoto(0, 2, False, False)] * 8
    known = [CodedPhoto(1, 0, False, True), CodedPhoto(0, 1, True, False)] * 50
    for photos in (twice + alike, known, known + twice + alike):
        ends = label_accuracy(photos).carry(0.5, 0.5, 0.5, confidence=0.95, photos=len(photos))
        assert np.ravel(ends) == pytest.approx([0.5] * 3)


def test_labels_err_where_they_are_not_settled():
    rng = np.random.default_rng(13)
    shown = rng.random(20_000) < 0.4
    says = rng.random(20_000) < np.where(shown, 0.8, 0.1)
    photos = [
        CodedPhoto(int(y), int(not y), bool(t) if i % 4 else None, bool(y))
        for i, (y, t) in enumerate(zip(says, shown, strict=True))
    ]
    s, c = label_accuracy(photos).typical
    label = np.array([one.label for one in photos])
    assert s == pytest.approx(label[shown].mean(), abs=0.01)
    assert c == pytest.approx(1 - label[~shown].mean(), abs=0.01)


def test_mistakes_that_are_corrected_tell_nothing_of_coders():
    known = [CodedPhoto(1, 0, True, True), CodedPhoto(0, 1, False, False)] * 5
    alone = [CodedPhoto(1, 0, None, True), CodedPhoto(0, 1, None, False)] * 10
    settled = [replace(one, truth=not one.yes, tells=False) for one in alone]
    open_, corrected = (coder_accuracy(known + others) for others in (alone, settled))
    assert (corrected.sensitivity == open_.sensitivity).all()
    assert (corrected.n, corrected.adjudicated) == (10, 10)


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
