"""``presslens import`` of folders that libraries describe."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from presslens.app.cli import cli

from ...library import Issue, Line, deliver_mets, draw_page, manifest, page_xml, write_manifest

runner = CliRunner()
pytestmark = pytest.mark.usefixtures("scripted")


def call(*arguments: object, code: int = 0) -> str:
    done = runner.invoke(cli, [str(one) for one in arguments])
    assert done.exit_code == code, done.output
    return str(done.exception) if code else done.stdout


def test_a_mets_folder_needs_no_options(tmp_path: Path) -> None:
    folder = tmp_path / "issue"
    deliver_mets(folder, Issue(numbers=(1, 4)))
    (folder / "images/0004.png").unlink()
    (folder / "small/0004.jpg").unlink()
    done = json.loads(call("import", folder, "--json"))
    assert done["created"] is True
    assert done["description"] == {
        "document": "mets.xml",
        "kind": "mets",
        "title": "Evening Courier",
        "date": "1939-05-13",
        "pages_described": 2,
        "pages": [{"number": 1, "image": "0001.png", "text": True}],
        "rights": "Public domain",
        "notes": [
            "mets.xml: the image of page 4 is not in the folder, or in no format that is read"
        ],
    }
    editions = json.loads(call("editions", "--json"))
    assert "Evening Courier" in json.dumps(editions)
    said = call("import", folder)
    assert "is there already" in said
    assert "by mets.xml: 1 page of 2, 1 page with text" in said
    assert "says 1940-01-01" in call("import", folder, "--date", "1940-01-01", code=1)


def test_page_xml_says_neither_newspaper_nor_day(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    draw_page(folder / "1.png")
    (folder / "1.xml").write_text(page_xml([Line("Text")], "1.png"))
    assert "give --publication" in call("import", folder, code=1)
    assert "give --date" in call("import", folder, "--publication", "A", code=1)
    done = json.loads(
        call("import", folder, "--publication", "A", "--date", "1939-05-13", "--json")
    )
    assert done["description"]["kind"] == "page"


@pytest.mark.parametrize("version", [2, 3])
def test_a_manifest_orders_the_images_beside_it(tmp_path: Path, version: int) -> None:
    folder = tmp_path / "downloaded"
    for number in (1, 2):
        draw_page(folder / f"{number:04d}.png", seed=number)
    issue = Issue(numbers=(2, 1))
    write_manifest(
        folder / "manifest.json", manifest(issue, "https://example.org", version=version)
    )
    done = json.loads(call("import", folder, "--json"))["description"]
    assert (done["kind"], done["title"], done["date"]) == ("iiif", "Evening Courier", "1939-05-13")
    assert [(page["number"], page["image"]) for page in done["pages"]] == [
        (2, "0002.png"),
        (1, "0001.png"),
    ]
    assert done["rights"].startswith("A library; http://creativecommons.org/publicdomain/mark")


def test_plain_leaves_descriptions_alone(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    draw_page(folder / "1.png")
    (folder / "mets.xml").write_text("<mets><broken>")
    assert "--plain leaves descriptions alone" in call("import", folder, code=1)
    day = ("--publication", "A", "--date", "1939-05-13")
    assert "imported" in call("import", folder, *day, "--plain")


def test_a_tree_gives_all_its_editions(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    deliver_mets(tree / "a/0001", Issue(captions=("One",)))
    draw_page(tree / "Times/1940/05-14/1.png")
    draw_page(tree / "Times/1940/cover.png")
    pattern = ("--pattern", "{publication}/{year}/{month}-{day}/")
    done = json.loads(call_any("import", "--tree", tree, *pattern, "--json"))
    assert (done["imported"], done["known"], done["skipped"]) == (2, 0, 1)
    assert done["reasons"] == {"Times/1940": "1 file without the name of an edition"}
    (tree / "Times/1940/cover.png").unlink()
    assert "0 editions imported, 2 imported before" in call("import", "--tree", tree, *pattern)


def call_any(*arguments: object) -> str:
    return runner.invoke(cli, [str(one) for one in arguments]).stdout
