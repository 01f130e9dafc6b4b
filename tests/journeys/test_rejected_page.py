"""A page that could not be read: which, why, where, and what to do."""

from __future__ import annotations

from playwright.sync_api import expect

from .conftest import Reader


def test_a_rejected_page_says_what_failed_why_and_where(reader: Reader) -> None:
    tab = reader.tab
    reader.open("/")
    failed = tab.locator("section:has(#failed)")
    expect(failed).to_contain_text("1 page could not be analysed.")
    expect(failed).to_contain_text("Sample Evening, 11 Dec 2025, page 3")
    reader.activate(failed.get_by_role("link", name="page 3"))
    tab.wait_for_url("**#lost")
    lost = tab.locator("section.problem")
    expect(lost).to_be_in_viewport()
    row = lost.locator("tbody tr")
    expect(row.locator("th")).to_have_text("3")
    expect(row).to_contain_text("rejected:")
    assert len(row.locator("td").last.inner_text()) > len("rejected: ")
    expect(lost).to_contain_text("no number counts them as empty")
    reader.open("/runs")
    expect(tab.get_by_role("region", name="Table of refused pages")).to_contain_text("page_03")
