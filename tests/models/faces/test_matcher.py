from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from models.faces.gallery import LEADER, EnrolledFigure, Gallery
from models.faces.matcher import Matcher, assign, evidence, side
from models.registry import Registry
from models.vocabulary import Face

BASIS = np.eye(128, dtype=np.float32)

MakeFace = Callable[..., Face]


@pytest.fixture(scope="module")
def matcher(registry: Registry) -> Matcher:
    return Matcher.load(registry.path("matching"))


def _gallery(*indices: int) -> Gallery:
    return Gallery([EnrolledFigure(f"figure {i}", LEADER, BASIS[[i]]) for i in indices])


@pytest.mark.parametrize(
    ("table", "threshold", "expected"),
    [
        ([[0.9, 0.8], [0.7, 0.95]], 0.5, [(1, 1), (0, 0)]),
        ([[0.9, 0.8], [0.95, 0.6]], 0.5, [(1, 0), (0, 1)]),
        ([[0.9, 0.8, 0.7]], 0.5, [(0, 0)]),
        ([[0.9], [0.8]], 0.5, [(0, 0)]),
        ([[0.4, 0.5]], 0.5, [(0, 1)]),
        ([[0.4, 0.1]], 0.5, []),
        ([[0.6, 0.6]], 0.5, [(0, 0)]),
    ],
)
def test_assign(
    table: list[list[float]], threshold: float, expected: list[tuple[int, int]]
) -> None:
    assert assign(np.array(table), threshold=threshold) == expected


def test_nobody_is_named_without_an_enrolled_figure(matcher: Matcher, make_face: MakeFace) -> None:
    assert matcher.sightings([make_face(embedding=BASIS[0])], Gallery(), threshold=0.0) == []
    unreferenced = Gallery([EnrolledFigure("a", LEADER, np.empty((0, 128), np.float32))])
    assert matcher.sightings([make_face(embedding=BASIS[0])], unreferenced, threshold=0.5) == []


def test_faces_without_an_embedding_are_passed_over(matcher: Matcher, make_face: MakeFace) -> None:
    faces = [make_face(), make_face(x=100, embedding=BASIS[3])]

    (sighting,) = matcher.sightings(faces, _gallery(3), threshold=0.5)

    assert sighting.figure == "figure 3"
    assert sighting.box == faces[1].box
    assert matcher.sightings(faces[:1], _gallery(3), threshold=0.0) == []


def test_strangers_are_dropped(matcher: Matcher, make_face: MakeFace) -> None:
    assert matcher.sightings([make_face(embedding=BASIS[5])], _gallery(3), threshold=0.5) == []


def test_a_figure_is_seen_once_at_its_best_face(matcher: Matcher, make_face: MakeFace) -> None:
    worse = make_face(embedding=BASIS[3] * 0.8)
    best = make_face(x=100, embedding=BASIS[3])

    (sighting,) = matcher.sightings([worse, best], _gallery(3), threshold=0.5)

    assert sighting.box == best.box


def test_a_face_is_one_figure_at_most(matcher: Matcher, make_face: MakeFace) -> None:
    twins = Gallery(
        [EnrolledFigure(name, LEADER, BASIS[[3]] * size) for name, size in (("a", 0.9), ("b", 1))]
    )

    sightings = matcher.sightings([make_face(embedding=BASIS[3])], twins, threshold=0.5)

    assert [s.figure for s in sightings] == ["b"]


def test_probability_falls_with_distance_at_every_size(matcher: Matcher) -> None:
    distances = np.linspace(0.1, 1.2, 50)
    for size in (6.0, 10.0, 20.0, 50.0, 300.0):
        p = matcher.probabilities(distances, np.full(50, size))
        assert (np.diff(p) < 0).all()
        assert p[0] > 0.9
        assert p[-1] < 0.02


def test_small_faces_say_less(matcher: Matcher) -> None:
    near, far = np.array([0.3, 0.3]), np.array([0.7, 0.7])
    sides = np.array([10.0, 60.0])

    small, large = matcher.probabilities(near, sides)
    assert small < large
    small, large = matcher.probabilities(far, sides)
    assert small > large


def test_evidence_clips_sizes() -> None:
    rows = evidence(np.array([0.5, 0.5]), np.array([64.0, 900.0]))
    assert rows[0].tolist() == rows[1].tolist() == [0.5, 6.0, 3.0]


def test_side_of_a_face(make_face: MakeFace) -> None:
    assert side(make_face(side=25)) == 25
