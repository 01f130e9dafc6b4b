"""The timeline: its numbers lead to editions and photos, and all of it is in its address."""

import re
from datetime import date, timedelta

import pytest

from presslens.app.db.claims import EventRow

from ..first_states import made_once
from .conftest import shown

FIRST = date(2025, 10, 1)
RODONG = {"publication": "Rodong"}


@pytest.fixture
@made_once
def archive_of_days(home, add_summary):
    """Ninety editions of one newspaper, eighty of another, and an event."""
    with home.database.write() as session:
        session.add(EventRow(event_date=date(2025, 10, 20), title="A visit", source="x"))
    for i in range(90):
        day = FIRST + timedelta(days=i)
        many = 60 if day >= date(2025, 11, 20) else 20
        add_summary(day, photos=many + i % 5, shares={"children": 0.2, "focus_leader": 0.3})
        if i < 80:
            add_summary(day, photos=30 + i % 3, shares={"children": 0.4}, publication="Minju")


def test_an_empty_archive_says_what_to_do(client):
    assert "There are no editions yet" in shown(client, "/timeline")
    assert client.get("/timeline.svg").status_code == 404
    assert client.get("/timeline.json").json()["publications"] == []


def test_the_newspaper_with_the_most_editions_comes_first_and_each_day_opens_its_edition(
    client, archive_of_days
):
    page = shown(client, "/timeline")
    assert "<h1>Rodong over time</h1>" in page
    assert page.index("December 2025</a>") < page.index("October 2025</a>")
    page = shown(client, "/timeline", **RODONG)
    assert len(re.findall(r'<td class="counted"><a href="/editions/(\d+)">', page)) == 90
    assert "1 October 2025: 6 pages, 20 photos, 3 of the leader" in page
    assert "A visit" in page
    page = shown(client, "/timeline", **RODONG, by="edition")
    assert "<b>20 November 2025</b>" in page  # a change, which leads to a comparison
    assert "a_from=2025-11-20&amp;b_publication=Rodong&amp;b_to=2025-11-19" in page


def test_the_trend_and_its_break_are_said_with_intervals_and_drawn(client, archive_of_days):
    page = shown(client, "/timeline", **RODONG)
    assert re.search(r"Rodong, trend: \+[\d.]+ \([^)]*\) a month, differs from zero\.", page)
    broken = {**RODONG, "break": "2025-11-20"}
    page = shown(client, "/timeline", **broken)
    assert re.search(r"Change of level on 20 November 2025: \+\d[^,]*, differs from zero\.", page)
    assert "90 editions as clusters" in page
    document = client.get("/timeline.json", params=broken).json()
    trend = client.get("/api/v1/stats/trend", params={**broken, "metric": "photos"}).json()
    assert trend.pop("permalink")
    assert document["trends"] == [trend]
    drawn = client.get("/timeline.vl.json", params=broken).json()
    rows = [row for rows in drawn["datasets"].values() for row in rows if "shown" in row]
    lines = [row for row in rows if "end" in row]
    ends = {round(row["end"], 6) for row in lines}
    assert {trend["line"][1]["value"], trend["line"][3]["value"]} <= ends
    slope, level, turn = (one["low"] > 0 or one["high"] < 0 for one in trend["coefficients"][1:])
    assert [row["shown"] for row in lines[-2:]] == [slope, level or turn]
    dashed = "dashed: those that may be zero" in page
    assert dashed is not all(row["shown"] for row in rows)
    shares = shown(client, "/timeline", metric="children", **RODONG)
    assert "no photo was drawn by chance" in shares
    late = shown(client, "/timeline", **RODONG, **{"break": "2030-01-01"})
    assert "nothing from 1 January 2030 on: choose another day" in late


def test_a_value_leads_to_its_photos_and_a_month_to_its_days(client, archive_of_days):
    page = shown(client, "/timeline", metric="children", by="month", **RODONG)
    gallery = "/gallery?publication=Rodong&amp;"
    assert f"{gallery}from=2025-10-01&amp;to=2025-10-31&amp;subject=children" in page
    closer = re.search(r'<a href="(/timeline\?[^"]*)">October 2025</a>', page)
    nearer = shown(client, closer[1].replace("&amp;", "&"))
    assert "31 October 2025</a>" in nearer
    assert "30 November 2025</a>" not in nearer
    days = {"from": "2025-10-10", "to": "2025-11-05"}
    page = shown(client, "/timeline", by="month", **RODONG, **days)  # parts of two months
    assert f"{gallery}from=2025-10-10&amp;to=2025-10-31" in page
    assert f"{gallery}from=2025-11-01&amp;to=2025-11-05" in page
    assert "by=edition&amp;from=2025-10-10&amp;to=2025-10-31" in page


