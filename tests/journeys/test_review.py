"""A drawn sample: planned, coded by keys and by touch, adjudicated, offline, and never lost."""

import json
import os
import random
import re
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, Page, TimeoutError, expect

from presslens.app.drill.serving import presslens

from ..tabs import PATIENCE_MS, Tabs
from .conftest import Reader, copy_month
from .test_every_page import ALLOW, LOOKS

PATIENCE_S = 120


class Service:
    """A service of a month of its own, in a process that can be killed and started again."""

    def __init__(self, data: Path) -> None:
        self._data = data
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port: int = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self._port}"
        self.client = httpx2.Client(base_url=self.address, trust_env=False, timeout=PATIENCE_S)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process, and wait until it answers."""
        self.launch()
        self.await_answer()

    def await_answer(self) -> None:
        """Wait until the process answers."""
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                self.client.get("/api/v1/healthz").raise_for_status()
            except httpx2.TransportError:
                assert time.monotonic() < until
                time.sleep(0.05)
            else:
                return

    def launch(self) -> None:
        """Start the process."""
        variables = {"PRESSLENS_DATA_DIR": str(self._data), "PRESSLENS_MIN_FREE_BYTES": "0"}
        self._process = subprocess.Popen(
            presslens(self._port),
            env={**os.environ, **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        """Kill the process with -9."""
        assert self._process is not None
        with self._process:
            self._process.kill()

    def draw(self, **body: Any) -> int:
        """Draw a sample, and return its id; no two tests ask the same, or one would answer both."""
        answer = self.client.post("/api/v1/samples", json=body)
        answer.raise_for_status()
        return int(answer.json()["id"])

    def reviews(self, coder: str) -> list[dict[str, Any]]:
        """Return all reviews of a coder, the latest first."""
        query = {"coder": coder, "limit": 200}
        found: list[dict[str, Any]] = self.client.get("/api/v1/reviews", params=query).json()[
            "reviews"
        ]
        return found


@pytest.fixture(scope="module")
def service(month_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Serve a month that this module alone changes."""
    started = Service(copy_month(month_folder, tmp_path_factory.mktemp("coded")))
    started.start()
    try:
        yield started
    finally:
        started.kill()
        started.client.close()


@pytest.fixture
def sit(service: Service, open_tab: Tabs) -> Callable[..., Page]:
    """Return a function by which a coder opens a desk in a tab of its own."""

    def open_desk(address: str, coder: str, **options: Any) -> Page:
        return at_desk(service, open_tab(**options), address, coder)

    return open_desk


def at_desk(service: Service, tab: Page, address: str, coder: str) -> Page:
    """Open a desk as a coder."""
    cookie = {"name": "presslens_coder", "value": coder, "url": service.address}
    tab.context.add_cookies([cookie])
    tab.goto(f"{service.address}{address}")
    return tab


def seen(tab: Page, patience_ms: float = PATIENCE_MS) -> None:
    """Wait until the photo can be seen."""
    tab.wait_for_function(
        "() => { const one = document.querySelector('.stage img');"
        " return one && one.complete && one.naturalWidth > 0; }",
        timeout=patience_ms,
    )


def is_ahead(tab: Page) -> bool:
    """Return whether the photo can be seen within a moment."""
    try:
        seen(tab, patience_ms=500)
    except TimeoutError:
        return False
    return True


def place_of(tab: Page) -> int:
    """Return the number of the photo that is shown, from 1."""
    told = tab.locator("[data-show=count]").inner_text()
    return int("".join(c for c in told.split(" ")[0] if c.isdigit()))


def stored(tab: Page) -> None:
    """Wait until no decision waits on the device."""
    tab.wait_for_function(
        "() => !Object.keys(localStorage).some((key) => key.startsWith('presslens.journal.'))"
    )


def decide(tab: Page, answer: str, *, pointer: bool) -> None:
    """Answer the photo that is shown, by its button or by its key."""
    seen(tab)
    if pointer:
        tab.locator(f"[data-do={answer}]").click()
    else:
        tab.keyboard.press({"yes": "y", "no": "n", "cant_tell": "u"}[answer])


