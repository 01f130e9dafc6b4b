"""Zoom a page without a pointer: keys, boxes that take the focus, and the state in the address."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .conftest import Reader

ZOOMED = re.compile(r"#xywh=\d+,\d+,\d+,\d+$")


@pytest.mark.parametrize("reader", [False], ids=["keyboard"], indirect=True)
def test_a_page_is_zoomed_and_passed_on(reader: Reader, addresses: dict[str, str]) -> None:
    tab = reader.tab
    reader.open(addresses["page"])
    tab.locator(".zoom").wait_for()
    stage = tab.locator("#stage")
    stage.focus()
    tab.keyboard.press("+")
    tab.keyboard.press("+")
    tab.wait_for_url(ZOOMED)
    before = tab.url
    tab.keyboard.press("ArrowDown")
    tab.wait_for_url(lambda url: url != before and bool(ZOOMED.search(url)))
    x, y, width, height = (int(part) for part in tab.url.rpartition("=")[2].split(","))
    other = tab.context.new_page()
    other.goto(tab.url)
    other.wait_for_url(ZOOMED)
    other.locator(".zoom").wait_for()
    shown = [int(part) for part in other.url.rpartition("=")[2].split(",")]
    for one, two in zip(shown, (x, y, width, height), strict=True):
        assert abs(one - two) <= 0.05 * max(width, height)
    other.close()
    stage.focus()
    tab.keyboard.press("0")
    tab.wait_for_url(re.compile(r"/pages/\d+$"))


@pytest.mark.parametrize("reader", [False], ids=["keyboard"], indirect=True)
def test_boxes_take_the_focus_or_are_skipped(reader: Reader, addresses: dict[str, str]) -> None:
    tab = reader.tab
    reader.open(addresses["page"])
    tab.locator(".zoom").wait_for()
    box = tab.locator(".boxes [data-layer=photos] a").first
    box.focus()
    expect(box).to_be_focused()
    words = box.get_attribute("aria-label")
    assert words.startswith("Photo 1")
    expect(tab.locator(".told")).to_have_text(words)
    expect(tab.locator(".list-side .marked")).to_have_count(1)
    skip = tab.locator(".skip-boxes")
    skip.focus()
    expect(skip).to_be_visible()
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.closest('.list-side') !== null")
    box.focus()
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/photos/*")
