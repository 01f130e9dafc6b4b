"""The profiles of libraries: each family is read whole, with its names, numbers and captions."""

import re
from datetime import date

import pytest

from presslens.pipelines.archives.described_edition import DescriptionUnusable
from presslens.pipelines.archives.library_folder import READERS, described_edition, described_folder
from presslens.pipelines.scans.sandbox import Sandbox

from ...library import Issue, Line, alto, draw_page, page_xml
from ...library_profiles import (
    CAPTION,
    FAMILIES,
    batch,
    docworks,
    enmap,
    files,
    hocr,
    mets_of,
    pointers,
    rero,
    section,
)


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(modules=READERS) as opened:
        yield opened


EXPECTED = {
    "ENMAP": ("METS, ENMAP", "Le Courrier", date(1821, 8, 1), 3, "OCRmaster", ("fr",), "A library",
              {"local:ENP A_00001"}, set(), [2]),
    "SPAR": ("METS, SPAR", "", date(1910, 11, 16), 2, "master", ("fr",), "A library",
             {"ark:/12148/cb32771891w"}, set(), [2]),
    "NDNP": ("METS, NDNP", "The Record (A City, UT)", date(1935, 8, 2), 2, "NDNP", (),
             "A university; A city, UT", {"lccn:sn85058233"}, set(), []),
    "docWorks": ("METS", "Der arme Teufel", date(1904, 1, 17), 2, "images", (), "",
                 {"local:armeteufel"},
                 {"ark:/70795/g198w4", "objid:https://library.example/ark:/70795/g198w4"}, []),
    "flat": ("METS", "Coloured News", date(1855, 9, 22), 2, "flat", (), "A library",
             {"local:NLP 0002244"}, {"local:NLP 0002244-00000"}, []),
    "DFG": ("METS, DFG", "Die Abendpost", date(1850, 1, 2), 2, "max", (), "A city library",
            {"local:zdb 12345-6"}, {"urn:nbn:de:gbv:3:1-1"}, []),
    "NDK": ("METS", "Lidové noviny", date(1935, 8, 2), 2, "masterCopy", ("cs",), "ABA001",
            {"issn:1802-6265"}, {"local:uuid a1"}, []),
    "DIDL": ("DIDL", "Courante uyt Italien, Duytslandt, &c.", date(1618, 6, 14), 2, "DIDL", ("nl",),
             "A library", {"local:PPN 830620397"}, {"local:ddd:1:mpeg21"}, [2]),
}  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_read_whole(sandbox, tmp_path, family):
    folder = tmp_path / family
    folder.mkdir()
    FAMILIES[family](folder)
    edition = described_edition(folder, sandbox)
    captions = [
        page.number for page in edition.pages if any(one.is_caption for one in page.text.blocks)
    ]
    assert (
        edition.profile, edition.title, edition.day, len(edition.pages),
        edition.pages[0].image.parent.name, edition.languages, edition.holder,
        set(map(str, edition.newspaper_identifiers)), set(map(str, edition.identifiers)), captions,
    ) == EXPECTED[family]  # fmt: skip
    assert [page.number for page in edition.pages] == list(range(1, len(edition.pages) + 1))
    assert edition.pages_described == edition.texts_described == len(edition.pages)
    blocks = [block for page in edition.pages for block in page.text.blocks]
    assert {line.text for block in blocks for line in block.lines} == {CAPTION}
    assert edition.notes == ()


def test_rights_labels_and_addresses_are_kept(sandbox, tmp_path, subtests):
    for family, rights, address, label, homepage in (
        ("ENMAP", "Snippets", "", "", ""),
        ("NDNP", "", "", "Main Edition", ""),
        ("NDK", "", "", "Odpolední vydání", ""),
        ("docWorks", "Not for sale", "https://rightsstatements.org/vocab/NoC-NC/1.0/", "",
         "https://library.example/ark:/70795/g198w4"),
        ("DFG", "https://creativecommons.org/publicdomain/mark/1.0/",
         "https://creativecommons.org/publicdomain/mark/1.0/", "", "https://library.example/show/1"),
        ("DIDL", "", "", "Avond", "http://resolver.example/resolve?urn=ddd:1:mpeg21"),
    ):  # fmt: skip
        with subtests.test(family):
            folder = tmp_path / family
            folder.mkdir()
            FAMILIES[family](folder)
            found = described_edition(folder, sandbox)
            assert (found.rights, found.rights_address) == (rights, address)
            assert (found.edition_label, found.homepage) == (label, homepage)


