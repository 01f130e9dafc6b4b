"""METS that goes out keeps to its schema, names what it holds, and comes in again."""

import hashlib
import shutil
import zipfile
from dataclasses import replace

import pytest
from lxml import etree

from presslens.app.db.queries import EditionScope
from presslens.app.services.exports.mets_package import export_mets
from presslens.app.services.exports.page_regions import iterate_regions
from presslens.app.services.ingest.described import IssueInput, ingest_described
from presslens.models.captions.described import TextBlock, TextLine
from presslens.models.geometry import Box
from presslens.pipelines.archives.described_edition import DescriptionUnusable
from presslens.pipelines.archives.identifiers import read_identifier
from presslens.pipelines.archives.library_folder import READERS, described_edition
from presslens.pipelines.scans.sandbox import Sandbox

from ....library import Issue, deliver_mets
from ....schemas import broken_rules
from ...conftest import NOW

NOTHING = IssueInput(None, None, "nobody")
WHOLE = {
    "edition_label": "Morning edition", "holder": "State Library", "rights": "Public domain",
    "rights_address": "https://rights.example/1.0/", "homepage": "https://library.example/page/1",
    "languages": ("en", "fr"), "source": "https://library.example/manifest/1",
}  # fmt: skip
ON_CANVAS = {
    "canvas": "https://library.example/canvas/1", "image_service": "https://library.example/image/1",
    "canvas_size": (1200.5, 1800.0),
}  # fmt: skip
REPORT = TextBlock((TextLine(Box(5, 5, 90, 12), "From our reporter"),))
ADDRESS = "https://example.org/pages/{}/image".format


def exported(home, folder, scope=EditionScope(), **how):  # noqa: B008 - it is frozen
    folder.mkdir()
    made = export_mets(home, scope, folder, picture_address=ADDRESS, **how)
    with zipfile.ZipFile(made.path) as files:
        files.extractall(folder / "out")
    return folder / "out", made.rows


def test_each_document_keeps_to_its_schema_and_names_its_files(archive, tmp_path):
    out, rows = exported(archive, tmp_path / "mets")
    assert rows == {"editions": 4, "pages": 20, "photos": 80}
    documents = sorted(out.rglob("*.xml"))
    assert len(documents) == 24
    for path in documents:
        assert broken_rules(path.read_bytes()) == [], path
    (first, *_) = sorted(out.rglob("mets.xml"))
    root = etree.parse(first).getroot()
    hrefs = {
        file.find("{*}FLocat").get("{http://www.w3.org/1999/xlink}href"): file
        for file in root.iter("{*}file")
    }
    assert ADDRESS(1) in hrefs
    alto = hrefs["alto/page-001.xml"]
    content = (first.parent / "alto/page-001.xml").read_bytes()
    assert alto.get("CHECKSUM") == hashlib.sha256(content).hexdigest()
    blocks = {one.get("ID") for one in etree.fromstring(content).iter("{*}Illustration")}
    pointed = {one.get("BEGIN") for one in root.iter("{*}area")}
    assert blocks <= pointed
    assert archive.recipe.id in etree.tostring(root).decode()


def test_the_same_content_gives_the_same_bytes(archive, tmp_path):
    edition = EditionScope(edition=1)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        export_mets(archive, edition, tmp_path / name, picture_address=ADDRESS)
    (one, other) = (path.read_bytes() for path in sorted(tmp_path.rglob("*.zip")))
    assert one == other


def words(text):
    """Return the words of a page's text, in any order."""
    return sorted(" ".join(line.text for block in text.blocks for line in block.lines).split())


@pytest.mark.sqlite_alone
def test_what_goes_out_comes_in_as_the_same_edition(home, worker, tmp_path):
    deliver_mets(tmp_path / "library", Issue(numbers=(2, 5)))
    with Sandbox(modules=READERS) as sandbox:
        given = described_edition(tmp_path / "library", sandbox)
        lccn, ark = map(read_identifier, ("LCCN sn 85-58233", "ark:/12148/bpt6k1"))
        pages = tuple(
            replace(page, text=replace(page.text, blocks=(*page.text.blocks, REPORT)))
            for page in given.pages
        )
        pages = tuple(replace(page, **ON_CANVAS) for page in pages)
        names = {"newspaper_identifiers": (lccn,), "identifiers": (ark,), "title": "Its own name"}
        given = replace(given, pages=pages, **names, **WHOLE)
        ingest_described(home, given, IssueInput("Ours", None, "--date"), now=NOW)
        worker.drain()
        out, _ = exported(home, tmp_path / "mets", images=True)
        (folder,) = out.iterdir()
        again = described_edition(folder, sandbox)
        alone, _ = exported(home, tmp_path / "alone")
        (bare,) = alone.iterdir()
        with pytest.raises(
            DescriptionUnusable, match=r"mets.xml \(Its own name 1939-05-13\): none"
        ):
            described_edition(bare, sandbox)
        for page in given.pages:
            shutil.copy(page.image, bare)
        laid = described_edition(bare, sandbox)
    assert [page.image.name for page in laid.pages] == [page.image.name for page in given.pages]
    assert broken_rules((folder / "mets.xml").read_bytes()) == []
    assert [replace(page, image=None, text=None) for page in again.pages] == [
        replace(page, image=None, text=None) for page in given.pages
    ]
    same = ("title", "day", "identifiers", "newspaper_identifiers", "pages_described", *WHOLE)
    assert {name: getattr(again, name) for name in same} == {
        name: getattr(given, name) for name in same
    }
    assert [page.number for page in again.pages] == [2, 5]
    texts = [{one.text for one in page.texts} for page in iterate_regions(home, EditionScope())]
    assert any(texts)
    for page, before, printed in zip(again.pages, given.pages, texts, strict=True):
        captions = {
            " ".join(line.text for line in block.lines)
            for block in page.text.blocks
            if block.is_caption
        }
        assert captions
        assert captions <= printed
        assert words(before.text) == words(page.text)
