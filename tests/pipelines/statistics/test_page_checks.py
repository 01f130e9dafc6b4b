from presslens.models.geometry import Box
from presslens.pipelines.statistics.page_places import (
    PageMark,
    PageStatement,
    page_check,
    place_counts,
)

FOUND = [Box(0.1, 0.1, 0.3, 0.3), Box(0.5, 0.1, 0.9, 0.3)]
CELLS = [5, 8]
MISSED = Box(0.1, 0.6, 0.4, 0.8)


def said(coder, *marks, checked=False, adjudicates=False):
    return PageStatement(coder, checked, adjudicates, tuple(PageMark(*mark) for mark in marks))


def check(*statements, drawn=False):
    return page_check(FOUND, CELLS, statements, drawn=drawn)


def test_a_mark_settles_its_own_photo_and_not_the_page():
    one = check(said("A", (FOUND[0], 0)))
    assert (one.whole, one.false, one.extra, one.change) == (False, (5,), 0, -1)
    assert one.area < 0


def test_a_checked_page_counts_what_was_missed_and_what_holds_several():
    one = check(said("A", (FOUND[1], 3), (MISSED, 1), checked=True), drawn=True)
    assert (one.whole, one.drawn, one.false, one.extra) == (True, True, (), 3)
    assert one.area == MISSED.area


def test_a_coders_later_mark_replaces_the_earlier_one():
    one = check(said("A", (FOUND[0], 0)), said("A", (FOUND[0], 1), checked=True))
    assert (one.whole, one.change) == (True, 0)


def test_coders_who_disagree_leave_the_page_open_until_somebody_decides():
    both = said("A", (MISSED, 1), checked=True), said("B", checked=True)
    assert (check(*both).whole, check(*both).change) == (False, 0)
    assert [place.photos for place in place_counts(FOUND, both)] == [1, 1, None]
    decided = check(*both, said("C", (MISSED, 1), adjudicates=True))
    assert (decided.whole, decided.change) == (True, 1)


def test_a_missed_photo_that_another_recipe_finds_is_counted_once():
    later = page_check([*FOUND, MISSED], [*CELLS, 5], [said("A", (MISSED, 1), checked=True)],
        drawn=False)  # fmt: skip
    assert (later.whole, later.extra) == (True, 0)
