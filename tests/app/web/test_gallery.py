"""The gallery: its list, its form, its twins, and its rows in a browser."""

import re

import pytest
from sqlalchemy import select

from presslens.app.db import archive_view
from presslens.app.db.reprints import ReprintRow
from presslens.app.db.tables import PhotoRow
from presslens.app.services.analysis.summarise import summarise_edition
from presslens.lab.bench import specimens

from ..answers import csv_rows
from ..first_states import made_once
from .conftest import shown


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


def test_an_empty_archive_says_what_to_do(client):
    assert "Upload an edition</a>" in shown(client, "/gallery")


def test_a_large_archive_shows_its_latest_photos_before_all_are_read(client, archive, monkeypatch):
    monkeypatch.setattr(archive_view, "LARGE", 1)
    views = client.app.state.home.database.views
    first = shown(client, "/gallery")
    assert "being counted" in first
    assert "4 photos" in first
    assert not {"photo index", "facets"} & {
        part for question in views.revisions.questions for part in question if isinstance(part, str)
    }
    form = shown(client, "/gallery", part="filter")
    assert re.search(r'Rodong Sinmun</span> <span class="count">3<', form)
    assert "<h1>" not in form
    page = shown(client, "/gallery")
    assert "being counted" not in page
    assert re.findall(r'class="tile" href="([^"]*)"', first) == re.findall(
        r'class="tile" href="([^"]*)"', page
    )


def test_photos_are_links_with_words_which_the_form_counts(client, archive):
    page = shown(client, "/gallery")
    assert "4 photos" in page
    listed = client.get("/api/v1/photos?sort=-date").json()["photos"]
    linked = re.findall(r'class="tile" href="/photos/(\d+)"', page)
    assert linked == [str(photo["id"]) for photo in listed]
    assert 'alt="Photo on page 1, 16 December 2019: Kim; 2 people' in page
    assert "Photo on page 1, 20 January 2020" in page
    assert re.search(r"\b1 photo\s*<", shown(client, "/gallery", figure="Kim"))
    page = shown(client, "/gallery", subject="people", zone="front", text="", sort="-probability")
    assert re.search(r'name="subject" value="people" checked', page)
    assert re.search(r'name="zone" value="front" checked', page)
    assert re.search(r'value="-probability" selected', page)
    assert re.search(r'Rodong Sinmun</span> <span class="count">1<', page)
    assert "Minju Joson</span>" not in page  # none of its photos shows people
    assert 'href="/gallery?subject=people&amp;sort=-probability"' in page  # without the front page
    # Probabilities that are not asked for any more sort nothing.
    assert "4 photos" in shown(client, "/gallery", sort="-probability")
    nobody = shown(client, "/gallery", text="a word of no caption")
    assert "Leave one of the conditions above out" in nobody
    page = shown(client, "/gallery", start=3)
    assert "4–4 / 4" in page
    assert 'rel="prev"' in page
    assert 'rel="next"' not in page


def test_pages_and_faces_take_the_place_of_photos(client, archive):
    pages = shown(client, "/gallery", view="page", edition=1)
    assert re.search(r"\b2 pages\s*<", pages)
    assert "Page 2 of Rodong Sinmun, 16 December 2019: 2 of its photos are selected" in pages
    faces = shown(client, "/gallery", view="face")
    assert re.search(r"\b1 face of enrolled figures\s*<", faces)
    assert 'alt="Face of Kim, page 1, 16 December 2019"' in faces
    image = re.search(r'src="(/api/v1/photos/\d+/figures/\d+/image)', faces)[1]
    assert client.get(image).headers["content-type"] == "image/jpeg"


def test_the_twins_hold_what_is_shown(client, archive):
    told = client.get("/gallery.json?zone=front&sort=size").json()
    assert told["total"] == told["counts"]["photos"] == 2
    assert told["query"] == {"zone": "front", "sort": "size"}
    rows = csv_rows(client.get("/gallery.csv?zone=front&sort=size"))
    assert [int(row["id"]) for row in rows] == [photo["id"] for photo in told["photos"]]


