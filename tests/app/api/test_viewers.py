"""Mirador and Universal Viewer open the manifest of an edition from a real server.

The viewers come from npm as archives; where npm can't be asked, the tests are skipped.
"""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from shutil import unpack_archive

import pytest

from presslens.app.platform.weights import pack
from presslens.models.errors import ModelUnavailable

from ..web.conftest import serving

pytestmark = [pytest.mark.long, pytest.mark.sqlite_alone]

PACKAGES = ("mirador@4.0.0", "universalviewer@4.4.0")
MIRADOR = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<div id="viewer" style="position: absolute; inset: 0"></div>
<script src="mirador/package/dist/mirador.min.js"></script>
<script>Mirador.viewer({
  id: "viewer", windows: [{manifestId: new URLSearchParams(location.search).get("manifest")}],
  window: {sideBarOpen: true},
});</script>"""
UNIVERSAL = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<link rel="stylesheet" href="universalviewer/package/dist/uv.css">
<div id="viewer" class="uv" style="width: 1400px; height: 850px"></div>
<script src="universalviewer/package/dist/umd/UV.js"></script>
<script>UV.init("viewer", {
  manifest: new URLSearchParams(location.search).get("manifest"),
});</script>"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def viewers(tmp_path_factory):
    """The address of a site with both viewers."""
    folder = tmp_path_factory.mktemp("viewers")
    for package in PACKAGES:
        name = package.partition("@")[0]
        (folder / name).mkdir()
        try:
            archive = pack(package, folder / name)
        except ModelUnavailable as error:
            pytest.skip(f"{package} can't be had from npm here: {error}")
        unpack_archive(archive, folder / name, "gztar", filter="data")
    (folder / "mirador.html").write_text(MIRADOR)
    (folder / "universal.html").write_text(UNIVERSAL)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def manifest(settings, home, put, scans, worker):
    """The address of the manifest of an edition on a public server."""
    edition = put(scans).edition_id
    worker.drain()
    with serving(settings.model_copy(update={"public": True})) as server:
        yield f"{server}/api/v1/editions/{edition}/manifest.json"


@pytest.fixture
def page(chromium):
    context = chromium.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def test_mirador_shows_the_first_page_with_its_annotations_and_searches(page, viewers, manifest):
    with page.expect_response(lambda answer: "/api/v1/iiif/" in answer.url) as picture:
        page.goto(f"{viewers}/mirador.html?manifest={manifest}")
    assert picture.value.ok
    page.get_by_text("1 of 3").wait_for()
    page.get_by_role("tab", name="Annotations").click()
    annotations = page.request.get(manifest).json()["items"][0]["annotations"][0]["items"]
    assert annotations
    page.get_by_text(f"Showing {len(annotations)} annotation").wait_for()
    page.get_by_text(annotations[0]["body"]["value"]).first.wait_for()
    page.get_by_role("tab", name="Search").click()
    page.get_by_role("combobox").fill("people")
    with page.expect_response(lambda answer: "search-1.json" in answer.url) as found:
        page.get_by_role("combobox").press("Enter")
    assert found.value.json()["resources"]


def test_universal_viewer_shows_the_first_page_and_searches(page, viewers, manifest):
    with page.expect_response(lambda answer: "/api/v1/iiif/" in answer.url) as picture:
        page.goto(f"{viewers}/universal.html?manifest={manifest}")
    assert picture.value.ok
    page.get_by_text("Annotations are machine-made by Presslens").first.wait_for()
    page.get_by_text("Page 3").first.wait_for()
    field = page.get_by_role("textbox", name="Search within this item:")
    field.fill("people")
    with page.expect_response(lambda answer: "search-1.json" in answer.url) as found:
        field.press("Enter")
    assert found.value.json()["resources"]
    page.get_by_text("result").first.wait_for()
