import numpy as np
import pytest
import skops.io
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from presslens.models.geometry import Box
from presslens.models.subjects.children import (
    NAMES,
    ObjectChildEstimator,
    described,
    of_face,
    of_person,
)
from presslens.models.subjects.objects import CLASSES
from presslens.models.vocabulary import Objects

PERSON, NEXT = Box(10, 20, 50, 120), Box(100, 20, 140, 120)
FACE = Box(20, 20, 40, 40)


def anchor(box, *, child=0.0, adult=0.0):
    return box.x0, box.y0, box.x1, box.y1, child, adult


def seen(*anchors):
    rows = np.array(anchors, np.float32).reshape(-1, 6)
    return Objects(np.zeros(len(CLASSES), np.float32), rows, ())


def numbers(objects, boxes):
    """What is said of each person, by name."""
    return [dict(zip(NAMES, row, strict=True)) for row in described(objects, boxes, of_person)]


@pytest.fixture(scope="module")
def estimator():
    """Takes for a child whose score as a child is larger than as an adult."""
    rng = np.random.default_rng(0)
    X = rng.normal(0, 3, (300, len(NAMES)))
    model = make_pipeline(StandardScaler(), LogisticRegression(C=100.0))
    return ObjectChildEstimator(model.fit(X, X[:, 0] > X[:, 1]))


@pytest.mark.parametrize(
    ("box", "speaks"),
    [
        (PERSON, True), (Box(15, 25, 50, 120), True), (PERSON.moved(30, 0), False),
        (Box(10, 20, 50, 60), False), (Box(0, 0, 200, 200), False), (NEXT, False),
    ],
)  # fmt: skip
def test_anchors_that_overlap_a_person_by_half_speak_of_it(box, speaks):
    assert of_person(PERSON, seen(anchor(box)).aged).tolist() == [speaks]


@pytest.mark.parametrize(
    ("body", "speaks"),
    [
        (Box(10, 15, 50, 120), True),
        (Box(18, 18, 42, 44), True),
        (Box(10, 20, 50, 20 + 11 * 20), False),  # more than eleven faces high
        (Box(10, 35, 50, 120), False),  # begins below the face
        (Box(10, -20, 50, 120), False),  # reaches far above it
        (Box(32, 15, 72, 120), False),  # stands beside it
        (Box(28, 15, 32, 120), False),  # is narrower than the face
        (Box(10, 15, 50, 38), False),  # ends within it
    ],
)
def test_anchors_whose_head_a_face_is_speak_of_it(body, speaks):
    assert of_face(FACE, seen(anchor(body)).aged).tolist() == [speaks]


def test_no_anchors_speak_of_nobody():
    assert of_person(PERSON, seen().aged).tolist() == []
    assert of_face(FACE, seen().aged).tolist() == []


def test_a_person_is_described_by_the_best_scores_near_by_and_in_the_photo():
    objects = seen(
        anchor(PERSON, child=0.5, adult=0.1),
        anchor(PERSON.moved(1, 0), child=0.2, adult=0.3),
        anchor(NEXT, child=0.8, adult=0.02),
    )
    first, second, third = numbers(objects, [PERSON, NEXT, Box(200, 0, 240, 50)])
    assert first["child"] == pytest.approx(0.0, abs=1e-6)
    assert first["adult"] == pytest.approx(np.log(0.3 / 0.7), rel=1e-4)
    assert first["child_share"] == pytest.approx(0.5 / 0.82, rel=1e-4)
    assert first["photo_child"] == second["photo_child"] == pytest.approx(np.log(4), rel=1e-4)
    shares = [each["child_share"] for each in (first, second, third)]
    assert third["child_share"] == 0.0
    assert first["photo_share"] == third["photo_share"] == pytest.approx(np.mean(shares))
    assert [first["height"], third["height"]] == pytest.approx([0.0, np.log(0.5)])


def test_without_boxes_there_are_no_rows(estimator):
    assert described(seen(), [], of_person).shape == (0, len(NAMES))
    assert estimator.persons(seen(), []) == []
    assert estimator.faces(seen(), []) == []


places = st.builds(
    lambda x, y, w, h: Box(x, y, x + w, y + h), *[st.floats(-50, 300)] * 2, *[st.floats(0, 300)] * 2
)
scores = st.floats(0, 1)


@given(
    st.lists(st.builds(lambda b, c, a: anchor(b, child=c, adult=a), places, scores, scores)),
    st.lists(places, min_size=1, max_size=6),
)
def test_whatever_is_seen_the_numbers_are_finite(anchors, boxes):
    objects = seen(*anchors)
    for near in (of_person, of_face):
        rows = described(objects, boxes, near)
        assert rows.shape == (len(boxes), len(NAMES))
        assert np.isfinite(rows).all()


@given(scores, scores, scores)
def test_one_more_anchor_never_lowers_the_best_scores(one, two, more):
    before = seen(anchor(PERSON, child=one, adult=two))
    after = seen(anchor(PERSON, child=one, adult=two), anchor(PERSON, child=more, adult=more))
    (few,), (many,) = (numbers(objects, [PERSON]) for objects in (before, after))
    assert all(many[name] >= few[name] for name in ("child", "adult", "photo_child"))


def test_a_child_is_told_by_its_anchors(estimator):
    objects = seen(anchor(PERSON, child=0.9, adult=0.05), anchor(NEXT, child=0.05, adult=0.9))
    young, grown = estimator.persons(objects, [PERSON, NEXT])
    assert young > 0.9 > 0.1 > grown


def test_a_face_is_told_by_the_anchors_of_its_body(estimator):
    objects = seen(anchor(PERSON, child=0.9, adult=0.05), anchor(NEXT, child=0.05, adult=0.9))
    young, grown = estimator.faces(objects, [FACE, FACE.moved(90, 0)])
    assert young > 0.9 > 0.1 > grown


def test_an_estimator_is_read_from_a_file(estimator, tmp_path):
    rows = np.random.default_rng(1).normal(size=(40, len(NAMES)))
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, rows[:, 2] > 0)
    skops.io.dump(model, tmp_path / "children.skops")
    read = ObjectChildEstimator.load(tmp_path / "children.skops")
    objects = seen(anchor(PERSON, child=0.7, adult=0.2))
    assert read.persons(objects, [PERSON]) == ObjectChildEstimator(model).persons(objects, [PERSON])


@pytest.mark.weights("children")
def test_the_trained_estimator_tells_children_from_adults(registry):
    trained = ObjectChildEstimator.load(registry.path("children"))
    objects = [
        seen(anchor(PERSON, child=child, adult=adult))
        for child, adult in ((0.8, 0.03), (0.03, 0.8))
    ]
    for judge, box in ((trained.persons, PERSON), (trained.faces, FACE)):
        (young,), (grown,) = (judge(each, [box]) for each in objects)
        assert 0 <= grown < 0.5 < young <= 1
