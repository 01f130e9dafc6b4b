"""The timeline: its numbers lead to editions and photos, and all of it is in its address."""

import re
from datetime import date, timedelta

import pytest

from presslens.app.db.claims import EventRow

from ..first_states import made_once

FIRST = date(2025, 10, 1)


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


def test_the_newspaper_with_the_most_editions_comes_first(client, archive_of_days):
    page = client.get("/timeline").text
    assert "<h1>Rodong over time</h1>" in page
    assert page.index("December 2025</a>") < page.index("October 2025</a>")
    assert "cut off" not in page


def test_an_empty_archive_says_what_to_do(client):
    page = client.get("/timeline").text
    assert "There are no editions yet" in page
    assert client.get("/timeline.svg").status_code == 404
    assert client.get("/timeline.json").json()["publications"] == []


def test_each_day_of_the_calendar_opens_its_edition(client, archive_of_days):
    page = client.get("/timeline", params={"publication": "Rodong"}).text
    links = re.findall(r'<td class="counted"><a href="/editions/(\d+)">', page)
    assert len(links) == 90
    assert "1 October 2025: 6 pages, 20 photos, 3 of the leader" in page
    assert "A visit" in page


def test_a_value_leads_to_its_photos_and_a_month_to_its_days(client, archive_of_days):
    page = client.get(
        "/timeline", params={"metric": "children", "publication": "Rodong", "by": "month"}
    ).text
    gallery = (
        "/gallery?publication=Rodong&amp;from=2025-10-01&amp;to=2025-10-31&amp;subject=children"
    )
    assert gallery in page
    closer = re.search(r'<a href="(/timeline\?[^"]*)">October 2025</a>', page)
    nearer = client.get(closer[1].replace("&amp;", "&")).text
    assert "31 October 2025</a>" in nearer
    assert "30 November 2025</a>" not in nearer


def test_few_editions_are_shown_one_by_one_and_many_by_month(client, archive_of_days, add_summary):
    few = client.get("/timeline.json", params={"publication": "Rodong"}).json()
    assert few["query"]["by"] == "edition"
    add_summary(FIRST + timedelta(days=90))
    assert client.get("/timeline.json").json()["query"]["by"] == "month"
    nearer = client.get("/timeline.json", params={"from": "2025-12-01"}).json()
    assert nearer["query"]["by"] == "edition"


def test_a_change_is_told_and_leads_to_a_comparison(client, archive_of_days):
    params = {"publication": "Rodong", "by": "edition"}
    page = client.get("/timeline", params=params).text
    assert "<b>20 November 2025</b>" in page
    assert "a_from=2025-11-20&amp;b_publication=Rodong&amp;b_to=2025-11-19" in page


def test_two_newspapers_stand_beside_each_other(client, archive_of_days):
    params = {"publication": "Rodong", "beside": "Minju", "by": "month"}
    page = client.get("/timeline", params=params).text
    assert "<h1>Rodong and Minju over time</h1>" in page
    assert page.count('<table class="month">') == 6
    document = client.get("/timeline.json", params=params).json()
    assert document["publications"] == ["Rodong", "Minju"]
    assert [len(one["days"]) for one in document["calendars"]] == [90, 80]
    rows = client.get("/timeline.csv", params=params).text.splitlines()
    assert len(rows) == 1 + 3 + 3
    spec = client.get("/timeline.vl.json", params=params).json()
    assert spec["$schema"].startswith("https://vega.github.io")


def test_the_chart_has_pictures(client, archive_of_days):
    for kind, start in (("png", b"\x89PNG"), ("svg", b"<svg"), ("pdf", b"%PDF")):
        answer = client.get(f"/timeline.{kind}", params={"metric": "children", "lang": "ko"})
        assert answer.content.startswith(start)


def test_what_cannot_be_asked_is_refused(client, archive_of_days):
    assert client.get("/timeline", params={"metric": "nothing"}).status_code == 422
    assert client.get("/timeline", params={"from": "2026-01-01", "to": "2025-01-01"}).is_error
    empty = client.get("/timeline", params={"from": "", "to": "", "beside": "", "page": ""})
    assert empty.status_code == 200


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


def test_a_point_opens_its_edition(served, tab, archive_of_days):
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
    tab.get_by_role("link", name="October 2025", exact=True).focus()
    tab.keyboard.press("Enter")
    tab.wait_for_url("**from=2025-10-01*")


def test_a_part_of_a_month_leads_to_the_photos_of_these_days_alone(client, archive_of_days):
    params = {"publication": "Rodong", "by": "month", "from": "2025-10-10", "to": "2025-11-05"}
    page = client.get("/timeline", params=params).text
    assert "/gallery?publication=Rodong&amp;from=2025-10-10&amp;to=2025-10-31" in page
    assert "/gallery?publication=Rodong&amp;from=2025-11-01&amp;to=2025-11-05" in page
    assert "by=edition&amp;from=2025-10-10&amp;to=2025-10-31" in page


def test_days_without_editions_are_told_on_a_whole_page(client, archive_of_days):
    for days in ({"from": "2030-01-01"}, {"from": "9999-12-31"}, {"to": "2000-01-01"},
                 {"from": "0001-01-01", "to": "0001-01-02"}):  # fmt: skip
        page = client.get("/timeline", params=days).text
        assert "cut off" not in page
        assert "No edition of these days is analysed yet." in page
        assert client.get("/timeline.json", params=days).status_code == 200


def test_what_a_timeline_names_must_exist(client, archive_of_days):
    html = {"accept": "text/html"}
    unknown = client.get("/timeline", params={"publication": "Rodnog"}, headers=html)
    assert unknown.status_code == 404
    assert "did you mean Rodong?" in unknown.text
    assert client.get("/timeline", params={"beside": "Nobody"}).status_code == 404
    assert client.get("/timeline.json", params={"publication": "Nobody"}).status_code == 404
    assert client.get("/timeline", params={"recipe": "ffffffff"}).status_code == 404
