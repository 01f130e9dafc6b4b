"""ALTO and PAGE-XML keep to their schemas, and say what is on a page and who says so."""

import zipfile

import pytest
from lxml import etree
from sqlalchemy import select

from presslens.app.db.queries import EditionScope
from presslens.app.db.tables import PageRow, PhotoRow
from presslens.app.services.corrections.photos import draw_photo
from presslens.app.services.exports.alto import READINGS, alto_document
from presslens.app.services.exports.export import PAGE_FORMATS, export_pages
from presslens.app.services.exports.page_regions import iterate_regions
from presslens.app.services.exports.page_xml import page_document
from presslens.app.services.exports.xml_document import xml_text
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.models.geometry import Box
from presslens.models.vocabulary import Focus
from presslens.pipelines.archives.alto import read_alto
from presslens.pipelines.archives.markup import parse_markup
from presslens.pipelines.archives.page_xml import read_page_xml

from ....schemas import ALTO_4, PAGE_2019, broken_rules
from ...first_states import made_once

MISSED = Box(40, 250, 200, 400)
NAMES = {"a": ALTO_4, "p": PAGE_2019, "r": READINGS.namespace}


@pytest.fixture
@made_once
def corrected(home, put, scans, worker, now, captioned_page):
    """The id of an edition of two pages: a captioned one; one where people had their say."""
    edition_id = put({"page_1.png": captioned_page, "page_2.png": scans["page_1.png"]}).edition_id
    worker.drain()
    with home.database.read() as session:
        pages = list(session.scalars(select(PageRow.id).order_by(PageRow.number)))
        photo = session.scalars(select(PhotoRow.id).order_by(PhotoRow.id.desc())).first()
    draw_photo(home, pages[1], MISSED, coder="A", now=now)
    answers = {"children": True, "people": True, "label:night": True}
    review_photo(home, NewReview(photo, "A", answers, Focus.FACILITY), now=now)
    return edition_id


def found(document, path):
    return etree.fromstring(document).xpath(path, namespaces=NAMES)


@pytest.mark.parametrize("page_format", PAGE_FORMATS.values(), ids=PAGE_FORMATS)
def test_each_page_keeps_to_its_schema(archive, tmp_path, page_format):
    made = export_pages(archive, EditionScope(), page_format, tmp_path)
    assert made.rows == {"pages": 20, "photos": 80}
    with zipfile.ZipFile(made.path) as files:
        names = files.namelist()
        assert len(set(names)) == 20
        assert names[0] == "2015-01-02_edition-1/page-001.xml"
        for name in names:
            assert broken_rules(files.read(name)) == [], name
    again = export_pages(archive, EditionScope(), page_format, tmp_path / "..")
    assert again.to_json()["sha256"] == made.to_json()["sha256"]


def test_boxes_and_confidences_are_those_of_the_archive(archive):
    with archive.database.read() as session:
        rows = {row.id: (row.box, row.score) for row in session.query(PhotoRow)}
    for page in iterate_regions(archive, EditionScope(edition=1)):
        illustrations = found(alto_document(page), "//a:Illustration")
        regions = found(page_document(page), "//p:ImageRegion")
        assert len(illustrations) == len(regions) == len(page.photos)
        for alto, region in zip(illustrations, regions, strict=True):
            box, score = rows[int(alto.get("ID").removeprefix("photo-"))]
            x, y, width, height = (
                float(alto.get(name)) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT")
            )
            assert (x, y, x + width, y + height) == pytest.approx(
                (box.x0, box.y0, box.x1, box.y1), abs=2e-4
            )
            coords = region.find(f"{{{PAGE_2019}}}Coords")
            corner = "{},{}".format(*box.pixels()[:2])
            assert coords.get("points").startswith(corner)
            assert float(coords.get("conf")) == pytest.approx(score, abs=1e-4)


@pytest.mark.sqlite_alone
def test_people_and_the_machine_are_told_apart(home, corrected):
    page = list(iterate_regions(home, EditionScope(edition=corrected)))[1]
    machine, drawn = page.photos
    alto, document = alto_document(page), page_document(page)
    assert broken_rules(alto) == broken_rules(document) == []
    steps = found(alto, "//a:Illustration/@PROCESSINGREFS")
    assert steps == ["processing-machine processing-people", "processing-people"]
    sources = found(
        document, "//p:ImageRegion/p:UserDefined/p:UserAttribute[@name='source']/@value"
    )
    assert sources == ["machine", "people"]
    (children,) = found(
        alto, f"//r:readings[@photo={machine.photo_id}]/r:reading[@name='children']"
    )
    assert children.attrib == {
        "kind": "subject", "name": "children", "shows": "true", "probability": "0.25",
        "settled": "true",
    }  # fmt: skip
    (named,) = found(alto, f"//a:Illustration[@ID='photo-{machine.photo_id}']/@TAGREFS")
    labels = {tag.get("ID"): tag.get("LABEL") for tag in found(alto, "//a:Tags/*")}
    tags = {labels[name] for name in named.split()}
    assert {"children", "people", "night", "facility"} <= tags
    assert "crowd" not in tags
    (focus,) = found(document, "//p:Label[@type='focus']/@value")
    assert focus == "facility"
    assert drawn.box == MISSED
    assert drawn.readings == ()


@pytest.mark.sqlite_alone
def test_captions_and_headlines_belong_to_their_photos(home, corrected):
    page = next(iterate_regions(home, EditionScope(edition=corrected)))
    (caption,) = (text for text in page.texts if text.kind == "caption")
    (headline,) = (text for text in page.texts if text.kind == "headline")
    photo = caption.photos[0]
    alto, document = alto_document(page), page_document(page)
    assert broken_rules(alto) == broken_rules(document) == []
    words = found(alto, f"//a:ComposedBlock[a:Illustration/@ID='photo-{photo}']//a:String/@CONTENT")
    assert words == ["abcd"]
    (group,) = found(alto, "//a:StructureTag[@LABEL='zyzyzy']/@ID")
    under = found(alto, f"//*[contains(concat(' ', @TAGREFS, ' '), ' {group} ')]/@ID")
    assert under == ["headline-1", *(f"photo-{one}" for one in headline.photos)]
    linked = [
        (relation[1].get("regionRef"), relation[2].get("regionRef"))
        for relation in found(document, "//p:Relation")
    ]
    assert (f"caption-{photo}", f"photo-{photo}") in linked
    assert [pair for pair in linked if pair[0] == "headline-1"] == [
        ("headline-1", f"photo-{one}") for one in headline.photos
    ]
    assert found(document, "//p:TextRegion[@type='caption']//p:Unicode/text()") == ["abcd"]


@pytest.mark.sqlite_alone
def test_what_is_written_is_read_again(home, corrected):
    for page in iterate_regions(home, EditionScope(edition=corrected)):
        texts = [text for text in page.texts if text.text]
        for (read,) in (
            read_alto(parse_markup(alto_document(page), "page.xml")),
            read_page_xml(parse_markup(page_document(page), "page.xml")),
        ):
            assert (read.width, read.height, read.image) == (*page.size, page.source)
            assert set(read.pictures) == {photo.box for photo in page.photos}
            lines = {(block.is_caption, block.lines[0].text) for block in read.blocks}
            assert lines == {(text.kind == "caption", text.text) for text in texts}


def test_what_no_xml_document_has_is_replaced():
    text = xml_text("a\0b\x1b\ud800c\ufffe\n김")
    assert text == "a\ufffdb\ufffd\ufffdc\ufffd\n김"
    etree.Element("a").text = text
