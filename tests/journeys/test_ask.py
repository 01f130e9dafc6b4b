"""From a sentence to a decided claim: asked, registered, drawn for, watched, kept, and cited."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest
from playwright.sync_api import Page, expect

from ..tabs import Tabs
from .conftest import Reader, copy_month, serving_month
from .test_every_page import MODES, barriers
from .test_review import decide, place_of, seen, stored

QUESTION = re.compile(r"/ask/\d+$")
DESK = re.compile(r"/review/\d+\?question=\d+$")
SENTENCE = "Were more than {share} % of the photos of {day} December of {what}?"
"""Of another measure in each test: what coders have answered informs other days."""


@pytest.fixture(scope="module")
def service(month_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a month that this module alone changes."""
    with serving_month(copy_month(month_folder, tmp_path_factory.mktemp("asked"))) as address:
        yield address


def answer_some(tab: Page, number: int, *, pointer: bool) -> None:
    """Answer no to so many photos, one after the other."""
    for _ in range(number):
        before = place_of(tab)
        decide(tab, "no", pointer=pointer)
        expect(tab.locator("[data-show=count]")).not_to_contain_text(re.compile(rf"^{before}\b"))


@pytest.mark.parametrize("pointer", [True, False], ids=["pointer", "keyboard"])
def test_a_stranger_gets_from_a_sentence_to_a_decided_claim(
    service: str, open_tab: Tabs, *, pointer: bool
) -> None:
    tab = open_tab()
    reader = Reader(service, tab, pointer)
    reader.open("/")
    reader.write(tab.get_by_label("What do you want to know?"), "Was 16 December unusual?")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/ask?**")
    flag = "pages 8, usually 6" if pointer else "photos 116, usually 17"
    flagged = tab.locator(".flagged li").filter(has_text=flag)
    expect(flagged).to_contain_text("Decided at once, by what is known")
    reader.activate(flagged.get_by_role("button", name="Ask this"))
    tab.wait_for_url(QUESTION)
    expect(tab.locator("#verdict-word")).to_have_text("True")
    expect(tab.locator("#verdict .lede")).to_contain_text("Decided at the first look")
    reader.activate(tab.get_by_role("button", name="Keep it as a claim"))
    expect(tab.get_by_text("kept after 1 look")).to_be_visible()

    sentence = SENTENCE.format(share=45, day=16, what="fireworks" if pointer else "buildings")
    reader.menu("Ask")
    reader.write(tab.get_by_label("What do you want to know?"), sentence)
    reader.activate(tab.get_by_role("button", name="Read the question"))
    reader.activate(tab.get_by_role("button", name="Ask", exact=True))
    tab.wait_for_url(QUESTION)
    expect(tab.locator("#verdict-word")).to_have_text("Undecided")
    reader.activate(tab.get_by_role("button", name="Register the question, then draw"))
    tab.wait_for_url(DESK)
    tab.get_by_label("Your name").fill("Ana")
    tab.keyboard.press("Enter")
    strip = tab.get_by_role("region", name="The question").get_by_role("status")
    seen(tab)
    planned = re.search(r"question: ([0-9]+) of \1\.", strip.inner_text())
    assert planned is not None
    answer_some(tab, 3, pointer=pointer)
    expect(strip).to_contain_text(f"{int(planned[1]) - 3} of {planned[1]}.")

    stored(tab)
    reader.menu("Ask")  # left in the middle, and taken up again
    reader.activate(tab.get_by_role("link", name=sentence))
    expect(tab.get_by_text(re.compile("^3 of [0-9]+ photos are looked at"))).to_be_visible()
    reader.activate(tab.get_by_role("link", name="Look at the photos"))
    tab.wait_for_url(DESK)
    to_answer = tab.get_by_role("link", name="To the answer")
    seen(tab)
    while not to_answer.is_visible() and tab.locator(".stage img").count():
        decide(tab, "no", pointer=pointer)
    expect(strip).to_have_text("Decided: false. You can stop here.")
    if not pointer:  # a click has the focus
        expect(to_answer).to_be_focused()
    reader.activate(to_answer)

    tab.wait_for_url(QUESTION)
    expect(tab.locator("#verdict-word")).to_have_text("False")
    expect(tab.locator("#verdict .lede")).to_contain_text(re.compile(r"Decided after [2-6] looks"))
    looks = tab.get_by_role("region", name="Looks").get_by_role("row")
    assert looks.count() == 1 + tab.locator(".looks circle").count()
    methods = tab.locator(".methods")
    expect(methods).to_contain_text("registered on")
    expect(methods).to_contain_text("before anything was drawn for it")
    reader.activate(tab.get_by_text("How to cite"))
    expect(tab.get_by_text("For reference managers")).to_be_visible()
    reader.activate(tab.get_by_role("link", name="The claim"))
    expect(tab.get_by_role("main")).to_contain_text(sentence)  # asked as


