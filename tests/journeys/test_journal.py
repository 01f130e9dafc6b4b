"""One journal for the browser: nothing that waits is lost, sent twice, or unseen."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from ..tabs import PATIENCE_MS, Tabs
from .conftest import Reader, copy_month
from .test_review import Service, at_desk, place_of, seen, stored

MOST_PICTURES = 16
"""Requests for pictures within two minutes of a server that gives none: 1, 2, 4, … 60 s."""


@pytest.fixture(scope="module")
def service(month_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Serve a month that this module alone changes."""
    started = Service(copy_month(month_folder, tmp_path_factory.mktemp("journal")))
    started.start()
    try:
        yield started
    finally:
        started.kill()
        started.client.close()


@pytest.fixture
def tabs(chromium: Browser) -> Iterator[Tabs]:
    """Return what opens tabs whose consoles may complain of a server that is away."""
    with Tabs(chromium) as opened:
        yield opened


class Hold:
    """Requests that wait on their way to the server until they are let go."""

    def __init__(self, tab: Page, address: str, method: str) -> None:
        self.waiting: list[Route] = []
        self._tab, self._address, self._method = tab, address, method
        tab.context.route(re.compile(address), self._take)

    def _take(self, route: Route) -> None:
        if route.request.method == self._method:
            self.waiting.append(route)
        else:
            route.fallback()

    def await_one(self) -> None:
        """Wait until a request is on its way."""
        for _ in range(PATIENCE_MS // 100):
            if self.waiting:
                return
            self._tab.wait_for_timeout(100)
        raise AssertionError(f"no request of {self._address}")

    def let_go(self) -> None:
        """Let the requests go, and those to come."""
        self._method = ""
        for route in self.waiting:
            route.continue_()


def away(tab: Page) -> None:
    """Let the server give no answers to what is changed."""
    tab.context.route("**/api/v1/**", lambda route: away_of(route))


def away_of(route: Route) -> None:
    """Fail a request that changes something."""
    if route.request.method == "GET":
        route.fallback()
    else:
        route.abort()


def back(tab: Page) -> None:
    """Let the server answer again."""
    tab.context.unroute("**/api/v1/**")


def correcting(service: Service, tab: Page, coder: str) -> dict[str, Any]:
    """Open a page of three photos or more to be corrected, and return the page."""
    taken = service.client.get("/api/v1/edits", params={"limit": 200}).json()["edits"]
    used = {edit["target_id"] for edit in taken if edit["target"] == "page"}
    photos = service.client.get("/api/v1/photos", params={"limit": 200}).json()["photos"]
    counted = Counter(photo["page"] for photo in photos if photo["page"] not in used)
    page = service.client.get(f"/api/v1/pages/{counted.most_common(1)[0][0]}").json()
    at_desk(service, tab, f"/pages/{page['id']}?mode=correct", coder)
    tab.locator("#correct[data-ready]").wait_for()
    return page


def edits_of(service: Service, coder: str) -> list[dict[str, Any]]:
    """Return the edits of a coder that are in force."""
    query = {"coder": coder, "undone": "false", "limit": 200}
    edits: list[dict[str, Any]] = service.client.get("/api/v1/edits", params=query).json()["edits"]
    return edits


def shape(tab: Page, photo: dict[str, Any]) -> Any:
    """Return the box of a photo on the scan."""
    return tab.locator(f"[data-focus='shape {photo['id']}']")


def move(tab: Page, photo: dict[str, Any]) -> None:
    """Move a photo by a pixel, and save that."""
    shape(tab, photo).focus()
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Enter")


def test_what_waits_when_a_desk_is_closed_is_shown_and_stored_by_another_page(
    service: Service, tabs: Tabs
) -> None:
    sample = service.draw(measures=["label:ceremony"], items=8, name="left waiting")
    tab = at_desk(service, tabs(), f"/review/{sample}", "Lea")
    dialogs: list[str] = []
    away(tab)
    for _ in range(5):
        seen(tab)
        tab.keyboard.press("y")
    expect(tab.locator("#journal")).to_contain_text("5 not stored yet")
    tab.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.dismiss()))
    Reader(service.address, tab, pointer=True).menu("Review")
    tab.wait_for_url("**/review")
    assert not dialogs  # another page of ours sends them
    tab.locator("h1").click()
    with tab.expect_event("dialog") as leaving:
        tab.close(run_before_unload=True)
    assert leaving.value.type == "beforeunload"
    expect(tab.locator("#journal")).to_contain_text("5 not stored yet")
    assert service.reviews("Lea") == []
    other = tab.context.new_page()
    tab.close()
    other.goto(f"{service.address}/method")
    expect(other.locator("#journal")).to_contain_text("5 not stored yet")
    other.locator("#journal button").click()
    dialog = other.get_by_role("dialog", name="Not stored yet")
    back(other)
    dialog.get_by_role("button", name="Send now").click()
    expect(other.locator("#journal")).to_be_hidden()
    stored(other)
    assert len({one["photo"] for one in service.reviews("Lea")}) == 5
    assert len(service.reviews("Lea")) == 5


