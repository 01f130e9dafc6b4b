from importlib.util import find_spec
from pathlib import Path

import matplotlib.cbook
import numpy as np
import pytest
from PIL import Image as Pillow

from presslens.models.faces.appearance import appearance, centrality, everybody
from presslens.models.geometry import Box
from presslens.models.loading import load_objects, load_persons
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import (
    DepthRow,
    Detection,
    Face,
    Facing,
    Frame,
    PhotoObservation,
    ShotSize,
)

FRAME = Box(1000, 500, 1400, 700)
"""A photo of 400 × 200 px on its page. Boxes in the tests are in its own pixels."""

HEAD = 20.0
"""Height of a face in the tests; with the crown above it, a head is 27 px high."""


def _on_page(box):
    return box.moved(FRAME.x0, FRAME.y0)


def _face(x, y, *, height=HEAD, score=0.9, turn=0):
    """A face with its middle at x, its top at y, turned by -1 to 1."""
    box = _on_page(Box(x - height * 0.4, y, x + height * 0.4, y + height))
    middle, side = box.centre, height / 5
    eyes = [(middle[0] + s * side, middle[1] - side) for s in (-1, 1)]
    nose = (middle[0] + turn * side, middle[1])
    mouth = [(middle[0] + s * side, middle[1] + side) for s in (-1, 1)]
    return Face(box, score, (*eyes, nose, *mouth), 0.0, None)


def _photo(persons=(), faces=(), *, scores=()):
    return PhotoObservation(
        Frame(FRAME, 1.0),
        tuple(
            Detection("person", _on_page(box), scores[i] if scores else 0.9)
            for i, box in enumerate(persons)
        ),
        tuple(faces),
        np.zeros(1280, np.float32),
    )


def _standing(x, feet=195, *, height=160):
    """Somebody whole, whose face takes an eighth of his height, under a crown of 7 px."""
    face = height / 8
    top = feet - height
    return Box(x - 25, top, x + 25, feet), _face(x, top + 0.35 * face, height=face)


def test_somebody_alone_in_the_middle():
    body, face = _standing(200)
    shown = appearance(_photo([body], [face]), face.box)
    assert shown.body == _on_page(body)
    assert shown.body_found
    assert shown.area_share == pytest.approx(50 * 160 / (400 * 200))
    assert shown.face_share == pytest.approx(1.35 / 8)
    assert shown.centrality == pytest.approx(1 - 15 / 100)
    assert (shown.size_rank, shown.people_beside) == (1, 0)
    assert shown.row is None
    assert shown.facing is Facing.CAMERA


def test_of_two_who_overlap_each_has_his_own_body():
    behind, his = Box(100, 10, 200, 190), _face(150, 17)
    before, hers = Box(120, 70, 200, 190), _face(160, 77)
    photo = _photo([behind, before], [his, hers])
    assert appearance(photo, his.box).body == _on_page(behind)
    assert appearance(photo, hers.box).body == _on_page(before)
    assert [s.face for s in everybody(photo)] == [his, hers]


def test_who_points_aside_keeps_his_body_from_a_small_face_under_his_arm():
    pointing = Box(100, 40, 320, 190)
    his, small = _face(268, 46, height=36), _face(205, 50, height=16)
    photo = _photo([pointing], [his, small])
    assert appearance(photo, his.box).body == _on_page(pointing)
    assert not appearance(photo, small.box).body_found


def test_a_face_low_in_another_s_body_has_none_of_its_own():
    body, face = _standing(200)
    small = _face(200, 120, height=12)
    photo = _photo([body], [face, small])
    shown = appearance(photo, small.box)
    assert not shown.body_found
    assert shown.people_beside == 1
    assert appearance(photo, face.box).body == _on_page(body)


def test_a_body_that_is_not_found_is_head_and_shoulders_within_the_photo():
    face = _face(200, 20)
    shown = appearance(_photo([], [face]), face.box)
    assert not shown.body_found
    assert shown.body == _on_page(Box(200 - 26.4, 13, 200 + 26.4, 64))
    assert shown.face_share is None
    corner = _face(8, 175)
    at_corner = appearance(_photo([], [corner]), corner.box).body
    assert at_corner.share_inside(FRAME) == 1


