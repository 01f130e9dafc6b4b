"""The gallery: its list, its form, its twins, and its rows in a browser."""

import re

import pytest

from presslens.app.services.analysis.summarise import summarise_edition
from presslens.lab.bench import specimens

from ..conftest import csv_rows
from ..first_states import made_once

HTML = {"accept": "text/html"}


@pytest.fixture
@made_once
def archive(client, worker, upload, scans, make):
    """Two editions: four photos, of which one shows persons and a figure."""
    figure = client.post("/api/v1/figures", json={"name": "Kim"}).json()
    client.post(
        f"/api/v1/figures/{figure['id']}/references", files=[("files", ("a.png", make(faces=1)))]
    )
    upload(scans)
    upload({"extra.png": make(tint=40)}, publication="Minju Joson", day="2020-01-20")
    worker.drain()


def shown(client, **query):
    answer = client.get("/gallery", params=query, headers=HTML)
    assert answer.status_code == 200
    assert "cut off here" not in answer.text
    return answer.text


def test_photos_are_links_with_words(client, archive):
    page = shown(client)
    assert "4 photos" in page
    listed = client.get("/api/v1/photos?sort=-date").json()["photos"]
    assert re.findall(r'class="tile" href="/photos/(\d+)"', page) == [
        str(photo["id"]) for photo in listed
    ]
    assert 'alt="Photo on page 1, 16 December 2019: Kim; 2 people' in page
    assert "Photo on page 1, 20 January 2020" in page


def test_one_photo_is_no_photos(client, archive):
    assert re.search(r"\b1 photo\s*<", shown(client, figure="Kim"))


def test_the_form_holds_what_is_asked_for_and_counts_the_rest(client, archive):
    page = shown(client, subject="people", zone="front", text="", sort="-probability")
    assert re.search(r'name="subject" value="people" checked', page)
    assert re.search(r'name="zone" value="front" checked', page)
    assert re.search(r'value="-probability" selected', page)
    assert re.search(r'Rodong Sinmun</span> <span class="count">1<', page)
    assert "Minju Joson</span>" not in page  # none of its photos shows people
    assert 'href="/gallery?subject=people&amp;sort=-probability"' in page  # without the front page


def test_probabilities_that_are_not_asked_for_any_more_sort_nothing(client, archive):
    assert "4 photos" in shown(client, sort="-probability")


def test_nothing_like_that_says_what_to_do(client, archive):
    assert "Leave one of the conditions above out" in shown(client, figure="Nobody")


def test_an_empty_archive_says_what_to_do(client):
    assert "presslens import" in shown(client)


def test_pages_and_faces_take_the_place_of_photos(client, archive):
    pages = shown(client, view="page", edition=1)
    assert re.search(r"\b2 pages\s*<", pages)
    assert "Page 2 of Rodong Sinmun, 16 December 2019: 2 of its photos are selected" in pages
    faces = shown(client, view="face")
    assert re.search(r"\b1 face of enrolled figures\s*<", faces)
    assert 'alt="Face of Kim, page 1, 16 December 2019"' in faces
    image = re.search(r'src="(/api/v1/photos/\d+/figures/\d+/image)', faces)[1]
    assert client.get(image).headers["content-type"] == "image/jpeg"


def test_the_list_is_read_in_parts(client, archive):
    page = shown(client, start=3)
    assert "4–4 / 4" in page
    assert 'rel="prev"' in page
    assert 'rel="next"' not in page


def test_the_twins_hold_what_is_shown(client, archive):
    told = client.get("/gallery.json?zone=front&sort=size").json()
    assert told["total"] == told["counts"]["photos"] == 2
    assert told["query"] == {"zone": "front", "sort": "size"}
    rows = csv_rows(client.get("/gallery.csv?zone=front&sort=size"))
    assert [int(row["id"]) for row in rows] == [photo["id"] for photo in told["photos"]]


def test_more_like_a_photo(client, archive):
    first = client.get("/api/v1/photos").json()["photos"][0]["id"]
    page = shown(client, like=first)
    assert "Compared with 3 other photos" in page
    assert page.count("<figcaption>") == 3
    assert client.get("/gallery?like=999", headers=HTML).status_code == 404
    rows = csv_rows(client.get(f"/gallery.csv?like={first}"))
    assert [set(row) >= {"similarity", "reprint"} for row in rows] == [True] * 3


def test_a_contact_sheet_names_its_photos_and_how_to_cite_it(client, archive):
    page = client.get("/gallery/sheet?zone=front&columns=2&rows=1", headers=HTML).text
    listed = client.get("/api/v1/photos?zone=front&sort=-date").json()["photos"]
    assert re.findall(r"<b>(\d+)</b>", page) == [str(photo["id"]) for photo in listed]
    assert 'class="sheet columns-2"' in page
    assert "seen on" in page
    assert "Part of the edition: front page" in page


