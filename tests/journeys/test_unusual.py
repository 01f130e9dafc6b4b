"""In the morning: what is unusual, why, and by which photo."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ..tabs import Tabs
from .conftest import Reader, copy_month, serving_month


@pytest.fixture(scope="module")
def unchanged_month(month_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a month that no test changes: after a change, no worker here compares its editions."""
    with serving_month(copy_month(month_folder, tmp_path_factory.mktemp("unchanged"))) as address:
        yield address


@pytest.fixture(params=[True, False], ids=["pointer", "keyboard"])
def reader(unchanged_month: str, open_tab: Tabs, request: pytest.FixtureRequest) -> Reader:
    """Give a reader of the unchanged month."""
    return Reader(unchanged_month, open_tab(), request.param)


def test_an_unusual_edition_leads_to_its_reason_and_photo(reader: Reader) -> None:
    tab = reader.tab
    reader.open("/")
    unusual = tab.locator("section:has(#unusual)")
    expect(unusual.locator(".lately > li").first).to_contain_text("usually")
    reader.activate(unusual.get_by_role("link", name="31 Dec 2025"))
    expect(tab.get_by_role("heading", level=1)).to_have_text("Sample Daily, 31 December 2025")
    expect(tab.locator(".lede")).to_contain_text("Unusual: pages 8, usually 6")
    marked = tab.locator("tr.unusual, .facts .unusual")
    expect(marked.nth(2)).to_be_visible()
    reader.activate(tab.locator(".facts .unusual a").first)
    tab.wait_for_url("**/gallery?edition=*")
    expect(tab.locator(".lede")).to_have_text("111 photos")
    reader.activate(tab.locator("a.tile").first)
    tab.wait_for_url("**/photos/*")
    expect(tab.get_by_role("heading", name=re.compile("^Focus: "))).to_be_visible()


def test_the_calendar_marks_missing_days_events_and_what_is_unusual(reader: Reader) -> None:
    tab = reader.tab
    reader.open("/timeline?publication=Sample+Daily")
    december = tab.locator("table.month").filter(has_text="December 2025")
    expect(december.locator("td.missing")).to_have_count(1)
    expect(december.locator("td.missing")).to_contain_text("8")
    event = december.get_by_role("link", name=re.compile("18 December 2025.*factory"))
    expect(event.locator(".mark-event")).to_be_visible()
    special = december.get_by_role("link", name=re.compile("16 December 2025: 8 pages, 116 photos"))
    expect(special).to_contain_text("pages 8, usually 6")  # the reason, read aloud
    reader.activate(special)
    expect(tab.get_by_role("heading", level=1)).to_have_text("Sample Daily, 16 December 2025")
