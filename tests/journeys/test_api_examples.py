"""What a page shows, from a program: the examples of the documentation are run as they stand."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx2
from playwright.sync_api import expect

from .conftest import Reader

ONLY_US = "import sys, httpx2\nsys.modules['httpx'] = httpx2  # the same client, by its new name\n"


def test_the_examples_answer_what_the_page_shows(reader: Reader, tmp_path: Path) -> None:
    tab = reader.tab
    reader.open("/")
    reader.menu("API")
    listing = tab.locator("section:has(> #list_photos)")
    reader.activate(listing.locator("summary"))
    python = listing.get_by_label("Python: list_photos")
    expect(python).to_be_visible()
    program = tmp_path / "example.py"
    program.write_text(ONLY_US + python.inner_text())
    answer = ast.literal_eval(_run([sys.executable, "-P", str(program)]))
    curl = tmp_path / "example.sh"
    curl.write_text(listing.get_by_label("curl: list_photos").inner_text())
    assert json.loads(_run(["sh", str(curl)])) == answer
    asked = {"publication": "Sample Daily", "from": "2025-01-01", "to": "2025-12-31"}
    asked["subject"] = "crowd"
    reader.open(f"/gallery?{httpx2.QueryParams(asked)}")
    tab.locator("#grid.rolling").wait_for()
    tiles = tab.locator("a.tile").all()
    shown = {int(tile.get_attribute("href").rpartition("/")[2]) for tile in tiles}
    assert {photo["id"] for photo in answer["photos"]} == shown
    assert len(shown) > 5


def _run(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout
