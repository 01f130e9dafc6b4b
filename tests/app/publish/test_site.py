"""A publication: every address leads to a file of it, and it names nobody who coded."""

import csv
import json
import re
import shutil
from contextlib import nullcontext
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageChops, ImageStat
from sqlalchemy import func, select

from presslens.app.db.tables import PageRow, PhotoRow
from presslens.app.installation import open_installation
from presslens.app.platform.errors import Conflict, InvalidRequest, NotFound
from presslens.app.platform.settings import Settings
from presslens.app.publish import site as publishing
from presslens.app.publish.pictures import MOSAIC, TILE, expected_tile_bytes
from presslens.app.publish.plan import SitePlan
from presslens.app.publish.site import SiteChoices, publish_site
from presslens.app.publish.site_files import WIDTHS
from presslens.app.services.catalogue.edition_query import EditionQuery
from presslens.app.services.catalogue.facets import count_facets
from presslens.app.services.catalogue.photo_filter import PhotoFilter, PhotoSort
from presslens.app.services.catalogue.photos import find_photo, iterate_photos
from presslens.app.services.corrections.page_reviews import NewPageReview, review_page
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.pipelines.view import write_view

from ..conftest import NOW, RECIPE
from ..filled_archive import filled as filled
from ..filled_archive import full as full
from ..filled_archive import full_on as full_on

TODAY = date(2026, 1, 2)
RIGHTS = "Scans: a library, by its leave"
ADDRESS = "https://archive.example/press"
CODER = "Quillibert Xanthopoulos"


