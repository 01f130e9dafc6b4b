"""A filtered list of photos as a file: one wide table, and a ZIP file that explains it."""

import csv
import io
import json
import zipfile
from datetime import date

import frictionless

from presslens.app.db.queries import EditionScope
from presslens.app.services.catalogue.pages import page_ids
from presslens.app.services.catalogue.photo_entry import COLUMNS
from presslens.app.services.catalogue.photo_filter import PhotoFilter, PhotoSort
from presslens.app.services.corrections.photos import draw_photo
from presslens.app.services.exports.photo_package import (
    ExportedPhotos,
    export_photo_package,
    export_photos,
)
from presslens.app.services.exports.table_writer import TableFormat
from presslens.app.services.exports.tables.registry import WIDE_PHOTOS
from presslens.models.geometry import Box
from presslens.models.vocabulary import Subject

ADDRESS = "/api/v1/photos.zip?subject=people"


def selection(**chosen):
    return ExportedPhotos(PhotoFilter(**chosen), PhotoSort.DATE, ADDRESS, date(2026, 1, 2))


def test_the_wide_table_declares_the_columns_of_the_list():
    assert tuple(column.name for column in WIDE_PHOTOS.columns) == COLUMNS


def test_the_table_holds_the_photos_that_the_filter_selects(home, edition, tmp_path):
    for form in TableFormat:
        found = export_photos(home, selection(subjects=(Subject.PEOPLE,)), form, tmp_path)
        assert found.rows == {"photos": 1}
        if form is TableFormat.JSON:
            (row,) = map(json.loads, found.path.read_text().splitlines())
            assert (row["date"], row["page_number"]) == ("2019-12-16", 1)
            assert row["people"] >= 0.5


def test_the_package_says_what_it_holds_and_is_valid(home, edition, tmp_path):
    found = export_photo_package(home, selection(subjects=(Subject.PEOPLE,)), tmp_path)
    with zipfile.ZipFile(found.path) as bundle:
        assert bundle.namelist() == ["README.md", "datapackage.json", "photos.csv"]
        readme = bundle.read("README.md").decode()
        rows = list(csv.DictReader(io.StringIO(bundle.read("photos.csv").decode())))
        bundle.extractall(tmp_path / "read")
    assert "1 photo: showing people with a probability of 50% or more." in readme
    assert ADDRESS in readme
    assert home.recipe.id in readme
    assert all(f"- `{name}`: " in readme for name in COLUMNS)
    assert len(rows) == 1
    report = frictionless.validate(tmp_path / "read" / "datapackage.json")
    assert report.valid, report.flatten(["title", "message"])


def test_of_a_drawn_photo_that_nobody_has_read_nothing_is_known(home, edition, now, tmp_path):
    page = page_ids(home, edition)[2][1]
    (drawn,) = draw_photo(home, page, Box(40, 250, 200, 400), coder="A", now=now).made
    for form in TableFormat:
        found = export_photos(
            home, selection(scope=EditionScope(edition=edition), page=3), form, tmp_path
        )
        assert found.rows == {"photos": 1}
        if form is TableFormat.JSON:
            row = json.loads(found.path.read_text())
            assert (row["id"], row["by_hand"]) == (drawn, True)
            unknown = ("people", "crowd_count", "figures", "figures_answer", "focus", "labels")
            assert [row[name] for name in unknown] == [None] * len(unknown)
    bundle = export_photo_package(home, selection(), tmp_path).path
    assert frictionless.validate(bundle).valid


def test_a_list_without_photos_has_its_columns(home, tmp_path):
    found = export_photos(home, selection(), TableFormat.CSV, tmp_path)
    assert found.path.read_text().strip() == ",".join(COLUMNS)
