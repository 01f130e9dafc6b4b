import numpy as np
import pytest

from presslens.models.geometry import Box
from presslens.models.photos.straightening import Straightening

BOX = Box(100, 200, 300, 300)
QUAD = np.array([[50, 30], [350, 60], [380, 500], [20, 460]], np.float64)
FAR = np.array([[5, 132], [137, 52], [312, 319], [207, 470]], np.float64)
"""Corners of a sheet, and of one that is turned far and seen from a side."""


@pytest.mark.parametrize("angle", [-3.0, 0.5, 12.0])
def test_a_box_of_the_straightened_page_is_found_on_the_page_as_it_is(angle):
    page = np.full((600, 400, 3), 255, np.uint8)
    page[200:300, 100:300] = 0
    laid = Straightening.of_skew(-angle, 400, 600)
    scan = laid.applied(page)
    rows, columns = np.nonzero(scan[:, :, 0] < 128)
    seen = Box(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    straight = Straightening.of_skew(angle, *laid.size)
    (x, y), (wide, high) = np.array(straight.size) / 2 - (200, 300), laid.size
    assert straight.around(BOX.moved(x, y), wide, high).iou(seen) > 0.96
    assert straight.turn == pytest.approx(angle)


def test_a_turn_beyond_the_usual_cuts_no_corner_off():
    assert Straightening.of_skew(3.0, 400, 600).size == (400, 600)
    wide, high = Straightening.of_skew(12.0, 400, 600).size
    assert wide > 500
    assert high > 660


@pytest.mark.parametrize(
    ("given", "corners"), [*((np.roll(QUAD, i, axis=0), QUAD) for i in range(4)), (FAR, FAR)]
)
def test_the_corners_of_a_sheet_become_those_of_a_rectangle(given, corners):
    straight = Straightening.of_quad(given)
    assert straight.corners(Box(0, 0, *straight.size)) == pytest.approx(corners, abs=0.01)


def test_one_after_the_other_is_both():
    first = Straightening.of_quad(QUAD)
    second = Straightening.of_skew(2.0, *first.size)
    both = first.then(second)
    expected = [first.corners(Box(x, y, x, y))[0] for x, y in second.corners(BOX)]
    assert both.corners(BOX) == pytest.approx(np.array(expected))
