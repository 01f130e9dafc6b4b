"""Folders of libraries: what is taken from them, and what is reported."""

import json
import shutil
import subprocess
from dataclasses import replace
from datetime import date

import pytest

from presslens.models.vocabulary import TextSource
from presslens.pipelines.archives.described_edition import DescriptionKind, DescriptionUnusable
from presslens.pipelines.archives.library_folder import READERS, described_edition, described_folder
from presslens.pipelines.scans.sandbox import Sandbox

from ...library import (
    CAPTION,
    HEIGHT,
    WIDTH,
    Issue,
    Line,
    alto,
    deliver_mets,
    draw_page,
    manifest,
    mets,
    page_xml,
)
from ...schemas import ALTO_2, ALTO_4, broken_rules


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(modules=READERS) as opened:
        yield opened


def test_the_made_documents_are_valid(tmp_path, subtests):
    for namespace in (ALTO_2, ALTO_4):
        for unit in ("pixel", "mm10", "inch1200"):
            with subtests.test(unit, namespace=namespace):
                issue = Issue(unit=unit, namespace=namespace)
                folder = tmp_path / f"{unit}{namespace[-2]}"
                document = deliver_mets(folder, issue)
                assert broken_rules(document.read_bytes()) == []
                assert broken_rules((folder / "text/0001.xml").read_bytes()) == []
    assert broken_rules(page_xml([Line("Text")], "a.png").encode()) == []


def test_a_mets_folder_gives_newspaper_day_pages_and_text(sandbox, tmp_path, subtests):
    for unit in ("pixel", "mm10", "inch1200"):
        for scale in (1.0, 2.0):
            with subtests.test(unit, scale=scale):
                folder = tmp_path / f"{unit}{scale:g}"
                document = deliver_mets(folder, Issue(unit=unit, numbers=(3, 8)), scale=scale)
                edition = _described(folder, sandbox)
                assert edition.document == document
                assert (edition.title, edition.day) == ("Evening Courier", date(1939, 5, 13))
                assert (edition.rights, edition.languages) == ("Public domain", ("en",))
                assert [page.number for page in edition.pages] == [3, 8]
                images = [page.image.relative_to(folder).as_posix() for page in edition.pages]
                assert images == ["images/0003.png", "images/0008.png"]
                assert edition.notes == ()
                first = edition.pages[0].text
                text = first.in_pixels(round(WIDTH * scale), round(HEIGHT * scale))
                line = text.blocks[0].lines[0]
                assert line.text == "Workers of the new plant"
                assert line.confidence == pytest.approx(0.9)
                assert line.box.to_list() == pytest.approx([v * scale for v in CAPTION], abs=0.2)
                assert text.print_space.to_list() == pytest.approx(
                    [v * scale for v in (30, 40, 570, 760)], abs=0.2
                )


def test_what_does_not_fit_is_noted_and_the_rest_is_read(sandbox, tmp_path):
    deliver_mets(tmp_path, Issue(captions=("One", "Two", "Three", "Four")))
    (tmp_path / "images/0002.png").unlink()
    draw_page(tmp_path / "images/0003.png", seed=9)
    wide = alto([Line("Three")], "images/0003.png", Issue(), 3)
    (tmp_path / "text/0003.xml").write_text(wide.replace('HEIGHT="800.00"', 'HEIGHT="1100"', 1))
    (tmp_path / "text/0004.xml").write_text("<alto><Layout>")
    for small in (tmp_path / "small").iterdir():
        small.write_bytes(b"no image at all, and more bytes than a head")
    edition = _described(tmp_path, sandbox)
    assert [(page.number, page.text is not None) for page in edition.pages] == [
        (1, True),
        (3, False),
        (4, False),
    ]
    assert edition.pages_described == 4
    notes = sorted(edition.notes)
    assert notes[0].startswith("0003.png: the image has 600 × 800, the description is of a page of")
    assert notes[1].startswith("0004.xml: this is no well-formed XML: ")
    assert notes[2].startswith("mets.xml: the image of page 2 is not in the folder")


