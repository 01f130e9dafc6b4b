from __future__ import annotations

import math

import numpy as np
import pytest

from models.faces.alignment import CHIP, TEMPLATE, chip, similarity

SQUARE = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])


def _apply(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    return points @ matrix[:, :2].T + matrix[:, 2]


@pytest.mark.parametrize("degrees", [0, 30, -90, 179])
@pytest.mark.parametrize("scale", [0.1, 1, 7])
@pytest.mark.parametrize("shift", [(0, 0), (-40, 3)])
def test_similarity_recovers_turn_scale_and_shift(
    degrees: float, scale: float, shift: tuple[float, float]
) -> None:
    turn = math.radians(degrees)
    rotation = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    target = scale * SQUARE @ rotation.T + shift

    assert _apply(similarity(SQUARE, target), SQUARE) == pytest.approx(target)


def test_similarity_never_mirrors() -> None:
    mirrored = SQUARE * (-1, 1)

    matrix = similarity(SQUARE[:3], mirrored[:3])

    assert np.linalg.det(matrix[:, :2]) >= 0


def test_template_is_upright_and_inside_the_chip() -> None:
    left, right, nose, left_mouth, right_mouth = TEMPLATE
    assert left[0] < nose[0] < right[0]
    assert left[1] == right[1] < nose[1] < left_mouth[1] == right_mouth[1]
    assert TEMPLATE.min() > 0
    assert TEMPLATE.max() < CHIP


@pytest.mark.parametrize("scale", [0.2, 1.0, 6.0])
def test_chip_brings_landmarks_to_the_template(scale: float) -> None:
    side = round(CHIP * scale * 2)
    marks = TEMPLATE * scale + side / 4
    photo = np.zeros((side, side, 3), np.uint8)
    radius = max(1, round(3 * scale))
    for x, y in np.rint(marks).astype(int):
        photo[y - radius : y + radius + 1, x - radius : x + radius + 1] = 255

    found = chip(photo, [(float(x), float(y)) for x, y in marks])

    assert found.shape == (CHIP, CHIP, 3)
    for x, y in np.rint(TEMPLATE).astype(int):
        assert found[y, x].min() > 200
    assert found[CHIP // 2, 5].max() == 0


def test_chip_of_a_large_face_averages_its_pixels() -> None:
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 256, (1500, 1500, 3), dtype=np.uint8)
    marks = [(float(x), float(y)) for x, y in TEMPLATE * 10]

    assert chip(photo, marks)[20:-20, 20:-20].std() < 15


def test_chip_of_a_face_at_the_edge_is_black_outside() -> None:
    photo = np.full((60, 60, 3), 200, np.uint8)
    marks = [(float(x), float(y)) for x, y in TEMPLATE / 2 - (30, 0)]

    found = chip(photo, marks)

    assert found[75, 10].max() == 0
    assert found[75, 100].min() == 200
