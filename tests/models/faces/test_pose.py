import math

import numpy as np
import pytest

from presslens.models.faces.pose import yaw

FRONTAL = [(30, 40), (70, 40), (50, 60), (35, 80), (65, 80)]


def head(degrees, *, roll=0, nod=0):
    """Landmarks of a head of usual proportions: the nose's tip is as far ahead as an eye aside."""
    solid = np.array([(-1, 0, 0), (1, 0, 0), (0, 1, 1), (-0.7, 2, 0.2), (0.7, 2, 0.2)], float)
    turn = math.radians(degrees)
    x = solid[:, 0] * math.cos(turn) + solid[:, 2] * math.sin(turn)
    y = solid[:, 1] - solid[:, 2] * math.sin(math.radians(nod))
    lean = math.radians(roll)
    points = np.stack(
        [x * math.cos(lean) - y * math.sin(lean), x * math.sin(lean) + y * math.cos(lean)]
    )
    return [(100 + 20 * px, 100 + 20 * py) for px, py in points.T]


@pytest.mark.parametrize(
    ("landmarks", "expected"),
    [
        (FRONTAL, 0),
        ([*FRONTAL[:2], (40, 60), *FRONTAL[3:]], -0.5),
        ([*FRONTAL[:2], (70, 60), *FRONTAL[3:]], 1),
        ([*FRONTAL[:2], (5, 60), *FRONTAL[3:]], -1),
        ([(50, 50)] * 5, 0),
    ],
    ids=["frontal", "left", "fully right", "beyond left", "no face"],
)
def test_the_nose_says_where_a_face_looks(landmarks, expected):
    assert yaw(landmarks) == pytest.approx(expected)


@pytest.mark.parametrize("degrees", [-40, -20, 0, 20, 40])
@pytest.mark.parametrize("lean", [{}, {"roll": 25}, {"roll": -60}, {"nod": 20}])
def test_it_is_the_tangent_of_the_angle_however_the_head_leans(degrees, lean):
    assert yaw(head(degrees, **lean)) == pytest.approx(math.tan(math.radians(degrees)), abs=1e-9)


@pytest.mark.parametrize(("degrees", "expected"), [(-80, -1), (46, 1), (89, 1)])
def test_a_profile_is_turned_fully(degrees, expected):
    assert yaw(head(degrees)) == expected


@pytest.mark.parametrize("points", [[], FRONTAL[:2], [(3, 3)] * 5])
def test_without_two_eyes_and_a_nose_it_is_frontal(points):
    assert yaw(points) == 0


def test_a_mirrored_face_looks_the_other_way():
    marks = head(17, roll=8)
    left, right, nose, low_left, low_right = [(300 - x, y) for x, y in marks]
    assert yaw([right, left, nose, low_right, low_left]) == pytest.approx(-yaw(marks))
