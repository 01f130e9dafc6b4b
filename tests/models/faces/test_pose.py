from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from models.faces.pose import yaw

Points = Sequence[tuple[float, float]]
MOUTH = ((44.0, 80.0), (56.0, 80.0))


def _face(nose: float) -> Points:
    return ((40.0, 50.0), (60.0, 50.0), (nose, 62.0), *MOUTH)


@pytest.mark.parametrize(
    ("nose", "expected"), [(50, 0), (45, -0.5), (58, 0.8), (40, -1), (60, 1), (10, -1), (99, 1)]
)
def test_it_is_where_the_nose_lies_between_the_eyes(nose: float, expected: float) -> None:
    assert yaw(_face(nose)) == pytest.approx(expected)


@pytest.mark.parametrize("degrees", [-35, 20, 60])
@pytest.mark.parametrize("size", [0.1, 7])
def test_a_head_on_one_side_of_any_size_is_turned_alike(degrees: float, size: float) -> None:
    angle = np.deg2rad(degrees)
    matrix = size * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    axis = np.array([(0.0, 0.0), (20.0, 0.0), (16.0, 0.0), (4.0, 30.0), (16.0, 30.0)])
    points = [(float(x), float(y)) for x, y in axis @ matrix.T]
    assert yaw(points) == pytest.approx(0.6)


@pytest.mark.parametrize("points", [(), _face(45)[:2], ((3.0, 3.0),) * 5])
def test_without_two_eyes_and_a_nose_it_is_frontal(points: Points) -> None:
    assert yaw(points) == 0