@pytest.mark.parametrize("pointer", [True, False], ids=["pointer", "keyboard"])
def test_a_drawn_sample_is_coded_by_two_adjudicated_and_moves_the_share(
    service: Service, sit: Callable[..., Page], *, pointer: bool
) -> None:
    name, measure = ("sixty by pointer", "crowd") if pointer else ("sixty by keys", "buildings")
    stats = {"metric": measure}
    before = service.client.get("/api/v1/stats", params=stats).json()["groups"][0]
    tab = sit("/review/new", "Ana")
    reader = Reader(service.address, tab, pointer)
    reader.tick(tab.get_by_role("checkbox", name=measure))
    reader.write(tab.get_by_label("How many"), "60")
    reader.write(tab.get_by_label("Share for a second coder"), "100")
    reader.write(tab.get_by_label("Share that each coder is shown again"), "0")
    reader.write(tab.get_by_label("Name"), name)
    reader.activate(tab.get_by_role("button", name="Show the plan"))
    expect(tab.locator(".plan")).to_contain_text("60 photos of")
    expect(tab.locator("tr.chosen").first).to_contain_text("60")
    reader.activate(tab.get_by_role("button", name="Draw, and begin"))
    tab.wait_for_url(re.compile(r"/review/\d+$"))
    sample = int(tab.url.rsplit("/", 1)[1])
    ben = sit(f"/review/{sample}", "Ben")
    for desk, odd in ((tab, 0), (ben, 10)):
        for place in range(1, 61):
            yes = place % 5 == 0 and (not odd or place % odd)
            decide(desk, "yes" if yes else "no", pointer=pointer)
        expect(desk.locator(".ended")).to_be_visible()
        stored(desk)
    state = service.client.get(f"/api/v1/samples/{sample}").json()["progress"][measure]
    assert (state["answered"], state["disagreement"]) == (54, 6)

    reader.activate(tab.get_by_role("link", name="What coders disagree on"))
    for _ in range(6):
        expect(tab.locator("[data-show=said]")).to_contain_text("Ana: yes")
        expect(tab.locator("[data-show=said]")).to_contain_text("Ben: no")
        decide(tab, "yes", pointer=pointer)
    expect(tab.locator(".ended")).to_be_visible()
    stored(tab)
    state = service.client.get(f"/api/v1/samples/{sample}").json()["progress"][measure]
    assert (state["answered"], state["adjudicated"]) == (54, 6)

    # What is drawn informs all photos, at once, on pages and in answers.
    after = service.client.get("/api/v1/stats", params=stats).json()["groups"][0]
    assert after["drawn"] >= 60
    assert after["value"] != before["value"]
    latest = service.client.get("/api/v1/editions", params={"limit": 1}).json()["editions"][0]
    rule = {
        "rule": f"share({measure}) > 1 %",
        "publication": latest["publication"],
        "from": latest["date"],
    }
    assert service.client.get("/claims/test.json", params=rule).status_code == 200
    reader.open("/review")
    card = tab.locator("article.sample").filter(has_text=name)
    expect(card).to_contain_text("60 / 60")
    expect(card).to_contain_text(re.compile(r"agreement\s*[89]\d%"))
    document = service.client.get("/review.json").json()["samples"]
    ours = next(one for one in document if one["id"] == sample)
    assert set(ours["coded"]["coders"]) == {"Ana", "Ben"}
    assert service.client.get("/api/v1/edits").json()["edits"]


