"""Pages of newspapers: names, days, what looks the same, and the plan of a merge."""

import re
from datetime import date, timedelta

import pytest

from presslens.app.services.catalogue.publications import newspaper_named

from ..first_states import made_once
from .conftest import shown

FIRST = date(2025, 12, 1)


@pytest.fixture
@made_once
def papers(home, add_summary):
    """Add a newspaper under two spellings, with an edition of one day in both."""
    for i in range(8):
        add_summary(FIRST + timedelta(i), publication="Minju Choson")
    add_summary(FIRST, publication="minju choson")
    return [newspaper_named(home, name).id for name in ("Minju Choson", "minju choson")]


def test_newspapers_that_look_the_same_are_merged_after_a_look(client, papers):
    stays, goes = papers
    page = shown(client, "/newspapers")
    assert f'href="/newspapers/{stays}?merge={goes}#merge"' in page
    assert "로동신문" in page
    document = client.get("/newspapers.json").json()["publications"]
    assert {one["id"]: one["similar"] for one in document}[stays] == [goes]
    assert client.get("/newspapers.csv").text.count("\n") == 4
    words = re.sub(r"\s+", " ", shown(client, f"/newspapers/{stays}", merge=goes))
    assert "1 edition moves here" in words
    assert "Both have an edition of 1 day" in words
    assert 'name="same_day" value="separate"' in words
    assert words.count("0 pages, photos not known</a>") == 2  # summaries alone have no pages
    plan = client.get(f"/newspapers/{stays}.json", params={"merge": goes}).json()["merge"]
    assert plan["conflicts"][0]["date"] == "2025-12-01"
    assert [one["pages"] for one in plan["conflicts"][0]["editions"]] == [0, 0]
    shown(client, f"/newspapers/{stays}", 404, merge=99)


def test_days_without_an_edition_are_told_apart(client, papers):
    stays, _ = papers
    given = {"weekdays": [1, 2, 3, 4, 5, 6], "aliases": ["민주조선"],
             "languages": ["fa"], "country": "IR", "kind": "party"}  # fmt: skip
    client.patch(f"/api/v1/publications/{stays}", json=given)
    page = shown(client, "/timeline", publication="민주조선")
    assert "Minju Choson over time" in page
    assert re.search(r"Not published on:\s*Sunday", page)
    page = shown(client, f"/newspapers/{stays}")
    assert "Monday, Tuesday" in page
    assert "also called" in page
    assert "Persian (right to left) · Iran · party" in page
    assert "No leader of Minju Choson is enrolled" in page
    korean = {"lang": "ko"}  # the reader reads its name in that script; it is asked for by its own
    page = shown(client, f"/newspapers/{stays}", **korean)
    assert "<h1>민주조선</h1>" in page
    assert "민주조선의 지도자는 등록되어 있지 않습니다" in page
    page = shown(client, "/timeline", publication="Minju Choson", **korean)
    assert "<h1>민주조선의 시간에 따른 변화</h1>" in page
    assert '<option value="Minju Choson" selected>민주조선</option>' in page
    assert "언어: 페르시아어; 발행 국가: 이란" in shown(client, "/edits", **korean)
