"""No page breaks a rule of axe-core: WCAG 2.2 AA and best practice, in every look and language."""

from __future__ import annotations

import pytest

from ..tabs import Tabs
from .pages import PAGES

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = {1440: 900, 390: 844}
LOOKS = {
    "light": {"type": "tag", "values": RULES},
    "dark": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
"""What is run in each look; only these two rules look at colours."""
SEEN = {
    "en-GB": ((1440, "light"), (1440, "dark"), (390, "light")),
    "ko-KR": ((390, "light"),),
}
"""The widths and looks by language: colours are the same at each width and in each language."""
ALLOW = """() => window.trustedTypes && !trustedTypes.defaultPolicy && trustedTypes.createPolicy(
  "default", {createHTML: (text) => text, createScript: (text) => text})"""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible(
    name: str, month_server: str, addresses: dict[str, str], open_tab: Tabs, axe: str
) -> None:
    found: list[str] = []
    for language in SEEN:
        tab = open_tab(locale=language, bypass_csp=True, reduced_motion="reduce")
        tab.goto(f"{month_server}{addresses[name]}", wait_until="load")
        tab.evaluate(ALLOW)
        tab.evaluate(axe)
        for width, look in SEEN[language]:
            tab.set_viewport_size({"width": width, "height": WIDTHS[width]})
            tab.emulate_media(color_scheme=look)
            tab.wait_for_timeout(150)  # charts are drawn anew in the other look
            wide = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
            if wide > 0:
                found.append(f"{language} {width}: {wide} pixels wider than its window")
            told = tab.evaluate(
                "(rules) => axe.run(document, {runOnly: rules, resultTypes: ['violations']})",
                LOOKS[look],
            )
            assert told["passes"]
            found += [
                f"{language} {width} {look} {one['id']}: {node['html'][:160]}"
                for one in told["violations"]
                for node in one["nodes"][:2]
            ]
        tab.close()
    assert not found
