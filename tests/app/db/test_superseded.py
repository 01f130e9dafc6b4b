"""Superseded editions: the query must agree with the rule of statistics."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from presslens.app.db.queries import EditionScope
from presslens.app.db.superseded import superseded_editions
from presslens.app.db.tables import EditionRow
from presslens.app.services.catalogue.editions import find_edition, list_editions
from presslens.app.services.catalogue.photo_filter import PhotoFilter
from presslens.app.services.catalogue.photos import list_photos
from presslens.app.services.shares.selection import EditionCriteria, select_editions

from ..first_states import made_once

BROKEN = {"broken.png": b"no picture"}
DAYS = [date(2019, 12, day) for day in range(16, 21)]


@pytest.fixture
@made_once
def uploads(home, worker, put, make):
    """Return the ids of uploads: good twice; good, then broken; broken, then good; and so on."""
    plan = [
        (DAYS[0], {"a.png": make()}), (DAYS[0], {"a2.png": make(tint=3)}),
        (DAYS[1], {"b.png": make(tint=5)}), (DAYS[1], BROKEN),
        (DAYS[2], BROKEN), (DAYS[2], {"c.png": make(tint=7)}),
        (DAYS[3], BROKEN), (DAYS[3], {"broken2.png": b"none either"}),
        (DAYS[4], {"e.png": make(tint=9)}),
    ]  # fmt: skip
    ids = [put(files, day=day).edition_id for day, files in plan]
    other = put({"f.png": make(tint=11)}, publication="Pyongyang Times", day=DAYS[0]).edition_id
    worker.drain()
    return [*ids, other]


def queried(home):
    with home.database.read() as session:
        return sorted(session.scalars(superseded_editions(home.recipe)))


def left_out(home):
    with home.database.read() as session:
        found = select_editions(session, EditionCriteria(), home.recipe)
    return sorted(one.id for one in found.left_out if one.reason == "superseded")


def test_the_query_agrees_with_statistics(home, uploads):
    assert queried(home) == left_out(home) == [uploads[0], uploads[3], uploads[4]]


def test_the_later_upload_counts_whatever_its_id(home, uploads):
    with home.database.write() as session:
        first = session.get_one(EditionRow, uploads[0])
        later = first.created_at + timedelta(days=1)
        session.execute(update(EditionRow).filter_by(id=first.id).values(created_at=later))
    assert queried(home) == left_out(home) == [uploads[1], uploads[3], uploads[4]]


def test_nothing_is_superseded_before_it_is_analysed(home, put, make):
    for tint in (1, 2):
        put({"a.png": make(tint=tint)})
    assert queried(home) == left_out(home) == []


def test_editions_say_so_and_photos_are_listed_once(home, uploads):
    assert find_edition(home, uploads[0]).to_json()["superseded"] is True
    assert find_edition(home, uploads[1]).to_json()["superseded"] is False
    listed = list_editions(home, EditionScope(), limit=20).editions
    assert sorted(one.id for one in listed if one.superseded) == queried(home)

    def editions(asked):
        return [one.edition_id for one in list_photos(home, asked, limit=100).photos]

    assert uploads[0] not in editions(PhotoFilter())
    assert uploads[0] in editions(PhotoFilter(superseded=True))
    assert set(editions(PhotoFilter(EditionScope(edition=uploads[0])))) == {uploads[0]}
