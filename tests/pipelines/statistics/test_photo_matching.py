import pytest

from presslens.models.geometry import Box
from presslens.pipelines.statistics.photo_matching import match_photos, nearest_photo, same_frames

LEFT, RIGHT = Box(0, 0, 100, 100), Box(200, 0, 300, 100)
NEAR = LEFT.moved(20, 0)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([], [], []), ([LEFT], [], []), ([], [LEFT], []),
        ([LEFT, RIGHT], [RIGHT, LEFT], [(0, 1), (1, 0)]), ([LEFT], [NEAR], [(0, 0)]),
        ([LEFT], [LEFT.moved(50, 0)], []), ([LEFT], [NEAR, LEFT], [(0, 1)]),
        ([LEFT, NEAR], [LEFT], [(0, 0)]), ([LEFT], [Box(0, 0, 100, 50)], [(0, 0)]),
        ([LEFT], [Box(0, 0, 100, 49.9)], []),
        ([LEFT, Box(40, 0, 140, 100)], [Box(45, 0, 145, 100)], [(1, 0)]),
    ],
)  # fmt: skip
def test_boxes_of_one_photo_are_matched(old, new, expected):
    assert match_photos(old, new) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([LEFT, RIGHT], [RIGHT, NEAR], [(0, 1), (1, 0)]),
        ([LEFT], [Box(0, 0, 100, 70), Box(0, 70, 100, 100)], []),  # split, most of it in one part
        ([Box(0, 0, 100, 70), Box(0, 70, 100, 100)], [LEFT], []),  # joined
        ([LEFT], [NEAR, Box(30, 10, 60, 40)], [(0, 0)]),  # another one within, as found anew
        ([LEFT, Box(30, 10, 60, 40)], [NEAR], [(0, 0)]),
        ([LEFT], [LEFT.moved(50, 0)], []),
        ([], [LEFT], []),
    ],
)
def test_a_frame_is_one_photo_that_was_neither_split_nor_joined(old, new, expected):
    assert same_frames(old, new) == expected


@pytest.mark.parametrize(
    ("photos", "expected"),
    [
        ([], None), ([RIGHT], None), ([RIGHT, LEFT], 1), ([NEAR, LEFT], 1),
        ([Box(0, 0, 100, 50)], 0), ([Box(0, 0, 100, 49.9)], None),
    ],
)  # fmt: skip
def test_a_reviewed_box_is_of_the_photo_that_it_overlaps_most(photos, expected):
    assert nearest_photo(LEFT, photos) == expected
