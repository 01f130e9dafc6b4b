"""Comparisons: each number of both sides, the difference, and the photos behind them."""

import html
import re
from datetime import date, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from presslens.app.db.figures import FigureRow
from presslens.app.platform import clock
from presslens.app.services.figures.figures import add_figure
from presslens.app.web.addresses import Addresses
from presslens.app.web.static_files import build
from presslens.app.web.templating import context, environment

from ..first_states import made_once
from .conftest import shown

FIRST = date(2025, 1, 1)
SIDES = {"a_publication": "Minju", "b_publication": "Rodong"}


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


def row(page, name):
    """Return the row of a metric, without its tags."""
    found = re.search(rf'<tr[^>]*>\s*<th scope="row"[^>]*><a[^>]*>{name}<.*?</tr>', page, re.DOTALL)
    return re.sub(r"<[^>]*>|\s+", " ", found[0])


def test_without_groups_two_are_proposed(client, two_newspapers):
    page = shown(client, "/compare")
    assert re.search(r"Minju <span[^>]*>compared with</span>.*Rodong</h1>", page)
    assert "a_publication=Rodong&amp;a_from=2025-12-01" in page
    assert re.search(r"These editions differ in .* \(numbers compared: \d\)", page)
    other = re.search(r'href="(/compare\?[^"]*inference=practice[^"]*)"', page)[1]
    assert "The newspapers work differently in" in shown(client, html.unescape(other))


def test_a_share_of_few_photos_is_a_count(client, add_summary):
    add_summary(FIRST, photos=3, shares={"children": 0.4}, publication="Minju")
    add_summary(FIRST, photos=30, shares={"children": 0.4})
    words = " ".join(row(shown(client, "/compare", **SIDES), "children").split())
    assert re.match(r"children not decided .* [\d.]+ of 3 photos \d+–\d+% ", words)


def test_a_value_without_an_interval_says_so_and_why(client, add_summary):
    for paper, days in zip(SIDES.values(), (1, 3), strict=True):
        for day in range(days):
            add_summary(FIRST + timedelta(days=day), photos=9, shares={"children": 0.5},
                        publication=paper)  # fmt: skip
    page = shown(client, "/compare", **SIDES, inference="practice", metric="children")
    words = " ".join(html.unescape(row(page, "children")).split())
    alone = r"[\d.]+% no interval"
    assert re.match(r"children no interval ", words)
    assert re.search(rf" {alone} {alone} [−+\d.]+ points no interval ?$", words)
    assert re.search(r"takes 8 editions or more, not 1: .*B .*or more, not 3: ", words)


def test_both_sides_and_their_difference_are_told_and_lead_to_photos(client, two_newspapers):
    page = shown(client, "/compare", **SIDES, inference="practice")
    words = " ".join(row(page, "photos").split())
    assert re.search(r"A minus B, 9\d.\d% interval", page)
    assert re.search(r"alone, 95 %: \+[\d.]+ to \+[\d.]+", page)
    assert words.startswith("photos differs 5")
    assert "+29" in words
    assert "30 editions, 240 of 240 pages analysed" in page
    assert "All photos of" in page
    bars = re.findall(r'class="interval-bar" x="([\d.]+)" y="4" width="([\d.]+)"', page)
    assert bars  # intervals lie on the scale
    assert all(float(x) >= 0 and float(x) + float(width) <= 101 for x, width in bars)
    page = shown(client, "/compare", **SIDES, a_to="2025-03-31")
    assert "/gallery?publication=Minju&amp;to=2025-03-31&amp;subject=children" in page
    assert "/gallery?publication=Rodong&amp;subject=children" in page
    assert "/timeline?metric=children&amp;publication=Minju&amp;beside=Rodong" in page
    page = shown(client, "/compare", **SIDES, metric=["children", "photos"], inference="these")
    assert page.count('<th scope="row"') == 2
    assert "The interval is one of 95 %." in page
    assert re.search(r'<option value="children" selected>', page)
    document = client.get("/compare.json", params=SIDES).json()
    assert document["a"]["publication"] == "Minju"
    rows = client.get("/compare.csv", params=SIDES).text.splitlines()
    assert len(rows) == 1 + len(document["metrics"])
    assert client.get("/compare.svg", params=SIDES).content.startswith(b"<svg")


