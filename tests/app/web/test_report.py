"""Reports: every address leads to a file, and an archive and a single analysis look alike."""

import json
import re
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
from PIL import Image as Pillow

from presslens.app.platform.errors import Conflict
from presslens.app.web.edition import stored_view
from presslens.app.web.report import ReportEdition, analysed_view, stored_edition, write_report

DAY = date(2019, 12, 16)
TODAY = date(2026, 1, 2)


class Addresses(HTMLParser):
    """The addresses that a file names, and its scripts and inline styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.forbidden: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.found += [str(given[name]) for name in ("href", "src", "srcset") if name in given]
        if tag in ("script", "style") or "style" in given:
            self.forbidden.append(tag)


@pytest.fixture
def report(home, worker, scans, put, tmp_path):
    """Write a report of two editions, the second with a page that was refused."""
    first = put(scans).edition_id
    broken = {**scans, "page_04.png": b"not a picture"}
    second = put(broken, day=DAY + timedelta(1)).edition_id
    worker.drain()
    editions = [stored_edition(home, edition) for edition in (first, second)]
    return write_report(editions, tmp_path / "report", title="Two editions", today=TODAY)


def test_every_address_of_a_report_is_a_file_of_it(report):
    folder = report.parent
    files = sorted(folder.rglob("*.html"))
    assert len(files) >= 3
    for file in files:
        page = Addresses(file.read_text(encoding="utf-8"))
        assert page.forbidden == []
        for address in page.found:
            path = address.partition("#")[0]
            assert not re.match(r"[a-z]+:|/", path), address
            target = (file.parent / path).resolve() if path else file
            assert target.is_file(), (file.name, address)
            assert folder.resolve() in [target, *target.parents]


def test_a_report_opens_without_a_server(report, tab):
    tab.goto(report.as_uri())
    tab.get_by_role("link", name="Rodong Sinmun, 17 December 2019").first.click()
    assert tab.get_by_role("heading", level=1).inner_text() == "Rodong Sinmun, 17 December 2019"
    assert "page_04.png" in tab.locator("main").inner_text()
    assert tab.locator(".page-map img").first.evaluate("image => image.naturalWidth") > 0


def test_pictures_are_as_wide_as_the_pages_ask(report):
    pictures = sorted((report.parent / "pictures").iterdir())
    assert len(pictures) >= 6
    for picture in pictures:
        with Pillow.open(picture) as opened:
            assert opened.width <= 1280
            assert not opened.getexif()


def test_the_data_lies_beside(report):
    data = report.parent / "data"
    document = json.loads((data / "edition-1.json").read_text(encoding="utf-8"))
    rows = (data / "edition-1.csv").read_text(encoding="utf-8").splitlines()
    assert document["composition"]["photos"] == 3
    assert next(row for row in rows if ",photos," in row).split(",")[4] == "3.0"


def test_what_was_analysed_without_a_database_looks_as_it_does_with_one(
    home, worker, scans, put, tmp_path
):
    edition = put(scans).edition_id
    worker.drain()
    view = stored_view(home, edition)
    pages = [
        {
            **{key: value for key, value in page.items() if key not in ("id", "edition")},
            "photos": [{k: v for k, v in one.items() if k != "id"} for one in page["photos"]],
        }
        for page in view.pages
    ]
    document = {
        "recipe": home.recipe.id,
        "edition": {"publication": None, "date": None, "pages": 3},
        "pages": pages,
        "composition": view.composition,
        "ruler": view.ruler,
    }
    pictures = stored_edition(home, edition).pictures
    by_place = {i: pictures[page["id"]] for i, page in enumerate(view.pages, start=1)}
    analysed = ReportEdition(analysed_view(document, decision=0.5, pages_expected=4), by_place)
    written = {
        name: write_report([one], tmp_path / name, title="", today=TODAY, language="en")
        for name, one in (("stored", stored_edition(home, edition)), ("analysed", analysed))
    }
    texts = {name: path.read_text(encoding="utf-8") for name, path in written.items()}
    boxes = {
        name: re.findall(r'<rect class="[a-z]+" [^>]*><title>', text)
        for name, text in texts.items()
    }
    assert boxes["stored"] == boxes["analysed"]
    assert len(boxes["stored"]) == 3
    assert "<h1>An edition</h1>" in texts["analysed"]
    assert "3 pages, 3 photos" in texts["analysed"]
    assert "1 page of this edition was not uploaded: 4" in texts["analysed"]


def test_a_report_replaces_a_report_and_nothing_else(report, home, tmp_path):
    editions = [stored_edition(home, 1)]
    assert write_report(editions, report.parent, title="One", today=TODAY) == report
    other = tmp_path / "site"
    other.mkdir()
    (other / "index.html").write_text("mine")
    with pytest.raises(Conflict, match="name another folder"):
        write_report(editions, other, title="One", today=TODAY)
    assert [path.name for path in other.iterdir()] == ["index.html"]
