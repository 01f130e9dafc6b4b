"""Page reviews on the command line."""

import pytest

from presslens.app.services.catalogue.pages import find_page, page_ids

from .conftest import document, invoke, printed


@pytest.fixture
def pages(installed, worker, put, scans):
    """Return the ids of the pages of an analysed edition."""
    edition = put(scans).edition_id
    worker.drain()
    return [page for _, page in page_ids(installed, edition)]


def photos_of(home, page):
    return [one["id"] for one in find_page(home, page).to_json()["photos"]]


def test_photos_are_drawn_changed_and_joined(home, pages):
    page = pages[1]
    shown = printed("reviews", "page", "draw", page, "40,250,200,400", "--coder", "A")
    assert "3 photos now" in shown
    assert "40, 250, 200, 400 (by hand)" in shown
    left, right, drawn = photos_of(home, page)
    change = ("reviews", "page", "change")
    printed(*change, drawn, "--no-photo")
    joined = document(*change, left, "--join", right)
    assert [one["box"] for one in joined["photos"]] == [[20, 20, 300, 200]]
    halves = ("--box", "20,20,150,200", "--box", "150,20,300,200")
    parts = document(*change, joined["made"][0], *halves)["photos"]
    assert len(parts) == 2
    assert "2 photos now" in printed(*change, parts[1]["id"], "--box", "160,20,300,200")
    assert "one of --box" in invoke(*change, left, code=2).output


def test_a_page_is_counted_and_the_count_withdrawn(home, pages):
    (photo,) = photos_of(home, pages[0])
    add, show = (("reviews", "page", word, pages[0]) for word in ("add", "show"))
    given = ("--coder", "A", "--missed", "0.7,0.7,0.9,0.9", "--several", f"{photo}=3")
    assert "nobody checked all of it" in printed(*add, *given)
    counted = document(*add, "--coder", "A", "--checked")
    assert counted["photos"] == counted["found"] + 3
    assert f"{counted['photos']} counted" in printed(*show)
    assert "PHOTO=N" in invoke(*add, "--coder", "A", "--several", "x", code=2).output
    assert "X0,Y0,X1,Y1" in invoke(*add, "--coder", "A", "--missed", "1,2", code=2).output
    review = counted["reviews"][-1]["id"]
    assert "withdrawn" in printed("reviews", "page", "undo", review)
    shown = printed(*show)
    for words in ("nobody checked all of it", f"page review {review} of A", "withdrawn"):
        assert words in shown
