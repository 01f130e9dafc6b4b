from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.geometry import Box
from models.photos.evaluate import PageScore, SetScore, measures, score_page

A, B, C = Box(0, 0, 100, 100), Box(200, 0, 300, 100), Box(0, 200, 100, 300)
WIDE = Box(0, 0, 150, 100)  # IoU 2/3 with A


@pytest.mark.parametrize(
    ("found", "labelled", "ignored", "expected"),
    [
        ([], [], [], PageScore(0, 0, 0, 0.0)),
        ([A], [], [], PageScore(0, 1, 0, 0.0)),
        ([], [A], [], PageScore(1, 0, 0, 0.0)),
        ([A, B], [B, A], [], PageScore(2, 2, 2, 1.0)),
        ([A, C], [A, B], [], PageScore(2, 2, 1, 1.0)),
        ([WIDE], [A], [], PageScore(1, 1, 1, pytest.approx(2 / 3))),
        ([A, WIDE], [A], [], PageScore(1, 2, 1, 1.0)),  # a photo is matched once
        ([A], [A, WIDE], [], PageScore(2, 1, 1, 1.0)),
        ([A, C], [A], [C], PageScore(1, 1, 1, 1.0)),  # neither right nor wrong
        ([A], [A], [A], PageScore(1, 1, 1, 1.0)),  # a match is right all the same
        ([Box(0, 0, 40, 100)], [A], [], PageScore(1, 1, 0, 0.0)),
    ],
)
def test_score_page(
    found: list[Box], labelled: list[Box], ignored: list[Box], expected: PageScore
) -> None:
    assert score_page(found, labelled, ignored) == expected


def test_as_many_as_possible_are_matched() -> None:
    # the first found box is best with the second label, but then the other one would have none
    left, right = Box(0, 0, 100, 100), Box(20, 0, 120, 100)
    found = [Box(12, 0, 112, 100), Box(48, 0, 148, 100)]
    assert score_page(found, [left, right]).matched == 2


@pytest.mark.parametrize(("iou", "matched"), [(0.5, 1), (0.66, 1), (0.67, 0), (0.9, 0)])
def test_a_match_needs_the_overlap(iou: float, matched: int) -> None:
    assert score_page([WIDE], [A], iou=iou).matched == matched


corners = st.integers(0, 300)
sides = st.integers(5, 200)
boxes = st.lists(
    st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), corners, corners, sides, sides),
    max_size=8,
)


@given(boxes, boxes, st.randoms())
def test_order_does_not_matter(
    found: list[Box], labelled: list[Box], chance: random.Random
) -> None:
    score = score_page(found, labelled)
    chance.shuffle(found)
    chance.shuffle(labelled)
    again = score_page(found, labelled)
    assert (again.matched, again.found, again.labelled) == (
        score.matched,
        score.found,
        score.labelled,
    )
    assert again.mean_iou == pytest.approx(score.mean_iou)


@given(boxes, boxes, boxes)
def test_scores_are_bounded(found: list[Box], labelled: list[Box], ignored: list[Box]) -> None:
    score = score_page(found, labelled, ignored)
    assert 0 <= score.matched <= min(score.labelled, score.found) <= len(found)
    assert score.mean_iou == 0 or 0.5 <= score.mean_iou <= 1
    total = SetScore((score,))
    assert 0 <= total.f1 <= 1
    assert 0 <= total.recall <= 1


def test_pages_add_up() -> None:
    score = SetScore((PageScore(4, 5, 3, 0.8), PageScore(6, 5, 5, 0.9), PageScore(0, 2, 0, 0)))
    assert score.photos == 10
    assert score.false == 4
    assert score.recall == pytest.approx(0.8)
    assert score.f1 == pytest.approx(2 * 8 / 22)
    assert score.count_error == pytest.approx(4 / 3)


def test_no_pages_add_up_to_nothing_wrong() -> None:
    empty = SetScore(())
    assert (empty.f1, empty.recall, empty.false, empty.count_error) == (1.0, 1.0, 0, 0.0)


def test_measures_name_data_and_n() -> None:
    rows = measures({"an edition": SetScore((PageScore(4, 5, 3, 0.8),))})
    assert {row.station for row in rows} == {"photos"}
    assert {row.data for row in rows} == {"an edition, 1 pages"}
    assert {row.n for row in rows} == {4}
    values = {row.what: row.value for row in rows}
    assert values["recall at IoU 0.5"] == pytest.approx(0.75)
    assert values["false photos"] == 2