def test_a_page_that_is_open_beside_shows_and_sends_what_another_one_has_left(
    service: Service, tabs: Tabs
) -> None:
    sample = service.draw(measures=["label:plant_interior"], items=8, name="beside")
    tab = at_desk(service, tabs(), f"/review/{sample}", "Eva")
    beside = tab.context.new_page()
    beside.goto(f"{service.address}/method")
    for waiting in (3, 2):
        away(tab)
        for _ in range(waiting):
            seen(tab)
            tab.keyboard.press("y")
        for page in (tab, beside):
            shown = page.locator("#journal")
            expect(shown).to_contain_text(f"{waiting} not stored yet")
        if waiting == 2:
            tab.close()
        back(beside)
        expect(beside.locator("#journal")).to_be_hidden()
    assert len(service.reviews("Eva")) == 5


def test_each_draft_is_stored_once_while_another_one_is_made(service: Service, tabs: Tabs) -> None:
    tab = tabs()
    page = correcting(service, tab, "Mia")
    first, second, third = sorted(page["photos"], key=lambda one: -one["area_share"])[:3]
    hold = Hold(tab, r"/api/v1/photos/\d+$", "PATCH")
    move(tab, first)
    hold.await_one()
    tab.keyboard.press("Enter")
    move(tab, second)
    shape(tab, third).focus()
    tab.keyboard.press("s")
    expect(tab.locator(".draft .cut")).to_have_count(1)
    assert len(hold.waiting) == 1
    hold.let_go()
    stored(tab)
    assert len(edits_of(service, "Mia")) == 2
    expect(tab.locator(".draft .cut")).to_have_count(1)
    tab.keyboard.press("Enter")
    photos = tab.locator("[data-place=photos] > li")
    expect(photos).to_have_count(len(page["photos"]) + 1)
    stored(tab)
    assert len(edits_of(service, "Mia")) == 3
    expect(tab.locator("#alerts p")).to_have_count(0)
    # Undone and done again, by a key each; what waits is undone as well.
    tab.keyboard.press("z")
    expect(photos).to_have_count(len(page["photos"]))
    tab.keyboard.press("Shift+Z")
    expect(photos).to_have_count(len(page["photos"]) + 1)
    assert len(edits_of(service, "Mia")) == 3
    away(tab)
    tab.locator("[data-focus^='none ']").first.click()
    expect(photos).to_have_count(len(page["photos"]))
    expect(tab.locator("#journal")).to_contain_text("not stored yet")
    tab.locator("[data-do=undo]").click()
    expect(photos).to_have_count(len(page["photos"]) + 1)
    back(tab)
    stored(tab)
    assert len(edits_of(service, "Mia")) == 3


def test_a_correction_that_is_refused_later_is_told_on_any_page(
    service: Service, tabs: Tabs
) -> None:
    tab = tabs()
    page = correcting(service, tab, "Noa")
    away(tab)
    photo = page["photos"][0]
    move(tab, photo)
    expect(tab.locator("#journal")).to_contain_text("1 not stored yet")
    gone = service.client.patch(
        f"/api/v1/photos/{photo['id']}", json={"photo": False, "coder": "Ben"}
    )
    gone.raise_for_status()
    other = tab.context.new_page()
    tab.close()
    back(other)
    other.goto(f"{service.address}/method")
    expect(other.locator("#journal")).to_contain_text("1 could not be stored")
    other.locator("#journal button").click()
    refusal = other.get_by_role("dialog").get_by_role("listitem")
    expect(refusal).to_contain_text("changed by Ben")
    expect(refusal.get_by_role("link")).to_have_attribute("href", re.compile(f"/{page['id']}\\?"))
    other.on("dialog", lambda dialog: dialog.accept())
    refusal.get_by_role("button", name="Discard").click()
    expect(other.locator("#journal")).to_be_hidden()


