import pytest

from presslens.samples.area import Area

PAGE = Area(64, 84, 1536, 2236)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (Area(10, 0, 20, 10), False),
        (Area(9, 0, 20, 10), True),
        (Area(0, 10, 10, 20), False),
        (Area(2, 2, 4, 4), True),
    ],
)
def test_areas_that_only_touch_do_not_overlap(other, expected):
    assert Area(0, 0, 10, 10).overlaps(other) is expected


def test_top_and_left_leave_the_gap_out():
    assert PAGE.top(100, gap=10)[1].y0 == PAGE.y0 + 110
    assert PAGE.left(100, gap=10)[1].x0 == PAGE.x0 + 110
