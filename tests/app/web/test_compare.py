"""Comparisons: each number of both sides, the difference, and the photos behind them."""

import re
from datetime import date, timedelta

import pytest

from presslens.app.db.figures import FigureRow
from presslens.app.platform import clock
from presslens.app.services.figures.figures import add_figure
from presslens.models.faces.gallery import Role

from ..first_states import made_once

FIRST = date(2025, 1, 1)


@pytest.fixture
@made_once
def two_newspapers(add_summary):
    """A year of editions of one newspaper, and half a year of another with twice the photos."""
    for i in range(0, 360, 6):
        add_summary(FIRST + timedelta(days=i), photos=20 + i % 7, shares={"children": 0.2})
        if i < 180:
            add_summary(
                FIRST + timedelta(days=i), photos=50 + i % 5, pages=8, shares={"children": 0.6},
                publication="Minju",
            )  # fmt: skip


SIDES = {"a_publication": "Minju", "b_publication": "Rodong"}


def row(page, name):
    """Return the row of a metric, without its tags."""
    found = re.search(rf'<tr[^>]*>\s*<th scope="row"><a[^>]*>{name}</a>.*?</tr>', page, re.DOTALL)
    return re.sub(r"<[^>]*>|\s+", " ", found[0])


def test_without_groups_two_are_proposed(client, two_newspapers):
    page = client.get("/compare").text
    assert re.search(r"Minju <span[^>]*>compared with</span>.*Rodong</h1>", page)
    assert "a_publication=Rodong&amp;a_from=2025-12-01" in page
    assert "metrics differ after the correction: " in page


def test_both_sides_and_their_difference_are_told(client, two_newspapers):
    page = client.get("/compare", params=SIDES).text
    words = " ".join(row(page, "pages").split())
    assert words.startswith("pages 8")
    assert "+2" in words
    assert words.endswith("differs")
    assert "30 editions, 240 of 240 pages analysed" in page
    assert "All photos of" in page


def test_a_value_leads_to_its_photos_and_a_name_to_its_timeline(client, two_newspapers):
    page = client.get("/compare", params={**SIDES, "a_to": "2025-03-31"}).text
    assert "/gallery?publication=Minju&amp;to=2025-03-31&amp;subject=children" in page
    assert "/gallery?publication=Rodong&amp;subject=children" in page
    assert "/timeline?metric=children&amp;publication=Minju&amp;beside=Rodong" in page


def test_intervals_lie_on_the_scale(client, two_newspapers):
    page = client.get("/compare", params=SIDES).text
    bars = re.findall(r'class="interval-bar" x="([\d.]+)" y="4" width="([\d.]+)"', page)
    assert bars
    assert all(float(x) >= 0 and float(x) + float(width) <= 101 for x, width in bars)


def test_only_some_numbers_are_compared(client, two_newspapers):
    asked = {**SIDES, "metric": ["children", "photos"], "inference": "these"}
    page = client.get("/compare", params=asked).text
    assert page.count('<th scope="row">') == 2
    assert "Corrected for 2 comparisons" in page
    assert re.search(r'<option value="children" selected>', page)


def test_editions_in_common_are_a_problem_that_the_page_explains(client, two_newspapers):
    page = client.get("/compare", params={"a_publication": "Minju"})
    assert page.status_code == 200
    assert "editions in common" in page.text
    assert 'id="a_publication"' in page.text
    assert client.get("/compare.json", params={"a_publication": "Minju"}).status_code == 422


def test_a_side_without_editions_is_named(client, two_newspapers):
    page = client.get("/compare", params={**SIDES, "a_from": "2031-01-01"}).text
    assert "Minju since 1 January 2031: no analysed edition is among them." in page


def test_an_empty_archive_says_what_to_do(client):
    assert "There are no editions yet" in client.get("/compare").text


def test_the_data_and_the_chart_are_twins(client, two_newspapers):
    document = client.get("/compare.json", params=SIDES).json()
    assert document["a"]["publication"] == "Minju"
    rows = client.get("/compare.csv", params=SIDES).text.splitlines()
    assert len(rows) == 1 + len(document["metrics"])
    assert client.get("/compare.svg", params=SIDES).content.startswith(b"<svg")
    assert (
        client.get("/compare.vl.json", params={**SIDES, "a_from": "2031-01-01"}).status_code == 404
    )


def test_it_can_be_asked_by_keyboard_without_javascript(served, open_tab, two_newspapers):
    tab = open_tab(java_script_enabled=False)
    tab.goto(f"{served}/compare")
    tab.locator("#a_to").fill("2025-03-31")
    tab.locator("#a_to").press("Enter")
    tab.wait_for_url("**a_to=2025-03-31*")
    assert "Minju until 31 March 2025" in tab.locator("h1").inner_text()


def test_editions_that_wait_to_be_analysed_are_told_on_a_whole_page(client, scans, put):
    put(scans)
    page = client.get("/compare").text
    assert "cut off" not in page
    assert "there are no editions to compare yet" in page
    assert 'id="b_publication"' in page


def test_a_figure_whose_name_no_metric_can_hold_is_not_offered(client, home, two_newspapers):
    add_figure(home, 'Kim "X" & <b>', now=clock.now())
    with home.database.write() as session:  # enrolled before such names were refused
        for name in ("A/B", "a@b"):
            session.add(FigureRow(name=name, role=Role.LEADER, created_at=clock.now()))
    for address in ("/compare", "/timeline"):
        page = client.get(address).text
        assert "cut off" not in page
        assert 'value="figure:Kim &#34;X&#34; &amp; &lt;b&gt;"' in page
        assert "figure:A/B" not in page