def test_the_images_with_most_pages_are_taken_before_larger_ones(sandbox, tmp_path):
    deliver_mets(tmp_path)
    (tmp_path / "images/0002.png").unlink()
    edition = _described(tmp_path, sandbox)
    assert [page.image.parent.name for page in edition.pages] == ["small", "small"]


def test_paths_do_not_leave_the_folder(sandbox, tmp_path, subtests):
    draw_page(tmp_path / "outside.png")
    for way in (
        "../outside.png",
        str(tmp_path / "outside.png"),
        "images/link.png",
        "%2e%2e/outside.png",
    ):
        with subtests.test(way):
            folder = tmp_path / "in"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            (folder / "images").mkdir()
            (folder / "images/link.png").symlink_to(tmp_path / "outside.png")
            one = Issue(captions=("One",))
            (folder / "mets.xml").write_text(mets(one, {"Images": way}))
            with pytest.raises(DescriptionUnusable, match="none of the images of its 1 pages"):
                described_edition(folder, sandbox)


def test_hostile_documents_are_refused_with_the_name_of_their_file(sandbox, tmp_path, subtests):
    laughs = "".join(
        f'<!ENTITY l{i} "{("&l" + str(i - 1) + ";") * 10 if i else "ha" * 10}">' for i in range(12)
    )
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    begins = '<mets xmlns="http://www.loc.gov/METS/" LABEL="'
    for name, content, reason in (
        ("laughs", f'<!DOCTYPE mets [{laughs}]>{begins}&l11;"/>', "document type|no well-formed"),
        (
            "file",
            f'<!DOCTYPE mets [<!ENTITY x SYSTEM "file://{secret}">]><mets>&x;</mets>',
            "document type|no well-formed",
        ),
        ("deep", "<mets>" + "<div>" * 5000, "no well-formed XML"),
        ("cut", f"{begins}x", "no well-formed XML"),
        ("empty", f'{begins}x"/>', "it lists no pages"),
        ("large", f'{begins}x">' + " " * (33 * 2**20) + "</mets>", "more than the 32 MB"),
        ("nul", "<mets>\0</mets>", "no well-formed XML"),
    ):
        with subtests.test(name):
            folder = tmp_path / name
            folder.mkdir()
            (folder / "issue.xml").write_text(content)
            with pytest.raises(DescriptionUnusable, match=f"issue.xml: .*({reason})"):
                described_edition(folder, sandbox)


def test_several_editions_in_a_folder_are_refused(sandbox, tmp_path):
    document = deliver_mets(tmp_path)
    shutil.copy(document, tmp_path / "other.xml")
    with pytest.raises(DescriptionUnusable, match=r"several editions: mets.xml, other.xml"):
        described_edition(tmp_path, sandbox)


