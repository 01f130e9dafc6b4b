from datetime import date, timedelta

import pytest

from presslens.pipelines.statistics.reference_editions import (
    Excluded,
    MatchCriterion,
    appears_on,
    choose_reference_editions,
    missing_days,
    same_day_editions,
)

MONDAY = date(2025, 12, 1)


def days(n, *, start=MONDAY, step=1):
    return [start + timedelta(step * i) for i in range(n)]


def test_the_newest_complete_ones_before_it_are_used(make_facts):
    editions = [make_facts(day) for day in days(20)]
    found = choose_reference_editions(editions[10], editions, n=4)
    assert [one.date.day for one in found.used] == [10, 9, 8, 7]
    assert [one.date.day for one in found.earlier] == list(range(10, 0, -1))
    assert found.missing == ()


def test_other_newspapers_are_passed_over(make_facts):
    editions = [make_facts(day, publication="Minju Choson") for day in days(5)]
    assert choose_reference_editions(make_facts(date(2025, 12, 9)), editions, n=9).earlier == ()


def test_partial_superseded_and_waiting_editions_are_listed(make_facts):
    editions = [make_facts(day) for day in days(9)]
    editions[6] = make_facts(editions[6].date, pages_seen=5)
    late = make_facts(editions[4].date, pages=8)
    waiting = Excluded(99, date(2025, 12, 10), "waiting")
    before = Excluded(98, date(2025, 11, 1), "waiting")
    found = choose_reference_editions(
        make_facts(date(2025, 12, 11)), [*editions, late], n=60, left_out=[waiting, before]
    )
    assert [(one.date.day, one.reason) for one in found.excluded] == [
        (10, "waiting"), (7, "partial"), (5, "superseded"),
    ]  # fmt: skip
    assert len(found.used) == 8
    assert late in found.used
    assert found.missing == ()


@pytest.mark.parametrize(
    ("match", "used"),
    [
        ({MatchCriterion.PAGES}, [11, 6]),
        ({MatchCriterion.WEEKDAY}, [9, 2]),
        ({MatchCriterion.PAGES, MatchCriterion.WEEKDAY}, []),
    ],
)
def test_they_are_matched_on_request(make_facts, match, used):
    editions = [make_facts(d, pages=8 if d.day in (6, 11) else 6) for d in days(15)]
    found = choose_reference_editions(
        make_facts(date(2025, 12, 16), pages=8), editions, n=60, match=frozenset(match)
    )
    assert [one.date.day for one in found.used] == used


@pytest.mark.parametrize(
    ("dates", "rhythm"),
    [
        (days(7), (1, 2, 3, 4, 5, 6, 7)),
        (days(6), ()),
        (days(10, step=7), (1,)),
        ([day for day in days(60) if day.isoweekday() < 7], (1, 2, 3, 4, 5, 6)),
        ([*days(60), *days(60, start=date(2020, 6, 1))], (1, 2, 3, 4, 5, 6, 7)),
        ([*days(10, step=7), date(2025, 12, 3)], (1,)),
    ],
)
def test_the_rhythm_is_told_from_the_editions(dates, rhythm):
    assert appears_on(dates) == rhythm


def test_days_of_the_rhythm_without_an_edition_are_missing(make_facts):
    kept = [day for day in days(30) if day.isoweekday() != 7 and day.day not in (10, 11)]
    found = choose_reference_editions(make_facts(date(2025, 12, 31)), map(make_facts, kept), n=60)
    assert found.rhythm == (1, 2, 3, 4, 5, 6)
    assert [day.day for day in found.missing] == [11, 10]


def test_without_a_rhythm_no_day_is_missing():
    assert missing_days([], MONDAY, MONDAY + timedelta(9), ()) == ()


def test_editions_of_the_same_day_in_earlier_years(make_facts):
    edition = make_facts(date(2025, 4, 15))
    kept = [make_facts(date(year, 4, 15)) for year in (2024, 2021)]
    others = [
        make_facts(date(2026, 4, 15)),
        make_facts(date(2024, 4, 14)),
        make_facts(date(2023, 4, 15), pages_seen=4),
        make_facts(date(2022, 4, 15), publication="Minju Joson"),
    ]
    assert same_day_editions(edition, [*others, *kept]) == tuple(kept)
