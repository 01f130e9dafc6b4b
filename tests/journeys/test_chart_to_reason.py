"""From a point of a chart to a photo, and to the reason why it counts."""

import re

from playwright.sync_api import expect

from .conftest import Reader

CHART = "/timeline?publication=Sample+Daily&metric=focus_leader&by=edition"


def test_a_point_leads_to_its_photos_and_to_their_reasons(reader: Reader) -> None:
    tab = reader.tab
    reader.open(CHART)
    tab.locator(".plot[data-drawn]").wait_for()
    if reader.pointer:
        tab.locator(".plot .mark-symbol path").last.click()
    else:
        reader.activate(tab.locator(".points th a").first)  # the table has the points, for keys
    tab.wait_for_url("**/editions/*")
    reader.activate(tab.locator(".facts a[href*='focus=leader']"))
    expect(tab.locator(".chosen")).to_contain_text("the leader")
    reader.activate(tab.locator("a.tile").first)
    tab.wait_for_url("**/photos/*")
    expect(tab.get_by_role("heading", name=re.compile("^Focus: leader"))).to_be_visible()
    assert tab.locator(".reasons li").count() >= 1
    expect(tab.locator(".reasons li").first).to_contain_text("for leader")
    assert tab.locator(".scores dd").first.inner_text()