def test_a_reel_is_no_edition_and_says_so(sandbox, tmp_path):
    batch(tmp_path)
    reel = tmp_path / "sn85058233/0027"
    assert described_folder(reel) is None
    issue = reel / "1935080201"
    for document in issue.glob("1935080201*.xml"):
        document.write_text(document.read_text().replace("The Record (A City, UT), ", ""))
    assert described_edition(issue, sandbox).title == "The Record (A City, UT)"
    with pytest.raises(DescriptionUnusable, match=r"0027_1.xml: it describes a reel of microfilm"):
        described_edition(reel, sandbox)
    anchor = tmp_path / "anchor"
    anchor.mkdir()
    (anchor / "a.xml").write_text(mets_of("", "<structMap><div><mptr/></div></structMap>"))
    with pytest.raises(DescriptionUnusable, match=r"a.xml: .* it points to the METS of others"):
        described_edition(anchor, sandbox)


def test_a_day_that_is_not_said_is_that_of_the_name(sandbox, tmp_path, subtests):
    for name, day in (("18451228_01", date(1845, 12, 28)), ("00279557177", None)):
        with subtests.test(name):
            folder = tmp_path / name
            folder.mkdir()
            rero(folder)
            edition = described_edition(folder, sandbox)
            assert (edition.title, edition.day) == ("", day)
            assert len(edition.notes) == (day is not None)


def test_files_without_a_map_are_pages_by_their_groups(sandbox, tmp_path):
    names = ["1", "2"]
    for name in names:
        draw_page(tmp_path / f"{name}.png")
        (tmp_path / f"{name}.xml").write_text(alto([Line(CAPTION)], "", Issue()))
    title = "<mods:titleInfo><mods:title>Courier, 1939-05-13</mods:title></mods:titleInfo>"
    issue = section("A", title)
    groups = files(
        ("a", "image/png", [f"{n}.png" for n in names]),
        ("b", "text/xml", [f"{n}.xml" for n in names]),
    )
    (tmp_path / "mets.xml").write_text(mets_of("", issue, groups))
    edition = described_edition(tmp_path, sandbox)
    assert edition.title == "Courier"
    assert [page.image.name for page in edition.pages] == ["1.png", "2.png"]
    assert all(page.text for page in edition.pages)


def test_mets_may_lie_in_a_folder_of_its_own(sandbox, tmp_path):
    docworks(tmp_path)
    (document,) = tmp_path.glob("*-mets.xml")
    (tmp_path / "metadata").mkdir()
    document.rename(tmp_path / "metadata" / document.name)
    edition = described_edition(tmp_path, sandbox)
    assert (edition.title, len(edition.pages)) == ("Der arme Teufel", 2)


def test_images_of_another_ending_are_those_that_are_named(sandbox, tmp_path):
    docworks(tmp_path)
    for path in [*tmp_path.glob("images/*.tif"), *tmp_path.glob("thumbnails/*")]:
        path.unlink()
    draw_page(tmp_path / "images/1904-01-17_01-00001.png")
    edition = described_edition(tmp_path, sandbox)
    assert [page.image.name for page in edition.pages] == ["1904-01-17_01-00001.png"]


def test_whole_scans_come_before_larger_derived_ones(sandbox, tmp_path):
    for use, scale in (("OCR-D-IMG", 1.0), ("OCR-D-IMG-CROP", 2.0)):
        draw_page(tmp_path / use / "1.png", scale=scale)
    groups = [(use, "image/png", [f"{use}/1.png"]) for use in ("OCR-D-IMG", "OCR-D-IMG-CROP")]
    divs = pointers(["OCR-D-IMG", "OCR-D-IMG-CROP"], 1)
    structure = f'<structMap TYPE="PHYSICAL"><div TYPE="page">{divs}</div></structMap>'
    agent = "<metsHdr><agent><name>OCR-D</name></agent></metsHdr>"
    (tmp_path / "mets.xml").write_text(mets_of("", agent, files(*groups), structure))
    edition = described_edition(tmp_path, sandbox)
    assert edition.profile == "METS, OCR-D"
    assert [page.image.parent.name for page in edition.pages] == ["OCR-D-IMG"]


