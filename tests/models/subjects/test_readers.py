from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from presslens.models.geometry import Box
from presslens.models.subjects.counting import EDGES, PeopleCounter
from presslens.models.subjects.counting import described as countable
from presslens.models.subjects.features import LENGTH
from presslens.models.subjects.maps import MAPPED
from presslens.models.subjects.objects import CLASSES
from presslens.models.subjects.readers import NUMBERS, OBJECTS, SubjectReaders, counted, describe
from presslens.models.vocabulary import Detection, Face, Frame, PhotoObservation, Subject

FRAME = Box(0, 0, 600, 400)
HOUSE = Detection("building", Box(0, 0, 300, 400), 0.5)


def person(x0, score=0.9, child=None):
    return Detection("person", Box(x0, 0, x0 + 40, 100), score, child)


def face(x0, score=0.9, child=0.0):
    return Face(Box(x0, 5, x0 + 10, 17), score, (), child, None)


def photo(*seen):
    return PhotoObservation(
        Frame(FRAME, 1.0),
        tuple(s for s in seen if isinstance(s, Detection)),
        tuple(s for s in seen if isinstance(s, Face)),
        np.linspace(0, 1, LENGTH, dtype=np.float32),
    )


def saying(*shown, crowd=10, error=0.5):
    """Readers that take every photo to show some subjects; others get a quarter."""
    width = OBJECTS.stop + len(NUMBERS)

    def head(quarters):
        y = np.arange(4) < quarters
        return make_pipeline(StandardScaler(), LogisticRegression()).fit(np.zeros((4, width)), y)

    model = make_pipeline(StandardScaler(), Ridge()).fit([countable(photo())], [np.log1p(crowd)])
    worth = np.array([1.0, 1, 1, 0, 0, 1, 0, 0])
    counter = PeopleCounter(worth, model, np.full(len(EDGES) + 1, error))
    return SubjectReaders({s: head(3 if s in shown else 1) for s in Subject}, counter)


def read(readers, seen):
    return {r.subject: r for r in readers.read(seen, person_score=0.35)}


@pytest.mark.parametrize(
    ("seen", "people"),
    [
        ((), 0), ((person(0), person(100)), 2), ((person(0), face(10)), 1),
        ((person(0), face(300)), 2), ((person(0, score=0.2), face(10)), 1),
        ((face(300, score=0.4),), 0), ((HOUSE,), 0),
    ],
)  # fmt: skip
def test_a_face_in_nobodys_box_is_one_more_person(seen, people):
    persons, faces = counted(photo(*seen), 0.35)
    assert len(persons) + len(faces) == people


def test_each_subject_has_its_probability_in_order():
    readings = saying(Subject.CROWD).read(photo(), person_score=0.35)
    assert [r.subject for r in readings] == list(Subject)
    expected = [0.75 if s is Subject.CROWD else 0.25 for s in Subject]
    assert [r.probability for r in readings] == pytest.approx(expected, abs=1e-3)
    uncounted = [r for r in readings if r.subject in (Subject.FIREWORKS, Subject.BUILDINGS)]
    assert all(r.count is None and r.interval is None for r in uncounted)


@pytest.mark.parametrize(("estimated", "people"), [(10, 30), (62, 62)])
def test_a_crowd_has_thirty_people_at_least(estimated, people):
    readings = read(saying(Subject.CROWD, crowd=estimated), photo(person(0)))
    assert readings[Subject.PEOPLE].count == readings[Subject.CROWD].count == people
    low, high = readings[Subject.PEOPLE].interval or (0, 0)
    assert 30 <= low <= people <= high


def test_a_photo_that_shows_people_has_one_at_least():
    readings = read(saying(Subject.PEOPLE), photo())
    assert readings[Subject.PEOPLE].count == 1
    assert readings[Subject.PEOPLE].interval == (0, 1)


@pytest.mark.parametrize(
    ("seen", "children"),
    [
        ((person(0, child=0.7), person(100, child=0.2)), 1),
        ((person(0, child=0.6), person(100, child=0.8)), 1),
        ((person(0, child=0.9), person(100, child=0.9), face(300, child=1.0)), 3),
        ((person(0, child=0.9), person(90, child=0.9), person(200, child=0.1, score=0.1)), 2),
        ((person(0, child=0.1),), 1),
        ((), 1),
    ],
)
def test_children_are_their_share_of_the_people(seen, children):
    readings = read(saying(Subject.PEOPLE, Subject.CHILDREN, error=0.0), photo(*seen))
    assert readings[Subject.CHILDREN].count == children


