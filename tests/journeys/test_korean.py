"""Every page in Korean: its language, its headings, its menu, and no English left in it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from ..tabs import Tabs
from .conftest import Reader
from .pages import PAGES

HANGUL = re.compile("[\uac00-\ud7a3]")
NAMES = re.compile(
    r"^(API|IIIF|n|A|B|English|Python|R|curl|AP|F1|[\W\d_]*|"
    r"(GET|POST|PUT|PATCH|DELETE|Sample|Rodong) [\w\W]*)$"
)
"""What is the same in both languages."""
OTHERS = "[lang=en] *, .vocabulary *, .example *, option, [lang=en]"
SAID = ", ".join(
    f"{kind}:not({OTHERS})" for kind in ("h2", "h3", "th[scope=col]", "button", "label", "legend")
)
"""What the program says; words of rules, names and what stands in English on purpose are not."""


def test_a_reader_changes_to_korean_and_stays(reader: Reader) -> None:
    tab = reader.tab
    reader.open("/")
    reader.activate(tab.get_by_role("button", name="한국어"))
    expect(tab.locator("html")).to_have_attribute("lang", "ko")
    reader.activate(tab.locator(".top nav a").first)
    expect(tab.locator("html")).to_have_attribute("lang", "ko")
    expect(tab.locator("h1")).to_have_text(HANGUL)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_korean(
    name: str, month_server: str, addresses: dict[str, str], open_tab: Tabs
) -> None:
    tab = open_tab(locale="ko-KR")
    tab.goto(f"{month_server}{addresses[name]}")
    expect(tab.locator("html")).to_have_attribute("lang", "ko")
    menu = tab.locator(".top nav a").all_inner_texts()
    untranslated = [text for text in menu if not HANGUL.search(text) and not NAMES.match(text)]
    said = tab.locator(SAID).all_inner_texts()
    untranslated += [text for text in said if not HANGUL.search(text) and not NAMES.match(text)]
    assert not untranslated
    assert not tab.locator(".problem:has-text('cut off here')").count()