def test_descriptions_without_images_are_reported(sandbox, tmp_path):
    enmap(tmp_path)
    for path in tmp_path.rglob("*.png"):
        path.unlink()
    with pytest.raises(DescriptionUnusable, match="none of the images of its 3 pages"):
        described_edition(tmp_path, sandbox)
    edition = described_edition(tmp_path, sandbox, without_images=True)
    assert (edition.title, edition.pages, edition.texts_described) == ("Le Courrier", (), 3)


def test_hocr_gives_captions_and_confidence(sandbox, tmp_path):
    hocr(tmp_path)
    parts = [tmp_path / "0001.hocr", tmp_path / "0002.hocr"]
    begin, end = (path.read_text().replace(".png", ".jp2") for path in parts)
    whole = begin.removesuffix("</body></html>") + end.partition("<body>")[2]
    for path in parts:
        path.unlink()
    script = ">plant<script>stolen</script></span>"
    (tmp_path / "all.html").write_text(whole.replace(">plant</span>", script))
    edition = described_edition(tmp_path, sandbox)
    assert [page.image.name for page in edition.pages] == ["0001.png", "0002.png"]
    (block,) = edition.pages[1].text.blocks
    assert (block.is_caption, block.lines[0].text) == (True, CAPTION)
    assert block.lines[0].confidence == pytest.approx(0.9)


ERRORS = {
    "no namespace": (' xmlns="', ' wrong="', CAPTION),
    "another size": ('HEIGHT="800.00"', 'HEIGHT="800;x_wconf 0"', CAPTION),
    "decimal comma": (".00", ",00", CAPTION),
    "no size": ('WIDTH="600.00"', "", CAPTION),
    "empty words": ('CONTENT="of"', 'CONTENT=""', "Workers the new plant"),
    "negative": ('WIDTH="360.00"', 'WIDTH="-1"', None),
    "two pages": ("<Page", '<Page ID="P0" WIDTH="9" HEIGHT="9"/><Page', CAPTION),
    "mark": ("<?xml", "\ufeff<?xml", CAPTION),
    "blank line": ("<?xml", "\n<?xml", CAPTION),
    "hyphen": (
        'CONTENT="plant"',
        'CONTENT="fac" SUBS_TYPE="HypPart1" SUBS_CONTENT="factory"',
        "Workers of the new factory",
    ),
    "latin 1": ("plant", "pl\xe1nt", "Workers of the new pl\xe1nt"),
}


@pytest.mark.parametrize("error", ERRORS)
def test_errors_that_occur_in_alto_are_read_over(sandbox, tmp_path, error):
    right, wrong, words = ERRORS[error]
    draw_page(tmp_path / "a.png")
    made = alto([Line(CAPTION)], "a.png", Issue()).replace(right, wrong)
    (tmp_path / "a.xml").write_bytes(made.encode("latin-1" if error == "latin 1" else "utf-8"))
    (page,) = described_edition(tmp_path, sandbox).pages
    texts = [line.text for block in page.text.blocks for line in block.lines]
    assert texts == ([words] if words else [])


@pytest.mark.parametrize("version", ["2010-03-19", "2013-07-15", "2019-07-15"])
def test_page_xml_is_read_in_each_version(sandbox, tmp_path, version):
    draw_page(tmp_path / "a.png")
    made = page_xml([Line(CAPTION)], "a.png").replace("2019-07-15", version)
    if version < "2013":
        points = re.compile(r'<Coords points="([^"]*)"/>')
        made = points.sub(lambda match: f"<Coords>{as_elements(match[1])}</Coords>", made)
    (tmp_path / "a.xml").write_text(made)
    (page,) = described_edition(tmp_path, sandbox).pages
    (block,) = page.text.blocks
    assert (block.is_caption, block.lines[0].text) == (True, CAPTION)
    assert block.box.to_list() == list(Line("").box)