def test_a_photo_that_shows_no_children_has_none_to_count():
    readings = read(saying(Subject.PEOPLE), photo(person(0, child=0.9)))
    assert readings[Subject.CHILDREN].count == 0
    assert (readings[Subject.CHILDREN].interval or (1, 0))[0] == 0


persons = st.builds(person, st.integers(0, 500), st.floats(0, 1), child=st.floats(0, 1) | st.none())


@given(
    st.lists(persons | st.builds(face, st.integers(0, 500), st.floats(0, 1)), max_size=8),
    st.sets(st.sampled_from(Subject)),
    st.floats(0, 500),
    st.floats(0, 2),
)
def test_whatever_is_shown_an_interval_holds_its_count(seen, shown, crowd, error):
    readings = read(saying(*shown, crowd=crowd, error=error), photo(*seen))
    for subject in (Subject.PEOPLE, Subject.CROWD, Subject.CHILDREN):
        reading = readings[subject]
        assert 0 <= reading.interval[0] <= reading.count <= reading.interval[1]
    assert (readings[Subject.CHILDREN].count or 0) <= max(1, readings[Subject.PEOPLE].count or 0)


def mapped(subject):
    """A photo whose map of a subject has it in the left half."""
    odds = np.full((len(MAPPED), 1, 2), -8, np.float32)
    odds[MAPPED.index(subject), 0, 0] = 3
    return replace(photo(), maps=odds)


@pytest.mark.parametrize("subject", MAPPED)
def test_what_is_shown_is_where_its_map_says(subject):
    assert read(saying(*Subject), mapped(subject))[subject].where == (Box(0, 0, 300, 400),)
    assert read(saying(), mapped(subject))[subject].where == ()


@pytest.mark.parametrize(("score", "expected"), [(0.5, HOUSE.box), (0.2, Box(0, 0, 300, 400))])
def test_likely_boxes_of_buildings_come_before_their_map(score, expected):
    seen = replace(mapped(Subject.BUILDINGS), detections=(replace(HOUSE, score=score),))
    assert read(saying(*Subject), seen)[Subject.BUILDINGS].where == (expected,)


def test_children_are_where_persons_are_children():
    young, grown = person(0, child=0.8), person(100, child=0.2)
    readings = read(saying(*Subject), photo(young, grown, person(200), face(300, child=1.0)))
    assert readings[Subject.CHILDREN].where == (young.box,)
    assert readings[Subject.PEOPLE].where == ()


def test_the_description_is_features_objects_and_finite_numbers():
    bare = photo()
    full = replace(
        photo(person(0, score=1.0, child=1.0), replace(face(300, score=0.0), child=1.0), HOUSE),
        objects=np.full(len(CLASSES), 3, np.float32),
        maps=np.full((len(MAPPED), 2, 2), 50, np.float32),
    )
    for seen in (bare, full):
        row = describe(seen, person_score=0.35)
        assert row.shape == (LENGTH + len(CLASSES) + len(NUMBERS),)
        assert np.isfinite(row).all()
        assert row[:LENGTH] == pytest.approx(seen.features)
    assert describe(full, person_score=0.35)[OBJECTS].tolist() == [3.0] * len(CLASSES)
    assert (describe(full, person_score=0.35) >= describe(bare, person_score=0.35)).all()


def test_a_building_is_described_by_its_share_of_the_photo():
    row = describe(photo(HOUSE, replace(HOUSE, box=FRAME, score=0.1)), person_score=0.35)
    numbers = dict(zip(NUMBERS, row[OBJECTS.stop :].tolist(), strict=True))
    assert numbers["building_cover"] == pytest.approx(0.25)
    assert numbers["people"] == 0


def test_readers_are_the_same_after_they_were_stored(tmp_path):
    readers = saying(Subject.PEOPLE, Subject.CROWD)
    readers.save(tmp_path / "subjects.skops")
    again = SubjectReaders.load(tmp_path / "subjects.skops")
    assert again.read(photo(), person_score=0.35) == readers.read(photo(), person_score=0.35)