@pytest.mark.parametrize(
    ("persons", "scores", "faces", "beside"),
    [
        ([], (), [], 0),
        ([Box(300, 40, 350, 190)], (0.9, 0.35), [], 1),
        ([Box(300, 40, 350, 190)], (0.9, 0.34), [], 0),
        ([], (), [_face(330, 50, score=0.5)], 1),
        ([], (), [_face(330, 50, score=0.49)], 0),
        ([Box(300, 40, 360, 190)], (0.9, 0.9), [_face(330, 47)], 1),
    ],
)
def test_people_beside_are_persons_and_faces_without_one(persons, scores, faces, beside):
    body, face = _standing(200)
    photo = _photo([body, *persons], [face, *faces], scores=scores)
    assert appearance(photo, face.box).people_beside == beside


def test_a_faint_face_counts_when_it_is_his():
    face = _face(200, 20, score=0.4)
    assert appearance(_photo([], [face]), face.box).people_beside == 0
    assert everybody(_photo([], [face])) == []


def test_the_recipe_may_ask_for_surer_persons():
    body, face = _standing(200)
    photo = _photo([body], [face], scores=(0.5,))
    assert appearance(photo, face.box, person_score=0.5).body_found
    assert not appearance(photo, face.box, person_score=0.6).body_found


def test_rank_is_by_the_size_of_bodies():
    people = [_standing(60, height=150), _standing(200, height=120), _standing(330, height=180)]
    bodies, faces = zip(*people, strict=True)
    photo = _photo(bodies, faces)
    assert [appearance(photo, face.box).size_rank for face in faces] == [2, 3, 1]


def test_a_person_without_a_face_can_be_shown():
    body = Box(100, 20, 160, 190)
    shown = appearance(_photo([body, Box(200, 20, 250, 190)]), _on_page(body))
    assert (shown.body, shown.body_found) == (_on_page(body), True)
    assert shown.people_beside == 1
    assert shown.face_share is shown.shot_size is shown.facing is None


def test_a_box_of_nobody_is_taken_as_it_is():
    shown = appearance(_photo([Box(200, 20, 250, 190)]), _on_page(Box(10, 10, 50, 150)))
    assert (shown.body, shown.body_found) == (_on_page(Box(10, 10, 50, 150)), False)
    assert (shown.people_beside, shown.size_rank) == (1, 2)


@pytest.mark.parametrize(
    ("top", "height", "expected"),
    [
        (30, 90, ShotSize.CLOSE), (30, 45, ShotSize.MEDIUM), (90, 16, ShotSize.MEDIUM),
        (60, 14, ShotSize.LONG), (5, 10, ShotSize.LONG),
    ],
)  # fmt: skip
def test_shot_size_is_what_the_frame_has_room_for(top, height, expected):
    face = _face(200, top, height=height)
    assert appearance(_photo([], [face]), face.box).shot_size is expected


def test_a_speaker_far_behind_a_desk_is_not_close():
    face = _face(200, 40, height=12)
    shown = appearance(_photo([Box(180, 36, 220, 66)], [face]), face.box)
    assert shown.face_share == pytest.approx(16 / 30)
    assert shown.shot_size is ShotSize.LONG


def test_a_raised_arm_makes_no_head_larger():
    face = _face(200, 60)
    arm = appearance(_photo([Box(170, 20, 230, 190)], [face]), face.box)
    assert arm.face_share == pytest.approx(30 / 140)


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        (0, Facing.CAMERA), (-0.39, Facing.CAMERA), (-0.5, Facing.LEFT), (0.5, Facing.RIGHT),
        (2, Facing.RIGHT),
    ],
)  # fmt: skip
def test_facing_is_told_by_the_nose(turn, expected):
    face = _face(200, 40, turn=turn)
    assert appearance(_photo([], [face]), face.box).facing is expected


def test_facing_is_not_told_without_landmarks():
    face = Face(_on_page(Box(190, 40, 206, 60)), 0.9, (), 0.0, None)
    assert appearance(_photo([], [face]), face.box).facing is None


def _rows(*feet):
    """Three people at each of these heights of feet, in the picture."""
    people = []
    for i, line in enumerate(feet):
        people += [_standing(50 + 110 * k + 20 * i, line, height=80) for k in range(3)]
    return people