def as_elements(points):
    pairs = (pair.split(",") for pair in points.split())
    return "".join(f'<Point x="{x}" y="{y}"/>' for x, y in pairs)


def test_hostile_documents_of_each_format_end_soon(sandbox, tmp_path, subtests):
    million = "<div>" + '<div TYPE="page"/>' * 1_000_000 + "</div>"
    deep = "<div class='ocr_page'>" * 200_000
    for name, content, reason in (
        (
            "wide.xml",
            mets_of("", f"<structMap>{million}</structMap>"),
            "no pages|takes longer",
        ),
        ("deep.html", f"<html><body>{deep}", "no page|no HTML|none of the images"),
        ("laughs.hocr", '<!DOCTYPE x [<!ENTITY a "b">]><p class="ocr_page">&a;</p>', "entities"),
        ("didl.xml", "<DIDL>" + "<Item>" * 100_000, "no well-formed XML"),
    ):
        with subtests.test(name):
            folder = tmp_path / name
            folder.mkdir()
            draw_page(folder / "a.png")
            (folder / name).write_text(content)
            with pytest.raises(DescriptionUnusable, match=reason):
                described_edition(folder, sandbox)


def of_issue(tmp_path, *parts, mods="", names=("1", "2")):
    """Write METS of a newspaper and its issue, with an image a page, and return its folder."""
    for name in names:
        draw_page(tmp_path / f"images/{name}.png")
    newspaper = section("NEWSPAPER", f"{RUN}{mods}")
    divs = "".join(f'<div TYPE="page">{pointers(["a"], n)}</div>' for n, _ in enumerate(names, 1))
    structure = (
        '<structMap TYPE="LOGICAL"><div TYPE="newspaper" DMDID="NEWSPAPER"><div TYPE="issue"'
        ' DMDID="ISSUE"/></div></structMap>'
        f'<structMap TYPE="PHYSICAL"><div>{divs}</div></structMap>'
    )
    images = files(("a", "image/png", [f"images/{name}.png" for name in names]))
    document = mets_of("", newspaper, section("ISSUE", ISSUE), *(parts or (images, structure)))
    (tmp_path / "mets.xml").write_text(document)
    return tmp_path


RUN = """<mods:titleInfo><mods:title>Le 13 mai 1958</mods:title><mods:subTitle>organe libre
</mods:subTitle><mods:partName>Wochen-Ausgabe</mods:partName></mods:titleInfo><mods:originInfo>
<mods:dateIssued point="start">1903-01-01</mods:dateIssued>
<mods:dateIssued point="end">1943-03-14</mods:dateIssued></mods:originInfo>
<mods:identifier type="lccn" invalid="yes">sn83045462</mods:identifier>
<mods:identifier type="issn-l">0028-0836 (Print)</mods:identifier>
<mods:identifier type="oclc">(OCoLC)ocm02260929</mods:identifier>"""
ISSUE = """<mods:identifier type="urn">urn:nbn:de:bsz:14-1</mods:identifier><mods:part>
<mods:date>1939-05-13</mods:date></mods:part>"""
FIRST = "<mods:originInfo><mods:dateIssued>1889-11-16</mods:dateIssued></mods:originInfo>"


@pytest.mark.parametrize("mods", ["", FIRST])
def test_a_day_is_the_issues_own_and_numbers_are_those_that_hold(sandbox, tmp_path, mods):
    edition = described_edition(of_issue(tmp_path, mods=mods), sandbox)
    assert (edition.day, edition.notes) == (date(1939, 5, 13), ())
    assert edition.title == "Le 13 mai 1958 : organe libre"
    assert edition.edition_label == "Wochen-Ausgabe"
    assert set(map(str, edition.newspaper_identifiers)) == {"issn:0028-0836", "oclc:2260929"}
    assert list(map(str, edition.identifiers)) == ["urn:nbn:de:bsz:14-1"]


def test_mets_may_stand_in_a_long_envelope(sandbox, tmp_path):
    document = of_issue(tmp_path) / "mets.xml"
    mets = document.read_text().partition("?>")[2]
    document.write_text(f"<!-- {'licence ' * 700} --><OAI-PMH><record>{mets}</record></OAI-PMH>")
    assert described_edition(tmp_path, sandbox).day == date(1939, 5, 13)


