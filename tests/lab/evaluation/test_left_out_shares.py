"""Sources that play a newspaper are estimated with components that never saw their collection."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import expit

from presslens.lab.evaluation.components import BOTH, CalibrationEvidence
from presslens.lab.evaluation.left_out_shares import (
    EDITIONS,
    LEARNED,
    SOURCES,
    LeftOutShare,
    learned_without,
    left_out_shares,
    measure_left_out,
)
from presslens.lab.training.datasets import LabelledPhoto
from presslens.lab.training.subjects.readers import OutOfFoldReading
from presslens.models.vocabulary import Subject

SETS = (
    "coco256", "children_school", "dprk_travel_photos", "intel_scenes", "crowd_points",
    "fireworks3", "rodong_sinmun_photos",
)  # fmt: skip
PHOTOS = 60


def judged(shifts, seed=0):
    """Read sixty photos of each set, of which each shifts its scores in its own way."""
    rng = np.random.default_rng(seed)
    examples = []
    truth, scores = [], []
    for dataset, shift in zip(SETS, shifts, strict=True):
        odds = rng.normal(0, 5, PHOTOS)
        shows = rng.random(PHOTOS) < expit(odds)
        for way in BOTH:
            truth.append(shows)
            scores.append(expit(odds - shift))
            examples += [
                SimpleNamespace(
                    photo=LabelledPhoto(dataset, Path(f"{i}.jpg"), f"{dataset}/{i // 5}", {}),
                    shown=way,
                )
                for i in range(PHOTOS)
            ]
    return OutOfFoldReading(
        Subject.PEOPLE, tuple(examples), np.concatenate(truth), np.concatenate(scores)
    )


@pytest.fixture(scope="module")
def shares():
    reading = judged([0.8, -0.9, 0.3, -0.4, 1.1, -0.7, 0.0])
    return left_out_shares(
        [reading], learned_without(CalibrationEvidence.of([reading])), shown=BOTH, confidence=0.95
    )


def test_each_source_is_dealt_into_editions_and_taken_whole(shares):
    editions, sources = ([s for s in shares if s.what == what] for what in (EDITIONS, SOURCES))
    assert len(sources) == len(SETS) * len(BOTH)
    assert sum(s.photos for s in editions) == sum(s.photos for s in sources)
    assert {s.photos for s in sources} == {PHOTOS}


def test_intervals_hold_sources_that_were_left_out(shares):
    stated = [s for s in shares if s.interval is not None]
    assert len(stated) > len(shares) / 2
    assert np.mean([s.inside for s in stated]) > 0.9


def test_a_wild_collection_makes_the_intervals_of_others_wider():
    def width(shift):
        reading = judged([shift, 0.1, -0.1, 0.1, 0.0, -0.1, 0.1])
        rules = learned_without(CalibrationEvidence.of([reading]))
        found = left_out_shares([reading], rules, shown=BOTH[:1], confidence=0.95)
        return next(
            s.interval[1] - s.interval[0]
            for s in found
            if s.collection == "school" and s.what == SOURCES and s.interval is not None
        )

    assert width(4.0) > width(0.0)


def test_what_is_refused_is_neither_held_nor_missed():
    shares = [
        LeftOutShare(EDITIONS, "school", "school", "crowd", "as it is", 20, 0.5, 0.4, interval)
        for interval in ((0.3, 0.6), (0.1, 0.3), None)
    ]
    rows = {m.what: m for m in measure_left_out(shares, LEARNED) if m.data == f"{EDITIONS}, all"}
    assert rows["interval stated"].value == pytest.approx(2 / 3)
    assert rows["share inside its interval"].value == 0.5
    assert rows["share inside its interval"].n == 2
    assert rows["mean width"].value == pytest.approx(0.25)
