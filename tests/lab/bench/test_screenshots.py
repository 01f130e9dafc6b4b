"""Pictures of pages: of each that there is, and one sheet of all."""

import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from PIL import Image
from starlette.routing import compile_path

from presslens.app.main import PAGES
from presslens.lab.bench import screenshots

PARTS = {"/claims/check", "/review/{sample_id:id}/batch"}
"""A part of a page, and a file."""


def page_patterns():
    """Return the patterns of the addresses of all pages, by address."""
    routes = [route for part in PAGES for route in part.router.routes if "GET" in route.methods]
    twins = {
        route.path: route.endpoint.twins for route in routes if hasattr(route.endpoint, "twins")
    }
    pages = {path for path in twins if "." not in path.rpartition("/")[2]} - PARTS
    return {path: compile_path(path)[0] for path in pages}


def test_each_page_has_a_picture_and_the_sheet_shows_it(full, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("PRESSLENS_DATA_DIR", str(full.settings.data_dir))
    monkeypatch.setenv("PRESSLENS_RECIPE", str(full.settings.recipe))
    out = tmp_path / "pictures"
    monkeypatch.setattr(
        sys, "argv", ["screenshots", "--out", str(out), "--only", "desk", "empty-start"]
    )
    with screenshots.every_page(None) as pages:
        patterns = page_patterns()
        paths = [urlsplit(address).path for address in pages.values()]
    assert len(patterns) > 25
    pictured = {name for name, one in patterns.items() if any(map(one.fullmatch, paths))}
    assert patterns.keys() - pictured == set()
    with ThreadPoolExecutor(1) as alone:  # a thread has one Playwright, and the tests have theirs
        alone.submit(screenshots.main).result()
    files = {
        f"{page}-{width}-{look}-{code}.jpg"
        for page in ("desk", "empty-start")
        for width in (390, 1280)
        for look in ("light", "dark")
        for code in ("en", "ko")
    }
    assert {file.name for file in out.glob("*.jpg")} == files
    sheet = (out / "sheet.html").read_text()
    assert all(f'src="{file}"' in sheet for file in files)
    assert Image.open(out / "desk-390-dark-ko.jpg").getpixel((2, 500)) < (60, 60, 60)
    assert "16 pictures" in capsys.readouterr().err


def test_faults_of_a_page_are_found(open_tab):
    tab = open_tab(viewport={"width": 390, "height": 800})
    tab.set_content(
        '<div class="scroll" style="overflow:auto"><table><td style="min-width:900px">Share</table>'
        '</div><p style="width:20px;overflow-wrap:anywhere">One letter a line</p>'
    )
    table, column = tab.evaluate(screenshots.FAULTS)
    assert table.endswith("pixels: Share")
    assert column == "p. is 20 pixels wide: One letter a line"
