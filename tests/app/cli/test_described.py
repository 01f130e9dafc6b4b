"""``presslens import`` of folders that libraries describe."""

import json
import shutil
import zipfile
from datetime import date
from pathlib import Path

import pytest

from ...bags import put_in_bag
from ...library import Issue, Line, deliver_mets, draw_page, manifest, page_xml, write_manifest
from ...library_profiles import batch, rero
from .conftest import document, invoke, printed, refusal

pytestmark = pytest.mark.usefixtures("installed")
DAY = ("--publication", "A", "--date", "1939-05-13")


def test_a_mets_folder_needs_no_options(tmp_path: Path) -> None:
    folder = tmp_path / "issue"
    deliver_mets(folder, Issue(numbers=(1, 4)))
    (folder / "images/0004.png").unlink()
    (folder / "small/0004.jpg").unlink()
    done = document("import", folder)
    assert done["created"] is True
    assert done["description"] == {
        "document": "mets.xml",
        "kind": "mets",
        "title": "Evening Courier",
        "date": "1939-05-13",
        "pages_described": 2,
        "pages": [{"number": 1, "image": "0001.png", "text": True}],
        "rights": "Public domain",
        **dict.fromkeys(("rights_address", "holder", "edition_label", "source", "homepage"), ""),
        "newspaper_identifiers": [],
        "identifiers": [],
        "languages": ["en"],
        "notes": [
            "mets.xml: the image of page 4 is not in the folder, or in no format that is read"
        ],
    }
    assert done["notes"][0].startswith("Evening Courier: written in en, as was said")
    assert "Evening Courier" in json.dumps(document("editions"))
    persian = printed("import", folder, "--language", "fa", "--country", "IR")
    assert "Evening Courier: published in IR, as was said with these files and is in" in persian
    assert "written in fa, as was said with these files, is not stored: the profile of" in persian
    assert "Evening Courier says written in en, and stays" in persian
    said = printed("import", folder)
    assert "is there already" in said
    assert "by mets.xml: 1 page of 2, 1 page with text" in said
    assert "says 1940-01-01" in refusal("import", folder, "--date", "1940-01-01")