class Addresses(HTMLParser):
    """The addresses that a file names, its anchors, and what the policy forbids."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: set[str] = set()
        self.forbidden: list[str] = []
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.found += [str(given[name]) for name in ("href", "src", "srcset") if name in given]
        self.ids |= {str(given["id"])} if "id" in given else set()
        inline = tag == "script" and "src" not in given and "json" not in str(given["type"])
        if inline or tag in ("style", "form") or "style" in given:
            self.forbidden.append(tag)


def publish(home, folder, processes=1, **choices):
    return publish_site(home, folder, SiteChoices(**choices), today=TODAY, processes=processes)


def one_photo(home):
    """Return the ids of a photo that is printed, and of its page."""
    with home.database.read() as session:
        page = session.scalar(select(PageRow.id).where(PageRow.edition_id == 1).limit(1))
        newest = session.scalar(select(func.min(PhotoRow.id)).where(PhotoRow.outcome_id > 1))
    return newest, page


@pytest.fixture(scope="module")
def archive(filled, tmp_path_factory):
    """An archive in which people have coded a photo of children, and a page."""
    data = tmp_path_factory.mktemp("coded") / "data"
    shutil.copytree(filled / "data", data)
    chance = np.random.default_rng(7)
    for view in (data / "views").rglob("*.jpg"):  # with something to see in each photo
        with Pillow.open(view) as picture:
            width, height = picture.size
        grain = chance.integers(0, 255, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
        write_view(grain.repeat(8, axis=0).repeat(8, axis=1)[:height, :width], view)
    settings = Settings(data_dir=data, recipe=RECIPE, processes=0, min_free_bytes=0)
    with open_installation(settings) as home:
        plan = SitePlan(home, EditionQuery().scope, pictures=True)
        photo = plan.photos[0]
        for coder in (CODER, "Zebulon"):
            review = NewReview(photo.id, coder, {"children": True}, note=f"seen by {CODER}")
            review_photo(home, review, now=NOW)
        review_page(home, NewPageReview(photo.page, CODER, checked=True), now=NOW)
        yield home, photo


@pytest.fixture(scope="module")
def published(archive, tmp_path_factory):
    """The folder of a publication with all that can be in one, and what is said of it."""
    folder = tmp_path_factory.mktemp("published") / "site"
    return folder, publish(archive[0], folder, rights=RIGHTS, zoom=True, address=ADDRESS)


def check_addresses(folder):
    """Check that each address of each page is a file of a publication; return the pages."""
    pages = {file: Addresses(file) for file in folder.rglob("*.html")}
    for file, page in pages.items():
        assert page.forbidden == [], file
        for address in page.found:
            assert not re.match(r"[a-z]+:|/", address), address
            path, _, anchor = address.partition("#")
            target = (file.parent / unquote(path.partition("?")[0])).resolve() if path else file
            assert target.is_file(), (file, address)
            assert folder in target.parents
            if anchor and target in pages and not anchor.startswith("xywh="):
                assert unquote(anchor) in pages[target].ids, (file, address)
    return {file.relative_to(folder).as_posix() for file in pages}


def test_every_address_of_a_publication_is_a_file_of_it(published):
    folder, made = published
    pages = check_addresses(folder)
    assert made.pages == len(pages)
    assert made.photos > 0
    assert {"index.html", "ko/index.html", "gallery.html", "search.html", "404.html"} <= pages
    assert {"editions/1.html", "claims.html", "method.html", "timelines/1.html"} <= pages
    for page in (*folder.rglob("*.html"), *folder.rglob("*.svg")):  # nobody can draw photos there
        assert not re.search("To be sure|more, drawn by chance|and review them", page.read_text())


def test_no_file_names_a_coder_or_what_a_coder_noted(archive, published):
    folder, _ = published
    photo = archive[1]
    texts = [one.read_bytes() for one in folder.rglob("*") if one.is_file()]
    assert len(texts) > 50
    for name in (*CODER.split(), "Zebulon"):
        assert not [text for text in texts if name.encode() in text]
    document = json.loads((folder / "photos" / f"{photo.id}.json").read_text())
    assert document["reviews"]["settled"]["children"]["shows"] is True
    assert "children" in (folder / "photos" / f"{photo.id}.html").read_text()


def test_documents_and_tables_name_files_in_place_of_addresses(published):
    folder, _ = published
    for file in folder.rglob("*.json"):
        assert not re.search(r'": "/[a-z]', file.read_text(encoding="utf-8")), file
    photos = (folder / "gallery.csv").read_text().splitlines()
    assert len(photos) == 1 + len(list((folder / "photos").glob("*.csv")))
    assert len(json.loads((folder / "gallery.json").read_text())["photos"]) == len(photos) - 1


def test_what_nobody_has_checked_is_marked_as_a_server_marks_it(archive, published):
    home, _ = archive
    folder, _ = published
    focuses = count_facets(home, PhotoFilter()).facets["focus"]
    gallery = (folder / "gallery.html").read_text()
    for option in focuses:
        (line,) = re.findall(rf'<li>.*name="focus" value="{option.value}".*</li>', gallery)
        assert ("not checked" in line) is not option.offered
    assert any(not option.offered for option in focuses)
    table = csv.DictReader((folder / "gallery.csv").read_text(encoding="utf-8").splitlines())
    live = iterate_photos(home, PhotoFilter(), sort=PhotoSort.DATE_DOWN)
    for row, photo in zip(table, live, strict=True):
        assert row["focus"] == (photo.row()["focus"] or "")


def test_each_page_says_of_which_snapshot_it_is_and_where_it_lies(published):
    folder, made = published
    manifest = json.loads((folder / "snapshot.json").read_text())
    assert manifest["snapshot"]["content_sha256"] == made.content_sha256
    assert manifest["citation"] == made.citation
    for name in ("ko/method.html", "editions/1.html"):
        page = (folder / name).read_text()
        assert made.content_sha256 in page
        assert made.recipe[:12] in page
        assert RIGHTS in page
        assert f"{ADDRESS}/{name}" in page
    assert f"<loc>{ADDRESS}/editions/1.html</loc>" in (folder / "sitemap.xml").read_text()


def test_the_sums_are_of_all_files(published):
    folder, made = published
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    there = {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()}
    assert {line.partition("  ")[2] for line in lines} == there - {"SHA256SUMS"}
    assert made.files == len(there)
    assert made.bytes == sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())


def test_tiles_have_all_pixels_of_a_page(archive, published):
    folder, made = published
    page = archive[1].page
    document = json.loads((folder / "pages" / f"{page}.json").read_text())
    levels = sorted((folder / "tiles" / str(page)).iterdir(), key=lambda one: int(one.name))
    widths: dict[str, int] = {}
    for tile in levels[-1].iterdir():
        with Pillow.open(tile) as picture:
            widths[tile.stem.partition("_")[0]] = picture.width
    assert sum(widths.values()) == document["width"]
    assert made.tile_bytes == sum(one.stat().st_size for one in folder.glob("tiles/*/*/*"))


def test_the_size_of_tiles_is_known_before(archive, published):
    plan = SitePlan(archive[0], EditionQuery().scope, pictures=True)
    about = expected_tile_bytes(archive[0], plan.page_ids)
    assert about == pytest.approx(published[1].tile_bytes, rel=0.25)
    assert expected_tile_bytes(archive[0], []) == 0


def pixels_of_photo(folder, home, photo):
    """Return a photo as each picture of a publication shows it: its own, its page's, its tiles."""
    found = find_photo(home, photo.id)
    box, page = found.photo.observation.frame.box, found.pages[0]
    shown = {name: Pillow.open(folder / name) for name in (
        *(f"pictures/photos/{photo.id}-{width}.jpg" for width in WIDTHS["photos"]),
    )}  # fmt: skip
    whole = Pillow.new("RGB", page.size)
    level = max((folder / "tiles" / str(page.id)).iterdir(), key=lambda one: int(one.name))
    for tile in level.iterdir():
        column, row = map(int, tile.stem.split("_"))
        whole.paste(Pillow.open(tile), (TILE * column, TILE * row))
    wholes = {"tiles": whole}
    wholes |= {f"pages/{width}": Pillow.open(folder / f"pictures/pages/{page.id}-{width}.jpg")
               for width in WIDTHS["pages"]}  # fmt: skip
    for name, picture in wholes.items():
        inside = box.scaled(picture.width / page.size[0])
        shown[name] = picture.crop((inside.x0 + 2, inside.y0 + 2, inside.x1 - 2, inside.y1 - 2))
    return shown


