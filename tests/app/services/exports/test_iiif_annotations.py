"""Annotations go onto the canvases of the library, and name the pages that have none."""

import json
import zipfile

import pytest

from presslens.app.api.export_links import ExportLinks
from presslens.app.db.descriptions import EditionDescriptionRow, PageCanvasRow
from presslens.app.db.queries import EditionScope
from presslens.app.db.tables import PageRow
from presslens.app.platform.errors import NotFound
from presslens.app.services.catalogue.pages import edition_pages
from presslens.app.services.exports.iiif import CanvasOf
from presslens.app.services.exports.iiif_annotations import (
    annotated_edition,
    export_annotations,
    page_annotations,
)

LINKS = ExportLinks("https://example.org")
LIBRARY = "https://library.example"
SOURCE = f"{LIBRARY}/manifest.json"

pytestmark = pytest.mark.sqlite_alone


@pytest.fixture
def on_canvases(home, edition):
    """An edition whose page 1 has a canvas of twice its size, page 2 one of a size not known."""
    with home.database.write() as session:
        session.add(
            EditionDescriptionRow(
                edition_id=edition, kind="iiif", document="m.json", title="", rights="",
                source=SOURCE,
            )
        )  # fmt: skip
        pages = session.query(PageRow).order_by(PageRow.number).all()
        width, height = sizes(home, edition)[1]
        for page, size in zip(pages, ((2 * width, 2 * height), (None, None)), strict=False):
            session.add(
                PageCanvasRow(
                    scan_id=page.scan_id, canvas=f"{LIBRARY}/canvas/{page.number}",
                    image_service="", width=size[0], height=size[1],
                )
            )  # fmt: skip
    return edition


def sizes(home, edition):
    return {page.number: page.size for page in edition_pages(home, edition)}


def regions(document):
    return [item["target"]["selector"]["value"].removeprefix("xywh=") for item in document["items"]]


def test_boxes_are_scaled_to_the_library_s_canvas(home, on_canvases):
    here = dict(annotated_edition(home, on_canvases, LINKS, CanvasOf.HERE).pages)
    there = dict(annotated_edition(home, on_canvases, LINKS, CanvasOf.LIBRARY).pages)
    assert there.keys() == {1, 2}
    assert len(here[1]["items"]) == len(there[1]["items"]) > 0
    for own, other in zip(regions(here[1]), regions(there[1]), strict=True):
        for side, doubled in zip(own.split(","), other.split(","), strict=True):
            assert abs(int(doubled) - 2 * int(side)) <= 2
    source = there[1]["items"][0]["target"]["source"]
    assert source["id"] == f"{LIBRARY}/canvas/1"
    assert source["partOf"] == [{"id": SOURCE, "type": "Manifest"}]
    width, height = sizes(home, on_canvases)[2]
    for own, other in zip(regions(here[2]), regions(there[2]), strict=True):
        assert other.startswith("percent:")
        shares = [float(side) / 100 for side in other.removeprefix("percent:").split(",")]
        pixels = [x * y for x, y in zip(shares, (width, height, width, height), strict=True)]
        assert pixels == pytest.approx([float(side) for side in own.split(",")], abs=0.01)


def test_pages_without_a_canvas_are_named(home, on_canvases):
    edition = annotated_edition(home, on_canvases, LINKS, CanvasOf.LIBRARY)
    assert edition.left_out == [3]
    (left_out,) = edition.collection["metadata"]
    assert left_out["value"] == {"none": ["3"]}
    assert edition.collection["total"] == sum(len(page["items"]) for _, page in edition.pages)
    (_, first), (_, second) = edition.pages
    assert edition.collection["first"]["id"] == first["id"] == second["prev"]["id"]
    assert first["partOf"]["id"] == edition.collection["id"]
    whole = annotated_edition(home, on_canvases, LINKS, CanvasOf.HERE)
    assert "metadata" not in whole.collection
    with home.database.read() as session:
        third = session.query(PageRow.id).filter_by(number=3).scalar()
    assert page_annotations(home, third, LINKS)["items"] == []
    with pytest.raises(NotFound, match="canvas"):
        page_annotations(home, third, LINKS, CanvasOf.LIBRARY)


def test_addresses_answer_what_the_collection_names(client, home, on_canvases):
    collection = client.get(f"/api/v1/editions/{on_canvases}/annotations.json?on=library").json()
    assert collection["type"] == "AnnotationCollection"
    page = client.get(collection["first"]["id"]).json()
    assert page["id"] == collection["first"]["id"]
    assert page["items"][0]["target"]["source"]["id"].startswith(LIBRARY)


def test_an_edition_without_the_library_s_canvases_has_no_such_collection(client, edition):
    address = f"/api/v1/editions/{edition}/annotations.json"
    told = client.get(address, params={"on": "library"})
    assert (told.status_code, client.get(address).status_code) == (404, 200)
    assert "has a canvas that its library has named" in told.json()["detail"]


def test_files_hold_a_document_a_page(home, on_canvases, tmp_path):
    how = {"links": LINKS, "on": CanvasOf.LIBRARY}
    made = export_annotations(home, EditionScope(), tmp_path, **how)
    assert (made.rows["pages"], made.rows["left_out"]) == (2, 1)
    with zipfile.ZipFile(made.path) as files:
        names = [name.partition("/")[2] for name in files.namelist()]
        documents = [json.loads(files.read(name)) for name in files.namelist()]
    assert names == ["collection.json", "page-001.json", "page-002.json"]
    assert [one["type"] for one in documents] == ["AnnotationCollection", *["AnnotationPage"] * 2]


def test_editions_without_a_canvas_are_no_empty_file(home, edition, tmp_path):
    with pytest.raises(NotFound, match="no page"):
        export_annotations(home, EditionScope(), tmp_path, links=LINKS, on=CanvasOf.LIBRARY)