def test_mets_2_is_read_as_mets_1_is(sandbox, tmp_path):
    document = of_issue(tmp_path) / "mets.xml"
    text = document.read_text().replace("www.loc.gov/METS/", "www.loc.gov/METS/v2")
    for old, new in (
        ('<dmdSec ID="', '<md USE="DESCRIPTIVE" ID="'),
        ("</dmdSec>", "</md>"),
        ("DMDID=", "MDID="),
        ("xlink:href=", "LOCREF="),
    ):
        assert old in text
        text = text.replace(old, new)
    document.write_text(text)
    edition = described_edition(tmp_path, sandbox)
    assert (edition.title, edition.day) == ("Le 13 mai 1958 : organe libre", date(1939, 5, 13))
    assert [page.image.name for page in edition.pages] == ["1.png", "2.png"]


def test_of_a_broken_validated_version_the_one_before_is_read(sandbox, tmp_path):
    document = of_issue(tmp_path) / "mets.xml"
    broken = tmp_path / "mets_1.xml"
    broken.write_text(document.read_text().removesuffix("</mets>"))
    edition = described_edition(tmp_path, sandbox)
    assert (edition.document, len(edition.pages)) == (document, 2)
    (note,) = map(str, edition.notes)
    assert note.startswith("mets_1.xml: this is no well-formed XML: ")
    assert note.endswith("; mets.xml is read in its place")


@pytest.mark.parametrize("name", ["bsb1_0000{}", "scan{}"])
def test_images_are_named_after_the_identifiers_in_addresses(sandbox, tmp_path, name):
    document = of_issue(tmp_path) / "mets.xml"
    text = document.read_text()
    for n in (1, 2):
        (tmp_path / f"images/{n}.png").rename(tmp_path / f"images/{name.format(n)}.png")
        address = f"https://iiif.example/v2/bsb1_0000{n}%2Fscan{n}.tif/full/full/0/default.jpg"
        text = text.replace(f'"images/{n}.png"', f'"{address}"')
    document.write_text(text)
    edition = described_edition(tmp_path, sandbox)
    assert [page.image.stem for page in edition.pages] == [name.format(1), name.format(2)]


def test_a_file_may_lie_at_one_of_several_places(sandbox, tmp_path):
    document = of_issue(tmp_path) / "mets.xml"
    address = "https://library.example/i3f/{}/full/max/0/default.jpg"
    text = document.read_text()
    for n in (1, 2):
        place = f'<FLocat LOCTYPE="URL" xlink:href="images/{n}.png"/>'
        assert place in text
        other = f'<FLocat LOCTYPE="URL" xlink:href="{address.format(n)}"/>'
        text = text.replace(place, other + place)
    document.write_text(text)
    edition = described_edition(tmp_path, sandbox)
    assert [page.image.name for page in edition.pages] == ["1.png", "2.png"]


def test_files_of_one_group_are_of_one_page(sandbox, tmp_path):
    (tmp_path / "2.xml").write_text(alto([Line(CAPTION)], "", Issue()))
    place = '<FLocat xlink:href="{}"/>'
    images = "".join(
        f'<file ID="i{n}" GROUPID="{n}">{place.format(f"images/{n}.png")}</file>' for n in (1, 2)
    )
    text = f'<file ID="t2" GROUPID="2" MIMETYPE="text/xml">{place.format("2.xml")}</file>'
    groups = f'<fileGrp ID="I">{images}</fileGrp><fileGrp ID="T">{text}</fileGrp>'
    structure = (
        '<structMap TYPE="PHYSICAL"><div DMDID="NEWSPAPER ISSUE"><div TYPE="PAGE"/>'
        '<div TYPE="PAGE"><fptr><area FILEID="t2"/></fptr></div></div></structMap>'
    )
    folder = of_issue(tmp_path, f"<fileSec>{groups}</fileSec>", structure)
    edition = described_edition(folder, sandbox)
    pages = [(page.image.name, page.text is not None) for page in edition.pages]
    assert pages == [("1.png", False), ("2.png", True)]
    assert list(map(str, edition.notes)) == ["mets.xml: pages without a text in the folder: 1"]
