import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from presslens.models.geometry import Box
from presslens.models.subjects.counting import (
    EDGES,
    FACE_EDGES,
    HANDFUL,
    PERSON_EDGES,
    SEEN,
    PeopleCounter,
    bodiless,
    described,
    seen,
    stratum,
    whole,
)
from presslens.models.subjects.features import LENGTH
from presslens.models.subjects.maps import MAPPED
from presslens.models.vocabulary import Detection, Face, Frame, PhotoObservation

LIKELY = np.array([1.0, 1, 1, 0, 0, 1, 0, 0])
"""Everybody who is likely is worth one person."""


def person(x0, score=0.9):
    return Detection("person", Box(x0, 0, x0 + 40, 100), score)


def face(x0, score=0.9):
    return Face(Box(x0, 5, x0 + 10, 17), score, (), 0.0, None)


def photo(*found):
    return PhotoObservation(
        Frame(Box(0, 0, 600, 400), 1.0),
        tuple(f for f in found if isinstance(f, Detection)),
        tuple(f for f in found if isinstance(f, Face)),
        np.linspace(0, 1, LENGTH, dtype=np.float32),
    )


def counter(*, crowd=100, error=0.0, worth=LIKELY):
    """One that takes each crowd for as many people."""
    X = np.array([described(photo())])
    model = make_pipeline(StandardScaler(), Ridge()).fit(X, [np.log1p(crowd)])
    return PeopleCounter(worth, model, np.full(len(EDGES) + 1, error))


@pytest.mark.parametrize(
    ("found", "numbers"),
    [
        ((), [0, 0, 0, 0, 0, 0, 0, 0]),
        ((person(0, 0.6), person(50, 0.4), person(100, 0.08)), [1, 1, 0, 0, 1, 0, 0, 0]),
        ((person(0, 0.04),), [0] * SEEN),
        ((face(0), face(50, 0.4), face(90, 0.3)), [0, 0, 0, 0, 0, 1, 1, 0]),
        ((person(0, 0.15), face(10)), [0, 0, 0, 1, 0, 0, 0, 0]),
        ((person(0, 0.1), face(10)), [0, 0, 0, 0, 1, 1, 0, 0]),
        ((Detection("building", Box(0, 0, 9, 9), 0.9),), [0] * SEEN),
        (tuple(person(50 * i) for i in range(9)), [9, 0, 0, 0, 0, 0, 0, 9 - HANDFUL]),
    ],
)
def test_persons_and_faces_without_a_body_are_told_apart_by_score(found, numbers):
    assert len(PERSON_EDGES) + len(FACE_EDGES) + 1 == SEEN
    assert seen(photo(*found)).tolist() == numbers


@pytest.mark.parametrize(
    ("x0", "score", "alone"), [(10, 0.9, 0), (38, 0.9, 1), (10, 0.1, 1), (300, 0.9, 1)]
)
def test_a_face_belongs_to_the_person_it_lies_in(x0, score, alone):
    assert len(bodiless([face(x0)], [person(0, score)], 0.5, person_score=0.35)) == alone


def test_a_description_has_room_for_features_faces_and_crowded_places():
    odds = np.full((len(MAPPED), 2, 2), 1, np.float32)
    empty, full = described(photo()), described(photo(person(0), face(300)))
    assert empty.shape == full.shape == (LENGTH + SEEN + len(FACE_EDGES) + 2,)
    assert np.isfinite(empty).all()
    assert (full >= empty).all()
    crowded = PhotoObservation(photo().frame, (), (), photo().features, maps=odds)
    assert described(crowded)[-1] > empty[-1]


@pytest.mark.parametrize("crowd", [True, False])
def test_a_crowd_is_estimated_and_others_are_counted(crowd):
    people, interval = counter(crowd=70).count(photo(person(0), person(60)), crowd=crowd)
    assert people == (70 if crowd else 2)
    assert interval == (people, people)


def test_the_interval_is_as_wide_as_the_error_of_its_range():
    errors = np.linspace(0, 0.6, len(EDGES) + 1)
    uneven = PeopleCounter(LIKELY, counter(crowd=999).state()["crowd"], errors)
    few = uneven.count(photo(), crowd=False)
    many, (low, high) = uneven.count(photo(), crowd=True)
    assert few == (0, (0, 0))
    assert many == 999
    assert (low, high) == (round(1000 * np.exp(-0.6) - 1), round(1000 * np.exp(0.6) - 1))


@given(st.floats(0, 3000), st.floats(0, 2), st.lists(st.floats(0, 1), max_size=12), st.booleans())
def test_an_interval_holds_its_count(people, error, scores, crowd):
    found = photo(*(person(50 * i, score) for i, score in enumerate(scores)))
    count, (low, high) = counter(crowd=people, error=error).count(found, crowd=crowd)
    assert 0 <= low <= count <= high


@given(st.lists(st.floats(0, 1), max_size=12), st.floats(0.35, 1))
def test_one_more_likely_person_is_never_less(scores, more):
    persons = [person(50 * i, score) for i, score in enumerate(scores)]
    before = counter().expected(photo(*persons), crowd=False)
    assert counter().expected(photo(*persons, person(900, more)), crowd=False) == before + 1


@pytest.mark.parametrize(("people", "integer"), [(-3.0, 0), (0.4, 0), (2.6, 3), (1e4, 10000)])
def test_whole(people, integer):
    assert whole(people) == integer


@pytest.mark.parametrize(("expected", "range_"), [(0, 0), (1, 1), (5, 2), (29, 4), (1e6, 6)])
def test_stratum(expected, range_):
    assert stratum(expected) == range_


def test_a_counter_is_the_same_after_it_was_stored():
    found = photo(person(0), face(300), person(90, 0.3))
    stored = counter(error=0.3)
    again = PeopleCounter.restored(stored.state())
    for crowd in (True, False):
        assert again.count(found, crowd=crowd) == stored.count(found, crowd=crowd)
