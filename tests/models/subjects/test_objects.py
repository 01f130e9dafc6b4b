from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presslens.models.subjects.objects import (
    AGED,
    BUILT,
    CHILDREN,
    CLASSES,
    FLOOR,
    OnnxObjectDetector,
    log_odds,
)

PHOTO = np.zeros((320, 320, 3), np.uint8)


def anchor(*place, **scores):
    """An anchor that is sure of some classes, by their names with _ for a space."""
    known = {name.replace("_", " "): score for name, score in scores.items()}
    return [*place, *(known.get(name, 0.0) for name in CLASSES)]


def look(path):
    return OnnxObjectDetector(path, size=320).detect(PHOTO)


def test_the_classes_are_known_and_unlike():
    assert len(CLASSES) == len(set(CLASSES)) == 110
    assert {*CHILDREN, *BUILT} < set(CLASSES)


def test_each_class_has_its_best_score_anywhere(dense):
    found = look(
        dense(
            [
                anchor(0.5, 0.5, 0.1, 0.1, Flag=0.2, Street_light=0.5),
                anchor(0.2, 0.5, 0.1, 0.1, Flag=0.8),
            ]
        )
    )
    said = dict(zip(CLASSES, found.scores.tolist(), strict=True))
    assert said["Flag"] == pytest.approx(np.log(4), rel=1e-5)
    assert said["Street light"] == pytest.approx(0, abs=1e-6)
    others = [score for name, score in said.items() if name not in ("Flag", "Street light")]
    assert others == pytest.approx([np.log(FLOOR / (1 - FLOOR))] * 108)


def test_anchors_at_people_are_kept_with_their_age(dense):
    found = look(
        dense(
            [
                anchor(0.5, 0.5, 0.25, 0.5, Girl=0.6, Boy=0.1, Man=0.05, Woman=0.2),
                anchor(0.2, 0.5, 0.1, 0.1, Man=0.3),
                anchor(0.2, 0.5, 0.1, 0.1, Boy=AGED / 2, Person=0.9),
            ]
        )
    )
    assert found.aged == pytest.approx(
        np.array([[120, 80, 200, 240, 0.6, 0.2], [48, 144, 80, 176, 0, 0.3]], np.float32), abs=1e-3
    )


def test_people_are_found_once_whatever_they_are_called(dense):
    found = look(
        dense(
            [
                anchor(0.5, 0.5, 0.25, 0.5, Person=0.3),
                anchor(0.5, 0.5, 0.25, 0.45, Woman=0.6),
                anchor(0.25, 0.5, 0.125, 0.25, Boy=0.2, Clothing=0.9),
                anchor(0.75, 0.5, 0.125, 0.25, Man=0.005, Dress=0.9),
            ]
        )
    )
    expected = [[120, 88, 200, 232, 0.6], [60, 120, 100, 200, 0.2]]
    assert found.people == pytest.approx(np.array(expected, np.float32), abs=1e-3)


def test_buildings_are_found_once_whatever_they_are_called(dense):
    found = look(
        dense(
            [
                anchor(0.25, 0.5, 0.5, 0.5, House=0.3),
                anchor(0.25, 0.5, 0.5, 0.45, Castle=0.6),
                anchor(0.75, 0.5, 0.25, 0.25, Tower=0.2),
                anchor(0.75, 0.9, 0.1, 0.1, Skyscraper=0.01),
            ]
        )
    )
    boxes = [d.box.to_list() for d in found.buildings]
    assert boxes == [[0, 88, 160, 232], [200, 120, 280, 200]]
    assert [d.score for d in found.buildings] == pytest.approx([0.6, 0.2])
    assert {d.label for d in found.buildings} == {"building"}
    assert all(d.child is None for d in found.buildings)


@given(st.floats(0, 1), st.floats(0, 1))
def test_log_odds_are_finite_and_keep_the_order(one, two):
    low, high = log_odds(np.array(sorted((one, two))))
    assert np.isfinite([low, high]).all()
    assert low <= high
    assert log_odds(np.array([one, 1 - one])).sum() == pytest.approx(0, abs=1e-4)


@pytest.fixture(scope="module")
def trained(registry):
    return OnnxObjectDetector(registry.path("objects"), size=640, threads=2)


@pytest.mark.weights("objects")
def test_a_real_street_has_people_and_a_bus(trained):
    from PIL import Image as PillowImage

    assets = Path(find_spec("ultralytics").origin).parent / "assets"
    found = trained.detect(np.asarray(PillowImage.open(assets / "bus.jpg").convert("RGB")))
    said = dict(zip(CLASSES, found.scores.tolist(), strict=True))
    assert min(said["Bus"], said["Clothing"]) > said["Rocket"] + 2
    assert len(found.aged)
    adult, child = found.aged[:, 5].max(), found.aged[:, 4].max()
    assert adult > child


@pytest.mark.weights("objects")
def test_a_real_temple_is_a_building(trained):
    from sklearn.datasets import load_sample_image

    photo = load_sample_image("china.jpg")
    found = trained.detect(photo)
    assert found.buildings
    best = found.buildings[0]
    assert best.box == best.box.clipped(photo.shape[1], photo.shape[0])
    assert best.score == max(d.score for d in found.buildings)
