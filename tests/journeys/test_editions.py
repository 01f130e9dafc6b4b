"""Editions: a forgotten page is added where the server asks; one is deleted and comes back."""

import re
from collections.abc import Callable
from pathlib import Path

import cv2
import httpx2
import pytest
from playwright.sync_api import expect

from ..tabs import Tabs
from .conftest import Reader

pytestmark = pytest.mark.long  # of a real service, the upload beside is followed on each commit
KOREAN_PHONE = {"locale": "ko-KR", "viewport": {"width": 390, "height": 800}}
WAYS = pytest.mark.parametrize(
    ("pointer", "options"),
    [
        pytest.param(True, {}, id="pointer"),
        pytest.param(False, {}, id="keyboard"),
        pytest.param(True, KOREAN_PHONE, id="Korean phone"),
    ],
)


def give_a_name(reader: Reader) -> None:
    """Say who works, where the page asks."""
    dialog = reader.tab.locator("dialog[open]")
    reader.write(dialog.locator("input[name=coder]"), "Ann")
    reader.tab.keyboard.press("Enter")
    expect(dialog).to_have_count(0)


def accept_refusals(tabs: Tabs, status: int) -> None:
    """Take the answers that Chromium notes as errors for what was expected."""
    assert all(f"status of {status}" in complaint for complaint in tabs.complaints)
    tabs.complaints.clear()


def draw_scans(draw_page: Callable, folder: Path) -> list[Path]:
    """Draw three pages with two photos each."""
    folder.mkdir()
    for number in range(1, 4):
        drawn = draw_page((40, 40, 200, 160), (220, 40, 360, 160 + 40 * number))
        cv2.imwrite(str(folder / f"page_{number}.png"), cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR))
    return sorted(folder.iterdir())


@WAYS
def test_a_forgotten_page_is_added(
    working_service: httpx2.Client,
    open_tab: Tabs,
    draw_page: Callable,
    tmp_path: Path,
    pointer: bool,
    options: dict,
) -> None:
    scans = draw_scans(draw_page, tmp_path / "drawn")
    known = [("files", (scan.name, scan.read_bytes())) for scan in (scans[0], scans[2])]
    day = {"publication": "Rodong Sinmun", "date": "2019-12-16"}
    edition = working_service.post("/api/v1/editions", data=day, files=known).json()["id"]
    reader = Reader(str(working_service.base_url).rstrip("/"), open_tab(**options), pointer)
    tab = reader.tab
    reader.open("/upload")
    reader.write(tab.locator("#publication"), day["publication"])
    reader.date(tab.locator("#date"), day["date"])
    tab.set_input_files("#files", str(scans[1]))
    expect(tab.locator("#sheets li")).to_have_count(1)
    reader.activate(tab.locator("#send"))
    give_a_name(reader)
    choices = tab.locator("#choices")
    expect(choices.get_by_role("heading")).to_be_focused()
    expect(choices.get_by_role("button")).to_have_count(3)
    reader.activate(choices.locator("button[value=add]"))
    expect(tab.locator(".states li")).to_have_count(3)
    expect(tab.locator("#following .pages rect")).to_have_count(6)
    expect(tab.locator("#following .said")).to_contain_text(
        re.compile(r"3 pages, 6 photos|3면, 사진 6장|3.*6")
    )
    reader.activate(tab.locator("#following a.button"))
    tab.wait_for_url(f"**/editions/{edition}")
    expect(tab.locator(".lede").first).to_contain_text(re.compile("6"))
    composition = f"/api/v1/editions/{edition}/composition"
    assert working_service.get(composition).json()["photos"] == 6
    width = tab.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]
    with tab.expect_navigation():
        tab.keyboard.press("z")
    assert working_service.get(composition).json()["photos"] == 4
    accept_refusals(open_tab, 409)


@WAYS
def test_an_edition_is_deleted_and_comes_back(
    month_server: str,
    ask: Callable[..., httpx2.Response],
    addresses: dict[str, str],
    open_tab: Tabs,
    pointer: bool,
    options: dict,
) -> None:
    def counted() -> dict:
        return ask("/api/v1/stats", metric="photos", by="none").json()

    before, edition = counted(), addresses["edition"]
    reader = Reader(month_server, open_tab(**options), pointer)
    tab = reader.tab
    reader.open(edition)
    reader.activate(tab.locator("#change > summary"))
    reader.activate(tab.locator("#change [data-delete]"))
    give_a_name(reader)
    restore = tab.locator("form[action='/trash'] button")
    expect(restore).to_be_visible()
    expect(tab.locator(".lede")).to_contain_text("Ann")
    accept_refusals(open_tab, 410)
    without = counted()
    assert without["groups"] != before["groups"]
    id_ = int(edition.rpartition("/")[2])
    assert id_ in [one["id"] for one in ask("/api/v1/editions", deleted="true").json()["editions"]]
    reader.open("/trash")
    reader.activate(tab.locator(f"#edition-{id_} button"))
    tab.wait_for_url(f"**{edition}")
    expect(tab.locator("#change")).to_be_visible()
    assert counted()["groups"] == before["groups"]
    width = tab.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]
