"""Upload an edition, follow it to its composition, and see corrections change a claim of it."""

import re

import cv2
import httpx2
from playwright.sync_api import Page, expect

from ..tabs import Tabs
from .test_review import stored


def test_an_upload_is_followed_to_its_composition(
    working_service: httpx2.Client, open_tab: Tabs, draw_page
) -> None:
    server = str(working_service.base_url).rstrip("/")
    tab = open_tab()
    tab.goto(server)
    expect(tab.get_by_role("heading", level=1)).to_be_visible()
    scans = []
    for number in range(1, 4):
        drawn = draw_page((40, 40, 200, 160), (220, 40, 360, 160 + 40 * number))
        encoded = cv2.imencode(".png", cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR))[1]
        scans.append(("files", (f"page_{number}.png", encoded.tobytes())))
    uploaded = working_service.post(
        "/api/v1/editions",
        data={"publication": "Rodong Sinmun", "date": "2019-12-16"},
        files=scans,
    )
    assert uploaded.is_success
    tab.reload()
    tab.get_by_role("link", name=re.compile("16 Dec 2019")).focus()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", level=1)).to_have_text("Rodong Sinmun, 16 December 2019")
    composition = tab.locator("#numbers")
    composition.wait_for()  # the page loads itself when all is done
    expect(tab.locator(".lede")).to_contain_text("3 pages, 6 photos")
    expect(tab.locator("#progress")).to_have_count(0)
    tab.get_by_role("link", name="Page 2").first.press("Enter")
    expect(tab.get_by_role("heading", name="2 photos")).to_be_visible()
    a_claim_follows_what_is_corrected(working_service, tab, edition=uploaded.json()["id"])


def a_claim_follows_what_is_corrected(client: httpx2.Client, tab: Page, *, edition: int) -> None:
    """Check that a claim is true on a wrong count, false once it is corrected, true when undone."""
    day = {"publication": "Rodong Sinmun", "from": "2019-12-16", "to": "2019-12-16"}
    claim = {"key": "six", "statement": "At least six photos", "rule": "photos > 5", **day}
    kept = client.post("/api/v1/claims", json=claim).json()["id"]
    pages = client.get(f"/editions/{edition}.json").json()["pages"]
    for page in pages:  # somebody has counted these, and was wrong
        checked = {"coder": "Ann", "checked": True, "marks": []}
        client.post(f"/api/v1/pages/{page['id']}/reviews", json=checked).raise_for_status()

    def judge(verdict: str) -> None:
        stored(tab)  # a correction is shown before it is stored
        tab.goto(f"{server}/claims/{kept}")
        expect(tab.locator("#verdict-word")).to_have_text(verdict)

    def correct() -> None:
        tab.goto(f"{server}/pages/{pages[0]['id']}?mode=correct")
        tab.locator("#correct[data-ready]").wait_for()

    server = str(client.base_url).rstrip("/")
    tab.goto(server)
    judge("True")
    correct()
    tab.keyboard.press("n")
    tab.keyboard.press("x")
    tab.get_by_role("dialog").get_by_role("textbox").fill("Ben")
    tab.keyboard.press("Enter")
    expect(tab.locator("[data-place=photos] > li")).to_have_count(1)
    judge("False")
    correct()
    tab.keyboard.press("z")
    expect(tab.locator("[data-place=photos] > li")).to_have_count(2)
    judge("True")