def test_tiles_of_a_bucket_are_said_in_the_language_of_the_reader(client, archive):
    told = client.get("/api/v1/photos/buckets?sort=-date").json()
    key = told["buckets"][0]["key"]
    tiles = client.get(f"/gallery/tiles/{key}?lang=en").json()
    assert tiles["version"] == told["version"]
    assert tiles["tiles"][0]["alt"].startswith("Photo on page 1, 20 January 2020")


def test_what_is_filtered_for_is_asked_and_no_answer_is_given(client, archive):
    asked = {
        "": "children", "?subject=people": "people", "?label=indoor": "label:indoor",
        "?focus=leader": "focus", "?figure=Kim": "figure:Kim",
    }  # fmt: skip
    for query, question in asked.items():
        text = client.get(f"/gallery{query}", headers=HTML).text.partition('id="question"')[2]
        assert re.findall(r'<option value="([^"]+)" selected', text) == [question]
        assert not re.search(r'type="radio" name="(shows|focus)"[^>]* checked', text)


def test_a_photo_that_people_have_settled_is_marked_and_found(client, archive):
    photos = client.get("/gallery.json").json()["photos"]
    photo = next(one["id"] for one in photos if one["subjects"]["children"]["probability"] < 0.5)
    assert 'class="people"' not in client.get("/gallery", headers=HTML).text
    review = {"coder": "Ada", "answers": {"children": True}}
    client.post(f"/api/v1/photos/{photo}/reviews", json=review).raise_for_status()
    text = client.get("/gallery?subject=children", headers=HTML).text
    tile = text.partition(f'class="tile" href="/photos/{photo}"')[2].partition("</a>")[0]
    assert '<span class="people">people say</span>' in tile
    assert "children" in tile


@pytest.fixture
def many(home):
    """Generate a few hundred photos; the pictures of their pages are missing."""
    specimens.fill(home, 6, photos=12, publications=("Rodong Sinmun",))
    for edition in range(1, 7):
        summarise_edition(home, edition)


def settle(tab):
    tab.wait_for_selector(".rolling .tile[href]")


@pytest.mark.parametrize("width", [1440, 390])
def test_all_photos_have_their_place_before_a_picture_is_loaded(
    client, many, served, open_tab, width
):
    tab = open_tab(viewport={"width": width, "height": 900})
    tab.route(
        "**/image?*", lambda route: route.fulfill(status=200, body=b"", content_type="image/jpeg")
    )
    tab.goto(f"{served}/gallery")
    settle(tab)
    total = client.get("/gallery.json").json()["total"]
    assert total > 200
    drawn = tab.locator(".rolling .tile").count()
    assert 0 < drawn < total
    height = tab.evaluate("document.querySelector('#grid').clientHeight")
    tab.evaluate("window.scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")
    last = tab.locator(f"[data-photo='{total - 1}'][href]")
    last.wait_for()
    bottom = last.evaluate(
        "tile => tile.getBoundingClientRect().bottom"
        " - document.querySelector('#grid').getBoundingClientRect().top"
    )
    assert abs(bottom - height) < 12
    assert tab.evaluate("document.querySelector('#grid').clientHeight") == height
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_photos_are_walked_by_keys(many, served, tab):
    tab.route(
        "**/image?*", lambda route: route.fulfill(status=200, body=b"", content_type="image/jpeg")
    )
    tab.goto(f"{served}/gallery")
    settle(tab)
    focused = "Number(document.activeElement.dataset.photo)"
    tab.locator(".tools a").first.focus()
    tab.keyboard.press("j")
    assert tab.evaluate(focused) == 0
    for _ in range(30):
        tab.keyboard.press("j")
    tab.locator("[data-photo='30']:focus").wait_for()
    tab.keyboard.press("ArrowUp")
    assert tab.evaluate(focused) < 30
    tab.keyboard.press("End")
    total = int(tab.locator(".rolling [aria-setsize]").first.get_attribute("aria-setsize"))
    tab.locator(f"[data-photo='{total - 1}']:focus").wait_for()
    box = tab.locator(f"[data-photo='{total - 1}']").bounding_box()
    assert 0 <= box["y"] < 900
    tab.keyboard.press("Escape")
    assert tab.evaluate("document.activeElement.closest('.tools') !== null")
    tab.keyboard.press("?")
    assert "next photo" in tab.locator("dialog").inner_text()
