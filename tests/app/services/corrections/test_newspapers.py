"""Names, pages and weekdays of newspapers, merging them, and undoing both."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from presslens.app.db.claims import EventRow
from presslens.app.db.publications import find_publication
from presslens.app.db.queries import EditionScope
from presslens.app.db.tables import EditionRow
from presslens.app.platform.errors import Conflict, InvalidRequest, NotFound
from presslens.app.services.catalogue.publications import (
    find_newspaper,
    list_publications,
    newspaper_named,
)
from presslens.app.services.catalogue.trash import list_trash
from presslens.app.services.claims.claims import ClaimFilter, NewClaim, add_claim, list_claims
from presslens.app.services.claims.events import EventFilter, NewEvent, add_event, list_events
from presslens.app.services.corrections.newspaper_merge import (
    SameDay,
    find_merge,
    merge_newspapers,
    plan_merge,
)
from presslens.app.services.corrections.newspapers import (
    NewspaperChanges,
    add_newspaper,
    change_newspaper,
)
from presslens.app.services.corrections.undo import undo_edit
from presslens.app.services.edits.listing import find_edit
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.by_group import GroupBy, statistic
from presslens.pipelines.statistics.metrics import Metric

from ...first_states import made_once

FIRST = date(2025, 12, 1)


@pytest.fixture
def change(home, now):
    def apply(paper, **given):
        return change_newspaper(home, paper, NewspaperChanges(given), coder="A", now=now)

    return apply


@pytest.fixture
def undo(home, now):
    return lambda edit: undo_edit(home, edit, coder="B", now=now)


@pytest.fixture
@made_once
def two(home, add_summary):
    """Add two spellings of a newspaper with editions of three days each, one day in both."""
    ids = [add_summary(FIRST + timedelta(i), publication="Minju Joson") for i in range(3)]
    ids += [
        add_summary(FIRST + timedelta(i), photos=50, publication="minju-joson") for i in (2, 3, 4)
    ]
    papers = [newspaper_named(home, name).id for name in ("Minju Joson", "minju-joson")]
    return papers, ids


def test_a_newspaper_is_found_by_all_its_names_and_by_the_old_one(home, change, put, make):
    put({"a.png": make()}, publication="Minju")
    paper = newspaper_named(home, "Minju").id
    change(paper, name="Minju Choson", aliases=["민주조선", " 民主朝鮮 "])
    put({"b.png": make(tint=9)}, publication="민주조선", day=FIRST)
    put({"b.png": make(tint=9)}, publication="민주조선".encode().decode(), day=FIRST)
    state = find_newspaper(home, paper)
    assert state.publication == "Minju Choson"
    assert state.aliases == ["Minju", "民主朝鮮", "민주조선"]
    assert state.editions == 2
    with home.database.read() as session:
        for name in (state.publication, *state.aliases):
            assert find_publication(session, name).id == paper
        assert find_publication(session, "minju") is None


def test_edits_are_told_and_undone_in_turn_and_out_of_turn(home, change, undo, now):
    before = canonical_dump(home)
    paper, added = add_newspaper(home, "Minju", coder=None, now=now)
    renamed = change(paper, name="Minju Choson", usual_pages=4)
    days = change(paper, weekdays=[5, 1, 1], languages=["kor", "fa"], country="Iran", kind="state")
    assert change(paper, weekdays=[1, 5]) is None
    assert str(find_edit(home, renamed).text) == (
        "Minju Choson: renamed from Minju; usually 4 pages"
    )
    assert str(find_edit(home, days).text) == (
        "Minju Choson: published on Mondays, Fridays; written in ko, fa; published in IR;"
        " of the kind state"
    )
    undo(renamed)  # the weekdays are no part of it
    assert find_newspaper(home, paper).weekdays == [1, 5]
    again = change(paper, usual_pages=6)
    last = change(paper, usual_pages=8)
    with pytest.raises(Conflict, match=f"number {last} of"):
        undo(again)
    for edit in (last, again, days, added):
        undo(edit)
    assert canonical_dump(home) == before


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"name": "로동신문"}, Conflict, "is a name of Rodong Sinmun"),
        ({"aliases": ["Rodong Sinmun"]}, Conflict, "merge the two newspapers"),
        ({"name": " "}, InvalidRequest, "a name is one line"),
        ({"usual_pages": 0}, InvalidRequest, "pages"),
        ({"weekdays": [8]}, InvalidRequest, "1, which is Monday"),
        *(
            ({"languages": [text]}, InvalidRequest, "is no language")
            for text in ("?", "en-ZZ", "en-Zxxx", "sr@latin")
        ),
        *(
            ({"country": text}, InvalidRequest, "is no country")
            for text in ("ZZ", "XA", "EU", "UN")
        ),
        ({"country": "XX"}, InvalidRequest, "is no country"),
        ({"kind": "large"}, InvalidRequest, "state, party, commercial, other"),
    ],
)
def test_what_can_not_be_is_refused(home, change, now, given, error, says):
    paper, _ = add_newspaper(home, "Minju", coder=None, now=now)
    with pytest.raises(error, match=says):
        change(paper, **given)
    with pytest.raises(NotFound):
        change(99, **given)


def test_claims_keep_their_newspaper(home, change, undo, now):
    rodong = newspaper_named(home, "Rodong Sinmun").id
    seeded = {
        one.id
        for one in list_claims(home, ClaimFilter(publication="Rodong Sinmun"), limit=99).items
    }
    edit = change(rodong, name="Workers' Newspaper", aliases=["로동신문"])
    assert seeded <= {
        one.id for one in list_claims(home, ClaimFilter(publication="로동신문"), limit=99).items
    }
    claim = NewClaim("many", "photos > 1", "로동신문", FIRST, FIRST, key="many")
    add_claim(home, claim, now=now)
    (named,) = list_claims(home, ClaimFilter(key="many"), limit=1).items
    assert named.publication == "Workers' Newspaper"
    with pytest.raises(Conflict, match="claim many is about"):
        undo(edit)
    with pytest.raises(Conflict, match="keep that among the aliases"):
        change(rodong, aliases=[])


def test_a_merged_newspaper_counts_as_one_and_comes_back(home, two, undo, now):
    (stays, goes), ids = two
    assert find_newspaper(home, stays).similar == [goes]
    add_event(home, NewEvent(FIRST, "Its day", publication="minju-joson"))
    before = canonical_dump(home)
    (planned,) = plan_merge(home, stays, goes).served().to_json()["conflicts"]
    assert {how: one["editions"] for how, one in planned["counts_if"].items()} == {
        "replace": [ids[3]], "separate": [ids[2], ids[3]],
    }  # fmt: skip
    done = merge_newspapers(home, stays, goes, coder="A", now=now)
    served = done.served().to_json()
    assert find_merge(home, stays, done.edit).served().to_json() == served
    names = "date", "kept", "moved", "same_scans", "counts"
    assert [{name: one[name] for name in names} for one in served["conflicts"]] == [
        {"date": "2025-12-03", "kept": [ids[2]], "moved": [ids[3]], "same_scans": [],
         "counts": [ids[3]]}
    ]  # fmt: skip
    assert list(done.editions) == ids[3:]
    state = find_newspaper(home, stays)
    assert (state.editions, state.superseded, state.aliases) == (5, 1, ["minju-joson"])
    metric = Metric("photos")
    for name in ("Minju Joson", "minju-joson"):
        found = statistic(home, metric, EditionCriteria(name), by=GroupBy.NONE)
        assert len(found.groups[0].editions) == 5
        titles = [one.title for one in list_events(home, EventFilter(publication=name),
                                                   limit=200).items]  # fmt: skip
        assert "Its day" in titles
    with pytest.raises(NotFound):
        find_newspaper(home, goes)
    undo(done.edit)
    assert canonical_dump(home) == before
    assert find_newspaper(home, goes).editions == 3
    with pytest.raises(NotFound):
        find_merge(home, stays, done.edit)
    with home.database.read() as session:
        assert (
            session.scalars(select(EventRow.publication_id).filter_by(title="Its day")).one()
            == goes
        )


def test_editions_of_one_day_may_be_issues_of_their_own(home, two, undo, now):
    (stays, goes), ids = two
    done = merge_newspapers(home, stays, goes, same_day=SameDay.SEPARATE, coder=None, now=now)
    assert find_newspaper(home, stays).editions == 6
    assert done.served().to_json()["conflicts"][0]["counts"] == [ids[2], ids[3]]
    undo(done.edit)
    with home.database.read() as session:
        assert set(session.scalars(select(EditionRow.issue))) == {1}


def test_the_same_scans_of_one_day_are_kept_once(home, put, make, worker, undo, now):
    for paper in ("Minju", "minju"):
        put({"a.png": make()}, publication=paper)
    put({"b.png": make(tint=9)}, publication="minju", day=FIRST)
    worker.drain()
    before = canonical_dump(home)
    stays, goes = (newspaper_named(home, name).id for name in ("Minju", "minju"))
    plan = plan_merge(home, stays, goes)
    assert plan.same_scans == [2]
    told = [
        (one["id"], one["pages"]) for one in plan.served().to_json()["conflicts"][0]["editions"]
    ]
    assert told == [(1, 1), (2, 1)]
    done = merge_newspapers(home, stays, goes, coder=None, now=now)
    assert [one.id for one in list_trash(home, EditionScope("minju"), limit=9).items] == [2]
    assert find_newspaper(home, stays).editions == 2
    undo(done.edit)
    worker.drain()
    assert canonical_dump(home) == before
    assert find_newspaper(home, goes).editions == 2


def test_later_changes_stand_in_the_way_of_parting(home, two, change, undo, now):
    (stays, goes), ids = two
    done = merge_newspapers(home, stays, goes, coder=None, now=now)
    later = change(stays, aliases=[])
    with pytest.raises(Conflict, match=f"number {later} of"):
        undo(done.edit)
    undo(later)
    third, _ = add_newspaper(home, "Third", coder=None, now=now)
    with home.database.write() as session:
        session.get(EditionRow, ids[3]).publication_id = third
    with pytest.raises(Conflict, match=f"edition {ids[3]} is of another newspaper"):
        undo(done.edit)
    with pytest.raises(InvalidRequest, match="with itself"):
        plan_merge(home, stays, stays)


def test_days_are_missing_by_what_people_say(home, add_summary, change):
    for i in range(8):  # Monday 1 December to Monday 8
        if i != 2:
            add_summary(FIRST + timedelta(i), publication="Daily")
    paper = newspaper_named(home, "Daily")
    assert (paper.weekdays, paper.missing) == (None, 0)  # no Wednesday is known
    change(paper.id, weekdays=[1, 2, 3, 4, 5])
    paper = newspaper_named(home, "Daily")
    assert (paper.rhythm, paper.missing) == ([1, 2, 3, 4, 5], 1)
    assert {one.publication: one.missing for one in list_publications(home)} == {
        "Daily": 1, "Rodong Sinmun": None,
    }  # fmt: skip