def test_a_chronicle_of_america_gives_its_pages_by_masters_and_labels(sandbox, tmp_path):
    """The way of the American newspaper program: groups a page, uses at the files, no MODS date."""
    for number in (1, 2):
        draw_page(tmp_path / f"000{number}.png", seed=number)
        text = alto([Line("A caption")], f"000{number}.png", Issue(), number)
        (tmp_path / f"000{number}.xml").write_text(text)
    groups = "".join(
        f'<fileGrp ID="pageFileGrp{n}"><file ID="master{n}" USE="master"><FLocat'
        f' LOCTYPE="OTHER" OTHERLOCTYPE="file" xlink:href="./000{n}.png"/></file>'
        f'<file ID="ocr{n}" USE="ocr"><FLocat LOCTYPE="OTHER" xlink:href="./000{n}.xml"/>'
        "</file></fileGrp>"
        for n in (1, 2)
    )
    divs = "".join(
        f'<div TYPE="np:page" DMDID="p{n}"><fptr FILEID="master{n}"/><fptr FILEID="ocr{n}"/></div>'
        for n in (2, 1)
    )
    sections = "".join(
        f'<dmdSec ID="p{n}"><mdWrap MDTYPE="MODS"><xmlData><mods:mods><mods:part>'
        f'<mods:detail type="page number"><mods:number>{n}</mods:number></mods:detail>'
        "</mods:part></mods:mods></xmlData></mdWrap></dmdSec>"
        for n in (1, 2)
    )
    (tmp_path / "1913010401.xml").write_text(
        '<mets xmlns="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink"'
        ' xmlns:mods="http://www.loc.gov/mods/v3" LABEL="Evening star (Washington), 1913-01-04">'
        f'{sections}<fileSec>{groups}</fileSec><structMap><div TYPE="np:issue">{divs}</div>'
        "</structMap></mets>"
    )
    assert broken_rules((tmp_path / "1913010401.xml").read_bytes()) == []
    edition = _described(tmp_path, sandbox)
    assert (edition.title, edition.day) == ("Evening star (Washington)", date(1913, 1, 4))
    assert [(page.number, page.image.name) for page in edition.pages] == [
        (2, "0002.png"),
        (1, "0001.png"),
    ]
    assert all(page.text for page in edition.pages)


def test_captions_are_marked_by_the_logical_map(sandbox, tmp_path):
    document = deliver_mets(tmp_path, Issue(captions=("One",)))
    logical = (
        '<structMap TYPE="LOGICAL"><div TYPE="Newspaper"><div TYPE="CAPTION"><fptr><area'
        ' FILEID="Text1" BETYPE="IDREF" BEGIN="P1_TB0"/></fptr></div></div></structMap></mets>'
    )
    document.write_text(document.read_text().replace("</mets>", logical))
    assert broken_rules(document.read_bytes()) == []
    text = _described(tmp_path, sandbox).pages[0].text
    assert [block.is_caption for block in text.blocks] == [True]


def test_a_folder_of_page_xml_gives_its_images_in_order(sandbox, tmp_path):
    for name in ("p10", "p2", "p1"):
        draw_page(tmp_path / f"{name}.png")
    (tmp_path / "page").mkdir()
    for name, image in (("p10", "p10.png"), ("p2", "elsewhere/p2.tif"), ("p7", "p7.png")):
        (tmp_path / f"page/{name}.xml").write_text(page_xml([Line(f"Caption {name}")], image))
    edition = _described(tmp_path, sandbox)
    assert edition.kind is DescriptionKind.PAGE
    assert [page.image.name for page in edition.pages] == ["p1.png", "p2.png", "p10.png"]
    texts = [page.text and page.text.blocks[0].lines[0].text for page in edition.pages]
    assert texts == [None, "Caption p2", "Caption p10"]
    assert (edition.title, edition.day, edition.pages_described) == ("", None, 4)
    assert edition.notes == ("p7.xml: the image that it describes is not there",)


def test_what_tesseract_writes_is_read(sandbox, tmp_path):
    """A program that is none of ours, in each of its formats."""
    if shutil.which("tesseract") is None:
        pytest.skip("Tesseract is not installed")
    for kind in ("alto", "page", "hocr"):
        folder = tmp_path / kind
        draw_page(folder / "0001.png", scale=2)
        command = ["tesseract", str(folder / "0001.png"), str(folder / "0001"), kind]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        edition = _described(folder, sandbox)
        text = edition.pages[0].text
        assert text.source is TextSource(kind)
        words = " ".join(line.text for block in text.blocks for line in block.lines)
        assert "page 0" in words
        assert (text.width, text.height) == (2 * WIDTH, 2 * HEIGHT)


