from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presslens.models.recipe import PersonRules
from presslens.models.subjects.objects import OnnxObjectDetector
from presslens.models.subjects.persons import (
    LIFT,
    STRETCH,
    OnnxPersonDetector,
    PersonBoxes,
    confidence,
    fused,
)
from presslens.models.vocabulary import Objects

RULES = PersonRules(size=320, fine_size=640, small=0.2, candidate=0.1, overlap=0.6, score=0.05)
PHOTO = np.zeros((320, 320, 3), np.uint8)

# As shares of the photo: centre x, centre y, width, height, score.
TALL = (0.5, 0.5, 0.25, 0.5, 0.8)
SMALL = (0.25, 0.5, 0.05, 0.1, 0.6)
MIDDLE = (0.5, 0.5, 0.05, 0.1, 0.6)


def objects(*people):
    rows = np.array(people, np.float32).reshape(-1, 5)
    return Objects(np.zeros(110, np.float32), np.zeros((0, 6), np.float32), (), rows)


def seen(path, *people, rules=RULES):
    found = OnnxPersonDetector(path, rules).detect(PHOTO, objects(*people))
    assert {d.label for d in found} <= {"person"}
    means = behind([d.score for d in found])
    return [(d.box.to_list(), mean) for d, mean in zip(found, means, strict=True)]


def behind(scores):
    """The mean scores of all looks that are behind some scores."""
    odds = [(np.log(score / (1 - score)) - LIFT) / STRETCH for score in scores]
    return [round(float(1 / (1 + np.exp(-odd))), 3) for odd in odds]


@pytest.mark.parametrize(
    ("anchors", "people", "expected"),
    [
        ([TALL], [(120, 80, 200, 240, 0.6)], [([120, 80, 200, 240], 0.7)]),
        ([TALL], [], [([120, 80, 200, 240], 0.4)]),
        ([(*TALL[:4], 0.0)], [(10, 20, 90, 240, 0.5)], [([10, 20, 90, 240], 0.25)]),
        ([TALL, (0.5, 0.5, 0.25, 0.45, 0.7)], [], [([120, 80, 200, 240], 0.4)]),
        ([(*TALL[:4], 0.09)], [], []),
        ([(0.5, 0.5, 0.0, 0.5, 0.9)], [], []),
    ],
    ids=["both", "the network alone", "objects alone", "twice", "too faint", "empty"],
)
def test_large_persons_are_looked_at_once_beside_the_objects(dense, anchors, people, expected):
    assert seen(dense(anchors), *people) == expected


def test_a_small_person_is_looked_for_again_in_the_mirrored_photo(dense):
    # The network sees it on the left in both looks: in the photo that is left and right.
    assert sorted(seen(dense([SMALL]))) == [([72, 144, 88, 176], 0.2), ([232, 144, 248, 176], 0.2)]


def test_a_person_that_all_looks_find_keeps_the_score(dense):
    assert seen(dense([MIDDLE]), (152, 144, 168, 176, 0.6)) == [([152, 144, 168, 176], 0.6)]


def test_a_small_person_among_the_objects_is_a_reason_to_look_again(dense):
    assert seen(dense([TALL]), (10, 10, 20, 42, 0.3)) == [
        ([120, 80, 200, 240], 0.533),
        ([10, 10, 20, 42], 0.1),
    ]


@pytest.mark.parametrize(("small", "boxes"), [(0.05, 1), (0.2, 2)])
def test_the_rules_say_how_small_is_small(dense, small, boxes):
    assert len(seen(dense([SMALL]), rules=RULES.model_copy(update={"small": small}))) == boxes


def look(*rows):
    table = np.array(rows, np.float32).reshape(-1, 5)
    return PersonBoxes(table[:, :4], table[:, 4])


def test_boxes_of_one_person_become_one_between_them():
    one, two = look((0, 0, 10, 20, 0.6)), look((2, 0, 12, 20, 0.2))
    boxes, scores = fused([one, two], overlap=0.5)
    assert boxes == pytest.approx(np.array([[0.5, 0, 10.5, 20]]))
    assert scores == pytest.approx(np.array([0.4]))


def test_a_box_is_paired_with_the_nearest():
    first = look((0, 0, 10, 11, 0.9), (0, 0, 10, 10, 0.5))
    second = look((0, 0, 10, 10, 0.9))
    _, scores = fused([first, second], overlap=0.5)
    assert scores == pytest.approx(np.array([0.7, 0.45]))


SLOTS = st.lists(st.tuples(*[st.floats(0.05, 1) | st.none()] * 3, st.integers(-1, 1)), max_size=6)
"""People in a row: how sure each look is of each, and how far apart its boxes are."""


@given(SLOTS, st.permutations(range(3)))
def test_it_does_not_matter_which_look_came_first(people, order):
    looks = [
        look(
            *(
                (30 * i + side * row[3], 0, 30 * i + 20 + side * row[3], 50, score)
                for i, row in enumerate(people)
                if (score := row[side]) is not None
            )
        )
        for side in range(3)
    ]
    one, other = fused(looks, overlap=0.6), fused([looks[i] for i in order], overlap=0.6)
    persons = [row for row in people if row[:3] != (None,) * 3]
    assert len(one.boxes) == len(one.scores) == len(persons)
    rows = [
        np.array(sorted(np.column_stack([*found]).round(3).tolist())).reshape(-1, 5)
        for found in (one, other)
    ]
    assert rows[0] == pytest.approx(rows[1], abs=2e-3)
    total = sum(score or 0 for row in people for score in row[:3])
    assert sum(one.scores) == pytest.approx(total / 3, abs=1e-4)
    assert (np.diff(one.scores) <= 0).all()


@given(st.floats(0, 1), st.floats(0, 1))
def test_who_has_the_higher_mean_has_the_higher_score(one, two):
    low, high = confidence(np.array(sorted((one, two)), np.float32))
    assert 0 < low <= high <= 1


def test_nothing_fused_with_nothing_is_nothing():
    boxes, scores = fused([look(), look()], overlap=0.5)
    assert boxes.shape == (0, 4)
    assert scores.shape == (0,)


@pytest.fixture(scope="module")
def trained(registry, scripted_recipe):
    rules = scripted_recipe.observe
    persons = OnnxPersonDetector(registry.path("persons"), rules.persons, threads=2)
    network = OnnxObjectDetector(registry.path("objects"), size=rules.objects.size, threads=2)

    def detect(photo):
        found = persons.detect(photo, network.detect(photo))
        return [person for person in found if person.score >= 0.35]

    return detect


@pytest.mark.weights("persons")
@pytest.mark.parametrize(("name", "people"), [("bus.jpg", 4), ("zidane.jpg", 2)])
def test_persons_are_found_in_real_photos(trained, name, people):
    from PIL import Image as PillowImage

    assets = Path(find_spec("ultralytics").origin).parent / "assets"
    photo = np.asarray(PillowImage.open(assets / name).convert("RGB"))
    found = trained(photo)
    assert len(found) == people
    assert all(d.box == d.box.clipped(photo.shape[1], photo.shape[0]) for d in found)


@pytest.mark.weights("persons")
def test_nobody_is_found_in_a_blank_photo(trained):
    assert trained(np.full((200, 300, 3), 128, np.uint8)) == []