def test_decisions_are_walked_through_changed_and_undone(
    service: Service, sit: Callable[..., Page]
) -> None:
    # What others say of people in these photos takes no question of a label away.
    sample = service.draw(measures=["label:ceremony"], items=12, name="walked")
    tab = sit(f"/review/{sample}", "Cem")
    for key in "ynuyn":
        seen(tab)
        tab.keyboard.press(key)
    assert place_of(tab) == 6
    tab.keyboard.press(",")
    tab.keyboard.press(",")
    expect(tab.locator("[data-do=yes]")).to_have_attribute("aria-pressed", "true")
    seen(tab)
    tab.keyboard.press("u")
    expect(tab.locator("[data-do=cant_tell]")).to_have_attribute("aria-pressed", "true")
    tab.keyboard.press(".")
    expect(tab.locator("[data-do=no]")).to_have_attribute("aria-pressed", "true")
    # What others say is shown afterwards, and the answer stays blind from then on.
    stored(tab)
    tab.keyboard.press("a")
    expect(tab.locator("[data-show=said]")).to_contain_text("The machine:")
    tab.keyboard.press("y")
    expect(tab.locator("#messages")).to_contain_text("stays as it was given blind")
    tab.keyboard.press(".")
    seen(tab)
    # A note goes with the next decision; the photo, its page and faces are a key each.
    tab.keyboard.press("w")
    tab.keyboard.type("yes, no: a text")
    tab.keyboard.press("Enter")
    tab.keyboard.press("Space")
    expect(tab.locator(".stage rect")).to_have_count(1)
    tab.keyboard.press("f")
    expect(tab.locator(".stage img.enlarged")).to_have_count(1)
    tab.keyboard.press("y")
    tab.keyboard.press("s")
    stored(tab)
    kept = [one for one in service.reviews("Cem") if one["withdrawn_at"] is None]
    assert Counter(next(iter(one["answers"].values())) for one in kept) == {
        True: 3, False: 2, None: 2,
    }  # fmt: skip
    assert kept[0]["note"] == "yes, no: a text"
    # Undone one after the other, over a reload, until nothing is left.
    tab.reload()
    seen(tab)
    for left in range(6, 0, -1):
        tab.keyboard.press("z")
        expect(tab.locator("[data-show=mine]")).to_have_text(f"{left - 1} of 12")
    stored(tab)
    tab.reload()
    seen(tab)
    for _ in range(2):  # what was changed counts as it was before, and is undone too
        tab.keyboard.press("z")
    stored(tab)
    assert all(one["withdrawn_at"] for one in service.reviews("Cem"))


def test_what_follows_is_not_asked_and_a_refused_answer_is_asked_again(
    service: Service, sit: Callable[..., Page]
) -> None:
    both = service.draw(measures=["people", "children"], items=3, name="following")
    tab = sit(f"/review/{both}", "Hal")
    seen(tab)
    tab.keyboard.press("n")
    expect(tab.locator("[data-show=count]")).to_have_text(re.compile("^2 of "))
    stored(tab)
    assert service.reviews("Hal")[0]["answers"] == {"people": False, "children": False}
    # Changed, the question that followed is asked after all.
    tab.keyboard.press(",")
    seen(tab)
    tab.keyboard.press("y")
    tab.keyboard.press(".")
    expect(tab.locator("[data-question=children]")).to_be_visible()
    expect(tab.locator("[data-show=mine]")).to_have_text(re.compile("^0 of "))
    stored(tab)
    one = service.draw(measures=["children"], items=2, name="refused")
    tab = sit(f"/review/{one}", "Ida")
    seen(tab)
    query = {"coder": "Ida"}
    card = service.client.get(f"/review/{one}.json", params=query).json()["items"][0]
    service.client.post(
        f"/api/v1/photos/{card['photo']}/reviews",
        json={"coder": "Ida", "answers": {"people": False}},
    ).raise_for_status()
    tab.keyboard.press("y")
    expect(tab.locator("[data-show=said]")).to_contain_text("can't show children")
    expect(tab.locator("[data-show=count]")).to_have_text(re.compile("^1 of "))
    expect(tab.locator("[data-show=state]")).to_have_text("1 not stored")
    seen(tab)
    tab.keyboard.press("n")
    expect(tab.locator("[data-show=state]")).to_have_text("all stored")
    expect(tab.locator("[data-show=count]")).to_have_text(re.compile("^2 of "))


