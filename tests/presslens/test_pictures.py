"""Pictures of pages in, their photos out, as the command line has them."""

import json

import cv2
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import presslens
from presslens.app.cli import cli

PHOTO = (20, 30, 380, 300)


@pytest.fixture
def scans(tmp_path, draw_page):
    """A folder of two pages."""
    folder = tmp_path / "scans"
    folder.mkdir()
    for number in (1, 2):
        page = draw_page(PHOTO, persons=[(40, 60, 90, 200)] * (number - 1))
        cv2.imwrite(str(folder / f"page_{number:02}.png"), page[..., ::-1])
    return folder


def test_an_edition_is_what_the_command_line_writes(scans, environment, tmp_path):
    words = ["analyze", str(scans), "--publication", "Rodong Sinmun", "--date", "2025-12-16"]
    CliRunner().invoke(cli, [*words, "--out", str(tmp_path / "a.json")])
    seen = []
    edition = presslens.analyze(
        scans,
        publication="Rodong Sinmun",
        date="2025-12-16",
        progress=lambda done, of, _name: seen.append((done, of)),
    )
    edition.save(tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert edition.to_dict() == json.loads((tmp_path / "a.json").read_text())
    assert seen[-1] == (2, 2)
    assert len(edition.photos) == edition.composition.photos == 2
    assert edition.photos[1].subjects["people"].count == 1
    assert edition.to_pandas()["page_number"].tolist() == [1, 2]
    assert edition._repr_html_().count("<svg") == 2
    assert "people" in edition.svg()
    assert edition.sentence == "Rodong Sinmun 2025-12-16: 2 photos on 2 pages"


def test_files_pictures_and_arrays_are_the_same_pages(scans, environment):
    files = sorted(scans.iterdir())
    pictures = [Image.open(file).convert("RGB") for file in files]
    arrays = [np.asarray(picture) for picture in pictures]
    first, *others = (presslens.analyze(given).to_dict() for given in (files, pictures, arrays))
    for page in [page for document in (first, *others) for page in document["pages"]]:
        page.pop("source")
    assert others == [first, first]
    alone = presslens.analyze(arrays[0], as_photos=True)
    assert len(alone.photos) == len(alone.pages) == 1


def test_a_leader_is_found_by_reference_photos(scans, environment, tmp_path, draw_page):
    (tmp_path / "portraits").mkdir()
    for number in range(5):
        page = draw_page(faces=[(120, 120, 260, 300)])
        cv2.imwrite(str(tmp_path / "portraits" / f"{number}.png"), page[..., ::-1])
    edition = presslens.analyze(scans, leaders={"Zebedee": tmp_path / "portraits"})
    assert [figure.name for figure in edition.figures] == ["Zebedee"]
    assert [use.name for use in edition.composition.figures] == ["Zebedee"]
    with pytest.raises(presslens.Refused, match="can enrol Zebedee"):
        presslens.analyze(scans, leaders={"Zebedee": scans})


def test_a_refused_file_is_a_page_that_says_why(scans, environment):
    (scans / "page_03.png").write_bytes(b"no picture")
    edition = presslens.analyze(scans, progress=False)
    assert [page.outcome for page in edition.pages] == ["done", "done", "rejected"]
    assert edition.sentence.endswith("; not analysed: page_03.png")
    with pytest.raises(presslens.Refused, match="there are no scans: give a folder, or files"):
        presslens.analyze([])
    with pytest.raises(presslens.Refused, match="with 8 bits"):
        presslens.analyze(None)
    with pytest.raises(FileNotFoundError, match="nothing does not exist") as missing:
        presslens.analyze(scans / "nothing")
    assert isinstance(missing.value, presslens.NoFile)
    with pytest.raises(presslens.Refused, match="'December' is no day"):
        presslens.analyze(scans, date="December")
    with pytest.raises(presslens.Refused, match="with 8 bits"):
        presslens.analyze(np.zeros((20, 20, 3)))
