"""Where a figure was seen, and why a photo is about this figure."""

import re

from playwright.sync_api import expect

from .conftest import Reader


def test_a_sighting_leads_to_its_photo_and_its_reasons(reader: Reader) -> None:
    tab = reader.tab
    reader.open("/figures")
    reader.activate(tab.get_by_role("heading", name="Sample leader").get_by_role("link"))
    expect(tab.locator(".lede")).to_contain_text(re.compile(r"Surely in \d+ photos"))
    reader.choose(tab.get_by_label("Shot size"), "close: head and shoulders")
    reader.activate(tab.get_by_role("button", name="Show"))
    tab.wait_for_url("**shot_size=close**")
    sightings = tab.locator(".sightings li")
    expect(sightings.first).to_contain_text("close")
    reader.activate(sightings.first.get_by_role("link"))
    tab.wait_for_url("**/photos/*")
    figure = tab.locator("article.figure").filter(has_text="Sample leader")
    expect(figure).to_contain_text("recognised by the face")
    expect(figure).to_contain_text("Close shot")
    assert figure.locator("li").count() >= 1
