"""The status of a drawn photo, and how far coders have come."""

import pytest

from presslens.pipelines.statistics.consensus import CoderAnswer
from presslens.pipelines.statistics.sample_item import (
    ItemProgress,
    ItemStatus,
    item_status,
    reached_items,
)


def said(*answers, measure="people"):
    return [
        CoderAnswer(i, coder, measure, shows, adjudicates=coder == "judge")
        for i, (coder, shows) in enumerate(answers)
    ]


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ([], ItemStatus.OPEN),
        ([("A", True)], ItemStatus.ANSWERED),
        ([("A", None)], ItemStatus.CANT_TELL),
        ([("A", None), ("B", False)], ItemStatus.ANSWERED),
        ([("A", True), ("B", False)], ItemStatus.DISAGREEMENT),
        ([("A", True), ("B", False), ("judge", False)], ItemStatus.ADJUDICATED),
        ([("A", True), ("A", None)], ItemStatus.CANT_TELL),
    ],
)
def test_what_coders_made_of_a_photo(answers, status):
    assert item_status(said(*answers), "people") is status
    assert item_status(said(*answers), "crowd") is ItemStatus.OPEN


def test_the_derived_measure_is_answered_by_its_parts():
    leader = said(("A", True), measure="leader")
    assert item_status(leader, "leader_and_facility") is ItemStatus.OPEN
    buildings = said(("A", False), measure="buildings")
    assert item_status([*leader, *buildings], "leader_and_facility") is ItemStatus.CANT_TELL
    focus = said(("A", True), measure="focus_facility")
    assert item_status([*leader, *focus], "leader_and_facility") is ItemStatus.ANSWERED
    other = said(("B", False), measure="buildings")
    disputed = [*leader, *said(("A", True), measure="buildings"), *other]
    assert item_status(disputed, "leader_and_facility") is ItemStatus.DISAGREEMENT


def progress(text, coder=None):
    """Return items: c coded since the draw, b coded before it, . open."""
    return [ItemProgress(coder, mark != ".", mark == "c") for mark in text]


@pytest.mark.parametrize(
    ("marks", "reached"),
    [
        ("....", 0),
        ("cc..", 2),
        ("c.c.", 3),  # the second was passed over
        (".b..", 0),  # what was coded before the draw does not tell how far coders came
        ("b...", 1),
        ("ccb.", 3),
        ("bbbb", 4),
    ],
)
def test_coders_come_to_items_in_their_order(marks, reached):
    assert reached_items(progress(marks)) == [i < reached for i in range(len(marks))]


def test_each_coder_has_an_end_of_their_own():
    mixed = [*progress("cc", "A"), *progress("..", "B")]
    assert reached_items([mixed[i] for i in (0, 2, 1, 3)]) == [True, False, True, False]
