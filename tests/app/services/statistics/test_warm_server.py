"""A server that has read an archive before tells the same numbers as one that is opened now."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from presslens.app.db import archive_view
from presslens.app.db.tables import PhotoRow
from presslens.app.installation import open_installation
from presslens.app.services.analysis.jobs import ReprintJob
from presslens.app.services.catalogue.pages import page_ids
from presslens.app.services.corrections.pages import change_page
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.shares.selection import EditionCriteria, select_editions
from presslens.app.services.statistics.edition_composition import edition_composition_document
from presslens.models.vocabulary import Focus

DAY = date(2019, 12, 16)
API = "/api/v1"


def later(days):
    return DAY + timedelta(days=days)


@pytest.fixture
def reviewed(home, client, put, worker, scans, make, now):
    """Return an edition all of whose photos show a leader, as people say."""
    figure = client.post(f"{API}/figures", json={"name": "Kim", "role": "leader"}).json()
    face = [("files", ("a.png", make(faces=1, tint=3)))]
    client.post(f"{API}/figures/{figure['id']}/references", files=face).raise_for_status()
    edition = put(scans).edition_id
    worker.drain()
    with home.database.read() as session:
        photos = session.scalars(select(PhotoRow.id)).all()
    for photo in photos:
        answers = {"leader": True, "figure:Kim": True}
        review_photo(home, NewReview(photo, "A", answers, Focus.LEADER), now=now)
    return edition


def leader_photos(home):
    with home.database.read() as session:
        editions = select_editions(session, EditionCriteria(), home.recipe, numbers=True).editions
    return [(edition.row.edition_date, edition.row.leader_photos) for edition in editions]


def test_answers_count_in_every_edition_that_prints_their_photos(
    home, settings, reviewed, put, worker, scans, make, now
):
    assert leader_photos(home) == [(DAY, 3)]
    put(scans, day=later(1))
    other = put({"page_1.png": make(tint=9)}, day=later(3)).edition_id
    worker.drain()
    assert leader_photos(home) == [(DAY, 3), (later(1), 3), (later(3), 0)]
    page = dict(page_ids(home, reviewed))[2]
    change_page(home, page, edition_id=other, coder="B", now=now)
    worker.drain()
    told = leader_photos(home)
    assert told == [(DAY, 1), (later(1), 3), (later(3), 2)]
    with open_installation(settings) as cold:
        assert told == leader_photos(cold)


def test_reprints_are_counted_once_the_last_photo_is_compared(
    home, settings, worker, put, scans, make, monkeypatch
):
    monkeypatch.setattr(ReprintJob, "a_round", 1)
    monkeypatch.setattr(ReprintJob, "batch", 1)
    put(scans)
    worker.drain()
    page = make([(20, 20, 150, 200), (170, 20, 300, 200)], tint=60)
    with open_installation(settings) as server:
        edition = put({"page_2.png": page}, day=later(1)).edition_id
        while worker.round():
            edition_composition_document(server, edition)
        worker.drain()
        counted = edition_composition_document(server, edition)["photos_without_reprints"]
    with open_installation(settings) as cold:
        assert counted == edition_composition_document(cold, edition)["photos_without_reprints"]
    assert counted == 2


@pytest.fixture
def large(client, monkeypatch):
    """Return a client of a large archive in which no later revision of a worker counts."""
    monkeypatch.setattr(archive_view, "LARGE", 0)
    monkeypatch.setattr(archive_view, "_BACKGROUND", SimpleNamespace(submit=lambda *_: 0))
    client.app.state.home.database.views.revisions.has_readers = True
    return client


def test_summaries_that_are_made_again_are_read_whole_before_they_count(large, put, worker, make):
    edition = put({"page_1.png": make(tint=9)}).edition_id
    put({"page_1.png": make(tint=8)}, day=later(3))
    worker.drain()
    large.app.state.home.database.views.revisions._number = -1  # what is there counts
    for asked in ("stats?metric=people&by=edition", "photos?subject=people", "photos/facets"):
        large.get(f"{API}/{asked}").raise_for_status()
    counting = large.app.state.home.database.view().number
    page = make([(20, 20, 150, 200), (170, 20, 300, 200)], tint=31)
    put({"page_4.png": page}, mode="add")
    worker.drain()
    assert large.app.state.home.database.view().number == counting
    asked = (
        "stats?metric=children&by=edition", "stats/composition", "photos?subject=children",
        "photos?label=indoor", "photos/facets", f"editions/{edition}/composition",
    )  # fmt: skip
    for address in (*(f"{API}/{one}" for one in asked), f"/editions/{edition}", "/gallery"):
        assert large.get(address).status_code == 200, address
