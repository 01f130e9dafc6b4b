"""Where a leader stands tells who he is where his face can't, though never for sure."""

from dataclasses import replace

import numpy as np
import pytest

from presslens.models.faces.gallery import LEADER, EnrolledFigure, Gallery, Role
from presslens.models.geometry import Box
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Answer, SightingEvidence

FRAME = Box(0, 0, 400, 200)
RULES = Recipe.load().interpret
LITTLE = 0.1
"""Less than what the middle of a group tells of a poor face."""

MIDDLE, CORNER = 2 * 13 + 6, 0
"""The middle of the front row of a group, and an end of its back row."""


def _rules(**values):
    return RULES.model_copy(update=values)


@pytest.fixture
def kim(like):
    return EnrolledFigure("Kim", LEADER, like(0, 1)[None])


@pytest.fixture
def pak(like):
    return EnrolledFigure("Pak", Role.OFFICIAL, like(0, 1)[None])


@pytest.fixture
def group(make_face, like):
    """Give a function that makes three rows of thirteen strangers, but for one."""

    def make(vector, *, place, side=10):
        places = [(14 + 30 * column, 95 + 40 * row) for row in range(3) for column in range(13)]
        stranger = like(1.6, -0.2)
        return [
            make_face(x=x, y=y, side=side, embedding=vector if i == place else stranger)
            for i, (x, y) in enumerate(places)
        ]

    return make


@pytest.fixture
def poor(matcher, group, like, pak):
    """An embedding that by likeness alone is nearly told, but not quite."""
    for distance in np.linspace(0.4, 2, 321):
        faces = group(like(distance, 0.15), place=MIDDLE)
        if matcher.judge(faces, FRAME, pak, context=0).probability[MIDDLE] < 0.47:
            return like(distance, 0.15)
    raise AssertionError


def test_faces_that_are_not_embedded_are_part_of_the_setting(matcher, make_face, poor, kim):
    face = make_face(x=190, y=150, side=10, embedding=poor)
    others = [make_face(x=30 * i, y=60, side=40) for i in range(12)]
    alone, among = (
        matcher.judge(faces, FRAME, kim, context=1.0).probability[0]
        for faces in ([face], [face, *others])
    )
    assert alone != among


def test_a_face_that_only_its_place_tells_is_capped(matcher, group, poor, kim):
    faces = group(poor, place=MIDDLE)
    uncapped = matcher.judge(faces, FRAME, kim, context=1.0)
    judged = matcher.judge(faces, FRAME, kim, context=LITTLE)
    assert uncapped.probability[MIDDLE] > LITTLE
    assert judged.probability[MIDDLE] == LITTLE
    assert not judged.by_face[MIDDLE]
    others = np.delete(judged.probability, MIDDLE)
    np.testing.assert_array_equal(others, np.delete(uncapped.probability, MIDDLE))


def test_it_is_seen_as_told_by_the_context_and_unsure(matcher, group, photo_of, poor, kim):
    photo = photo_of(group(poor, place=MIDDLE))
    rules = _rules(context=LITTLE, sighting=LITTLE / 2)
    (sighting,) = matcher.sightings(photo, Gallery([kim]), rules)
    assert rules.sighting < rules.context < RULES.context < rules.sure
    assert sighting.box == photo.faces[MIDDLE].box
    assert sighting.probability == rules.context
    assert (sighting.told_by, sighting.answer) == (SightingEvidence.CONTEXT, Answer.UNSURE)
    assert dict(sighting.reasons)["place"] > 0
    assert matcher.sightings(photo, Gallery([kim]), _rules(context=RULES.sighting - 0.01)) == []


def test_the_same_face_in_a_corner_is_not_seen(matcher, group, photo_of, poor, kim):
    photo = photo_of(group(poor, place=CORNER))
    assert matcher.sightings(photo, Gallery([kim]), RULES) == []


def test_what_the_face_tells_no_cap_holds_back(matcher, group, photo_of, like, kim):
    photo = photo_of(group(like(0.3, 0.8), place=MIDDLE, side=20))
    (sighting,) = matcher.sightings(photo, Gallery([kim]), _rules(context=0.5))
    assert sighting.probability > 0.95
    assert (sighting.told_by, sighting.answer) == (SightingEvidence.FACE, Answer.YES)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.LEADER])
def test_others_than_leaders_are_judged_without_their_place(matcher, group, poor, pak, role):
    figure = replace(pak, role=role)
    middle, corner = (
        matcher.judge(group(poor, place=place), FRAME, figure, context=0.0)
        for place in (MIDDLE, CORNER)
    )
    assert middle.probability[MIDDLE] == corner.probability[CORNER] > 0
    np.testing.assert_array_equal(middle.evidence[MIDDLE], corner.evidence[CORNER])


def test_a_faint_sighting_of_another_than_a_leader_is_told_by_the_face(
    matcher, group, photo_of, poor, pak
):
    photo = photo_of(group(poor, place=MIDDLE))
    (sighting,) = matcher.sightings(photo, Gallery([pak]), _rules(sighting=0.1))
    assert sighting.probability < 0.5
    assert (sighting.told_by, sighting.answer) == (SightingEvidence.FACE, Answer.UNSURE)


def test_a_photo_means_the_same_wherever_it_is_printed(matcher, group, poor, kim):
    faces = group(poor, place=MIDDLE)
    moved = [
        replace(
            face,
            box=face.box.moved(900, 700),
            landmarks=tuple((x + 900, y + 700) for x, y in face.landmarks),
        )
        for face in faces
    ]
    here, there = (
        matcher.judge(seen, frame, kim, context=1.0)
        for seen, frame in ((faces, FRAME), (moved, FRAME.moved(900, 700)))
    )
    np.testing.assert_allclose(here.probability, there.probability, rtol=1e-6)
