"""An encoder is believed only where it helps on photos of groups that were left out."""

import numpy as np
import pytest

from presslens.models.encoders.stacking import AnsweredPhotos, compare, fit


def photos(count, signal, *, ours=1.0, seed=0):
    """Photos of groups of ten, whose truth ours and the first of 64 numbers of an encoding tell."""
    rng = np.random.default_rng(seed)
    encodings = rng.normal(size=(count, 64))
    encodings[:, 0] *= 6  # what a good encoder has learnt stands out
    seen = rng.normal(size=count) * 1.5
    odds = ours * seen + signal * encodings[:, 0] / 6
    shows = rng.random(count) < 1 / (1 + np.exp(-odds))
    return AnsweredPhotos(seen, encodings, shows, np.arange(count) // 10)


def test_an_encoder_that_sees_more_is_used():
    seen = photos(300, 3.0)
    result = compare(seen)
    assert result.is_better
    assert result.groups == 30
    assert result.both.log_loss < result.recalibrated.log_loss
    assert result.both.auc > result.ours.auc + 0.1
    reader = fit("crowd", seen)
    assert np.argmax(np.abs(reader.weights)) == 0
    assert reader.weights[0] > 0


@pytest.mark.parametrize("count", [40, 300])
def test_an_encoder_that_sees_nothing_is_not(count):
    assert not compare(photos(count, 0.0)).is_better


def test_what_is_no_more_than_a_calibration_is_not_the_encoder_s_merit():
    result = compare(photos(300, 0.0, ours=0.3))
    assert result.recalibrated.log_loss < result.ours.log_loss
    assert not result.is_better


def test_few_answers_leave_ours_nearly_as_they_are():
    reader = fit("crowd", photos(20, 3.0))
    assert 0.5 < reader.slope < 1.6
    assert abs(reader.intercept) < 1


def test_too_few_groups_tell_nothing():
    few = photos(40, 3.0)
    assert (
        compare(AnsweredPhotos(few.ours, few.encodings, few.shows, np.zeros(40, np.int64))) is None
    )
