"""What shifts between two ways of showing the same photos is told from what doesn't."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
from scipy.special import expit

from presslens.lab.evaluation.period import PERIOD, period_likelihood
from presslens.lab.training.datasets import LabelledPhoto
from presslens.lab.training.subjects.readers import OutOfFoldReading
from presslens.models.vocabulary import Subject

SETS = ("coco256", "children_school", "dprk_travel_photos", "ceremonies_web")


def shown(moved, *, photos=200):
    """Show the photos of some sets as they are and as printed, where their scores are moved."""
    rng = np.random.default_rng(4)
    examples = []
    truth, scores = [], []
    for dataset, shift in zip(SETS, moved, strict=False):
        odds = rng.normal(0, 2, photos)
        shows = rng.random(photos) < expit(odds)
        for way, by in (("as it is", 0.0), ("as printed", shift)):
            truth.append(shows)
            scores.append(expit(odds - by))
            examples += [
                SimpleNamespace(
                    photo=LabelledPhoto(dataset, Path(f"{i}.jpg"), f"{dataset}/{i // 4}", {}),
                    shown=way,
                )
                for i in range(photos)
            ]
    return OutOfFoldReading(
        Subject.CROWD, tuple(examples), np.concatenate(truth), np.concatenate(scores)
    )


def likeliest(reading):
    return float(PERIOD[np.argmax(np.sum(list(period_likelihood(reading).values()), axis=0))])


def test_scores_that_stay_are_no_shift():
    found = period_likelihood(shown([0.0, 0.0]))
    assert set(found) == {"COCO", "school"}
    assert likeliest(shown([0.0, 0.0])) == 0.0


def test_scores_that_move_are_a_shift_of_their_size():
    moved = [1.0, -1.0, 1.4, -0.4]
    true = np.sqrt(np.mean(np.square(moved)) / 2)
    assert abs(likeliest(shown(moved)) - true) < 0.15


def test_photos_shown_in_one_way_tell_nothing():
    assert period_likelihood(shown([0.5]).of(shown="as it is")) == {}
