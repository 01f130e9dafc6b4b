import pytest
from hypothesis import given
from hypothesis import strategies as st

from presslens.lab.training.photos.score import PageScore, SetScore, match, overlaps, score_page
from presslens.models.geometry import Box

A, B, C = Box(0, 0, 100, 100), Box(200, 0, 300, 100), Box(0, 200, 100, 300)
WIDE = Box(0, 0, 150, 100)  # IoU 2/3 with A


@pytest.mark.parametrize(
    ("found", "labelled", "ignored", "expected"),
    [
        ([], [], [], (0, 0, 0)),
        ([A], [], [], (0, 1, 0)),
        ([], [A], [], (1, 0, 0)),
        ([A, B], [B, A], [], (2, 2, 2)),
        ([A, C], [A, B], [], (2, 2, 1)),
        ([WIDE], [A], [], (1, 1, 1)),
        ([A, WIDE], [A], [], (1, 2, 1)),  # a photo is matched once
        ([A], [A, WIDE], [], (2, 1, 1)),
        ([A, C], [A], [C], (1, 1, 1)),  # neither right nor wrong
        ([A], [A], [A], (1, 1, 1)),  # a match is right all the same
        ([Box(0, 0, 40, 100)], [A], [], (1, 1, 0)),
    ],
)
def test_score_page(found, labelled, ignored, expected):
    score = score_page(found, labelled, ignored)
    assert (score.labelled, score.detected, score.matched) == expected
    assert score.faultless is (len(set(expected)) == 1)


def test_a_strict_match_is_counted_apart():
    score = score_page([WIDE, B], [A, B], [WIDE])
    assert (score.detected, score.matched) == (2, 2)
    assert (score.detected_strictly, score.matched_strictly) == (1, 1)  # WIDE is excused there


LEFT, RIGHT, BOTH = Box(0, 0, 98, 100), Box(102, 0, 200, 100), Box(0, 0, 200, 100)


@pytest.mark.parametrize(
    ("found", "labelled", "merged", "split"),
    [
        ([BOTH], [LEFT, RIGHT], 1, 0),
        ([LEFT, RIGHT], [LEFT, RIGHT], 0, 0),
        ([Box(0, 0, 155, 100)], [LEFT, RIGHT], 0, 0),  # covers but half of the other one
        ([Box(0, 0, 165, 100)], [LEFT, RIGHT], 1, 0),
        ([Box(-50, 0, 400, 300)], [LEFT, RIGHT, C], 1, 0),
        ([BOTH], [BOTH, Box(150, 50, 190, 90)], 0, 0),  # one photo is printed inside the other
        ([LEFT, RIGHT], [BOTH], 0, 1),
        ([LEFT], [BOTH], 0, 0),  # a piece alone
        ([BOTH, LEFT, RIGHT], [BOTH], 0, 0),  # it was found as well
        ([Box(0, 0, 60, 100), Box(70, 0, 160, 100), RIGHT], [BOTH, C], 0, 1),
    ],
)
def test_merges_and_splits(found, labelled, merged, split):
    score = score_page(found, labelled)
    assert (score.merged, score.split) == (merged, split)


@pytest.mark.parametrize(
    ("found", "labelled", "distracted"),
    [
        ([A], [], 1),
        ([A, A], [], 1),  # the distractor is counted, not the boxes
        ([Box(0, 0, 30, 30)], [], 1),  # a piece of it
        ([Box(60, 0, 160, 100)], [], 0),
        ([Box(-20, -20, 120, 120)], [], 1),
        ([A], [A], 0),  # a photo, whatever it lies in
        ([A, B], [], 1),
    ],
)
def test_distractors_that_were_taken_for_photos(found, labelled, distracted):
    assert score_page(found, labelled, (), [A]).distracted == distracted


def test_as_many_as_possible_are_matched():
    # the first found box is best with the second label, but then the other one would have none
    left, right = Box(0, 0, 100, 100), Box(20, 0, 120, 100)
    found = [Box(12, 0, 112, 100), Box(48, 0, 148, 100)]
    assert score_page(found, [left, right]).matched == 2


@pytest.mark.parametrize(("iou", "matched"), [(0.5, 1), (0.66, 1), (0.67, 0), (0.9, 0)])
def test_a_match_needs_the_overlap(iou, matched):
    assert len(match([WIDE], [A], iou=iou).hit) == matched


corners = st.integers(0, 300)
sides = st.integers(5, 200)
boxes = st.lists(
    st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), corners, corners, sides, sides),
    max_size=8,
)


@given(boxes, boxes, st.randoms())
def test_order_does_not_matter(found, labelled, chance):
    score = score_page(found, labelled)
    chance.shuffle(found)
    chance.shuffle(labelled)
    again = score_page(found, labelled)
    assert (again.labelled, again.detected, again.matched, again.merged) == (
        score.labelled,
        score.detected,
        score.matched,
        score.merged,
    )


@given(boxes, boxes, boxes, boxes)
def test_scores_are_bounded(found, labelled, ignored, distractors):
    score = score_page(found, labelled, ignored, distractors)
    assert 0 <= score.matched_strictly <= score.matched
    assert score.matched <= min(score.labelled, score.detected) <= score.detected <= len(found)
    assert score.merged <= len(found)
    assert score.split <= score.labelled - score.matched
    assert score.distracted <= len(distractors)
    total = SetScore((score,))
    assert 0 <= total.f1_strictly <= 1
    assert 0 <= total.f1 <= 1
    assert 0 <= total.recall <= 1


def test_overlaps_of_nothing_have_a_shape():
    assert overlaps([], [A, B]).shape == (0, 2)
    assert overlaps([A], []).shape == (1, 0)


def test_pages_add_up():
    score = SetScore(
        (
            PageScore(4, 5, 3, 5, 2, merged=1, split=0, distracted=2),
            PageScore(6, 5, 5, 5, 4, merged=0, split=3, distracted=0),
            PageScore(0, 2, 0, 2, 0),
        )
    )
    assert score.photos == 10
    assert score.false == 4
    assert score.recall == pytest.approx(0.8)
    assert score.f1 == pytest.approx(2 * 8 / 22)
    assert score.f1_strictly == pytest.approx(2 * 6 / 22)
    assert score.count_error == pytest.approx(4 / 3)
    assert (score.merges, score.splits) == pytest.approx((10, 30))
    assert score.distracted == 2


def test_no_pages_add_up_to_nothing_wrong():
    empty = SetScore(())
    assert (empty.f1, empty.f1_strictly, empty.recall, empty.count_error) == (1.0, 1.0, 1.0, 0.0)
    assert (empty.false, empty.merges, empty.splits) == (0, 0, 0)


def test_the_interval_draws_pages_and_holds_the_figure():
    mixed = SetScore(tuple(PageScore(10, 10, matched) for matched in (10, 10, 4, 9, 0, 8)))
    interval = mixed.f1_interval()
    assert interval == mixed.f1_interval()
    assert interval[0] < mixed.f1 - 0.1
    assert interval[1] > mixed.f1 + 0.1
    assert SetScore((PageScore(5, 5, 4),) * 9).f1_interval() == pytest.approx((0.8, 0.8))
    assert SetScore((PageScore(5, 5, 4),)).f1_interval() is None
    assert SetScore((PageScore(0, 0, 0),) * 2).f1_interval() == (1.0, 1.0)
