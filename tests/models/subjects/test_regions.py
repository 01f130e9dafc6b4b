import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presslens.models.geometry import Box
from presslens.models.subjects.readers import places

FRAME = Box(100, 200, 160, 240)


def grid(*rows):
    return np.array(rows, np.float32)


maps = st.integers(1, 4).flatmap(
    lambda columns: st.lists(
        st.lists(st.floats(-20, 20, width=32), min_size=columns, max_size=columns),
        min_size=1,
        max_size=4,
    ).map(lambda rows: np.array(rows, np.float32))
)


@pytest.mark.parametrize(
    ("odds", "boxes"),
    [
        (grid([1.0, -1.0, -1.0], [-1.0, -1.0, -1.0]), [Box(100, 200, 120, 220)]),
        (grid([1.0, -1.0, -1.0], [-1.0, 1.0, -1.0]), [Box(100, 200, 140, 240)]),
        (
            grid([1.0, -1.0, 1.0], [-1.0, -1.0, 1.0]),
            [Box(140, 200, 160, 240), Box(100, 200, 120, 220)],
        ),
        (grid([-5.0, -2.0, -5.0], [-5.0, -5.0, -5.0]), [Box(120, 200, 140, 220)]),
        (grid([2.0, 2.0, 2.0], [2.0, 2.0, 2.0]), [FRAME]),
        (np.zeros((0, 0), np.float32), []),
    ],
    ids=["one place", "by a corner", "two, the larger first", "the best", "all", "no map"],
)
def test_places_that_touch_are_in_one_box(odds, boxes):
    assert list(places(odds, FRAME)) == boxes


@given(maps)
def test_the_boxes_lie_in_the_frame_and_hold_the_best_place(odds):
    boxes = places(odds, FRAME)
    row, column = np.unravel_index(odds.argmax(), odds.shape)
    x = FRAME.x0 + (column + 0.5) * FRAME.width / odds.shape[1]
    y = FRAME.y0 + (row + 0.5) * FRAME.height / odds.shape[0]
    assert any(b.x0 < x < b.x1 and b.y0 < y < b.y1 for b in boxes)
    assert all(b.share_inside(FRAME) > 0.999 for b in boxes)
    assert [b.area for b in boxes] == sorted((b.area for b in boxes), reverse=True)
