"""Pages without zoom and charts load little script."""

from __future__ import annotations

import gzip

import pytest

from ..tabs import Tabs
from .pages import PAGES

MOST_BYTES = 60_000
"""Bytes of script of a page, each file compressed with gzip."""
LARGE = {"timeline", "page", "correct"}
"""Pages with charts, and with zoom."""


@pytest.mark.parametrize("name", [name for name in PAGES if name not in LARGE])
def test_a_page_loads_little_script(
    name: str, month_server: str, addresses: dict[str, str], open_tab: Tabs
) -> None:
    tab = open_tab()
    scripts: dict[str, int] = {}
    tab.on(
        "requestfinished",
        lambda request: (
            scripts.update({request.url: len(gzip.compress(request.response().body()))})
            if request.resource_type == "script"
            else None
        ),
    )
    tab.goto(f"{month_server}{addresses[name]}", wait_until="networkidle")
    assert scripts
    assert sum(scripts.values()) <= MOST_BYTES, scripts
