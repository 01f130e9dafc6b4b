import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presslens.lab.training.printing import halftone
from presslens.models.focus.attention import CELLS, SALIENCY, SHARPNESS, attention, share_inside
from presslens.models.geometry import Box

FRAME = Box(100, 50, 260, 150)
"""A photo of 16 × 10 cells of ten pixels."""

EMPTY = np.zeros((0, 0), np.float32)


@pytest.mark.parametrize(
    ("height", "width", "grid"),
    [
        (700, 1000, (11, 16)), (1000, 700, (16, 11)), (300, 300, (16, 16)), (40, 90, (7, 16)),
        (5, 1000, (1, 16)), (1, 1, (16, 16)),
    ],
)  # fmt: skip
def test_grids_follow_the_shape_of_the_photo_and_sum_to_one(texture, height, width, grid):
    found = attention(texture(height, width))
    assert found.shape == (2, *grid)
    assert found.dtype == np.float32
    assert found.min() >= 0
    assert found.sum((1, 2)) == pytest.approx([1, 1], abs=1e-5)


@pytest.mark.parametrize("value", [0, 90, 255])
def test_a_flat_photo_is_even(value):
    found = attention(np.full((120, 160, 3), value, np.uint8))
    assert found == pytest.approx(np.full((2, 12, 16), 1 / (12 * 16)))


def test_a_photo_without_pixels_has_no_grids():
    assert attention(np.zeros((0, 9, 3), np.uint8)).shape == (2, 0, 0)


def _ploughed():
    """An even field of stripes with a disc in its right half."""
    photo = np.full((400, 640, 3), 110, np.uint8)
    photo[::16] = 140
    cv2.circle(photo, (480, 120), 40, (250, 240, 230), -1)
    return photo


def test_what_stands_out_of_an_even_field_draws_the_eye():
    saliency = attention(_ploughed())[SALIENCY]
    row, column = np.unravel_index(np.argmax(saliency), saliency.shape)
    assert abs((column + 0.5) * 40 - 480) <= 60
    assert abs((row + 0.5) * 40 - 120) <= 60
    inside = share_inside(saliency, [Box(420, 60, 540, 180)], Box(0, 0, 640, 400))
    assert inside > 3 * 120 * 120 / (640 * 400)


def test_the_part_in_focus_is_sharp(texture):
    photo = texture(400, 640, seed=3)
    rng = np.random.default_rng(1)
    photo = np.clip(photo + rng.normal(0, 40, (40, 64, 1)).repeat(10, 0).repeat(10, 1), 0, 255)
    soft = cv2.GaussianBlur(photo, (0, 0), 9)
    soft[:, 320:] = photo[:, 320:]
    sharpness = attention(soft.astype(np.uint8))[SHARPNESS]
    assert sharpness[:, CELLS // 2 :].sum() > 0.75


def _alike(a, b):
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


@pytest.mark.parametrize(
    "changed",
    [
        lambda photo: halftone(photo),
        lambda photo: cv2.resize(photo, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
        lambda photo: (photo * 0.6 + 40).astype(np.uint8),
    ],
    ids=["printed in dots", "half the size", "faded"],
)
def test_printing_and_scanning_move_little(changed):
    before, after = attention(_ploughed()), attention(changed(_ploughed()))
    assert _alike(before[SALIENCY], after[SALIENCY]) > 0.8
    assert _alike(before[SHARPNESS], after[SHARPNESS]) > 0.8


def test_it_is_the_same_each_time_and_leaves_the_photo_alone(texture):
    photo = texture(210, 330)
    before = photo.copy()
    assert np.array_equal(attention(photo), attention(photo))
    assert np.array_equal(photo, before)


def _ramp():
    """A grid that has all its weight in the right half, evenly."""
    grid = np.zeros((10, 16), np.float32)
    grid[:, 8:] = 1 / 80
    return grid


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        ([], 0.0), ([FRAME], 1.0), ([FRAME.padded(500)], 1.0), ([Box(100, 50, 180, 150)], 0.0),
        ([Box(180, 50, 220, 150)], 0.5), ([Box(180, 50, 184, 150)], 0.05),
        ([Box(176, 50, 184, 150)], 0.05), ([Box(180, 50, 260, 51.5)], 0.015),
        ([Box(180, 50, 220, 150), Box(180, 50, 220, 150)], 0.5),
        ([Box(180, 50, 220, 150), Box(200, 50, 240, 150)], 0.75),
        ([Box(180, 50, 200, 150), Box(240, 50, 260, 150)], 0.5), ([Box(0, 0, 50, 40)], 0.0),
        ([Box(220, 90, 220, 90)], 0.0),
    ],
)  # fmt: skip
def test_shares_count_parts_of_cells_and_each_part_once(boxes, expected):
    assert share_inside(_ramp(), boxes, FRAME) == pytest.approx(expected, abs=1e-6)


def test_without_a_grid_the_area_counts():
    assert share_inside(EMPTY, [Box(100, 50, 180, 100)], FRAME) == pytest.approx(0.25)


@pytest.mark.parametrize("grid", [_ramp(), EMPTY, np.zeros((3, 3), np.float32)])
def test_an_empty_photo_has_no_shares(grid):
    assert share_inside(grid, [FRAME], Box(5, 5, 5, 9)) == 0


_CORNER = st.tuples(st.floats(80, 280), st.floats(30, 170), st.floats(0, 120), st.floats(0, 90))


@given(st.lists(_CORNER, min_size=1, max_size=5), st.integers(0, 9))
def test_the_share_of_a_union_lies_between_the_largest_and_the_sum(corners, seed):
    boxes = [Box(x, y, x + w, y + h) for x, y, w, h in corners]
    grid = np.random.default_rng(seed).random((10, 16)).astype(np.float32)
    each = [share_inside(grid, [box], FRAME) for box in boxes]
    union = share_inside(grid, boxes, FRAME)
    assert max(each) - 1e-9 <= union <= min(1.0, sum(each)) + 1e-9
