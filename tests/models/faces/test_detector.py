import numpy as np
import pytest
from PIL import Image as Pillow

from presslens.models.faces.detector import (
    MOST_FINE_UPSCALING,
    MOST_UPSCALING,
    CenterFace,
    decode,
    enlargement,
    merged,
)
from presslens.models.geometry import Box
from presslens.models.recipe import FaceRules, Recipe


@pytest.mark.parametrize(
    ("width", "height", "size", "most", "expected"),
    [
        (1280, 720, 1280, MOST_UPSCALING, 1.0), (2560, 100, 1280, MOST_UPSCALING, 0.5),
        (400, 640, 1280, MOST_UPSCALING, 2.0), (300, 200, 1280, MOST_UPSCALING, 2.5),
        (1, 1, 1280, MOST_UPSCALING, 2.5), (560, 400, 2240, MOST_FINE_UPSCALING, 4.0),
        (300, 200, 2240, MOST_FINE_UPSCALING, 4.0),
    ],
)  # fmt: skip
def test_enlargement(width, height, size, most, expected):
    assert enlargement(width, height, size, most=most) == expected


def test_photos_are_enlarged_less_at_first():
    assert enlargement(300, 200, 1280) == MOST_UPSCALING < MOST_FINE_UPSCALING


def _maps():
    shape = 16, 24
    return (
        np.zeros((1, 1, *shape), np.float32),
        np.zeros((1, 2, *shape), np.float32),
        np.zeros((1, 2, *shape), np.float32),
        np.zeros((1, 10, *shape), np.float32),
    )


def test_decode_reads_box_and_landmarks_at_the_peak():
    heat, scale, offset, landmark = _maps()
    heat[0, 0, 5, 10] = 0.8
    heat[0, 0, 5, 11] = 0.7
    scale[0, :, 5, 10] = np.log([6, 4])  # height, width in cells
    offset[0, :, 5, 10] = 0.25, -0.5
    landmark[0, :, 5, 10] = [0.25, 0.0, 0.25, 1.0, 0.5, 0.5, 0.75, 0.0, 0.75, 1.0]
    (face,) = decode(heat, scale, offset, landmark, score=0.5)
    assert face.box.to_list() == [32.0, 11.0, 48.0, 35.0]
    assert face.score == pytest.approx(0.8)
    assert face.landmarks[0] == pytest.approx((32, 17))
    assert face.landmarks[2] == pytest.approx((40, 23))
    assert face.landmarks[4] == pytest.approx((48, 29))


def test_decode_keeps_the_better_of_two_overlapping_faces():
    heat, scale, offset, landmark = _maps()
    for column, value in ((4, 0.6), (6, 0.9), (20, 0.55)):
        heat[0, 0, 8, column] = value
    scale[:] = np.log(6)
    faces = decode(heat, scale, offset, landmark, score=0.5)
    assert [round(face.score, 2) for face in faces] == [0.9, 0.55]


def test_decode_finds_nothing_below_the_score():
    assert decode(*_maps(), score=0.1) == []


@pytest.mark.weights("faces")
def test_the_weights_are_no_inputs(detector):
    """Else onnxruntime leaves most of its optimisations out, and needs twice the time."""
    assert detector._session.get_overridable_initializers() == []
    assert [value.name for value in detector._session.get_inputs()] == ["input.1"]


@pytest.mark.weights("faces")
def test_finds_both_faces_of_a_photo(detector, two_men):
    faces = detector.detect([two_men])[0]
    assert len(faces) == 2
    assert faces[0].box.iou(Box(912, 107, 1052, 281)) > 0.8
    assert faces[1].box.iou(Box(561, 258, 667, 433)) > 0.8
    for face in faces:
        left, right, nose, left_mouth, right_mouth = face.landmarks
        assert face.box.x0 < left[0] < right[0] < face.box.x1
        assert left[1] < nose[1] < min(left_mouth[1], right_mouth[1])
        assert face.child == 0
        assert face.embedding is None