def test_few_editions_are_shown_one_by_one_and_many_by_month(client, archive_of_days, add_summary):
    def grouped(**asked):
        return client.get("/timeline.json", params=asked).json()["query"]["by"]

    assert grouped(**RODONG) == "edition"
    add_summary(FIRST + timedelta(days=90))
    assert grouped() == "month"
    assert grouped(**{"from": "2025-12-01"}) == "edition"


def test_two_newspapers_stand_beside_each_other(client, archive_of_days):
    params = {**RODONG, "beside": "Minju", "by": "month"}
    page = shown(client, "/timeline", **params)
    assert "<h1>Rodong and Minju over time</h1>" in page
    assert page.count('<table class="month">') == 6
    document = client.get("/timeline.json", params=params).json()
    assert document["publications"] == ["Rodong", "Minju"]
    assert [len(one["days"]) for one in document["calendars"]] == [90, 80]
    rows = client.get("/timeline.csv", params=params).text.splitlines()
    assert len(rows) == 1 + 3 + 3
    spec = client.get("/timeline.vl.json", params=params).json()
    assert spec["$schema"].startswith("https://vega.github.io")
    for kind, start in (("png", b"\x89PNG"), ("svg", b"<svg"), ("pdf", b"%PDF")):
        answer = client.get(f"/timeline.{kind}", params={"metric": "children", "lang": "ko"})
        assert answer.content.startswith(start)


def test_what_cannot_be_asked_is_refused(client, archive_of_days):
    for metric in ("nothing", "figure:Nobody"):
        assert client.get("/timeline", params={"metric": metric}).status_code == 422
    assert client.get("/timeline", params={"from": "2026-01-01", "to": "2025-01-01"}).is_error
    shown(client, "/timeline", **{"from": "", "to": "", "beside": "", "page": ""})
    assert "did you mean Rodong?" in shown(client, "/timeline", 404, publication="Rodnog")
    for asked in ({"beside": "Nobody"}, {"publication": "Nobody"}, {"recipe": "ffffffff"}):
        for address in ("/timeline", "/timeline.json"):
            assert client.get(address, params=asked).status_code == 404
    for days in ({"from": "2030-01-01"}, {"from": "9999-12-31"}, {"to": "2000-01-01"},
                 {"from": "0001-01-01", "to": "0001-01-02"}):  # fmt: skip
        page = shown(client, "/timeline", **days)
        assert "No edition of these days is analysed yet." in page
        assert client.get("/timeline.json", params=days).status_code == 200


def test_the_chart_is_drawn_and_a_brush_is_a_filter(served, tab, archive_of_days):
    tab.goto(f"{served}/timeline?publication=Rodong&by=edition")
    tab.wait_for_selector(".plot[data-drawn=light] svg.marks")
    assert tab.locator(".plot svg path").count() > 90
    box = tab.locator(".plot svg.marks").bounding_box()
    tab.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 120)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 140, steps=5)
    tab.mouse.up()
    tab.wait_for_url("**from=2025-1*")
    assert re.search(r"from=2025-1\d-\d\d&to=2025-1\d-\d\d", tab.url)
    assert tab.locator("td.counted").count() < 60
    tab.goto(f"{served}/timeline?publication=Rodong&by=edition&from=2025-10-01&to=2025-10-10")
    tab.wait_for_selector(".plot[data-drawn] svg.marks")
    tab.locator(".plot path[cursor=pointer], .plot .mark-symbol path").last.click()
    tab.wait_for_url("**/editions/*")


def test_without_javascript_it_is_a_picture_and_tables(served, open_tab, archive_of_days):
    tab = open_tab(java_script_enabled=False)
    tab.goto(f"{served}/timeline?publication=Rodong&by=month")
    picture = tab.locator(".chart img")
    assert "Lowest" in picture.get_attribute("alt")
    assert picture.evaluate("image => image.naturalWidth") > 0
    for width in (390, 1200, 1280):
        tab.set_viewport_size({"width": width, "height": 860})
        assert tab.locator(".points").evaluate("table => table.scrollWidth <= table.clientWidth")
    tab.get_by_role("link", name="October 2025", exact=True).focus()
    tab.keyboard.press("Enter")
    tab.wait_for_url("**from=2025-10-01*")
