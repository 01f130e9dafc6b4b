"""A second upload of a day asks what it is, and nothing is stored until that is said."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from presslens.app.db.tables import EditionRow, PageRow, PhotoRow
from presslens.app.platform import clock
from presslens.app.platform.errors import Conflict, EditionExists, InvalidRequest
from presslens.app.services.catalogue.editions import find_edition
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.statistics.calendar import edition_calendar
from presslens.app.services.statistics.edition_composition import edition_composition


def rows(home):
    with home.database.read() as session:
        return session.scalars(select(EditionRow).order_by(EditionRow.id)).all()


def pages(home, edition_id):
    query = select(PageRow.number, PageRow.source).filter_by(edition_id=edition_id)
    with home.database.read() as session:
        return [tuple(row) for row in session.execute(query.order_by(PageRow.number))]


def test_other_bytes_of_a_day_ask(home, put, worker, scans, make):
    first = put(scans)
    worker.drain()
    with home.database.read() as session:
        photo = session.scalars(select(PhotoRow.id)).first()
    review_photo(home, NewReview(photo, "A", {"people": True}), now=clock.now())
    with pytest.raises(EditionExists, match="of 2019-12-16 already, number 1") as asked:
        put({"page_4.png": make(tint=9)}, mode=None)
    choices = asked.value.extensions["choices"]
    assert [choice["mode"] for choice in choices] == ["add", "replace", "separate"]
    assert {choice["edition"] for choice in choices} == {first.edition_id}
    assert asked.value.extensions["incoming"] == {"pages": 1, "photos": None}  # not looked at
    (there,) = asked.value.extensions["editions"]
    assert (there["photos"], there["answers"]) == (3, 1)
    assert (there["id"], there["pages"], there["issue"]) == (first.edition_id, 3, 1)
    assert [row.id for row in rows(home)] == [first.edition_id]
    assert not put(scans, mode=None).created
    assert not put({"x.png": scans["page_2.png"]}, mode=None).created, "it has this file already"


@pytest.mark.parametrize(
    ("name", "numbers", "expected"),
    [("page_4.png", None, 4), ("forgotten.png", None, 4), ("forgotten.png", [6], 6)],
)
@pytest.mark.sqlite_alone
def test_pages_are_added_by_the_numbers_that_are_known(
    home, edition, put, worker, make, name, numbers, expected
):
    added = put({name: make(tint=9)}, mode="add", page_numbers=numbers)
    assert (added.edition_id, added.created, added.added) == (edition, False, 1)
    worker.drain()
    assert pages(home, edition)[-1] == (expected, name)
    assert not put({name: make(tint=9)}, mode=None).created
    assert len(rows(home)) == 1


def test_added_pages_are_counted_and_taken_out_again(home, put, worker, scans, make, now):
    edition = put({name: scans[name] for name in ("page_1.png", "page_3.png")}).edition_id
    worker.drain()
    photos = edition_composition(home, edition).to_json()["photos"]
    before = canonical_dump(home)
    added = put({"scan.png": scans["page_2.png"]}, mode="add")
    worker.drain()
    assert pages(home, edition)[1] == (2, "scan.png"), "the gap is filled"
    composition = edition_composition(home, edition).to_json()
    assert (composition["pages"], composition["photos"]) == (3, photos + 2)
    assert not find_edition(home, edition).superseded
    undo_edit(home, added.edit_id, coder="B", now=now)
    assert canonical_dump(home) == before
    again = put({"scan.png": scans["page_2.png"]}, mode="add")
    undo_edit(home, again.edit_id, coder="B", now=now)
    assert canonical_dump(home) == before, "undone before a worker has found the pages"


@pytest.mark.sqlite_alone
def test_a_page_number_that_is_taken_is_refused(home, edition, put, make):
    with pytest.raises(Conflict, match=f"edition {edition} has a page 2 already"):
        put({"page_2.png": make(tint=9)}, mode="add")
    with pytest.raises(Conflict, match="a page 1, 3 already"):
        put({"a.png": make(tint=9), "b.png": make(tint=8)}, mode="add", page_numbers=[3, 1])
    assert len(pages(home, edition)) == 3


def test_an_upload_replaces_or_stands_beside(home, put, worker, scans, make, now):
    first = put(scans).edition_id
    later = now + timedelta(minutes=1)
    second = put({"page_1.png": make(tint=9)}, mode="replace", now=later).edition_id
    third = put({"page_1.png": make(tint=7)}, mode="separate", now=later).edition_id
    worker.drain()
    states = {one: find_edition(home, one) for one in (first, second, third)}
    assert [one.superseded for one in states.values()] == [True, False, False]
    assert [one.issue for one in states.values()] == [1, 1, 2]
    calendar = edition_calendar(home, "Rodong Sinmun")
    (of_day,) = calendar.days
    assert (calendar.editions, of_day.edition, of_day.others) == (2, second, (third,))
    latest = put({"page_2.png": make(tint=5)}, mode="add", now=later)
    assert latest.edition_id == third, "pages go to the latest that counts"
    named = put({"page_9.png": make(tint=4)}, mode="add", edition=second, now=later)
    assert named.edition_id == second
    with pytest.raises(InvalidRequest, match="is none of that newspaper and day"):
        put({"page_9.png": make(tint=3)}, mode="add", edition=99, now=later)


@pytest.mark.sqlite_alone
@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"publication": "  "}, "needs the name of its newspaper"),
        ({"day": "1592-01-01"}, "there were no newspapers"),
        ({"day": "tomorrow"}, "lies in the future"),
    ],
)
def test_impossible_editions_are_refused(home, put, scans, now, more, why):
    if more.get("day") == "tomorrow":
        more = {"day": now.date() + timedelta(days=2)}
    elif "day" in more:
        more = {"day": date.fromisoformat(more["day"])}
    with pytest.raises(InvalidRequest, match=why):
        put(scans, **more)
    assert rows(home) == []


def test_of_two_uploads_at_one_moment_one_asks(home, put, make):
    results = []

    def upload(tint):
        try:
            results.append(put({"page_1.png": make(tint=tint)}, mode=None).created)
        except EditionExists:
            results.append("asked")

    threads = [threading.Thread(target=upload, args=(tint,)) for tint in (3, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results, key=str) == [True, "asked"]
    assert len(rows(home)) == 1
