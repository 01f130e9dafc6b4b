"""From a point of a chart to a photo, and to the reason why it counts."""

from __future__ import annotations

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


def test_a_brush_is_a_filter_in_the_address(reader: Reader) -> None:
    tab = reader.tab
    reader.open(CHART)
    tab.locator(".plot[data-drawn]").wait_for()
    if reader.pointer:
        box = tab.locator(".plot svg.marks").bounding_box()
        tab.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.4 * box["height"])
        tab.mouse.down()
        tab.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.5 * box["height"], steps=5)
        tab.mouse.up()
    else:
        reader.date(tab.get_by_label("From", exact=True), "2025-12-10")
        reader.date(tab.get_by_label("To", exact=True), "2025-12-17")
        reader.activate(tab.get_by_role("button", name="Show"))
    tab.wait_for_url(re.compile(r"from=2025-1\d-\d\d&to=2025-1\d-\d\d"))
    first, last = re.search(r"from=([\d-]+)&to=([\d-]+)", tab.url).groups()
    days = tab.locator(".points tbody tr").count()
    assert 1 <= days <= 16
    expect(tab.get_by_label("From", exact=True)).to_have_value(first)
    expect(tab.get_by_label("To", exact=True)).to_have_value(last)