def test_an_undecided_difference_says_what_would_decide_it(client, add_summary):
    for i in range(24):
        share = {"children": 0.03 + 0.01 * (i >= 12) + 0.002 * (i % 3)}
        add_summary(FIRST + timedelta(days=i), photos=40, shares=share)
    asked = {"metric": "children", "a_from": "2025-01-13", "b_to": "2025-01-12"}
    (compared,) = client.get("/compare.json", params=asked).json()["metrics"]
    assert (compared["differs"], compared["interval"][0] < 0) == (False, True)
    page = shown(client, "/compare", **asked)
    assert "No difference between these editions is shown (numbers compared: 1)." in page
    decides = "would decide this in four cases of five" in page
    assert decides or compared["help"]["words"][1:] in page
    address = html.unescape(re.search(r'href="(/ask\?[^"]*)">Ask whether', page)[1])
    days = "is=more&than=days&than_from=2025-01-01&than_to=2025-01-12"
    assert address.endswith(f"from=2025-01-13&to=2025-01-24&about=children&{days}")
    question = client.post("/ask", data=dict(parse_qsl(urlsplit(address).query))).url
    rule = client.get(f"{question}.json").json()["claim"]["rule"]
    assert rule == 'mean(share(children)) > baseline.mean(children, "2025-01-01", "2025-01-12")'
    assert "Ask whether" not in shown(client, "/compare", **asked, weight="area")


def test_what_would_decide_it_is_one_button():
    draw = {
        "photos": 40, "pages": 0, "measure": "children", "measures": ["children", "crowd"],
        "publication": "Rodong", "from": "2025-12-20", "to": "2025-12-30", "page": "all",
        "weight": "count", "sample": "mine",
    }  # fmt: skip
    source = '{% import "macros.html" as m with context %}{{ m.what_helps(helps) }}'
    template = environment("en").from_string(source)

    def rendered(permitted):
        values = context(
            to=Addresses(build()),
            may=lambda _: permitted,
            helps={"words": "draw", "draw": draw, "foreseen": "four of five show it"},
        )
        return template.render(values)

    words = "A look at 40 more photos of Rodong, 20 Dec 2025 – 30 Dec 2025, would decide this"
    assert f"{words} in four cases of five, if it is as large as it seems." in rendered(False)
    assert "<form" not in rendered(False)
    form = rendered(True)
    assert "<button>Look at 40 photos</button>" in form
    for name, value in {**draw, "items": 40}.items():
        if name not in ("photos", "pages", "sample", "measures"):
            assert f'name="{name}" value="{value}"' in form
    assert 'name="name" value="mine"' in form
    for field, value in (("measure", "children"), ("measure", "crowd"), ("leading", "children")):
        assert f'name="{field}" value="{value}"' in form


def test_what_can_not_be_compared_is_explained_on_the_page(client, two_newspapers):
    one = {"a_publication": "Minju"}
    page = shown(client, "/compare", **one)
    assert "both groups contain" in page
    assert 'id="a_publication"' in page
    assert client.get("/compare.json", params=one).status_code == 422
    late = {**SIDES, "a_from": "2031-01-01"}
    page = shown(client, "/compare", **late)
    assert "Minju since 1 January 2031: no analysed edition is among them." in page
    assert client.get("/compare.vl.json", params=late).status_code == 404


def test_an_archive_without_analysed_editions_says_what_to_do(client, scans, put):
    assert "There are no editions yet" in shown(client, "/compare")
    put(scans)
    page = shown(client, "/compare")
    assert "there are no editions to compare yet" in page
    assert 'id="b_publication"' in page


def test_it_can_be_asked_by_keyboard_without_javascript(served, open_tab, two_newspapers):
    tab = open_tab(java_script_enabled=False)
    tab.goto(f"{served}/compare")
    tab.locator("#a_to").fill("2025-03-31")
    tab.locator("#a_to").press("Enter")
    tab.wait_for_url("**a_to=2025-03-31*")
    assert "Minju until 31 March 2025" in tab.locator("h1").inner_text()


def test_a_figure_whose_name_no_metric_can_hold_is_not_offered(client, home, two_newspapers):
    add_figure(home, 'Kim "X" & <b>', now=clock.now())
    with home.database.write() as session:  # enrolled before such names were refused
        for name in ("A/B", "a@b"):
            session.add(FigureRow(name=name, created_at=clock.now()))
    for address in ("/compare", "/timeline"):
        page = shown(client, address)
        assert 'value="figure:Kim &#34;X&#34; &amp; &lt;b&gt;"' in page
        assert "figure:A/B" not in page