def test_two_tabs_of_one_coder_know_of_each_other(service: Service, tabs: Tabs) -> None:
    sample = service.draw(measures=["label:indoor"], items=6, name="two tabs")
    one = at_desk(service, tabs(), f"/review/{sample}", "Oda")
    seen(one)
    two = one.context.new_page()
    two.goto(f"{service.address}/review/{sample}")
    seen(two)
    one.keyboard.press("y")
    expect(two.locator("#messages")).to_contain_text("in another tab")
    assert (place_of(one), place_of(two)) == (2, 2)
    seen(two)
    two.keyboard.press("n")
    expect(one.locator("[data-show=count]")).to_have_text(re.compile("^3 of "))
    one.keyboard.press("z")
    expect(two.locator("[data-show=mine]")).to_have_text(re.compile("^1 of "))
    stored(one)
    given = [kept for kept in service.reviews("Oda") if kept["withdrawn_at"] is None]
    assert len(given) == 1
    # The page of a photo shows what was answered about it elsewhere.
    address = f"{service.address}/photos/{given[0]['photo']}"
    for tab in (one, two):
        tab.goto(address)
    row = '[data-measure="children"]'
    one.locator(f"{row} button[aria-keyshortcuts=n]").click()
    expect(two.locator(f"{row} .settled")).to_have_text("no")
    expect(two.locator("#messages")).to_contain_text("Answered in another tab")


def test_nobody_sends_what_another_coder_has_answered(service: Service, tabs: Tabs) -> None:
    sample = service.draw(measures=["label:night"], items=4, name="of another")
    tab = at_desk(service, tabs(), f"/review/{sample}", "Pia")
    away(tab)
    seen(tab)
    tab.keyboard.press("y")
    expect(tab.locator("#journal")).to_be_visible()

    def signed_in(route: Route) -> None:
        answer = route.fetch()
        body = answer.text().replace("<html ", '<html data-signed-in="Rob" ', 1)
        route.fulfill(response=answer, body=body)

    sent: list[str] = []
    tab.route("**/method", signed_in)
    tab.goto(f"{service.address}/method")
    tab.wait_for_function("document.documentElement.dataset.signedIn === 'Rob'")
    tab.on("request", lambda request: sent.append(request.method))
    back(tab)
    tab.evaluate("dispatchEvent(new Event('online'))")
    tab.wait_for_load_state("networkidle")
    expect(tab.locator("#journal")).to_be_hidden()
    assert "POST" not in sent
    assert service.reviews("Pia") == []
    tab.goto(f"{service.address}/review")
    stored(tab)
    assert [one["coder"] for one in service.reviews("Pia")] == ["Pia"]


def test_a_decision_is_taken_back_and_made_again(service: Service, tabs: Tabs) -> None:
    sample = service.draw(measures=["label:machinery"], items=5, name="redone")
    tab = at_desk(service, tabs(), f"/review/{sample}", "Sol")
    for key in "yn":
        seen(tab)
        tab.keyboard.press(key)
    seen(tab)
    mine = tab.locator("[data-show=mine]")
    redo = "Shift+Z"
    for key, left in (("z", 1), ("z", 0), (redo, 1), (redo, 2), (redo, 2)):
        tab.keyboard.press(key)
        expect(mine).to_have_text(re.compile(f"^{left} of "))
    expect(tab.locator("#messages")).to_contain_text("nothing to redo")
    tab.keyboard.press("?")
    expect(tab.get_by_role("dialog", name="Keys of this page")).to_contain_text("Redo")
    stored(tab)
    given = [one["answers"] for one in service.reviews("Sol") if one["withdrawn_at"] is None]
    assert given == [{"label:machinery": False}, {"label:machinery": True}]


def test_pictures_that_fail_are_asked_for_more_and_more_rarely(
    service: Service, tabs: Tabs
) -> None:
    sample = service.draw(measures=["label:flags"], items=40, name="unseen", repeat=0)
    tab = tabs()
    asked: list[str] = []
    failing = re.compile(r"/image\?width")

    def fail(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=503, body="busy")

    tab.route(failing, fail)
    tab.clock.install()
    at_desk(service, tab, f"/review/{sample}", "Tom")
    word = tab.locator(".stage .missing")
    expect(word).to_contain_text("can’t be loaded yet")
    for _ in range(120):
        tab.clock.run_for(1000)
    assert 4 <= len(asked) <= MOST_PICTURES
    expect(tab.locator(".stage img")).to_have_count(0)
    tab.unroute(failing)
    word.get_by_role("button", name="Try again").click()
    seen(tab)

    # All are fetched ahead, and the gallery has a word for each that fails.
    with tab.expect_response(lambda answer: "/image" in answer.url):
        tab.goto(f"{service.address}/review/{sample}")
    tab.route(failing, fail)
    tab.goto(f"{service.address}/gallery")
    expect(tab.locator("#grid .no-picture").first).to_contain_text("can’t be loaded yet")
    tab.unroute(failing)
    for _ in range(20):
        tab.clock.run_for(1000)
    expect(tab.locator("#grid .no-picture")).to_have_count(0)
