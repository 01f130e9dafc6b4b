from __future__ import annotations

from pathlib import Path

import matplotlib.cbook
import numpy as np
import pytest
import ultralytics
from PIL import Image as Pillow

from models.faces.detector import CenterFace, decode, enlargement
from models.geometry import Box

ASSETS = Path(ultralytics.__file__).parent / "assets"


@pytest.mark.parametrize(
    ("width", "height", "size", "expected"),
    [
        (1280, 720, 1280, 1.0),
        (2560, 100, 1280, 0.5),
        (400, 640, 1280, 2.0),
        (300, 200, 1280, 2.5),
        (1, 1, 1280, 2.5),
    ],
)
def test_enlargement(width: int, height: int, size: int, expected: float) -> None:
    assert enlargement(width, height, size) == expected


def _maps() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    shape = 16, 24
    return (
        np.zeros((1, 1, *shape), np.float32),
        np.zeros((1, 2, *shape), np.float32),
        np.zeros((1, 2, *shape), np.float32),
        np.zeros((1, 10, *shape), np.float32),
    )


def test_decode_reads_box_and_landmarks_at_the_peak() -> None:
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


def test_decode_keeps_the_better_of_two_overlapping_faces() -> None:
    heat, scale, offset, landmark = _maps()
    for column, value in ((4, 0.6), (6, 0.9), (20, 0.55)):
        heat[0, 0, 8, column] = value
    scale[:] = np.log(6)

    faces = decode(heat, scale, offset, landmark, score=0.5)

    assert [round(face.score, 2) for face in faces] == [0.9, 0.55]


def test_decode_finds_nothing_below_the_score() -> None:
    assert decode(*_maps(), score=0.1) == []


@pytest.mark.weights("faces")
def test_the_weights_are_no_inputs(detector: CenterFace) -> None:
    """Else onnxruntime leaves most of its optimisations out, and needs twice the time."""
    assert detector._session.get_overridable_initializers() == []
    assert [value.name for value in detector._session.get_inputs()] == ["input.1"]


@pytest.mark.weights
def test_finds_both_faces_of_a_photo(detector: CenterFace) -> None:
    photo = np.asarray(Pillow.open(ASSETS / "zidane.jpg").convert("RGB"))

    faces = detector.detect([photo])[0]

    assert len(faces) == 2
    assert faces[0].box.iou(Box(912, 107, 1052, 281)) > 0.8
    assert faces[1].box.iou(Box(561, 258, 667, 433)) > 0.8
    for face in faces:
        left, right, nose, left_mouth, right_mouth = face.landmarks
        assert face.box.x0 < left[0] < right[0] < face.box.x1
        assert left[1] < nose[1] < min(left_mouth[1], right_mouth[1])
        assert face.child == 0
        assert face.embedding is None


@pytest.mark.weights
def test_small_photos_are_enlarged_and_their_boxes_are_not(detector: CenterFace) -> None:
    with matplotlib.cbook.get_sample_data("grace_hopper.jpg") as file:
        image = Pillow.open(file).convert("RGB")
    large = detector.detect([np.asarray(image)])[0]
    small = detector.detect([np.asarray(image.resize((64, 75)))])[0]

    factor = 64 / image.width
    assert len(large) == len(small) == 1
    assert small[0].box.iou(large[0].box.scaled(factor)) > 0.7


@pytest.mark.weights
@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 700, 3), (240, 320, 3)])
def test_blank_photos_show_no_face(detector: CenterFace, shape: tuple[int, ...]) -> None:
    assert detector.detect([np.full(shape, 128, np.uint8)]) == [[]]
    assert detector.detect([]) == []


@pytest.mark.weights
def test_batch_answers_as_single_photos_do(detector: CenterFace) -> None:
    photo = np.asarray(Pillow.open(ASSETS / "zidane.jpg").convert("RGB"))
    half = photo[:, photo.shape[1] // 2 :]

    both = detector.detect([photo, half])

    assert [len(faces) for faces in both] == [2, len(detector.detect([half])[0])]