def detail(picture):
    """Return how far the pixels of a picture are from the few colours of a blurred one."""
    side = max(picture.size)
    few = [max(1, round(MOSAIC * edge / side)) for edge in picture.size]
    rough = picture.resize(few, Pillow.Resampling.BOX).resize(picture.size)
    return ImageStat.Stat(ImageChops.difference(picture.convert("L"), rough.convert("L"))).rms[0]


def test_pictures_are_published_by_right_alone_and_children_are_blurred_wherever_they_are_shown(
    archive, published, tmp_path
):
    home, photo = archive
    folder = tmp_path / "site"
    made = publish(home, folder, processes=2)
    check_addresses(folder)
    assert list(folder.rglob("*.jpg")) == []
    assert made.blurred == 0
    # In place of the older one.
    made = publish(home, folder, rights=RIGHTS, zoom=True, unblurred=True)
    assert made.blurred == 0
    assert [one.name for one in tmp_path.iterdir()] == ["site"]
    blurred = pixels_of_photo(published[0], home, photo)
    plain = pixels_of_photo(folder, home, photo)
    assert published[1].blurred > 0
    found = {name: (detail(blurred[name]), detail(plain[name])) for name in plain}
    assert len(found) == 5
    for name, (few, many) in found.items():
        assert few < many / 3, (name, found)


@pytest.mark.long  # on SQLite the archive above is published, on each commit
@pytest.mark.both_at_length
def test_an_archive_on_either_database_is_published(full_on, tmp_path):
    made = publish(full_on, tmp_path / "site", processes=2, rights=RIGHTS)
    pages = check_addresses(tmp_path / "site")
    assert made.pages == len(pages)
    assert made.photos > 0


def test_an_archive_that_changes_and_can_not_be_copied_is_not_published(
    full, tmp_path, monkeypatch
):
    monkeypatch.setattr(publishing, "archive_of_one_moment", _uncopied)
    monkeypatch.setattr(publishing._Site, "write", lambda *_: ())
    changes = iter([1, 2])
    monkeypatch.setattr(type(full.database), "revision", lambda _self: next(changes))
    with pytest.raises(Conflict, match="changed"):
        publish(full, tmp_path / "site")
    assert list(tmp_path.glob("*site*")) == []


def _uncopied(home, _scratch, _heed):
    """Give an installation's own settings, as for a database that can't be copied."""
    return nullcontext(home.settings)


@pytest.mark.parametrize(
    "choices",
    [{"rights": " "}, {"unblurred": True}, {"zoom": True}, {"address": "archive.example"}],
    ids=lambda choices: next(iter(choices)),
)
def test_choices_that_go_with_nothing_are_refused(full, tmp_path, choices):
    with pytest.raises(InvalidRequest):
        publish(full, tmp_path / "site", **choices)
    with pytest.raises(NotFound):
        publish(full, tmp_path / "site", scope=EditionQuery(publication="Minju Joson").scope)
    assert list(tmp_path.glob("*site*")) == []


def test_the_pages_of_a_scope_are_those_of_its_editions(archive):
    whole = SitePlan(archive[0], EditionQuery().scope, pictures=False)
    day = whole.editions[0].edition_date
    none = SitePlan(archive[0], EditionQuery(**{"to": "1999-01-01"}).scope, pictures=False)
    same = SitePlan(archive[0], EditionQuery(**{"from": str(day)}).scope, pictures=False)
    assert list(same.of_edition(1)) == list(whole.of_edition(1))
    assert (none.editions, none.photos, none.newspapers) == ([], (), [])
    assert 2 not in whole.pages  # that one is in the trash
