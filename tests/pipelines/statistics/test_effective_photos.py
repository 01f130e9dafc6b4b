"""Found photos and what people say of them make the photos that count."""

from hypothesis import given, settings
from hypothesis import strategies as st

from presslens.models.geometry import Box
from presslens.pipelines.statistics.page_places import (
    PageMark,
    PageStatement,
    effective_photos,
    page_check,
)

GRID = [Box(0.05 + 0.3 * i, 0.05 + 0.3 * j, 0.3 + 0.3 * i, 0.3 + 0.3 * j)
    for j in range(3) for i in range(3)]  # fmt: skip
"""Places that are apart; photos are found at the first four."""

FOUND, MISSED = GRID[:4], GRID[8]
HALVES = Box(0.05, 0.05, 0.3, 0.17), Box(0.05, 0.18, 0.3, 0.3)


def says(coder, *marks, checked=False, adjudicates=False):
    return PageStatement(coder, checked, adjudicates, marks)


def draws(place, *boxes):
    return PageMark(place, len(boxes), boxes)


def shown(*statements, detected=FOUND):
    photos = effective_photos(detected, statements)
    return [detected[one.detected] if one.detected is not None else one.box for one in photos], [
        one.detected is None for one in photos
    ]


def test_what_is_missed_moved_split_joined_or_none_takes_the_stead_of_what_was_found():
    assert shown() == (FOUND, [False] * 4)
    moved = GRID[0].moved(0.02, 0.02)
    assert shown(says("A", draws(MISSED, MISSED))) == ([*FOUND, MISSED], [False] * 4 + [True])
    assert shown(says("A", draws(FOUND[0], moved)))[0] == [*FOUND[1:], moved]
    assert shown(says("A", draws(FOUND[0])))[0] == FOUND[1:]
    assert shown(says("A", draws(FOUND[0], *HALVES)))[0] == [*FOUND[1:], *HALVES]
    union = FOUND[0].union(FOUND[1])
    joined = says("A", draws(FOUND[0], union), draws(FOUND[1]))
    assert shown(joined)[0] == [*FOUND[2:], union]


def test_a_drawn_box_that_is_the_found_one_is_the_found_photo():
    assert shown(says("A", draws(FOUND[0], FOUND[0], HALVES[0]))) == (
        [*FOUND, HALVES[0]],
        [False] * 4 + [True],
    )


def test_the_latest_adjudication_decides_and_without_it_the_one_before():
    first, second = HALVES
    edits = [
        says("A", draws(FOUND[0], first)),
        says("B", draws(FOUND[0], second), adjudicates=True),
        says("A", draws(FOUND[0]), adjudicates=True),
    ]
    assert shown(*edits)[0] == FOUND[1:]
    assert shown(*edits[:2])[0] == [*FOUND[1:], second]
    assert shown(edits[0])[0] == [*FOUND[1:], first]


def test_coders_who_count_otherwise_leave_what_was_found():
    assert shown(says("A", draws(FOUND[0])), says("B", checked=True))[0] == FOUND
    assert shown(says("A", draws(MISSED, MISSED)), says("B", checked=True))[0] == FOUND


def test_human_boxes_outlive_what_another_recipe_finds():
    """The new recipe finds the union, the halves and the missed photo by itself, a little off."""
    off = 0.005
    joined = FOUND[0].union(FOUND[1])
    edits = [says("A", draws(FOUND[0], joined), draws(FOUND[1])), says("A", draws(MISSED, MISSED))]
    again = [joined.moved(off, 0), FOUND[2], FOUND[3], MISSED.moved(0, off)]
    boxes, drawn = shown(*edits, detected=again)
    assert (set(boxes), drawn) == ({*FOUND[2:], joined, MISSED}, [False, False, True, True])
    check = page_check(again, [4] * 4, edits, drawn=False)
    assert (check.correction, check.change) == (0, 0)
    split = says("A", draws(FOUND[0], *HALVES))
    assert shown(split, detected=[half.moved(off, 0) for half in HALVES])[0] == list(HALVES)


@st.composite
def statements(draw):
    """Draw what coders say: of places apart, where each draws as many photos as they say."""
    marks = []
    for index in draw(st.lists(st.integers(0, 8), max_size=3, unique=True)):
        place = GRID[index]
        n = draw(st.integers(0 if index < 4 else 1, 3))
        width = place.width / max(n, 1)
        boxes = tuple(
            Box(place.x0 + i * width, place.y0, place.x0 + (i + 0.9) * width, place.y1)
            for i in range(n)
        )
        marks.append(draws(place, *boxes))
    return says(
        draw(st.sampled_from("ABC")),
        *marks,
        checked=draw(st.booleans()),
        adjudicates=draw(st.booleans()),
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(statements(), max_size=5))
def test_the_count_is_that_of_the_photos(said):
    photos = effective_photos(FOUND, said)
    check = page_check(FOUND, [4] * len(FOUND), said, drawn=False)
    assert len(FOUND) + check.correction == len(photos)
    assert check.change == 0
    kept = [photo.detected for photo in photos if photo.detected is not None]
    assert kept == sorted(set(kept))
    for photo in photos:
        if photo.detected is None:
            assert photo.box in photo.place.boxes


@settings(max_examples=50, deadline=None)
@given(st.lists(statements(), max_size=4), st.sampled_from([*range(4), 8]), st.integers(0, 2))
def test_an_edit_in_place_decides_its_place_and_no_other(said, index, n):
    place = GRID[index]
    boxes = [Box(place.x0 + 0.08 * i, place.y0, place.x0 + 0.08 * i + 0.07, place.y1)
        for i in range(n)]  # fmt: skip
    before = effective_photos(FOUND, said)
    edit = says("D", draws(place, *boxes), adjudicates=True)
    after = effective_photos(FOUND, [*said, edit])

    def there(photos, inside):
        return [one.box for one in photos if (one.box.share_inside(place) > 0.5) == inside]

    assert there(after, True) == boxes
    assert there(after, False) == there(before, False)
