from dataclasses import replace

import numpy as np
import pytest

from presslens.models.faces.enrol import (
    Assessment,
    Fault,
    Portrait,
    agreement,
    assess,
    portrait,
    quality,
)
from presslens.models.geometry import Box
from presslens.models.recipe import EnrolRules
from presslens.models.vocabulary import Frame, PhotoObservation

RULES = EnrolRules(
    dominance=1.6, side=32, full_side=100, sharpness=0.03, full_sharpness=0.1, turn=0.6, apart=0.6
)
CHILD = 0.3
SELF, OTHER, THIRD = np.eye(128, dtype=np.float32)[:3]
NEARLY = SELF + np.float32(0.02)


def photo(faces):
    return PhotoObservation(Frame(Box(0, 0, 120, 80), 1.0), (), tuple(faces), np.zeros(1280))


def turned(face, to):
    left, right, (_, y), *mouth = face.landmarks
    x = (left[0] + right[0] + to * (right[0] - left[0])) / 2
    return replace(face, landmarks=(left, right, (x, y), *mouth))


@pytest.fixture
def good(make_face):
    """A face with nothing wrong about it."""
    return replace(make_face(side=100, embedding=SELF), score=1.0, sharpness=0.1)


def judge(*faces, **options):
    return assess([Portrait(face) for face in faces], RULES, child=CHILD, **options)


def test_takes_the_largest_face(make_face):
    faces = [
        replace(make_face(side=side), embedding=np.full(128, side, np.float32))
        for side in (20, 50, 30)
    ]
    found = portrait(photo(faces))
    assert (found.face, found.rival) == (faces[1], faces[2])


def test_a_photo_without_a_face_has_none_to_take():
    found = portrait(photo([]))
    assert (found.face, found.rival) == (None, None)


def test_a_good_reference_is_taken_with_full_weight(good):
    (found,) = judge(good)
    assert (found.fault, found.reason, found.doubt, found.agreement) == (None, None, None, None)
    assert (found.side, found.sharpness, found.facing) == (100, 0.1, 1)
    assert found.quality == found.weight == pytest.approx(1)


FAULTS = [
    ("a child's", {"child": 0.3}, Fault.CHILD_OR_UNCLEAR),
    ("a child's that has no embedding", {"child": 0.9, "embedding": None}, Fault.CHILD_OR_UNCLEAR),
    ("small", {"box": Box(0, 0, 31.9, 31.9)}, Fault.TOO_SMALL),
    ("too small to be embedded", {"box": Box(0, 0, 9, 9), "embedding": None}, Fault.TOO_SMALL),
    ("purged", {"embedding": None, "sharpness": None}, Fault.NOT_EMBEDDED),
    ("blurred", {"sharpness": 0.029}, Fault.BLURRED),
]


@pytest.mark.parametrize(("change", "fault"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_a_bad_reference_is_refused_with_its_reason(good, change, fault):
    (found,) = judge(replace(good, **change))
    assert (found.fault, found.weight) == (fault, 0)
    assert found.reason.startswith(f"{fault.value}: ")


@pytest.mark.parametrize(("to", "refused"), [(0, False), (-0.59, False), (0.61, True), (-1, True)])
def test_a_face_that_is_turned_away_is_refused(good, to, refused):
    (found,) = judge(turned(good, to))
    assert (found.fault is Fault.TURNED_AWAY) == refused
    assert found.facing == pytest.approx(1 - abs(to))


@pytest.mark.parametrize(("rival", "refused"), [(None, False), (62, False), (63, True), (99, True)])
def test_one_face_must_stand_out(good, make_face, rival, refused):
    second = None if rival is None else make_face(side=rival)
    (found,) = assess([Portrait(good, second)], RULES, child=CHILD)
    assert (found.fault is Fault.SEVERAL_FACES) == refused


def test_a_photo_without_a_face_is_refused():
    (found,) = assess([portrait(photo([]))], RULES, child=CHILD)
    assert found == Assessment(fault=Fault.NO_FACE)


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_says_what_to_do(fault):
    assert len(fault.advice) > 20


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, 1.0), ({"box": Box(0, 0, 400, 400)}, 1.0), ({"box": Box(0, 0, 50, 50)}, 0.5),
        ({"sharpness": 0.05}, 0.5), ({"sharpness": 0.4}, 1.0), ({"sharpness": None}, 1.0),
        ({"score": 0.8}, 0.8),
        ({"score": 0.5, "sharpness": 0.05, "box": Box(0, 0, 80, 80)}, 0.2),
        ({"sharpness": 0.0}, 0.05),
    ],
)  # fmt: skip
def test_quality_is_of_size_sharpness_and_score(good, change, expected):
    assert quality(replace(good, **change), RULES) == pytest.approx(expected)


