"""Calendars of editions: what each day holds, and which days lack an edition."""

from datetime import date, timedelta

from sqlalchemy import select

from presslens.app.db.claims import EventRow
from presslens.app.db.tables import PublicationRow
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.calendar import (
    COLUMNS,
    SHOWN,
    edition_calendar,
    publication_spans,
)
from presslens.app.services.statistics.edition_metrics import load_editions
from presslens.models.vocabulary import Focus

FIRST = date(2025, 12, 1)  # a Monday


def daily(add_summary, days, without=(), **options):
    """Add an edition a day, Sundays and some days aside; return ids by day."""
    every = (FIRST + timedelta(days=i) for i in range(days))
    return {
        day: add_summary(day, **options)
        for day in every
        if day.isoweekday() != 7 and day not in without
    }


def test_a_day_has_its_edition_and_what_it_is_like(home, add_summary):
    shares = {"focus_leader": 0.4, "focus_facility": 0.1}
    id_ = add_summary(FIRST, photos=40, pages=8, shares=shares, lead=Focus.FACILITY)
    (day,) = edition_calendar(home, "Rodong").days
    assert (day.edition, day.state, day.pages, day.photos, day.leader_photos) == (
        id_, "counted", 8, 40, 3,
    )  # fmt: skip
    assert day.front_lead_focus is Focus.FACILITY
    (served,) = load_editions(home, EditionCriteria("Rodong"), metrics=SHOWN).editions
    shares = [served.metrics[metric].value for metric in SHOWN[2:]]
    assert [day.leader_focus, day.facility_focus] == shares


def test_days_without_their_edition_are_missing(home, add_summary):
    gap = {date(2025, 12, 10), date(2025, 12, 11)}
    daily(add_summary, 28, without=gap)
    found = edition_calendar(home, "Rodong")
    assert found.missing == sorted(gap)
    assert found.weekdays == (1, 2, 3, 4, 5, 6)
    states = {one.day: one.state for one in found.days}
    assert states[date(2025, 12, 7)] == ""  # a Sunday
    assert found.editions == 22


def test_a_few_days_have_the_rhythm_of_the_whole_newspaper(home, add_summary):
    daily(add_summary, 28, without={date(2025, 12, 10)})
    found = edition_calendar(home, "Rodong", date(2025, 12, 8), date(2025, 12, 12))
    assert (len(found.days), found.missing) == (5, [date(2025, 12, 10)])


def test_what_statistics_leave_out_is_told_apart(home, add_summary):
    add_summary(FIRST, pages=6, seen=1)
    first = add_summary(FIRST + timedelta(days=1))
    second = add_summary(FIRST + timedelta(days=1))
    found = edition_calendar(home, "Rodong")
    assert [(one.state, one.photos) for one in found.days] == [
        ("incomplete", None),
        ("counted", 30),
    ]
    assert (found.days[1].edition, found.superseded) == (second, 1)
    assert first != second


def test_events_of_another_newspaper_are_not_told(home, add_summary):
    daily(add_summary, 8)
    add_summary(FIRST, publication="Minju")
    with home.database.write() as session:
        query = select(PublicationRow.name, PublicationRow.id)
        ids = {row.name: row.id for row in session.execute(query)}
        for i, publication in enumerate((None, ids["Rodong"], ids["Minju"])):
            day = FIRST + timedelta(days=6)
            row = EventRow(
                event_date=day, title=f"event {i}", source="x", publication_id=publication
            )
            session.add(row)
    spans = {one.publication: one for one in publication_spans(home)}
    assert (spans["Rodong"].editions, spans["Rodong"].first) == (7, FIRST)
    told = {one.day: list(one.events) for one in edition_calendar(home, "Rodong").days}
    assert "event 0" in told[FIRST + timedelta(days=6)]
    assert len(told[FIRST + timedelta(days=6)]) == 2


def test_rows_are_of_the_columns_and_of_days_with_something_to_tell(home, add_summary):
    daily(add_summary, 9)
    rows = list(edition_calendar(home, "Rodong").rows())
    assert [row["date"] for row in rows] == [
        f"2025-12-0{i}" for i in (1, 2, 3, 4, 5, 6, 8, 9)
    ]  # fmt: skip
    assert set(rows[0]) <= set(COLUMNS)
    assert edition_calendar(home, "Nobody").to_json()["days"] == []