def test_the_desk_is_accessible(service: Service, sit: Callable[..., Page], axe: str) -> None:
    sample = service.draw(measures=["label:flags", "focus_leader"], items=6, name="accessible")
    tab = sit(f"/review/{sample}", "Kai", bypass_csp=True, reduced_motion="reduce")
    seen(tab)
    tab.evaluate(ALLOW)
    tab.evaluate(axe)
    found = []
    views = [(1440, "light"), (1440, "dark"), (390, "light"), (390, "light")]
    for number, (width, look) in enumerate(views):
        if number == len(views) - 1:
            tab.goto(f"{service.address}/review")
            tab.evaluate(ALLOW)
            tab.evaluate(axe)
        tab.set_viewport_size({"width": width, "height": 844})
        tab.emulate_media(color_scheme=look)
        told = tab.evaluate(
            "(rules) => axe.run(document, {runOnly: rules, resultTypes: ['violations']})",
            LOOKS["light"],
        )
        assert told["passes"]
        found += [
            f"{width} {look} {one['id']}: {node['html'][:160]}"
            for one in told["violations"]
            for node in one["nodes"]
        ]
    assert not found


def test_keys_are_the_coder_s_own_and_a_clash_is_refused(
    service: Service, sit: Callable[..., Page]
) -> None:
    sample = service.draw(measures=["fireworks"], items=6, name="keyed")
    tab = sit(f"/review/{sample}", "Dal")
    seen(tab)
    tab.keyboard.press("k")
    dialog = tab.get_by_role("dialog", name="Change keys")
    dialog.get_by_role("button", name="yes: y").click()
    for clash in ("n", "g"):
        tab.keyboard.press(clash)
        expect(dialog.get_by_role("status")).to_contain_text("This key is taken")
    tab.keyboard.press("j")
    expect(dialog.get_by_role("button", name="yes: j")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.locator("dialog")).to_have_count(0)
    expect(tab.locator("[data-do=yes] kbd")).to_have_text("j")
    tab.keyboard.press("y")
    tab.keyboard.press("j")
    expect(tab.locator("[data-show=mine]")).to_have_text(re.compile("^1 of "))
    stored(tab)
    assert [one["answers"] for one in service.reviews("Dal")] == [{"fireworks": True}]
    tab.reload()
    seen(tab)
    tab.keyboard.press("?")
    expect(tab.get_by_role("dialog", name="Keys of this page")).to_contain_text("j")
    tab.keyboard.press("Escape")
    expect(tab.locator("dialog")).to_have_count(0)
    tab.keyboard.press("k")
    dialog.get_by_role("button", name="As they were").click()
    tab.keyboard.press("Escape")
    expect(tab.locator("[data-do=yes] kbd")).to_have_text("y")


def test_a_phone_in_korean_by_touch(service: Service, sit: Callable[..., Page]) -> None:
    sample = service.draw(measures=["label:machinery", "focus_leader"], items=6, name="touched")
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    tab = sit(f"/review/{sample}", "Eun", locale="ko-KR", **phone)
    for _ in range(3):
        seen(tab)
        tab.locator("[data-do=no]").tap()
        expect(tab.locator("[data-do=neither]")).to_be_visible()
        tab.locator("[data-do=neither]").tap()
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    answers = tab.locator(".answers:not([hidden]) button")
    for i in range(answers.count()):
        box = answers.nth(i).bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["y"] + box["height"] <= 844  # at hand, whatever is scrolled
    stored(tab)
    assert tab.locator("html").get_attribute("lang") == "ko"
    given = [one["answers"] for one in service.reviews("Eun")]
    assert given.count({"label:machinery": False}) == 3
    assert len(given) == 6


