"""The benchmark of the gallery scrolls through generated photos in a real browser."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from rich.console import Console

from presslens.app.drill.serving import presslens, serving
from presslens.lab.bench.gallery import REQUESTS, scroll, table
from presslens.lab.bench.pages import archive
from presslens.lab.bench.screenshots import chromium

pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is missing")


def test_photos_scroll_by_and_the_last_one_is_reached():
    with ThreadPoolExecutor(1) as alone:  # a thread has one Playwright, and the tests have theirs
        alone.submit(_scroll).result()


def _scroll():
    with archive(None, 12, Console(quiet=True), sparse=True, pictured=2) as home:
        variables = {
            "PRESSLENS_DATA_DIR": str(home.settings.data_dir),
            "PRESSLENS_DATABASE_URL": str(home.settings.database_url),
        }
        with serving(presslens, "/api/v1/healthz", **variables) as client, chromium() as browser:
            assert all(client.get(f"/api/v1/{path}").is_success for path in REQUESTS.values())
            seen = scroll(browser, f"{str(client.base_url).rstrip('/')}/gallery", photos=120)
    assert seen.photos > 300
    assert 120 <= seen.passed < seen.photos
    assert seen.last
    assert seen.processor > 0
    told = table(seen, 1.0, dict.fromkeys(REQUESTS, 1.0))
    assert told.row_count == 8 + len(REQUESTS)
