"""All that can be pressed is reached by the Tab key, once, in turn, and nothing holds the focus."""

from __future__ import annotations

import itertools

import pytest
from playwright.sync_api import Page

from ..tabs import Tabs
from .pages import PAGES

MARK = """() => {
  const fields = "input:not([type=hidden]), select, textarea";
  const pressed = `a[href], button, ${fields}, summary, [tabindex]`;
  let number = 0;
  for (const one of document.querySelectorAll(pressed)) {
    const radio = one.type === "radio" && !one.checked;
    const shown = one.checkVisibility({visibilityProperty: true}) && one.getClientRects().length;
    if (one.tabIndex < 0 || one.disabled || radio || !shown) continue;
    if (one.tagName === "SUMMARY" && one.parentElement.tagName !== "DETAILS") continue;
    one.dataset.stop = number++;
  }
  return number;
}"""
WATCH = """() => {
  window.seen = [];
  document.addEventListener("keyup", () => {
    const one = document.activeElement;
    if (!one || one === document.body) return seen.push(null);
    const html = one.outerHTML.slice(0, 90);
    seen.push({stop: one.dataset.stop ?? null, html, focused: one.matches(":focus-visible")});
  }, true);
}"""
"""Notes in the page what has the focus after each key: to ask after each takes as long again."""
AT_ONCE = 25
MOST = 700
"""More tab stops than any page may have."""


@pytest.mark.parametrize("name", PAGES)
def test_each_link_and_button_is_one_tab_stop(
    name: str, month_server: str, addresses: dict[str, str], open_tab: Tabs
) -> None:
    tab = open_tab()
    tab.goto(f"{month_server}{addresses[name]}", wait_until="load")
    tab.wait_for_timeout(500)  # charts and tiles take their places
    seen = _walk(tab)
    # A field of a day has a stop for each of its parts; the last of them has a ring of its own.
    turns = [(stop, list(same)) for stop, same in itertools.groupby(seen, lambda one: one["stop"])]
    stops = [stop for stop, _ in turns if stop is not None]
    expected = tab.evaluate("document.querySelectorAll('[data-stop]').length")
    twice = {stop for stop in stops if stops.count(stop) > 1}
    assert not twice
    missed = tab.evaluate(
        "stops => [...document.querySelectorAll('[data-stop]')]"
        ".filter((one) => !stops.includes(one.dataset.stop))"
        ".map((one) => one.outerHTML.slice(0, 120))",
        stops,
    )
    assert not missed, f"{len(missed)} of {expected}"
    plain = [same[0]["html"] for _, same in turns if not any(one["focused"] for one in same)]
    assert plain == []
    first = seen[0]["html"]
    assert "skip" in first  # the way past the menu comes first


def _walk(tab: Page) -> list[dict[str, str | None]]:
    """Press Tab through a page, and return what had the focus in turn."""
    tab.evaluate(MARK)
    tab.evaluate("document.activeElement?.blur?.()")
    tab.evaluate(WATCH)
    while True:
        for _ in range(AT_ONCE):
            tab.keyboard.press("Tab")
        seen: list[dict[str, str | None] | None] = tab.evaluate("seen")
        first = seen[0]
        assert first is not None
        turn: list[dict[str, str | None]] = []
        for now in seen:
            if now is None or (turn and now["html"] == first["html"]):
                return turn
            turn.append(now)
        if len(seen) > MOST:
            break
    raise AssertionError(f"after {MOST} tab stops the page has not ended")
