"""How often the machine is wrong, in sentences, and what counts as what."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from .conftest import Reader


def test_accuracy_stands_in_sentences_and_the_codebook_is_there(reader: Reader) -> None:
    tab = reader.tab
    reader.open("/")
    reader.activate(tab.get_by_role("link", name="Method", exact=True))
    said = tab.locator(".said li").filter(has_text="photos of children on printed pages")
    expect(said).to_have_text(
        re.compile(r"Of 100 photos of children .* about \d+ are missed\..*\(\d+–\d+; n = \d+\)")
    )
    reader.activate(tab.locator("nav.contents").get_by_role("link", name="Codebook"))
    tab.wait_for_url("**#codebook")
    expect(tab.get_by_role("heading", name="Codebook", exact=True)).to_be_in_viewport()
    assert tab.locator(".document h3, .document h4").count() >= 5
    expect(tab.locator(".document").first).to_contain_text("children")
