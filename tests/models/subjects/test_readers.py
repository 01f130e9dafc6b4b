from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import make_pipeline

from models.geometry import Box
from models.subjects.features import LENGTH
from models.subjects.readers import NUMBERS, SubjectReaders, counted, describe, people_in
from models.vocabulary import Detection, Face, Frame, PhotoObservation, Subject


def person(x0: float, score: float = 0.9, child: float | None = None) -> Detection:
    return Detection("person", Box(x0, 0, x0 + 40, 100), score, child)


def face(x0: float, score: float = 0.9, child: float = 0.0) -> Face:
    return Face(Box(x0, 5, x0 + 10, 17), score, (), child, None)


def photo(*seen: Detection | Face) -> PhotoObservation:
    return PhotoObservation(
        Frame(Box(0, 0, 600, 400), 1.0),
        tuple(s for s in seen if isinstance(s, Detection)),
        tuple(s for s in seen if isinstance(s, Face)),
        np.linspace(0, 1, LENGTH, dtype=np.float32),
    )


def saying(probability: float) -> SubjectReaders:
    """Readers that give one probability, in quarters, to everything."""
    y = np.arange(4) < round(4 * probability)
    model = make_pipeline(DummyClassifier()).fit(np.zeros((4, LENGTH + len(NUMBERS))), y)
    return SubjectReaders(dict.fromkeys(Subject, model))


@pytest.fixture
def readers() -> SubjectReaders:
    return saying(0.5)


@pytest.mark.parametrize(
    ("seen", "people"),
    [
        ((), 0),
        ((person(0), person(100)), 2),
        ((person(0), face(10)), 1),
        ((person(0), face(300)), 2),
        ((person(0, score=0.2), face(10)), 1),
        ((face(300, score=0.4),), 0),
        ((Detection("car", Box(0, 0, 9, 9), 0.9),), 0),
    ],
)
def test_a_face_in_nobodys_box_is_one_more_person(
    seen: tuple[Detection | Face, ...], people: int
) -> None:
    assert people_in(photo(*seen), 0.35, crowd=False) == people
    assert sum(map(len, counted(photo(*seen), 0.35))) == people


@pytest.mark.parametrize(("weak", "people"), [(0, 30), (60, 62)])
def test_a_crowd_has_weak_faces_and_thirty_persons_at_least(weak: int, people: int) -> None:
    seen = photo(person(0), face(300), *(face(400 + i, score=0.4) for i in range(weak)))

    assert people_in(seen, 0.35, crowd=True) == people


@pytest.mark.parametrize(
    ("seen", "children"),
    [
        ((person(0, child=0.7), person(100, child=0.2)), 1),
        ((person(0, child=0.6), person(100, child=0.6), face(300, child=1.0)), 2),
        ((person(0, child=0.9), person(100, child=0.9), person(200, child=0.9, score=0.1)), 2),
        ((person(0, child=0.1),), 1),
    ],
)
def test_children_are_counted_among_people(
    readers: SubjectReaders, seen: tuple[Detection | Face, ...], children: int
) -> None:
    readings = readers.read(photo(*seen), person_score=0.35)

    assert [r.subject for r in readings] == list(Subject)
    counts = {r.subject: r.count for r in readings}
    assert counts[Subject.PEOPLE] == 30
    assert counts[Subject.CHILDREN] == children
    assert counts[Subject.PEOPLE] == counts[Subject.CROWD]
    assert counts[Subject.FIREWORKS] is counts[Subject.BUILDINGS] is None
    assert {r.probability for r in readings} == {0.5}


def test_the_description_is_features_and_finite_numbers() -> None:
    for seen in ((), (person(0, score=1.0, child=1.0), face(300, score=0.0))):
        row = describe(photo(*seen), person_score=0.35)

        assert row.shape == (LENGTH + len(NUMBERS),)
        assert np.isfinite(row).all()


def test_a_photo_that_shows_no_children_has_none_to_count() -> None:
    readings = saying(0.25).read(photo(person(0, child=0.9)), person_score=0.35)

    assert {r.subject: r.count for r in readings}[Subject.CHILDREN] == 0


def test_an_empty_photo_has_the_least_of_every_number_about_people() -> None:
    empty = describe(photo(), person_score=0.35)[LENGTH:]
    full = describe(photo(person(0, child=0.9), face(300)), person_score=0.35)[LENGTH:]

    assert (full >= empty).all()


def test_readers_are_the_same_after_they_were_stored(
    readers: SubjectReaders, tmp_path: Path
) -> None:
    readers.save(tmp_path / "subjects.skops")

    again = SubjectReaders.load(tmp_path / "subjects.skops")

    assert again.read(photo(), person_score=0.35) == readers.read(photo(), person_score=0.35)
