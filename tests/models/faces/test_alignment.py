import math

import numpy as np
import pytest

from presslens.models.faces.alignment import (
    CHIP,
    TEMPLATE,
    WIDE_CHIP,
    WIDE_TEMPLATE,
    chip,
    similarity,
    wide_chip,
)

both = pytest.mark.parametrize(
    ("cut", "template", "size"),
    [(chip, TEMPLATE, CHIP), (wide_chip, WIDE_TEMPLATE, WIDE_CHIP)],
    ids=["face", "head"],
)

SQUARE = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])


def _apply(matrix, points):
    return points @ matrix[:, :2].T + matrix[:, 2]


@pytest.mark.parametrize("degrees", [0, 30, -90, 179])
@pytest.mark.parametrize("scale", [0.1, 1, 7])
@pytest.mark.parametrize("shift", [(0, 0), (-40, 3)])
def test_similarity_recovers_turn_scale_and_shift(degrees, scale, shift):
    turn = math.radians(degrees)
    rotation = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    target = scale * SQUARE @ rotation.T + shift
    assert _apply(similarity(SQUARE, target), SQUARE) == pytest.approx(target)


def test_similarity_never_mirrors():
    mirrored = SQUARE * (-1, 1)
    matrix = similarity(SQUARE[:3], mirrored[:3])
    assert np.linalg.det(matrix[:, :2]) >= 0


@both
def test_template_is_upright_and_inside_the_chip(cut, template, size):
    left, right, nose, left_mouth, right_mouth = template
    assert left[0] < nose[0] < right[0]
    assert left[1] == pytest.approx(right[1], abs=1)
    assert left_mouth[1] == pytest.approx(right_mouth[1], abs=1)
    assert max(left[1], right[1]) < nose[1] < min(left_mouth[1], right_mouth[1])
    assert template.min() > 0
    assert template.max() < size


def test_a_head_has_more_room_around_the_face():
    face, head = np.ptp(TEMPLATE, axis=0) / CHIP, np.ptp(WIDE_TEMPLATE, axis=0) / WIDE_CHIP
    assert (head < face).all()


@both
@pytest.mark.parametrize("scale", [0.2, 1.0, 6.0])
def test_landmarks_are_brought_to_the_template(cut, template, size, scale):
    side = round(size * scale * 2)
    marks = template * scale + side / 4
    photo = np.zeros((side, side, 3), np.uint8)
    radius = max(1, round(3 * scale))
    for x, y in np.rint(marks).astype(int):
        photo[y - radius : y + radius + 1, x - radius : x + radius + 1] = 255
    found = cut(photo, [(float(x), float(y)) for x, y in marks])
    assert found.shape == (size, size, 3)
    for x, y in np.rint(template).astype(int):
        assert found[y, x].min() > 200
    assert found[size // 2, 5].max() == 0


@both
def test_the_pixels_of_a_large_face_are_averaged(cut, template, size):
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 256, (10 * size, 10 * size, 3), dtype=np.uint8)
    marks = [(float(x), float(y)) for x, y in template * 10]
    assert cut(photo, marks)[20:-20, 20:-20].std() < 15


@both
def test_where_the_photo_ends_a_face_is_black_and_a_head_goes_on(cut, template, size):
    photo = np.full((60, 60, 3), 200, np.uint8)
    marks = [(float(x), float(y)) for x, y in template * 75 / size - (30, 0)]
    found = cut(photo, marks)
    assert found[size // 2, 10].tolist() == ([0] * 3 if cut is chip else [200] * 3)
    assert found[size // 2, size * 2 // 3].min() == 200