@pytest.mark.parametrize(
    ("feet", "expected"),
    [
        ((195, 160, 125), [DepthRow.FRONT, DepthRow.MIDDLE, DepthRow.BACK]),
        ((195, 140), [DepthRow.FRONT, DepthRow.BACK]),
        ((195, 193), [None, None]),
        ((195,), [None]),
    ],
)
def test_rows_are_told_by_the_lowest_visible_points(feet, expected):
    bodies, faces = zip(*_rows(*feet), strict=True)
    photo = _photo(bodies, faces)
    found = [appearance(photo, face.box).row for face in faces]
    assert found == [row for row in expected for _ in range(3)]


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (Box(190, 90, 210, 110), 1.0), (Box(-10, 90, 10, 110), 0.0),
        (Box(190, 190, 210, 210), 0.0), (Box(90, 90, 110, 110), 0.5),
        (Box(90, 40, 110, 60), 0.5), (Box(-90, 90, -10, 110), 0.0),
    ],
)  # fmt: skip
def test_centrality_falls_to_the_nearest_edge(box, expected):
    assert centrality(_on_page(box), FRAME) == pytest.approx(expected)


def test_an_empty_photo_has_no_shares():
    empty = Frame(Box(5, 5, 5, 5), 1.0)
    face = _face(200, 40)
    photo = PhotoObservation(empty, (), (face,), np.zeros(1280, np.float32))
    shown = appearance(photo, face.box)
    assert (shown.area_share, shown.centrality, shown.shot_size) == (0, 0, None)


def test_what_can_be_told_is_the_same_wherever_the_photo_is_printed():
    body, face = _standing(150)
    shown = appearance(_photo([body], [face]), face.box)
    moved = PhotoObservation(
        Frame(FRAME.moved(-900, 70), 1.0),
        (Detection("person", _on_page(body).moved(-900, 70), 0.9),),
        (Face(face.box.moved(-900, 70), 0.9, face.landmarks, 0.0, None),),
        np.zeros(1280, np.float32),
    )
    again = appearance(moved, moved.faces[0].box)
    assert again.face_share == pytest.approx(shown.face_share)
    assert again.centrality == pytest.approx(shown.centrality)
    assert (again.shot_size, again.facing) == (shown.shot_size, shown.facing)


ASSETS = Path(find_spec("ultralytics").origin).parent / "assets"
HOPPER = Path(matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))


@pytest.fixture(scope="module")
def look(detector, registry):
    """Give a function that says how everybody with a face is shown, the largest face first."""
    recipe = Recipe.load()
    persons, objects = load_persons(recipe, registry), load_objects(recipe, registry)

    def shown(path):
        with Pillow.open(path) as file:
            pixels = np.asarray(file.convert("RGB"))
        height, width = pixels.shape[:2]
        photo = PhotoObservation(
            Frame(Box(0, 0, width, height), 1.0),
            tuple(persons.detect(pixels, objects.detect(pixels))),
            tuple(detector.detect([pixels])[0]),
            np.zeros(1280, np.float32),
        )
        return [appearance(photo, face.box) for face in photo.faces]

    return shown


@pytest.mark.weights("faces")
def test_two_men_of_whom_one_stands_before_the_other(look):
    right, left = look(ASSETS / "zidane.jpg")
    assert right.body.iou(Box(746, 42, 1148, 708)) > 0.8
    assert left.body.iou(Box(126, 202, 1028, 716)) > 0.8
    assert (left.size_rank, right.size_rank) == (1, 2)
    assert (right.facing, left.facing) == (Facing.CAMERA, Facing.RIGHT)
    assert left.people_beside == right.people_beside == 1


@pytest.mark.weights("faces")
def test_people_in_a_street_are_shown_whole_and_a_portrait_is_close(look):
    street = look(ASSETS / "bus.jpg")
    assert {shown.shot_size for shown in street} == {ShotSize.LONG}
    assert all(shown.face_share and shown.face_share < 0.2 for shown in street)
    (portrait,) = look(HOPPER)
    assert (portrait.shot_size, portrait.facing) == (ShotSize.CLOSE, Facing.CAMERA)
    assert (portrait.people_beside, portrait.area_share > 0.8) == (0, True)