def test_two_on_one_photo_at_one_moment(service: Service, sit: Callable[..., Page]) -> None:
    sample = service.draw(measures=["leader"], items=6, name="at once", second=0)
    tabs = [sit(f"/review/{sample}", coder) for coder in ("Fay", "Gil")]
    for tab in tabs:
        seen(tab)
    tabs[0].keyboard.press("y")
    stored(tabs[0])
    tabs[1].keyboard.press("n")
    expect(tabs[1].locator("#messages")).to_contain_text("Fay answered this photo meanwhile")
    expect(tabs[1].locator("#messages")).not_to_contain_text("yes")
    assert [len(service.reviews(coder)) for coder in ("Fay", "Gil")] == [1, 1]


def test_no_decision_is_lost_when_the_server_is_killed_between_any_two_keys(
    service: Service, chromium: Browser
) -> None:
    chance = random.Random(16)
    sample = service.draw(measures=["label:indoor"], items=40, name="killed", repeat=0)
    killed = set(chance.sample(range(38), 4))
    pressed: list[bool | None] = []
    dead = False
    with Tabs(chromium) as tabs:  # their consoles may complain of a server that is away
        tab = at_desk(service, tabs(), f"/review/{sample}", "Han")
        for number in range(40):
            if dead and not is_ahead(tab):  # more photos than were fetched ahead
                service.launch()
                dead = False
            seen(tab)
            key = chance.choice("ynu")
            tab.keyboard.press(key)
            pressed.append({"y": True, "n": False, "u": None}[key])
            if dead:  # a decision was made while nobody was there
                service.launch()
                dead = False
            elif number in killed:  # with an answer on its way, or just stored
                tab.wait_for_timeout(chance.choice([0, 5, 20, 60, 200]))
                service.kill()
                dead = True
            if number == 20 and not dead:  # the page is left with waiting decisions, and opened
                service.await_answer()
                tab.reload()
        if dead:
            service.launch()
        expect(tab.locator(".ended")).to_be_visible()
        stored(tab)
    kept = service.reviews("Han")
    assert len(kept) == len(pressed) == 40
    assert len({one["photo"] for one in kept}) == 40
    assert [one["answers"]["label:indoor"] for one in reversed(kept)] == pressed


def test_a_batch_is_answered_without_a_server_and_comes_back_once(
    service: Service, sit: Callable[..., Page], open_tab: Tabs, tmp_path: Path
) -> None:
    sample = service.draw(measures=["label:night"], items=12, name="offline")
    desk = sit(f"/review/{sample}", "Jun")
    seen(desk)
    desk.get_by_text("Code without a connection").click()
    desk.get_by_label("Photos").fill("10")
    with desk.expect_download() as batch:
        desk.get_by_role("button", name="Get a batch").click()
    file = tmp_path / "batch.html"
    batch.value.save_as(file)
    away = open_tab(offline=True)
    away.goto(file.as_uri())
    for place in range(10):
        seen(away)
        away.keyboard.press("y" if place % 2 else "n")
        if place == 4:
            away.reload()
    expect(away.locator(".ended")).to_be_visible()
    away.keyboard.press("z")
    away.keyboard.press("u")
    with away.expect_download() as saved:
        away.keyboard.press("d")
    answers = tmp_path / "answers.json"
    saved.value.save_as(answers)
    given = json.loads(answers.read_text())
    assert len(given["answers"]) == 10
    for known in (0, 10):
        desk.get_by_label("A file of answers").set_input_files(answers)
        desk.get_by_role("button", name="Bring the answers in").click()
        expect(desk.locator("[data-show=brought]")).to_contain_text(
            f"New answers by Jun: {10 - known} stored, {known} there already."
        )
    kept = [one["answers"]["label:night"] for one in service.reviews("Jun")]
    assert Counter(kept) == {False: 5, True: 4, None: 1}
    edits = service.client.get("/api/v1/edits", params={"coder": "Jun"}).json()["edits"]
    assert len(edits) == 1
    undone = service.client.post(f"/api/v1/edits/{edits[0]['id']}/undo")
    assert undone.status_code == 200
    assert all(one["withdrawn_at"] for one in service.reviews("Jun"))
