"""An edition against rows of previous ones, on both databases."""

from datetime import date, timedelta

import pytest

from presslens.app.db.claims import EventRow
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.services.statistics.baseline import edition_baseline
from presslens.pipelines.statistics.flags import BaselineRules, Flag
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.reference_editions import MatchCriterion

from ...first_states import made_once

TODAY = date(2025, 12, 16)
CHILDREN = Metric("children")


def back(days):
    return TODAY - timedelta(days)


@pytest.fixture
@made_once
def archive(add_summary):
    """Add 30 days of six pages, with gaps, and eight pages the day before; give today's id."""
    add_summary(back(31), pages=8, photos=70, shares={"children": 0.05}, lead="facility")
    for i in range(30, 0, -1):
        if i in (12, 13):
            continue
        share = {"children": 0.03 + 0.01 * (i % 4)}
        seen = 5 if i == 3 else 1 if i == 4 else None
        add_summary(back(i), photos=30 + i % 7, shares=share, seen=seen, lead="leader")
    add_summary(back(5), photos=31, shares={"children": 0.05}, lead="leader")
    add_summary(back(2), photos=99, publication="Minju Choson")
    return add_summary(TODAY, pages=8, photos=104, shares={"children": 0.3}, lead="facility")


def test_an_edition_is_held_against_those_before_it(home, archive):
    found = edition_baseline(home, archive, metrics=[Metric("pages"), Metric("photos"), CHILDREN])
    previous = found.baseline.previous
    assert len(previous.used) == 27
    assert [one.reason for one in previous.excluded] == ["partial", "incomplete", "superseded"]
    assert previous.missing == (back(12), back(13))
    pages, photos, children = found.baseline.standings
    assert (pages.flag, pages.last) == (Flag.OUTLIER, 28)
    assert (photos.flag, photos.rank, photos.last) == (Flag.EXTREME, 1, None)
    assert (children.flag, children.usual.n) == (Flag.EXTREME, 27)


def test_flags_say_why(home, archive):
    document = edition_baseline(home, archive).to_json()
    reasons = {flag["metric"]: flag["reason"] for flag in document["flags"]}
    assert reasons["pages"] == "8 pages; usual 6; last time 28 editions ago"
    assert reasons["photos"].endswith("the most of the last 27 editions")
    assert reasons["front_lead_focus"] == (
        "front page's lead photo: facility; usual leader (26 of 27); last time 28 editions ago;"
        " the machine's reading, which nobody has checked in this newspaper"
    )
    assert reasons["children"].startswith("children 30 % (")
    assert reasons["children"].endswith("the most of the last 27 editions")
    assert document["recipe"] == home.recipe.id
    assert document["baseline"]["missing_count"] == 2


def test_pages_are_remembered_from_before_the_baseline(home, archive):
    metrics = [Metric("pages"), Metric("photos")]
    found = edition_baseline(home, archive, metrics=metrics, rules=BaselineRules(n=20)).baseline
    assert len(found.previous.used) == 20
    assert [standing.last for standing in found.standings] == [28, None]


def test_editions_are_matched_on_request(home, archive):
    rules = BaselineRules(match=frozenset([MatchCriterion.PAGES]))
    found = edition_baseline(home, archive, rules=rules).baseline
    assert [one.date for one in found.previous.used] == [back(31)]
    assert not found.enough
    assert not [standing for standing in found.standings if standing.flag]


def test_the_first_edition_has_nothing_to_be_held_against(home, add_summary):
    edition = add_summary(date.min, shares={"children": 0.1})
    found = edition_baseline(home, edition).baseline
    assert found.previous.used == ()
    assert all(standing.usual is None for standing in found.standings)


def test_an_upload_that_another_one_replaced_can_still_be_asked_for(home, archive, add_summary):
    add_summary(TODAY, pages=6, photos=31, shares={"children": 0.05})
    found = edition_baseline(home, archive, metrics=[Metric("photos")]).baseline
    assert found.standings[0].estimate.value == 104
    assert found.standings[0].usual.n == 27


def test_what_can_not_be_held_against_others_is_said(home, add_summary, put, scans):
    with pytest.raises(NotFound):
        edition_baseline(home, 99)
    waiting = put(scans).edition_id
    with pytest.raises(InvalidRequest, match="not analysed yet"):
        edition_baseline(home, waiting)
    with pytest.raises(InvalidRequest, match="too few pages"):
        edition_baseline(home, add_summary(TODAY, seen=1))
    with pytest.raises(InvalidRequest, match="at most 60"):
        edition_baseline(
            home, add_summary(TODAY), metrics=[Metric(f"label:{i}") for i in range(61)]
        )


def test_an_anniversary_is_marked_and_compared(home, archive, add_summary, now):
    with home.database.write() as session:
        session.add(
            EventRow(event_date=date(2020, 12, 16), title="A feast", source="", seeded=False)
        )
    add_summary(date(2024, 12, 16), photos=90, shares={"children": 0.2})
    found = edition_baseline(home, archive, metrics=[Metric("photos")])
    assert found.anniversaries == ("A feast (2020)",)
    document = found.to_json()
    assert [one["date"] for one in document["anniversary"]["editions"]] == ["2024-12-16"]
    assert document["metrics"][0]["anniversary"] == {
        "n": 1, "median": 90.0, "lowest": 90.0, "highest": 90.0
    }  # fmt: skip


def test_seeded_anniversaries_are_of_their_newspapers(home, add_summary):
    edition = add_summary(date(2025, 4, 15), publication="Rodong Sinmun")
    other = add_summary(date(2025, 4, 15), publication="Rodong")
    assert edition_baseline(home, edition).anniversaries == ("birthday of Kim Il Sung",)
    assert edition_baseline(home, other).anniversaries == ()


def test_flags_say_how_often_they_err_and_what_they_find(home, archive):
    document = edition_baseline(home, archive, metrics=[CHILDREN]).to_json()
    (row,) = document["metrics"]
    assert row["basis"] == "machine"
    assert row["compared_value"] == row["value"]
    flagged, of = row["false_flags"]["flagged"], row["false_flags"]["of"]
    assert (of, document["false_flag_share"]) == (27, round(flagged / 27, 4))
    assert flagged <= 1
    low, high = row["detectable"]["below"], row["detectable"]["above"]
    assert low is None or low < row["usual"]
    assert row["usual"] < high < 0.3
