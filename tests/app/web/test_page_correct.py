"""The page on which photos are corrected: what it shows of whom, and what it sends."""

import re

import pytest
from playwright.sync_api import expect

from presslens.app.services.catalogue.pages import page_ids

from ..first_states import made_once

HTML = {"accept": "text/html"}
LEFT = (20, 20, 140, 200)


@pytest.fixture
@made_once
def pages(worker, put, make, home):
    """Return the ids of three pages with two photos each."""
    files = {f"{n}.png": make([LEFT, (160, 20, 300, 200 + 20 * n)]) for n in (1, 2, 3)}
    edition = put(files).edition_id
    worker.drain()
    return [page for _, page in page_ids(home, edition)]


def shown(client, page, query=""):
    """Return what the scripts of the page are given."""
    return client.get(f"/pages/{page}.json?mode=correct{query}").json()["correcting"]


def draw_by_keys(tab, *, steps=1):
    """Draw a box in the middle of what is in view, and move it down."""
    tab.locator("#correct[data-ready]").wait_for()
    tab.keyboard.press("d")
    tab.keyboard.press(".")
    for _ in range(steps):
        tab.keyboard.press("ArrowDown")


def give_name(tab, name):
    """Answer the question who is coding."""
    tab.get_by_role("dialog").get_by_role("textbox").fill(name)
    tab.keyboard.press("Enter")


def test_it_shows_what_was_drawn_removed_said_and_disputed(client, pages):
    page = pages[0]
    first, second = shown(client, page)["photos"]
    drawn = {"box": [20, 260, 140, 400], "coder": "Ann"}
    client.post(f"/api/v1/pages/{page}/photos", json=drawn).raise_for_status()
    address = f"/api/v1/photos/{second['id']}"
    removal = client.patch(address, json={"photo": False, "coder": "Ben"}).json()
    now = shown(client, page)
    assert [(one["by_hand"], one["coder"]) for one in now["photos"]] == [
        (False, None),
        (True, "Ann"),
    ]
    assert [(one["id"], one["coder"], one["edit"]) for one in now["removed"]] == [
        (second["id"], "Ben", removal["edit"])
    ]
    review = {"coder": "Cho", "checked": True, "blind": True, "marks": []}
    client.post(f"/api/v1/pages/{page}/reviews", json=review).raise_for_status()
    now = shown(client, page)
    places = {tuple(map(round, one["box"])): one["said"] for one in now["disputed"]}
    said = {
        place: {one["coder"]: one["words"] for one in opinions}
        for place, opinions in places.items()
    }
    assert said == {
        (20, 260, 140, 400): {"Ann": "one photo", "Cho": "no photo"},
        (160, 20, 300, 220): {"Ben": "no photo", "Cho": "one photo"},
    }
    assert [one["text"] for one in now["said"]] == [
        "Cho has looked through this page.",
        "People disagree on this page: it is not counted yet.",
    ]
    for opinions in places.values():
        decided = {"coder": "Dee", "adjudicates": True, "marks": [opinions[1]["mark"]]}
        client.post(f"/api/v1/pages/{page}/reviews", json=decided).raise_for_status()
    now = shown(client, page)
    assert (now["disputed"], len(now["photos"])) == ([], 2)
    blind = client.post("/api/v1/samples", json={"items": 3, "name": "s"}).json()["id"]
    told = shown(client, page, f"&sample={blind}")
    assert [photo["id"] for photo in told["photos"]] == [first["id"], second["id"]]
    assert told["disputed"] == told["removed"] == told["said"] == []
    counts = client.get(f"/pages/{page}.json?mode=correct&part=counts").json()["counts"]
    assert [one["what"] for one in counts] == ["photos of this page", "photos of the edition"]
    html = client.get(f"/pages/{page}?mode=correct", headers=HTML).text
    assert not re.search(r"\sstyle=|<style|<script>", html)
    assert 'href="/pages/' in client.get(f"/pages/{page}", headers=HTML).text


def test_what_could_not_be_saved_stays_and_is_tried_again(served, tab, open_tab, client, pages):
    tab.goto(f"{served}/pages/{pages[0]}?mode=correct&lang=en")
    draw_by_keys(tab)
    tab.route("**/photos", lambda route: route.abort())
    tab.keyboard.press("Enter")
    give_name(tab, "Ann")
    expect(tab.locator("#journal")).to_contain_text("1 not stored yet")
    tab.unroute("**/photos")
    expect(tab.locator("#journal")).to_be_hidden()
    expect(tab.locator("#photos")).to_have_text("3 photos")
    assert len(shown(client, pages[0])["photos"]) == 3
    for key in ("n", "Space", "n", "Space", "w"):
        tab.keyboard.press(key)
    expect(tab.locator("#messages")).to_contain_text("2 photos are joined; the page has 2 photos.")
    tab.keyboard.press("r")
    tab.get_by_role("button", name="Bring back").first.click()
    expect(tab.locator("#photos")).to_have_text("3 photos")
    open_tab.complaints[:] = [one for one in open_tab.complaints if "ERR_FAILED" not in one]


def test_pages_of_a_sample_are_coded_blindly_one_after_the_other(served, tab, client, pages):
    order = {"items": 3, "name": "december", "second": 1, "seed": 1}
    sample = client.post("/api/v1/samples", json=order).json()["id"]
    items = client.get(f"/api/v1/samples/{sample}/next").json()["items"]
    drawn = [item["page"] for item in items]
    box = {"box": [20, 260, 140, 400], "coder": "Ann"}
    client.post(f"/api/v1/pages/{drawn[0]}/photos", json=box).raise_for_status()
    tab.goto(f"{served}/pages/{drawn[0]}?mode=correct&sample={sample}&lang=en")
    draw_by_keys(tab, steps=2)
    tab.keyboard.press("Enter")
    give_name(tab, "Ben")
    expect(tab.locator("#photos")).to_have_text("3 photos")
    tab.keyboard.press("n")
    tab.keyboard.press("x")
    expect(tab.locator("#photos")).to_have_text("2 photos")
    tab.keyboard.press("z")
    expect(tab.locator("#photos")).to_have_text("3 photos")
    sent = client.get("/edits.json", params={"coder": "Ben"}).json()["edits"]
    assert sent == []  # nothing is sent yet
    tab.reload()
    expect(tab.locator("#photos")).to_have_text("3 photos")  # and nothing is lost
    tab.keyboard.press("c")
    tab.wait_for_url(f"**/pages/{drawn[1]}?*sample={sample}")
    expect(tab.locator("#messages")).to_contain_text("The page is checked")
    (review,) = [
        one
        for one in client.get(f"/api/v1/pages/{drawn[0]}/reviews").json()["reviews"]
        if one["coder"] == "Ben"
    ]
    assert (review["checked"], len(review["marks"])) == (True, 1)
    tab.locator("#correct[data-ready]").wait_for()
    tab.keyboard.press("z")
    tab.wait_for_url(f"**/pages/{drawn[0]}?*sample={sample}")
    expect(tab.locator("#photos")).to_have_text("3 photos")
