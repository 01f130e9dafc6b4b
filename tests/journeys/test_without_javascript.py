"""Each page says what it has to say without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from ..tabs import Tabs
from .pages import PAGES

CONTENT = {
    "start": ".fronts img",
    "timeline": "table.month a, .chart img",
    "edition": ".pages img",
    "page": ".photo-list img",
    "photo": ".crop img",
    "gallery": "a.tile img",
    "compare": "table.compared td",
    "claims": "table.claims a",
    "claim": "#verdict .lede",
    "newspapers": ".newspapers h2",
    "newspaper": "#newspaper",
    "figures": ".people a",
    "figure": ".sightings img",
    "correct": "h1",
    "labels": "table td",
    "review": "main a",
    "planner": "main form button",
    "upload": "input[type=file]",
    "trash": "main p",
    "edits": "main form",
    "runs": "table td",
    "export": ".files a",
    "method": ".said li",
    "docs": "section",
    "login": "#password",
    "account": "#key-name",
    "accounts": "#role",
    "audit": "main p",
    "share": "main p",
}
"""What each page is there for."""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_its_content(
    name: str, month_server: str, addresses: dict[str, str], open_tab: Tabs
) -> None:
    tab = open_tab(java_script_enabled=False)
    answer = tab.goto(f"{month_server}{addresses[name]}")
    assert answer is not None
    assert answer.ok
    expect(tab.locator("h1")).to_have_count(1)
    shown = tab.locator(CONTENT[name]).first
    expect(shown).to_be_visible()
    if CONTENT[name].endswith("img"):
        shown.scroll_into_view_if_needed()
        expect(shown).to_have_js_property("complete", True)
        assert shown.evaluate("image => image.naturalWidth") > 0
