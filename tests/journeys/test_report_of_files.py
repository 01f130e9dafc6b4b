"""The report of an edition, opened from files: no server, no script."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ..tabs import Tabs
from .conftest import Reader


@pytest.mark.parametrize("pointer", [True, False], ids=["pointer", "keyboard"])
def test_pages_and_photos_open_from_files(
    report_folder: Path, open_tab: Tabs, pointer: bool
) -> None:
    tab = open_tab()
    reader = Reader("", tab, pointer)
    tab.goto((report_folder / "index.html").as_uri())
    expect(tab.get_by_role("heading", level=1)).to_contain_text("24 November 2025")
    reader.activate(tab.get_by_role("link", name="Page 2").first)
    expect(tab.get_by_role("heading", name="Page 2")).to_be_visible()
    _has_pictures(tab)
    reader.activate(tab.locator(".photo-list h3 a").first)
    expect(tab.get_by_role("heading", name="Focus:")).to_be_visible()
    assert tab.locator(".reasons li, .told-side p").count() >= 1
    _has_pictures(tab)
    reader.activate(tab.get_by_role("link", name="On its page"))
    expect(tab.get_by_role("heading", name="Page 2")).to_be_visible()
    tab.go_back()
    reader.activate(tab.get_by_role("link", name="Its edition"))
    expect(tab.get_by_role("heading", level=1)).to_contain_text("24 November 2025")
    assert tab.url.startswith("file:")


def _has_pictures(tab) -> None:
    for picture in tab.locator("main img").all()[:3]:
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("image => image.naturalWidth") > 0


@pytest.fixture(scope="session")
def report_folder(month_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the report of the first edition of the month, by the command that readers use."""
    folder = tmp_path_factory.mktemp("report") / "pages"
    subprocess.run(
        [sys.executable, "-m", "presslens", "report", "1", "--out", str(folder)],
        check=True,
        env=os.environ | {"PRESSLENS_DATA_DIR": str(month_data)},
        stdout=subprocess.DEVNULL,
    )
    return folder
