"""Correct the photos of a page: the edition's count follows at once, and undoing brings it back."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Locator, Page, expect

from ..tabs import Tabs
from .conftest import Reader

MOST_PAGES = 40
"""Pages that are looked at for one with room for a photo in its middle."""
PLACE = """([x, y]) => { const at = document.querySelector(".boxes > g").getScreenCTM();
  return [at.a * x + at.e, at.d * y + at.f]; }"""


def overlap(a: list[float], b: list[float]) -> float:
    """Return how far two boxes overlap, 0–1."""
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    areas = sum((c[2] - c[0]) * (c[3] - c[1]) for c in (a, b))
    return wide * high / (areas - wide * high)


@pytest.fixture(scope="module")
def roomy(ask: Callable[..., httpx2.Response]) -> dict[str, Any]:
    """Return a page with photos, none of which fills its middle, where one is to be drawn."""
    pages = (ask(f"/api/v1/pages/{number}").json() for number in range(1, MOST_PAGES))
    for page in pages:
        w, h = page.get("width") or 0, page.get("height") or 0
        middle = [w / 3, h / 3, 2 * w / 3, 2 * h / 3]
        if len(page["photos"]) < 3 or any(overlap(middle, p["box"]) > 0.3 for p in page["photos"]):
            continue
        return {**page, "middle": middle}
    raise LookupError("no page has room")


@pytest.fixture
def as_before(ask: Callable[..., httpx2.Response], month_server: str) -> Iterator[None]:
    """Undo what a journey has left, if it fails half way: other journeys read the month."""
    before = {edit["id"] for edit in ask("/api/v1/edits", limit=200).json()["edits"]}
    yield
    for edit in ask("/api/v1/edits", limit=200, undone="false").json()["edits"]:
        if edit["id"] not in before:
            httpx2.post(f"{month_server}/api/v1/edits/{edit['id']}/undo", trust_env=False)


class Corrector:
    """Somebody who corrects a page, in a tab, with a pointer, a finger, or the keyboard alone."""

    def __init__(self, tab: Page, *, pointer: bool) -> None:
        self.tab, self.pointer = tab, pointer

    def open(self, server: str, page: int) -> None:
        """Open a page in the mode in which it is corrected."""
        self.tab.goto(f"{server}/pages/{page}?mode=correct", wait_until="load")
        self.tab.locator("#correct[data-ready]").wait_for()

    def button(self, act: str) -> Locator:
        """Return a button by what it does."""
        return self.tab.locator(f"#correct [data-do={act}]")

    def name(self, name: str) -> None:
        """Answer the question who is coding."""
        self.tab.get_by_role("dialog").get_by_role("textbox").fill(name)
        self.tab.keyboard.press("Enter")

    def draw(self, box: list[float]) -> None:
        """Draw a box in the middle of the page, and save it."""
        if self.pointer:
            self.button("draw").click()
            self.tab.mouse.move(*self.tab.evaluate(PLACE, box[:2]))
            self.tab.mouse.down()
            self.tab.mouse.move(*self.tab.evaluate(PLACE, box[2:]), steps=4)
            self.tab.mouse.up()
            self.button("save").click()
        else:
            self.tab.keyboard.press("d")
            self.tab.keyboard.press("ArrowRight")
            self.tab.keyboard.press("Enter")

    def choose(self, photo: dict[str, Any]) -> None:
        """Choose a photo on the scan."""
        x0, y0, x1, y1 = photo["box"]
        if self.pointer:
            self.tab.mouse.click(*self.tab.evaluate(PLACE, [(x0 + x1) / 2, (y0 + y1) / 2]))
        else:
            self.tab.locator(f"[data-focus='shape {photo['id']}']").focus()

    def act(self, act: str, key: str) -> None:
        """Press a button, or its key."""
        if self.pointer:
            self.button(act).click()
        else:
            self.tab.keyboard.press(key)

    def expect(self, photos: int, edition: int) -> None:
        """Wait until the page and its edition have so many photos."""
        expect(self.tab.locator("[data-place=photos] > li")).to_have_count(photos)
        number = self.tab.locator("[data-place=counts] b").nth(1)
        expect(number).to_have_text(str(edition))


def corrects(
    corrector: Corrector, server: str, page: dict[str, Any], ask: Callable[..., httpx2.Response]
) -> None:
    """Draw a missed photo, split a merge, remove a false one, and undo all of it."""
    tab, photos = corrector.tab, len(page["photos"])
    edition = f"/api/v1/editions/{page['edition']}/composition"
    before = int(ask(edition).json()["photos"])
    corrector.open(server, page["id"])
    corrector.expect(photos, before)
    corrector.draw(page["middle"])
    corrector.name("Ann")
    corrector.expect(photos + 1, before + 1)
    expect(tab.locator(".boxes .photo.hand")).to_have_count(1)
    large = max(page["photos"], key=lambda photo: photo["area_share"])
    corrector.choose(large)
    corrector.act("split", "s")
    if not corrector.pointer:
        tab.keyboard.press("ArrowLeft")
    corrector.act("save", "Enter")
    corrector.expect(photos + 2, before + 2)
    small = min(page["photos"], key=lambda photo: photo["area_share"])
    corrector.choose(small)
    corrector.act("remove", "x")
    corrector.expect(photos + 1, before + 1)
    corrector.act("checked", "c")
    expect(tab.locator("[data-place=said]")).to_contain_text("Ann")
    assert int(ask(edition).json()["photos"]) == before + 1
    for photos_left, edition_left in ((1, 1), (2, 2), (1, 1), (0, 0)):
        corrector.act("undo", "z")
        corrector.expect(photos + photos_left, before + edition_left)
    assert ask(edition).json()["photos"] == before


def looks_through_drawn_pages(
    corrector: Corrector, server: str, ask: Callable[..., httpx2.Response]
) -> None:
    """Say that a drawn page is all right by one act, which is refused after a change."""
    drawn = {"items": 3, "coders": ["Ann"], "coder": "Ann"}
    sample = httpx2.post(f"{server}/api/v1/samples", json=drawn, trust_env=False).json()["id"]
    first = ask(f"/api/v1/samples/{sample}/next", coder="Ann").json()["items"][0]["page"]
    tab, ready = corrector.tab, corrector.tab.locator("#correct[data-ready]")
    tab.goto(f"{server}/pages/{first}?mode=correct&sample={sample}")
    ready.wait_for()
    corrector.act("fine", "y")
    tab.wait_for_url(lambda url: f"/pages/{first}?" not in url)
    (said,) = (
        one
        for one in ask(f"/api/v1/pages/{first}/reviews").json()["reviews"]
        if not one["withdrawn_at"]
    )
    assert (said["coder"], said["checked"], said["marks"]) == ("Ann", True, [])
    ready.wait_for()
    here = tab.url
    corrector.draw([10, 10, 60, 60])
    corrector.act("fine", "y")
    expect(tab.locator("#alerts p")).to_be_visible()
    assert tab.url == here


def test_photos_are_corrected_and_the_count_of_the_edition_follows(
    reader: Reader, roomy: dict[str, Any], ask: Callable[..., httpx2.Response], as_before: None
) -> None:
    corrector = Corrector(reader.tab, pointer=reader.pointer)
    corrects(corrector, reader.server, roomy, ask)


def test_photos_are_corrected_on_a_phone_in_korean(
    open_tab: Tabs, month_server: str, roomy: dict[str, Any], ask: Any, as_before: None
) -> None:
    tab = open_tab(locale="ko-KR", viewport={"width": 390, "height": 844}, has_touch=True)
    corrector = Corrector(tab, pointer=True)
    corrects(corrector, month_server, roomy, ask)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    looks_through_drawn_pages(corrector, month_server, ask)


def test_of_two_people_on_one_photo_the_later_one_is_told(
    reader: Reader, open_tab: Tabs, roomy: dict[str, Any], as_before: None
) -> None:
    photo = min(roomy["photos"], key=lambda one: one["area_share"])
    people = [Corrector(tab, pointer=reader.pointer) for tab in (reader.tab, open_tab())]
    for person in people:
        person.open(reader.server, roomy["id"])
        person.choose(photo)
    ann, ben = people
    ann.act("remove", "x")
    ann.name("Ann")
    count = len(roomy["photos"])
    expect(ann.tab.locator("[data-place=photos] > li")).to_have_count(count - 1)
    ben.act("split", "s")
    ben.act("save", "Enter")
    ben.name("Ben")
    alert = ben.tab.locator("#alerts")
    expect(alert).to_contain_text(re.compile("changed by Ann"))
    expect(ben.tab.locator("[data-place=photos] > li")).to_have_count(count - 1)
    open_tab.complaints[:] = [one for one in open_tab.complaints if "409" not in one]
    ann.act("undo", "z")
    expect(ann.tab.locator("[data-place=photos] > li")).to_have_count(count)


def test_the_log_leads_to_a_change_and_undoes_it(
    reader: Reader, roomy: dict[str, Any], ask: Callable[..., httpx2.Response], as_before: None
) -> None:
    tab = reader.tab
    corrector = Corrector(tab, pointer=reader.pointer)
    corrector.open(reader.server, roomy["id"])
    corrector.draw(roomy["middle"])
    corrector.name("Dana")
    shown = tab.locator("[data-place=photos] > li")
    expect(shown).to_have_count(len(roomy["photos"]) + 1)
    if reader.pointer:
        reader.menu("Changes")
    else:
        tab.keyboard.press("g")
        tab.keyboard.press("h")
    tab.wait_for_url("**/edits")
    reader.choose(tab.get_by_label("Who"), "Dana")
    reader.activate(tab.get_by_role("button", name="Show"))
    tab.wait_for_url("**coder=Dana**")
    row = tab.locator("tbody tr").filter(has=tab.locator("button.undo"))
    expect(row).to_have_count(1)
    expect(row).to_contain_text("drew a photo that was missed")
    expect(row.get_by_role("link").first).to_have_attribute("href", re.compile("/pages/"))
    reader.activate(row.get_by_role("button"))
    expect(tab.locator("tbody tr").first).to_contain_text("undone by Dana")
    assert len(ask(f"/api/v1/pages/{roomy['id']}").json()["photos"]) == len(roomy["photos"])