def test_more_like_a_photo_and_a_contact_sheet(client, archive):
    first = client.get("/api/v1/photos").json()["photos"][0]["id"]
    page = shown(client, "/gallery", like=first)
    assert "Compared with 3 other photos" in page
    assert page.count("<figcaption>") == 3
    shown(client, "/gallery", 404, like=999)
    rows = csv_rows(client.get(f"/gallery.csv?like={first}"))
    assert [set(row) >= {"similarity", "reprint"} for row in rows] == [True] * 3
    page = shown(client, "/gallery/sheet?zone=front&columns=2&rows=1")
    listed = client.get("/api/v1/photos?zone=front&sort=-date").json()["photos"]
    assert re.findall(r"<b>(\d+)</b>", page) == [str(photo["id"]) for photo in listed]
    for words in ('class="sheet columns-2"', "seen on", "Part of the edition: front page"):
        assert words in page
    # Tiles of a bucket are said in the language of the reader.
    told = client.get("/api/v1/photos/buckets?sort=-date").json()
    tiles = client.get(f"/gallery/tiles/{told['buckets'][0]['key']}?lang=en").json()
    assert tiles["version"] == told["version"]
    assert tiles["tiles"][0]["alt"].startswith("Photo on page 1, 20 January 2020")


def test_a_photo_names_its_day_and_probability_and_prints_of_a_picture_lie_together(
    client, archive, home
):
    with home.database.write() as session:
        one, *_, last = ids = session.scalars(select(PhotoRow.id).order_by(PhotoRow.id)).all()
        for photo, other in ((one, last), (last, one)):
            session.add(ReprintRow(photo_id=photo, other_id=other, places=40, likeness=0.9))
    assert len(ids) == 4
    page = shown(client, "/gallery")
    assert "4 photos, of 3 pictures" in page
    linked = [int(one) for one in re.findall(r'class="tile" href="/photos/(\d+)"', page)]
    assert len(linked) == 3
    assert re.findall(r'class="prints" href="([^"]+)">([^<]+)<', page) == [
        (f"/gallery?like={linked[0]}", "2 prints")
    ]
    apart = shown(client, "/gallery", view="photo")
    assert "4 photos</p>" in apart
    assert 'class="prints"' not in apart
    tile = client.get("/gallery/tiles/2019-12?subject=people&lang=en").json()["tiles"][0]
    paper, day, probability, place = tile["notes"]
    assert (paper, day, place) == ("Rodong Sinmun", "16 Dec 2019", "p. 1")
    assert re.fullmatch(r"people \d+%", probability)


def test_what_is_filtered_for_is_asked_and_what_people_settled_is_marked(client, archive):
    asked = {
        "": "children", "?subject=people": "people", "?label=indoor": "label:indoor",
        "?focus=leader": "focus", "?figure=Kim": "figure:Kim",
    }  # fmt: skip
    for query, question in asked.items():
        text = shown(client, f"/gallery{query}").partition('id="question"')[2]
        assert re.findall(r'<option value="([^"]+)" selected', text) == [question]
        assert not re.search(r'type="radio" name="(shows|focus)"[^>]* checked', text)
    photos = client.get("/gallery.json").json()["photos"]
    photo = next(one["id"] for one in photos if one["subjects"]["children"]["probability"] < 0.5)
    assert 'class="people"' not in shown(client, "/gallery")
    review = {"coder": "Ada", "answers": {"children": True}}
    client.post(f"/api/v1/photos/{photo}/reviews", json=review).raise_for_status()
    text = shown(client, "/gallery?subject=children")
    tile = text.partition(f'class="tile" href="/photos/{photo}"')[2].partition("</a>")[0]
    assert '<span class="people">people say</span>' in tile
    assert "children" in tile


@pytest.fixture
@made_once
def many(home):
    """Generate a few hundred photos; the pictures of their pages are missing."""
    specimens.fill(home, 6, photos=12, publications=("Rodong Sinmun",))
    for edition in range(1, 7):
        summarise_edition(home, edition)


def settle(tab):
    tab.wait_for_selector(".rolling .tile[href]")


@pytest.mark.parametrize("width", [1440, pytest.param(390, marks=pytest.mark.long)])
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
