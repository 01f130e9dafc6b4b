"""What is cached is computed once and follows work and what people say."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from presslens.app.db.claims import EventRow
from presslens.app.db.queries import ANY_EDITION
from presslens.app.db.tables import EditionRow, OutcomeRow, PageRow, PhotoRow
from presslens.app.installation import open_installation
from presslens.app.services.cached import cached, cached_result
from presslens.app.services.catalogue.edition_version import edition_version
from presslens.app.services.catalogue.pages import find_page
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.by_group import GroupBy, statistic
from presslens.app.services.statistics.calendar import edition_calendar
from presslens.app.services.statistics.edition_composition import (
    edition_composition_document,
    page_composition_document,
)
from presslens.app.services.statistics.unusual import unusual_editions
from presslens.app.web.edition import stored_view
from presslens.pipelines.statistics.metrics import Metric

DAY = date(2025, 12, 1)
BLOCKS = [(20, 20, 300, 200), (20, 240, 300, 420)]


def numbers(home, edition, page):
    every = EditionCriteria()
    view = stored_view(home, edition)
    pages = list(view.pages)
    return [
        edition_composition_document(home, edition),
        page_composition_document(home, find_page(home, page)),
        statistic(home, Metric("people"), every, by=GroupBy.EDITION).to_json(),
        edition_calendar(home, "Rodong Sinmun").to_json(),
        unusual_editions(home, ANY_EDITION).to_json(),
        pages,
        view.ruler,
        view.baseline,
    ]


@pytest.mark.sqlite_alone
def test_what_is_cached_follows_work_and_what_people_say(
    home, client, worker, put, make, beside, now
):
    edition = put({"a.png": make(BLOCKS), "b.png": make(BLOCKS, tint=4)}, day=DAY).edition_id
    seen = []

    def check(what, *, changed=True):
        """Compare with what is made of the database without a cache."""
        cached_numbers = numbers(home, edition, page)
        with open_installation(home.settings) as another:
            assert cached_numbers == numbers(another, edition, page), what
        told = repr(cached_numbers)
        assert (told not in seen) is changed, what
        seen.append(told)
        return cached_numbers

    worker.round()
    with home.database.read() as session:
        page = session.scalars(select(PageRow.id).order_by(PageRow.id)).first()
    check("uploaded")
    while worker.round():
        check("worked on", changed=repr(numbers(home, edition, page)) not in seen)
    check("analysed", changed=False)
    with home.database.read() as session:
        photo = session.scalars(select(PhotoRow.id).order_by(PhotoRow.id)).first()
    review_photo(home, NewReview(photo, "A", {"people": True, "buildings": False}), now=now)
    check("a review")
    box = {"box": [200, 430, 300, 438], "coder": "A"}
    assert client.post(f"/api/v1/pages/{page}/photos", json=box).status_code == 201
    check("a photo is drawn")
    worker.drain()
    check("it is looked at")
    put({"a.png": make(tint=9)}, day=DAY + timedelta(days=1))
    worker.drain()
    check("another edition is finished")
    with home.database.write() as session:
        session.add(EventRow(event_date=DAY, title="told", source="s"))
    check("an event")
    figure = client.post("/api/v1/figures", json={"name": "Kim", "role": "leader"}).json()["id"]
    check("a figure")
    files = [("files", ("a.png", make(faces=1)))]
    client.post(f"/api/v1/figures/{figure}/references", files=files)
    check("a reference")
    while worker.round():
        check("read again", changed=repr(numbers(home, edition, page)) not in seen)
    with beside() as other:
        assert edition_composition_document(other, edition)["shares"]["people"]["n"] == 0
    with home.database.write() as session:
        session.execute(update(EditionRow).values(edition_date=DAY + timedelta(days=9)))
    check("another day")


def test_a_page_that_is_observed_again_is_another_version(home, worker, put, make):
    edition = put({"a.png": make(BLOCKS)}).edition_id
    worker.drain()
    before = edition_version(home, edition)
    assert edition_version(home, edition) == before
    with home.database.write() as session:
        [outcome] = session.scalars(select(OutcomeRow))
        outcome.seen_at += timedelta(seconds=1)
    assert edition_version(home, edition) != before


def test_what_many_ask_for_at_once_is_made_once(home):
    made, ready = [], threading.Barrier(8)

    def make():
        made.append(1)
        threading.Event().wait(0.05)
        return "made"

    @cached
    def asked(_home, _metrics, *, by):
        return make() + by

    found = []

    def ask():
        ready.wait()
        found.append(asked(home, ["people"], by="month"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found, len(made)) == (["mademonth"] * 8, 1)
    assert asked(home, ["crowd"], by="year") == "madeyear"
    assert len(made) == 2


def test_what_fails_is_not_cached_and_keeps_nobody_waiting(home):
    def fail():
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            cached_result(home, ("a",), fail)
    assert cached_result(home, ("a",), lambda: 1) == 1