def test_a_profile_has_a_low_quality(good):
    assert [quality(turned(good, to), RULES) for to in (0, -0.25, 0.5, 1)] == pytest.approx(
        [1, 0.75, 0.5, 0.05]
    )


@pytest.mark.parametrize(
    ("vectors", "shares", "strangers", "split"),
    [
        ([SELF], [0], [False], False),
        ([SELF, NEARLY], [1, 1], [False] * 2, False),
        ([SELF, OTHER], [0, 0], [False] * 2, True),
        ([SELF, NEARLY, OTHER], [0.5, 0.5, 0], [False, False, True], False),
        ([OTHER, SELF, THIRD], [0, 0, 0], [False] * 3, True),
        ([SELF, NEARLY, OTHER, OTHER], [1 / 3] * 4, [False] * 4, True),
        ([SELF, OTHER, SELF, NEARLY, THIRD], [0.5, 0, 0.5, 0.5, 0], [0, 1, 0, 0, 1], False),
    ],
)
def test_references_are_held_against_each_other(vectors, shares, strangers, split):
    found_shares, found_strangers, found_split = agreement(np.stack(vectors), apart=0.6)
    assert found_shares == pytest.approx(shares)
    assert found_strangers.tolist() == [bool(s) for s in strangers]
    assert found_split == split


def test_one_that_is_half_way_to_the_others_stays():
    row = np.zeros((3, 128), np.float32)
    row[:, 0] = 0, 0.4, 0.8  # the last is near the second only
    shares, strangers, split = agreement(row, apart=0.6)
    assert shares.tolist() == [0.5, 1, 0.5]
    assert not strangers.any()
    assert not split


def test_one_that_disagrees_with_the_others_is_refused(good):
    found = judge(good, replace(good, embedding=OTHER), good)
    assert [a.fault for a in found] == [None, Fault.DISAGREES, None]
    assert [a.agreement for a in found] == [0.5, 0, 0.5]
    assert [a.weight for a in found] == [1, 0, 1]


def test_two_that_disagree_are_both_taken_and_doubted(good):
    found = judge(good, replace(good, embedding=OTHER))
    assert [a.fault for a in found] == [None, None]
    assert all(a.doubt and a.weight == 1 for a in found)


def test_those_that_are_refused_have_no_voice(good):
    blurred = replace(good, sharpness=0.01, embedding=OTHER)
    found = judge(good, blurred, blurred)
    assert [a.fault for a in found] == [None, Fault.BLURRED, Fault.BLURRED]
    assert found[0].agreement is None


def test_leniently_a_poor_reference_counts_less_and_says_so(good, make_face):
    small = replace(good, box=Box(0, 0, 20, 20))
    faces = [good, small, turned(good, 0.7), replace(good, sharpness=0.02)]
    rival = Portrait(good, make_face(side=90))
    found = assess([*map(Portrait, faces), rival], RULES, child=CHILD, lenient=True)
    assert [a.fault for a in found] == [
        None,
        Fault.TOO_SMALL,
        Fault.TURNED_AWAY,
        Fault.BLURRED,
        Fault.SEVERAL_FACES,
    ]
    assert [a.weight for a in found] == pytest.approx([1, 0.2, 0.3, 0.2, 1])


def test_leniently_too_nothing_is_matched_with_a_child_or_a_stranger(good):
    child = replace(good, child=0.5, embedding=None)
    purged = replace(good, embedding=None)
    stranger = replace(good, embedding=OTHER, sharpness=0.02)
    found = judge(good, child, good, stranger, purged, lenient=True)
    assert [a.fault for a in found] == [
        None,
        Fault.CHILD_OR_UNCLEAR,
        None,
        Fault.DISAGREES,
        Fault.NOT_EMBEDDED,
    ]
    assert [a.weight > 0 for a in found] == [True, False, True, False, False]


def test_no_references_are_no_trouble():
    assert assess([], RULES, child=CHILD) == []