def test_a_question_is_decided_without_a_script(service: str, open_tab: Tabs) -> None:
    tab = open_tab(java_script_enabled=False)
    sentence = SENTENCE.format(share=12, day=19, what="children")
    tab.goto(f"{service}/ask?{urlencode({'q': sentence})}")
    tab.get_by_role("button", name="Ask", exact=True).click()
    asked = tab.url
    tab.get_by_role("button", name="Draw without registering").click()
    sample = re.search(r"/review/(\d+)", tab.url)
    assert sample is not None
    with httpx2.Client(base_url=service, trust_env=False, timeout=60) as client:
        desk = client.get(f"/review/{sample[1]}.json", params={"coder": "Ana"}).json()
        for one in desk["items"]:
            given = {"coder": "Ana", "answers": {"children": False}}
            client.post(f"/api/v1/photos/{one['photo']}/reviews", json=given).raise_for_status()
    tab.goto(asked)
    tab.get_by_role("button", name="Look now").click()
    expect(tab.locator("#verdict-word")).to_have_text("False")
    tab.get_by_role("button", name="Keep it as a claim").click()
    expect(tab.get_by_text("kept after 2 looks")).to_be_visible()
    expect(tab.locator(".methods")).to_contain_text("it was kept after looking")


def test_asking_is_without_barriers(service: str, open_tab: Tabs, axe: str) -> None:
    posted = {"q": SENTENCE.format(share=75, day=16, what="people")}
    with httpx2.Client(base_url=service, trust_env=False, timeout=60) as client:
        asked = client.post("/ask", data=posted).headers["location"]
        number = asked.rsplit("/", 1)[1]

        def states() -> Iterator[str]:
            yield "/ask"
            yield f"/ask?{urlencode({'q': 'Was 16 December unusual?'})}"
            yield f"/ask?{urlencode({'q': 'Did tractors appear on 16 December?'})}"
            yield "/ask?about=photos&is=more&than=number&number=many"
            yield "/claims/new"
            yield asked
            client.post(asked, data={"action": "register and draw"})
            yield asked
            plans = client.get(f"/api/v1/claims/{number}/question").json()["plans"]
            yield f"/review/{plans[0]['sample']}?question={number}"
            client.post("/ask", data={"q": "Did 16 December have 8 pages?"})
            yield f"/ask/{int(number) + 1}"
            yield f"/claims/{int(number) + 1}"

        found = []
        options = {"bypass_csp": True, "reduced_motion": "reduce"}
        tabs = [open_tab(locale=code, **options) for code in ("en-GB", "ko-KR")]
        for tab in tabs:
            cookie = {"name": "presslens_coder", "value": "Ana", "url": service}
            tab.context.add_cookies([cookie])
        for address in states():
            for tab, views in zip(tabs, (MODES[:2], MODES[2:]), strict=True):
                tab.goto(f"{service}{address}", wait_until="load")
                found += [f"{address} {one}" for one in barriers(tab, axe, views)]
    open_tab.complaints[:] = [one for one in open_tab.complaints if "status of 422" not in one]
    assert not found