def test_a_described_folder_or_a_bag_may_come_in_a_zip(tmp_path: Path) -> None:
    deliver_mets(tmp_path / "issue", Issue(captions=("One",)))
    deliver_mets(tmp_path / "bag/b", Issue(captions=("Two",), day=date(1939, 5, 14)))
    put_in_bag(tmp_path / "bag")
    for folder, *copies in (("issue",), ("bag",), ("two", "a", "b")):
        for copy in copies:
            shutil.copytree(tmp_path / "issue", tmp_path / folder / copy)
        path = shutil.make_archive(str(tmp_path / folder), "zip", tmp_path, folder)
        if copies:
            assert "two.zip holds 2 described editions: unpack it" in refusal("import", path)
        else:
            done = document("import", path)
            assert (done["created"], len(done["description"]["pages"])) == (True, 1)
    (tmp_path / "bag/data/b/images/0001.png").unlink()
    broken = shutil.make_archive(str(tmp_path / "broken"), "zip", tmp_path, "bag")
    assert "data/b/images/0001.png: it is not there" in refusal("import", broken)
    plain = shutil.make_archive(str(tmp_path / "plain"), "zip", tmp_path, "issue/images")
    assert "give scans with --publication" in invoke("import", plain, code=2).output
    assert document("import", plain, *DAY)["created"] is True


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../out.xml", "leads out of the archive"),
        ("/etc/out.xml", "leads out of the archive"),
        ("mets.xml", "can't be that of a file here"),
        ("mets.xml/a.xml", "can't be that of a file here"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_that_leads_out_is_refused_whole(tmp_path: Path, name: str, reason: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("mets.xml", "<mets/>")
        archive.writestr(name, "<mets/>")
    said = refusal("import", tmp_path / "a.zip")
    assert reason in said
    assert "a.zip/" in said


def test_page_xml_says_neither_newspaper_nor_day(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    draw_page(folder / "1.png")
    (folder / "1.xml").write_text(page_xml([Line("Text")], "1.png"))
    assert "give --publication" in refusal("import", folder)
    assert "give --date" in refusal("import", folder, *DAY[:2])
    assert document("import", folder, *DAY)["description"]["kind"] == "page"


@pytest.mark.parametrize("version", [2, 3])
def test_a_manifest_orders_the_images_beside_it(tmp_path: Path, version: int) -> None:
    folder = tmp_path / "downloaded"
    for number in (1, 2):
        draw_page(folder / f"{number:04d}.png", seed=number)
    told = manifest(Issue(numbers=(2, 1)), "https://example.org", version=version)
    write_manifest(folder / "manifest.json", told)
    done = document("import", folder)["description"]
    assert (done["kind"], done["title"], done["date"]) == ("iiif", "Evening Courier", "1939-05-13")
    ordered = [(page["number"], page["image"]) for page in done["pages"]]
    assert ordered == [(2, "0002.png"), (1, "0001.png")]
    assert done["rights"] == "A library"
    assert done["rights_address"].startswith("http://creativecommons.org/publicdomain/mark")


def test_plain_leaves_descriptions_alone(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    draw_page(folder / "1.png")
    (folder / "mets.xml").write_text("<mets><broken>")
    assert "--plain leaves descriptions alone" in refusal("import", folder)
    assert "imported" in printed("import", folder, *DAY, "--plain")


def test_a_tree_gives_all_its_editions(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    deliver_mets(tree / "a/0001", Issue(captions=("One",)))
    draw_page(tree / "Times/1940/05-14/1.png")
    draw_page(tree / "Times/1940/cover.png")
    command = ("import", "--tree", tree, "--pattern", "{publication}/{year}/{month}-{day}/")
    done = json.loads(invoke(*command, "--json", code=None).stdout)
    assert (done["imported"], done["known"], done["skipped"]) == (2, 0, 1)
    assert done["reasons"] == {"Times/1940": "1 file without the name of an edition"}
    (tree / "Times/1940/cover.png").unlink()
    assert "0 editions imported, 2 imported before" in printed(*command)


def test_a_bag_of_one_edition_is_imported_and_one_of_several_named(tmp_path: Path) -> None:
    bag = tmp_path / "bag"
    deliver_mets(bag / "issue")
    put_in_bag(bag)
    assert "by mets.xml: 2 pages of 2" in printed("import", bag)
    swiss = tmp_path / "swiss"
    rero(swiss / "BLB/18451228_01")
    put_in_bag(swiss)
    document("import", swiss)
    assert "BLB" in printed("publications")
    several = tmp_path / "several"
    batch(several)
    assert "is a batch with 2 described editions: `presslens import --tree" in refusal(
        "import", several
    )
    page = bag / "data/issue/text/0001.xml"
    page.write_text(page.read_text() + " ")
    assert "the bag bag is refused, data/issue/text/0001.xml" in refusal("import", bag)


def test_a_report_is_written_and_nothing_stored(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    deliver_mets(tree / "a/0001", Issue(captions=("One",)))
    command = ("import", "--tree", tree, "--dry-run", "--report")
    assert "1 edition would come in, 0 would not" in printed(*command, tmp_path / "r.md")
    row = (tmp_path / "r.md").read_text().splitlines()[2]
    assert row.startswith("| a | METS | 1 | Evening Courier | 1939-05-13 | 1 | 1 | 1 | – | en |")
    document(*command, tmp_path / "r.json")
    assert json.loads((tmp_path / "r.json").read_text())["families"][0]["profile"] == "METS"
    document(*command, tmp_path / "r.csv")
    assert (tmp_path / "r.csv").read_text().startswith("name,source,profile,publication,date,")
    assert "no editions yet" in printed("editions")
    for image in (path for path in tree.rglob("*.*") if path.suffix != ".xml"):
        image.unlink()
    lacking = invoke("import", "--tree", tree, "--dry-run", code=1)
    assert "0 editions would come in, 1 would not" in lacking.output
    assert "none of the images of its 1 pages is in the folder" in lacking.output
    invoke(*command, tmp_path / "r.doc", code=2)
    invoke("import", tree, "--dry-run", code=2)
