"""A publication in a browser, from a disk and from a plain web server."""

import contextlib
import http.server
import shutil
import threading
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import expect

from presslens.app.installation import open_installation
from presslens.app.platform.settings import Settings
from presslens.app.publish.plan import SitePlan
from presslens.app.publish.site import SiteChoices, publish_site
from presslens.app.services.catalogue.edition_query import EditionQuery
from presslens.app.web.static_files import browser_files

from ..app.conftest import sandbox as sandbox
from ..app.filled_archive import filled as filled
from ..tabs import Tabs
from .conftest import RECIPE

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]
RUN = """(rules) => axe.run(
  document, {runOnly: rules, resultTypes: ["violations"], preload: false})"""
"""Without a look into stylesheets, which it would fetch: a disk lets nothing be fetched."""
LINKS = """[...document.querySelectorAll("a[href]")]
  .map((a) => new URL(a.getAttribute("href"), location.href))
  .map((url) => url.href.split(/[?#]/)[0])"""
EACH = ("index", "gallery", "search", "claims", "method", "404")
ROWS = ("editions", "pages", "photos", "claims", "timelines")


class QuietFiles(http.server.SimpleHTTPRequestHandler):
    """A plain server of files that writes nothing to the terminal."""

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@contextlib.contextmanager
def file_server(folder: Path) -> Iterator[str]:
    """Serve a folder below another one, as a web space does, and give the address of it."""
    handler = partial(QuietFiles, directory=str(folder.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/{folder.name}"
        server.shutdown()


@pytest.fixture(scope="module")
def archive(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy an archive of one edition; its publications lie beside it."""
    folder = tmp_path_factory.mktemp("published")
    shutil.copytree(filled / "data", folder / "data")
    return folder / "data"


def published(data: Path, name: str, *, whole: bool) -> Path:
    """Publish an archive beside it, whole with all that can be published."""
    settings = Settings(data_dir=data, recipe=RECIPE, processes=0, min_free_bytes=0)
    has_zoom = browser_files(settings).path("openseadragon").is_file()
    choices = SiteChoices(rights="By leave", zoom=has_zoom) if whole else SiteChoices()
    with open_installation(settings) as home:
        site = data.with_name(name)
        publish_site(home, site, choices, today=date(2026, 1, 2), processes=1)
    return site


@pytest.fixture(scope="module")
def small(archive: Path) -> Path:
    """Publish it with all that can be published."""
    return published(archive, "site", whole=True)


@pytest.fixture(scope="module")
def bare(archive: Path) -> Path:
    """Publish it without pictures."""
    return published(archive, "bare", whole=False)


def one_of_each(site: Path) -> list[str]:
    """Return a page of each kind, in both languages."""
    files = [f"{stem}.html" for stem in EACH]
    files += [f"{kind}/{next(iter(sorted((site / kind).glob('*.html')))).name}" for kind in ROWS]
    return [*files, *(f"ko/{file}" for file in files)]


def violations(site: Path, open_tab: Tabs, axe: str) -> list[str]:
    """Return what axe finds in a page of each kind, in each look."""
    found: list[str] = []
    tab = open_tab(bypass_csp=True, reduced_motion="reduce")
    for file in one_of_each(site):
        tab.goto((site / file).as_uri(), wait_until="load")
        tab.evaluate(axe)
        for width, look in LOOKS:
            tab.set_viewport_size({"width": width, "height": 844})
            tab.emulate_media(color_scheme=look)
            if tab.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append(f"{file} {width}: wider than its window")
            found += [
                f"{file} {width} {look} {one['id']}: {node['html'][:160]}"
                for one in tab.evaluate(RUN, RULES)["violations"]
                for node in one["nodes"][:2]
            ]
    return found


def crawled(start: str, open_tab: Tabs) -> tuple[int, list[str]]:
    """Open each page that links lead to; return how many, and the addresses that don't answer."""
    tab = open_tab()
    missing: list[str] = []
    left = "net::ERR_ABORTED"  # a picture of a page that is left before it is there
    tab.on("requestfailed", lambda one: missing.append(one.url) if one.failure != left else None)
    tab.on("response", lambda answer: missing.append(answer.url) if answer.status >= 400 else None)
    root = start.rpartition("/")[0]
    waiting, seen = [start], {start}
    pages = 0
    while waiting:
        address = waiting.pop()
        tab.goto(address, wait_until="load")
        pages += 1
        for link in tab.evaluate(LINKS):
            if link.startswith(root) and link.endswith(".html") and link not in seen:
                seen.add(link)
                waiting.append(link)
    return pages, missing


@pytest.mark.parametrize("name", ["small", pytest.param("bare", marks=pytest.mark.long)])
def test_each_page_of_a_publication_is_accessible(
    request: pytest.FixtureRequest, open_tab: Tabs, axe: str, name: str
) -> None:
    assert violations(request.getfixturevalue(name), open_tab, axe) == []


@pytest.mark.parametrize("where", ["disk", pytest.param("server", marks=pytest.mark.long)])
def test_links_lead_to_each_page_and_none_complains(
    small: Path, open_tab: Tabs, where: str
) -> None:
    with contextlib.ExitStack() as stack:
        root = small.as_uri() if where == "disk" else stack.enter_context(file_server(small))
        pages, missing = crawled(f"{root}/index.html", open_tab)
    assert missing == []
    there = {one for one in small.rglob("*.html") if one.name != "404.html"}
    assert pages == len(there)
    assert open_tab.complaints == []


@pytest.mark.parametrize("where", ["disk", pytest.param("server", marks=pytest.mark.long)])
def test_photos_are_filtered_and_words_are_found_without_a_server(
    small: Path, open_tab: Tabs, where: str
) -> None:
    with contextlib.ExitStack() as stack:
        root = small.as_uri() if where == "disk" else stack.enter_context(file_server(small))
        tab = open_tab()
        tab.goto(f"{root}/gallery.html")
        every = tab.locator("#tiles li").count()
        option = tab.locator("#filter input[name=zone][value=front]")
        option.check()
        expect(tab).to_have_url(f"{root}/gallery.html?zone=front")
        front = tab.locator("#tiles li").count()
        assert 0 < front < every
        expect(tab.locator("#count")).to_contain_text(str(front))
        tab.reload()
        expect(tab.locator("#tiles li")).to_have_count(front)
        tab.go_back()
        tab.goto(f"{root}/editions/1.html")
        tab.locator(".facts a, table.numbers td a").first.click()
        expect(tab.locator("#chosen")).to_contain_text("Edition:")
        tab.goto(f"{root}/gallery.html?edition=1&page=3&subject=children&label=no_such&sort=date")
        chips = tab.locator("#chosen li")
        expect(chips).to_contain_text(
            ["Edition: Rodong Sinmun,", "Page: 3", "Subject: children", "Label:", "show all"]
        )
        chips.nth(2).get_by_role("link").click()
        expect(tab).to_have_url(f"{root}/gallery.html?edition=1&page=3&label=no_such&sort=date")
        chips.last.get_by_role("link").click()
        expect(tab.locator("#tiles li")).to_have_count(every)
        expect(tab.locator("#chosen")).to_be_hidden()
        tab.goto(f"{root}/search.html")
        tab.get_by_label("Words").fill("zebedee")
        expect(tab).to_have_url(f"{root}/search.html?q=zebedee")
        tab.locator("#results a").first.click()
        expect(tab.locator("input[name=figure]")).to_be_checked()
    assert open_tab.complaints == []


def test_without_scripts_lists_lead_to_everything(small: Path, open_tab: Tabs) -> None:
    tab = open_tab(java_script_enabled=False)
    tab.goto((small / "gallery.html").as_uri())
    expect(tab.locator("#filter")).to_be_hidden()
    tab.locator("#by-edition a").first.click()
    tab.locator(".page-map svg a").first.click()
    expect(tab.locator("h1")).to_contain_text("Photo")
    assert tab.locator(".crop img").first.evaluate("image => image.naturalWidth") > 0


def test_a_page_zooms_by_its_tiles(small: Path, open_tab: Tabs) -> None:
    if not (small / "tiles").is_dir():
        pytest.skip("OpenSeadragon is not fetched: run `make setup`")
    tab = open_tab()
    tab.goto(min((small / "pages").glob("*.html")).as_uri())
    expect(tab.locator("#stage.drawn canvas").first).to_be_visible()
    drawn = tab.locator("#stage svg.boxes")
    expect(drawn).to_be_visible()
    before = drawn.bounding_box()
    assert before is not None
    tab.get_by_role("button", name="zoom in").click()
    tab.wait_for_function(
        "width => document.querySelector('svg.boxes').getBoundingClientRect().width > width",
        arg=before["width"],
    )
    assert open_tab.complaints == []


@pytest.mark.long
def test_the_month_is_published_whole(
    month_data: Path, tmp_path: Path, open_tab: Tabs, axe: str
) -> None:
    site = tmp_path / "month"
    settings = Settings(data_dir=month_data)
    with open_installation(settings) as home:
        plan = SitePlan(home, EditionQuery().scope, pictures=True)
        made = publish_site(home, site, SiteChoices(rights="By leave"), today=date(2026, 1, 2))
        assert made.photos == len(plan.photos)
    assert made.bytes < 200e6
    with file_server(site) as root:
        pages, missing = crawled(f"{root}/index.html", open_tab)
    assert missing == []
    assert pages == made.pages - 2  # those of addresses that are none, in both languages
    assert violations(site, open_tab, axe) == []
    assert open_tab.complaints == []
