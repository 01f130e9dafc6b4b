"""What a reader corrects where a photo is shown counts at once, and can be undone."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import httpx2
import pytest
from playwright.sync_api import Locator, Page, expect

from ..tabs import Tabs
from .conftest import Reader

LEADER = "figure:Sample leader"
WORDS = {
    "en": {"no": "no", "undo": "Undo", "go": "Continue", "undone": "Undone"},
    "ko": {"no": "아니요", "undo": "되돌리기", "go": "계속", "undone": "되돌림"},
}


@pytest.fixture
def composition(ask: Callable[..., httpx2.Response]) -> Callable[[int], dict[str, Any]]:
    """Return a function that gives the composition of an edition."""
    return lambda edition: ask(f"/api/v1/editions/{edition}/composition").json()


@pytest.fixture
def photo(ask: Callable[..., httpx2.Response]) -> Iterator[dict[str, Any]]:
    """Give a photo that the leader is surely seen in, and check that nothing is left settled."""
    listed = ask("/api/v1/photos", figure="Sample leader", answer="yes", limit=1).json()
    found = listed["photos"][0]
    yield found
    assert ask(f"/api/v1/photos/{found['id']}/reviews").json()["settled"] == {}


def name_oneself(tab: Page, go: str = "Continue") -> None:
    """Say who is coding, where that is asked for."""
    dialog = tab.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("Ada")
    dialog.get_by_role("button", name=go).click()


def answer(reader: Reader, row: Locator, key: str) -> None:
    """Answer a decision, by its button or by key."""
    button = row.locator(f"button[aria-keyshortcuts={key}]")
    if reader.pointer:
        button.click()
        return
    reader.tab.keyboard.press("c")
    for _ in range(40):
        if row.locator(":focus").count():
            break
        reader.tab.keyboard.press("ArrowDown")
    reader.tab.keyboard.press(key)


def take_back(reader: Reader, words: str = "Undo") -> None:
    """Undo the latest answer, by the button in the message or by key."""
    if reader.pointer:
        reader.tab.locator("#messages").get_by_role("button", name=words).click()
    else:
        reader.tab.keyboard.press("z")


@pytest.mark.parametrize(
    ("language", "width"), [("en", 1440), ("ko", 390)], ids=["English", "Korean, narrow"]
)
def test_a_corrected_photo_moves_the_share_of_its_edition_until_it_is_undone(
    reader: Reader, photo: dict[str, Any], composition, language: str, width: int
) -> None:
    tab, words = reader.tab, WORDS[language]
    tab.set_viewport_size({"width": width, "height": 900})
    before = composition(photo["edition"])["shares"]
    reader.open(f"/photos/{photo['id']}?lang={language}")
    row = tab.locator('[data-measure="leader"]')
    answer(reader, row, "n")
    name_oneself(tab, words["go"])
    expect(row.locator(".settled")).to_have_text(words["no"])
    expect(row.locator(".who")).to_contain_text("Ada")
    after = composition(photo["edition"])["shares"]
    assert after["leader"]["share"] < before["leader"]["share"]
    assert after["children"] == before["children"]
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    take_back(reader, words["undo"])
    expect(tab.locator("#messages")).to_contain_text(words["undone"])
    expect(row.locator(".settled")).to_have_text("")
    assert composition(photo["edition"])["shares"] == before


def test_a_rejected_sighting_is_in_no_list_until_that_is_undone(
    reader: Reader, photo: dict[str, Any], ask: Callable[..., httpx2.Response]
) -> None:
    tab = reader.tab

    def counted() -> tuple[int, int]:
        facets = ask("/api/v1/photos/facets").json()["facets"]["figure"]
        listed = ask("/api/v1/photos", figure="Sample leader", limit=200).json()["photos"]
        return facets[0]["count"], len(listed)

    def awaited(expected: tuple[int, int]) -> bool:
        """Counts are those of a moment ago until the photos are read again."""
        until = time.monotonic() + 20
        while counted() != expected and time.monotonic() < until:
            time.sleep(0.1)
        return counted() == expected

    before = counted()
    reader.open("/figures/1")
    first = tab.locator(".sightings li").first
    if reader.pointer:
        first.get_by_role("button", name="no").click()
    else:
        tab.keyboard.press("j")
        tab.keyboard.press("n")
    name_oneself(tab)
    expect(first).to_have_attribute("data-settled", "no")
    assert awaited((before[0] - 1, before[1] - 1))
    take_back(reader)
    expect(first).not_to_have_attribute("data-settled", "no")
    assert awaited(before)


def test_where_the_leader_stands_is_drawn_with_and_without_a_pointer(
    reader: Reader, photo: dict[str, Any], ask: Callable[..., httpx2.Response]
) -> None:
    tab = reader.tab
    reader.open(f"/photos/{photo['id']}")
    if reader.pointer:
        tab.get_by_text("Say where somebody stands").click()
    else:
        tab.keyboard.press("w")
    reader.activate(tab.get_by_role("button", name="draw a box round the person"))
    drawing = tab.get_by_role("application")
    expect(drawing).to_be_focused()
    if reader.pointer:
        drawing.hover()
        place = drawing.bounding_box()
        assert place is not None
        tab.mouse.down()
        tab.mouse.move(place["x"] + place["width"] / 4, place["y"] + place["height"] / 4)
        tab.mouse.up()
    else:
        for key in ("ArrowLeft", "ArrowUp", "+", "Enter"):
            tab.keyboard.press(key)
    name_oneself(tab)
    expect(tab.locator(f'[data-measure="{LEADER}"] .settled')).to_have_text("yes")
    (review,) = [
        one
        for one in ask(f"/api/v1/photos/{photo['id']}/reviews").json()["reviews"]
        if not one["withdrawn_at"]
    ]
    x0, y0, x1, y1 = review["places"][LEADER]
    assert 0 <= x0 < x1 <= 1
    assert 0 <= y0 < y1 <= 1
    assert review["answers"]["leader"] is True
    told = "Sample leader stands in the dashed box, Ada says."
    expect(tab.locator(".stands")).to_contain_text(told)
    expect(tab.locator("#reviewed")).to_contain_text("Sample leader: yes, with the place")
    expect(tab.locator("rect.placed")).to_have_count(1)
    reader.activate(tab.get_by_role("button", name="Change the place"))
    expect(tab.locator(".persons button").first).to_be_focused()
    take_back(reader)
    expect(tab.locator("#messages")).to_contain_text("Undone")
    expect(tab.locator(".stands li")).to_have_count(0)
    expect(tab.locator("#reviewed")).to_be_hidden()


def test_all_that_match_are_answered_for_and_undone_as_one(
    reader: Reader, ask: Callable[..., httpx2.Response], composition
) -> None:
    tab = reader.tab
    before = composition(1)["shares"]
    reader.open("/gallery?edition=1&subject=people")
    lede = re.search(r"\d+", tab.locator(".lede").inner_text())
    assert lede is not None
    number = int(lede[0])
    if reader.pointer:
        tab.get_by_text("Answer about photos").click()
    else:
        tab.keyboard.press("a")
        expect(tab.get_by_label("Question")).to_be_focused()
    expect(tab.get_by_label("Question")).to_have_value("people")
    tab.get_by_label("Question").select_option("focus")
    tab.locator("#grid .tile[href]").first.focus()
    tab.keyboard.press("1")
    name_oneself(tab)
    expect(tab.locator("#messages")).to_contain_text("Focus: leader")
    expect(tab.locator('#grid .tile[data-photo="1"]')).to_be_focused()
    take_back(reader)
    expect(tab.locator("#messages")).to_contain_text("Undone")
    tab.get_by_label("Question").select_option("children")
    expect(tab.locator("[name=shows]:checked")).to_have_count(0)
    reader.tick(tab.locator("[name=shows][value=true]"))
    reader.activate(tab.get_by_role("button", name="Answer for all that match …"))
    expect(tab.get_by_role("heading", name=f"children: yes · {number}")).to_be_focused()
    assert tab.locator(".drawn img").count() == min(10, number)
    reader.activate(tab.get_by_role("button", name=f"Answer for {number} photos"))
    expect(tab.locator("#messages")).to_contain_text(f"children: yes, for {number}")
    assert composition(1)["shares"]["children"]["share"] > before["children"]["share"]
    take_back(reader)
    expect(tab.locator("#messages")).to_contain_text("Undone")
    assert composition(1)["shares"] == before


@pytest.mark.long
@pytest.mark.parametrize("pointer", [True, False], ids=["pointer", "keyboard"])
def test_whoever_is_enrolled_by_photos_is_found_in_old_editions(
    working_service: httpx2.Client, open_tab: Tabs, draw_page, *, pointer: bool
) -> None:
    def encoded(*photos: Any, **given: Any) -> bytes:
        drawn = draw_page(*photos, **given)
        return cv2.imencode(".png", cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR))[1].tobytes()

    block = (40, 40, 300, 260)
    page = encoded(block, persons=[(60, 60, 90, 200)], faces=[(100, 100, 140, 150)])
    working_service.post(
        "/api/v1/editions",
        data={"publication": "Rodong Sinmun", "date": "2019-12-16"},
        files=[("files", ("page_1.png", page))],
    ).raise_for_status()
    reader = Reader(str(working_service.base_url).rstrip("/"), open_tab(), pointer)
    tab = reader.tab
    reader.open("/figures")
    reader.write(tab.get_by_label("Name", exact=True), "Kim")
    reader.write(tab.get_by_label(re.compile("^Public role")), "head of state")
    face = {"name": "kim.png", "mimeType": "image/png"}
    portrait = encoded(size=(240, 240), faces=[(100, 100, 140, 150)])
    tab.get_by_label(re.compile("Photos of the face")).set_input_files(
        [{**face, "buffer": portrait}]
    )
    reader.activate(tab.get_by_role("button", name="Enrol"))
    name_oneself(tab)
    tab.wait_for_url("**/figures/1*")
    expect(tab.get_by_role("row").filter(has_text="kim.png")).to_be_visible()
    expect(tab.get_by_text("All editions are read with these references")).to_be_visible()
    reader.activate(tab.get_by_role("link", name="Show the page as it is now"))
    expect(tab.locator(".lede")).to_contain_text("1 photo")
    expect(tab.locator(".sightings li")).to_have_count(1)