@pytest.mark.weights("faces")
def test_small_photos_are_enlarged_and_their_boxes_are_not(detector, hopper):
    large = detector.detect([np.asarray(hopper)])[0]
    small = detector.detect([np.asarray(hopper.resize((64, 75)))])[0]
    factor = 64 / hopper.width
    assert len(large) == len(small) == 1
    assert small[0].box.iou(large[0].box.scaled(factor)) > 0.7


@pytest.mark.weights("faces")
@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 700, 3), (240, 320, 3)])
def test_blank_photos_show_no_face(detector, shape):
    assert detector.detect([np.full(shape, 128, np.uint8)]) == [[]]
    assert detector.detect([]) == []


@pytest.mark.weights("faces")
def test_batch_answers_as_single_photos_do(detector, two_men):
    half = two_men[:, two_men.shape[1] // 2 :]
    both = detector.detect([two_men, half])
    assert [len(faces) for faces in both] == [2, len(detector.detect([half])[0])]


@pytest.fixture(scope="module")
def look(registry):
    """Give a function that looks at a photo under the default rules but for some."""

    def detect(photo, **rules):
        known = Recipe.load().observe.faces.model_dump() | rules
        return CenterFace(registry.path("faces"), FaceRules(**known), threads=2).detect([photo])[0]

    return detect


def _crowd(portrait, sides):
    """A grey photo of 560 × 400 px with heads of these widths in rows, and their middles."""
    photo = Pillow.new("RGB", (560, 400), (120, 120, 120))
    head = portrait.crop((150, 0, 400, 260))
    middles = []
    for i, side in enumerate(sides):
        x, y = 40 + 60 * (i % 8), 60 + 70 * (i // 8)
        photo.paste(head.resize((side, side), Pillow.Resampling.LANCZOS), (x, y))
        middles.append((x + side // 2, y + side // 2))
    return np.asarray(photo), middles


def _missing(faces, middles):
    seen = [face.box.centre for face in faces]
    return sum(all(abs(x - a) + abs(y - b) > 12 for a, b in seen) for x, y in middles)


@pytest.mark.weights("faces")
def test_a_photo_of_many_tiny_faces_is_looked_at_again(hopper, look):
    photo, middles = _crowd(hopper, [9] * 16 + [7] * 16)
    once, again = look(photo, tiny=0), look(photo)
    assert _missing(once, middles) >= 15
    assert _missing(again, middles) <= 10
    assert len(again) <= len(middles), "no face is reported by both looks"
    areas = [face.box.area for face in again]
    assert areas == sorted(areas, reverse=True)


@pytest.mark.weights("faces")
def test_some_tiny_faces_in_the_background_call_for_no_second_look(hopper, look):
    photo, _ = _crowd(hopper, [40] * 3 + [9] * 5)
    usual, once = ([face.box for face in look(photo, **rules)] for rules in ({}, {"tiny": 0}))
    assert len(usual) >= 5
    assert usual == once


@pytest.mark.weights("faces")
def test_a_portrait_with_traces_of_its_print_is_found_reduced(hopper, look):
    """Enlarged, the dots are as large as eyes."""
    portrait = np.asarray(hopper.crop((130, 0, 430, 300))).copy()
    y, x = np.indices(portrait.shape[:2])
    dots = np.sin(x * np.pi / 2) * np.sin(y * np.pi / 2)
    printed = np.clip(portrait + 70 * dots[..., None], 0, 255).astype(np.uint8)
    assert look(printed, coarse_size=0) == []
    assert len(look(printed)) == 1


def test_of_two_looks_the_finer_has_the_word(make_face):
    coarse = [make_face(x=0, side=20), make_face(x=100, side=20)]
    fine = [make_face(x=2, side=19), make_face(x=200, side=8)]
    found = merged(fine, coarse)
    assert sorted(face.box.x0 for face in found) == [2, 100, 200]
    assert merged([], coarse) == coarse
    assert merged(fine, []) == fine
    assert merged([], []) == []