def test_other_folders_are_not_described(sandbox, tmp_path):
    draw_page(tmp_path / "1.png")
    (tmp_path / "notes.xml").write_text("<notes/>")
    (tmp_path / "facts.json").write_text("{}")
    assert described_folder(tmp_path) is None
    assert described_edition(tmp_path, sandbox) is None
    deliver_mets(tmp_path / "described")
    assert described_folder(tmp_path) is None
    assert described_folder(tmp_path / "described") is not None


def test_the_day_is_the_issues_and_another_one_is_noted(sandbox, tmp_path, subtests):
    own = '<mods:dateIssued encoding="iso8601">1939-05-13</mods:dateIssued>'
    host = "<mods:relatedItem type='host'><mods:originInfo>{}</mods:originInfo></mods:relatedItem>"
    founded = host.format("<mods:dateIssued>1896-01-01</mods:dateIssued>")
    other = "<mods:dateIssued>1939-05-14</mods:dateIssued>"
    for case, written, day, notes in (
        ("scanned", f"<mods:dateCreated>2012-05-06</mods:dateCreated>{own}", 13, 0),
        ("founded", f"</mods:originInfo>{founded}<mods:originInfo>{own}", 13, 0),
        ("two", other + own, 14, 1),
        ("none", "", None, 0),
        ("founded alone", f"</mods:originInfo>{founded}<mods:originInfo>", None, 0),
    ):
        with subtests.test(case):
            document = deliver_mets(tmp_path / case, Issue(captions=("One",)))
            document.write_text(document.read_text().replace(own, written))
            edition = _described(tmp_path / case, sandbox)
            assert edition.day == (day and date(1939, 5, day))
            assert len(edition.notes) == notes
    assert _described(tmp_path / "two", sandbox).notes == (
        "mets.xml: it says that the issue is of 1939-05-14, 1939-05-13: 1939-05-14 is taken",
    )


def test_each_canvas_has_an_image_of_its_own(sandbox, tmp_path, subtests):
    for number in (1, 2):
        draw_page(tmp_path / f"{number:04d}.png", seed=number)
    (tmp_path / "notes.txt").write_text("no page")
    ids = [f"https://library.example/canvas/{number}" for number in (1, 2)]
    for case, canvases, mapped, images in (
        ("without ids", ["", ""], None, ["0001.png", "0002.png"]),
        ("mapped", ids, ["0002.png", "0001.png"], ["0002.png", "0001.png"]),
        ("a map to a text", ids, ["notes.txt", "0001.png"], ["0001.png"]),
        ("a map to nothing", ids, [["0001.png"], 5], ["0001.png", "0002.png"]),
        ("one id", ids[:1] * 2, None, "lists the canvas https://library.example/canvas/1 2 times"),
        ("one image", ids, ["0001.png"] * 2, "canvases.json: it gives one image to several pages"),
        ("one image without ids", ["", ""], ["", "0001.png"], "one image to several pages"),
    ):
        with subtests.test(case):
            document = manifest(Issue(), "https://library.example")
            for canvas, name in zip(document["items"], canvases, strict=True):
                canvas["id"] = name
            (tmp_path / "manifest.json").write_text(json.dumps(document))
            pairs = dict(zip(canvases, mapped or (), strict=mapped is not None))
            (tmp_path / "canvases.json").write_text(json.dumps(pairs))
            if isinstance(images, str):
                with pytest.raises(DescriptionUnusable, match=images):
                    described_edition(tmp_path, sandbox)
            else:
                edition = _described(tmp_path, sandbox)
                assert [page.image.name for page in edition.pages] == images
                assert len(edition.notes) == 2 - len(images)


def test_text_without_any_image_is_an_error(sandbox, tmp_path):
    (tmp_path / "a.xml").write_text(alto([Line("Text")], "a.png", replace(Issue())))
    with pytest.raises(DescriptionUnusable, match="none of the images of its 1 pages"):
        described_edition(tmp_path, sandbox)


def _described(folder, sandbox):
    edition = described_edition(folder, sandbox)
    assert edition is not None
    return edition
