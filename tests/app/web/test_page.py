"""The page of a page: what it says without JavaScript, and how it zooms with it."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from presslens.app.db.tables import PhotoRow
from presslens.app.services.catalogue.pages import page_ids
from presslens.app.web.page import neighbours, shown_layers

from ..answers import csv_rows
from ..first_states import made_once
from .conftest import shown

HTML = {"accept": "text/html"}


@pytest.fixture
@made_once
def pages(client, worker, put, make, captioned_page, home):
    """Return the ids of four pages: with texts, with people, empty, and refused."""
    figure = client.post("/api/v1/figures", json={"name": "Kim"}).json()
    client.post(
        f"/api/v1/figures/{figure['id']}/references", files=[("files", ("a.png", make(faces=1)))]
    )
    files = {
        "1.png": captioned_page,
        "2.png": make([(20, 20, 300, 400)], persons=2, faces=1),
        "3.png": make([]),
        "4.png": b"no picture",
    }
    edition = put(files).edition_id
    worker.drain()
    return [page for _, page in page_ids(home, edition)]


def test_a_page_lists_its_photos_and_texts_and_names_its_boxes(client, pages, home):
    text = shown(client, f"/pages/{pages[0]}")
    with home.database.read() as session:
        photos = session.scalars(select(PhotoRow.id).order_by(PhotoRow.id).limit(2)).all()
    for number, photo in enumerate(photos, start=1):
        assert f'aria-label="Photo {number}: ' in text
        assert f'id="photo-{photo}"' in text
        assert text.count(f'href="/photos/{photo}"') >= 3
    assert "zyzyzy" in text
    assert "abcd" in text
    assert 'aria-label="Headline 1: zyzyzy"' in text
    assert f'rel="next" href="/pages/{pages[1]}"' in text
    assert 'rel="prev"' not in text
    assert not re.search(r"\sstyle=|<style|<script>", text)


def test_each_number_has_an_interval_or_says_why_not(client, pages):
    text = shown(client, f"/pages/{pages[1]}")
    numbers = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text.partition("page-numbers")[2])
    assert [name for name, _ in numbers][:2] == ["photos", "share of the pages that photos take"]
    for name, told in numbers[:-1]:
        assert "interval" in told or "quiet" in told, name


def test_the_address_names_the_layers(client, pages):
    def hidden(query):
        text = shown(client, f"/pages/{pages[1]}{query}")
        return set(re.findall(r'data-layer="(\w+)" display="none"', text))

    assert hidden("") == {"people", "things", "captions", "headlines"}
    assert "people" not in hidden("?layer=people")
    assert len(hidden("?layer=none")) == 6
    assert shown_layers(["headlines", "photos", "odd"]) == ("photos", "headlines")


def test_the_data_of_a_page_is_what_it_shows(client, pages):
    document = client.get(f"/pages/{pages[1]}.json").json()
    assert document["iiif"] == f"/api/v1/iiif/{pages[1]}"
    assert document["composition"]["photos"] == 1
    rows = csv_rows(client.get(f"/pages/{pages[1]}.csv"))
    assert [row["layer"] for row in rows] == ["photos", "people", "people", "figures"]
    assert rows[3]["text"] == "Kim"
    assert float(rows[0]["x1"]) == document["photos"][0]["box"][2]


def test_an_empty_and_a_refused_page_say_what_to_do(client, pages):
    assert "No photo was found" in shown(client, f"/pages/{pages[2]}")
    refused = shown(client, f"/pages/{pages[3]}")
    assert "4.png" in refused
    assert "upload the whole edition once more" in refused
    assert client.get("/pages/4711", headers=HTML).status_code == 404


def test_pages_beside_are_those_that_were_uploaded():
    pages = [(1, 11), (2, 12), (5, 15)]
    assert neighbours(pages, 2) == {"before": (1, 11), "after": (5, 15)}
    assert neighbours(pages, 1) == {"before": None, "after": (2, 12)}


def settled(tab, address):
    """Wait until the address says what is in view, and return it as whole pixels."""
    expect(tab).to_have_url(re.compile("#xywh="))
    tab.wait_for_timeout(500)  # the zoom comes to rest
    assert tab.url.startswith(address)
    return [int(part) for part in tab.url.partition("#xywh=")[2].split(",")]


def test_a_page_is_zoomed_and_panned_by_keyboard(served, tab, pages):
    address = f"{served}/pages/{pages[0]}"
    tab.goto(address)
    tab.wait_for_selector(".zoom:not([hidden])")
    tab.keyboard.press("+")
    tab.keyboard.press("+")
    first = settled(tab, address)
    assert first[3] < 440
    before = tab.url
    tab.keyboard.press("ArrowDown")
    expect(tab).not_to_have_url(before)
    assert settled(tab, address)[1] > first[1]
    tab.reload()
    tab.wait_for_selector(".zoom:not([hidden])")
    again = settled(tab, address)
    assert abs(again[2] - first[2]) <= 4
    tab.keyboard.press("0")
    expect(tab).to_have_url(address)


def test_boxes_and_list_are_linked_both_ways(served, tab, pages):
    tab.goto(f"{served}/pages/{pages[0]}")
    tab.wait_for_selector(".zoom:not([hidden])")
    skip = tab.locator(".skip-boxes")
    skip.focus()
    expect(skip).to_be_visible()
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.closest('.list-side') !== null")
    links = tab.locator(".boxes .photos a")
    links.nth(1).focus()
    anchor = links.nth(1).get_attribute("data-anchor")
    assert tab.locator(".photo-list li.marked").get_attribute("id") == anchor
    assert tab.locator(".told").inner_text().startswith("Photo 2: ")
    tab.locator(".photo-list a").first.focus()
    assert tab.locator(".boxes a.marked").get_attribute("data-anchor") != anchor
    tab.locator(".show-box").nth(1).click()
    x, _, width, _ = settled(tab, served)
    assert x <= 164
    assert x + width >= 300
    tab.locator(".boxes .photos a").first.focus()  # it is out of view: the scan follows
    expect(tab).to_have_url(re.compile(r"#xywh=1?[0-9],"))
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    assert "/photos/" in tab.url


def test_boxes_lie_on_what_they_name_at_every_zoom(served, tab, pages):
    tab.goto(f"{served}/pages/{pages[1]}#xywh=0,0,160,220")
    tab.wait_for_selector(".zoom:not([hidden])")
    tab.wait_for_selector(".stage.drawn")
    tab.wait_for_timeout(300)
    places = tab.evaluate(
        """() => {
          const canvas = document.querySelector(".zoomed canvas");
          const { x, y } = document.querySelector(".boxes .photos rect").getBoundingClientRect();
          const frame = canvas.getBoundingClientRect();
          const ratio = canvas.width / frame.width;
          const context = canvas.getContext("2d");
          const at = (d) => [...context.getImageData(
            (x - frame.x + d) * ratio, (y - frame.y + d) * ratio, 1, 1).data];
          return [at(8), at(-8)];
        }"""
    )
    inside, outside = places
    assert max(abs(a - b) for a, b in zip(inside, (90, 100, 110, 255), strict=True)) < 12
    assert min(outside[:3]) > 240


def test_layers_are_switched_in_place_and_in_the_address(served, tab, pages):
    tab.goto(f"{served}/pages/{pages[1]}")
    people = tab.locator("[data-layer=people]")
    expect(people).to_have_attribute("display", "none")
    tab.wait_for_selector(".zoom:not([hidden])")
    tab.get_by_role("checkbox", name="people").check()
    expect(people).not_to_have_attribute("display", "none")
    expect(tab).to_have_url(re.compile("layer=people"))
    tab.reload()
    expect(people).not_to_have_attribute("display", "none")


def test_without_javascript_the_scan_is_a_picture_with_links(served, open_tab, pages):
    tab = open_tab(java_script_enabled=False)
    tab.goto(f"{served}/pages/{pages[0]}")
    link = tab.locator(".boxes .photos a").first
    assert link.get_attribute("href").startswith("/photos/")
    picture = tab.locator(".stage img").bounding_box()
    box = link.locator("rect").bounding_box()
    assert abs((box["x"] - picture["x"]) / picture["width"] - 20 / 320) < 0.02
    assert tab.get_by_role("button", name="Show", exact=True).is_visible()
    assert not tab.locator(".zoom").is_visible()
