"""What is unusual in many editions at once, as workers store it."""

from datetime import date, timedelta

import numpy as np
import pytest
from sqlalchemy import select

from presslens.app.db.claims import EventRow
from presslens.app.db.queries import EditionScope
from presslens.app.db.statistics import EditionFlagsRow, EditionSummaryRow
from presslens.app.db.tables import PhotoRow, PublicationRow
from presslens.app.platform import clock
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.statistics.baseline import edition_baseline
from presslens.app.services.statistics.flag_editions import flag_editions, uncompared_newspapers
from presslens.app.services.statistics.unusual import FlagState, unusual_editions
from presslens.models.message import Message

from ...first_states import made_once

FIRST = date(2025, 9, 1)
PAPER = "Rodong"


@pytest.fixture
@made_once
def editions(add_summary):
    """Ninety days with a trend, gaps, partial and superseded editions, and a few odd ones."""
    rng = np.random.default_rng(4)
    ids = []
    for i in range(90):
        if i in (33, 34):
            continue
        odd = i in (25, 61, 88)
        ids.append(
            add_summary(
                FIRST + timedelta(days=i),
                pages=8 if odd else 6,
                photos=90 if odd else int(rng.integers(28, 36)) + i // 10,
                seen=5 if i == 40 else 1 if i == 50 else None,
                shares={"children": 0.4 if odd else 0.05 + 0.02 * (i % 4), "people": 0.9},
                lead="facility" if odd else "leader",
            )
        )
    ids.append(add_summary(FIRST + timedelta(days=70), photos=31, shares={"children": 0.05}))
    return ids


def compare(home, publication=PAPER, *, busy=False, later=timedelta()):
    """Do what a worker does for a newspaper, and return its id."""
    with home.database.read() as session:
        key = session.scalars(select(PublicationRow.id).filter_by(name=publication)).one()
    flag_editions(home, key, now=clock.now() + later, busy=busy)
    return key


def waiting(home, *, busy=False, later=timedelta()):
    with home.database.read() as session:
        now = clock.now() + later
        return list(session.scalars(uncompared_newspapers(home.recipe, now=now, busy=busy)))


def states(home):
    return {one.state for one in unusual_editions(home, EditionScope()).editions}


def test_flags_are_those_of_each_baseline(home, editions):
    compare(home)
    found = unusual_editions(home, EditionScope())
    assert [one.date for one in found.editions] == sorted(one.date for one in found.editions)
    assert len(found.editions) == len(editions) - 2
    assert {one.date for one in found.unusual} >= {FIRST + timedelta(days=d) for d in (25, 61, 88)}
    for one in (*found.unusual, *found.editions[::9]):
        flags = edition_baseline(home, one.id).to_json()["flags"]
        assert [flag.to_json() for flag in one.flags] == flags
        assert all(isinstance(flag.reason, Message) for flag in one.flags)
    kinds = {flag.kind for one in found.unusual for flag in one.flags}
    assert kinds >= {"rare", "extreme", "first_change"}


def test_unusual_editions_are_served_with_their_scope(home, editions):
    compare(home)
    scope = EditionScope(PAPER, FIRST + timedelta(days=60), FIRST + timedelta(days=69))
    found = unusual_editions(home, scope, recipe=home.recipe.id[:12])
    document = found.to_json()
    assert (document["editions"], document["waiting"], document["stale"]) == (10, 0, 0)
    (one,) = document["unusual"]
    assert one["date"] == "2025-11-01"
    assert one["state"] == "current"
    flags = {flag["metric"]: flag for flag in one["flags"]}
    assert (flags["pages"]["value"], flags["pages"]["usual"]) == (8.0, 6.0)
    assert flags["front_lead_focus"]["value"] is None
    assert (
        "; the machine's reading, which nobody has checked" in flags["front_lead_focus"]["reason"]
    )
    rows = list(found.rows())
    assert [row["metric"] for row in rows] == list(flags)
    assert {row["edition"] for row in rows} == {one["edition"]}
    assert found.of(one["edition"]).pages == 8
    assert found.of(editions[0]) is None


def test_flags_are_waiting_then_current_then_stale(home, editions, add_summary):
    assert states(home) == {FlagState.WAITING}
    assert unusual_editions(home, EditionScope()).unusual == []
    key = compare(home)
    assert states(home) == {FlagState.CURRENT}
    assert waiting(home) == []
    new = add_summary(FIRST + timedelta(days=90), photos=95, shares={"children": 0.1})
    found = unusual_editions(home, EditionScope())
    assert found.of(new).state is FlagState.WAITING
    assert found.of(editions[25]).state is FlagState.STALE
    assert found.of(editions[25]).flags
    assert waiting(home) == [key]
    compare(home)
    assert states(home) == {FlagState.CURRENT}
    assert "photos" in {
        flag.metric for flag in unusual_editions(home, EditionScope()).of(new).flags
    }


def test_what_changes_no_number_only_makes_a_worker_look(home, editions):
    key = compare(home)
    with home.database.write() as session:
        session.add(PublicationRow(name="Minju Choson"))
    assert waiting(home) == [key]
    before = home.database.revision()
    compare(home)
    assert home.database.revision() == before
    assert waiting(home) == []
    assert states(home) == {FlagState.CURRENT}


def test_while_other_work_waits_flags_are_made_again_after_a_pause(home, editions):
    key = compare(home)
    with home.database.write() as session:
        session.get_one(EditionSummaryRow, (editions[-2], home.recipe.id)).photos = 300
    assert waiting(home, busy=True) == [key]
    compare(home, busy=True)
    assert states(home) >= {FlagState.STALE}
    assert waiting(home, busy=True) == []
    assert waiting(home, busy=False) == [key]
    later = timedelta(hours=1)
    assert waiting(home, busy=True, later=later) == [key]
    compare(home, busy=True, later=later)
    assert states(home) == {FlagState.CURRENT}
    assert 300.0 in {flag["value"] for flag in flags_of(home, editions[-2])}


def flags_of(home, edition):
    with home.database.read() as session:
        return session.get_one(EditionFlagsRow, (edition, home.recipe.id)).flags


def test_a_worker_compares_what_it_has_summarised(home, put, scans, worker, now):
    ids = [
        put(scans, day=FIRST + timedelta(days=i), publication=PAPER).edition_id for i in range(2)
    ]
    worker.drain()
    found = unusual_editions(home, EditionScope())
    assert [(one.id, one.state) for one in found.editions] == [
        (id_, FlagState.CURRENT) for id_ in ids
    ]
    with home.database.read() as session:
        photo = session.scalars(select(PhotoRow.id)).first()
    review_photo(home, NewReview(photo, "A", {"people": True}), now=now)
    assert states(home) == {FlagState.STALE}
    worker.drain()
    assert states(home) == {FlagState.CURRENT}
    with home.database.write() as session:
        session.add(EventRow(event_date=FIRST, title="t", source="s"))
    worker.drain()
    assert states(home) == {FlagState.CURRENT}
    assert not worker.round()
