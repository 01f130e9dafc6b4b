"""``presslens fetch-iiif`` and what takes its folders in."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from ...library import Issue, manifest
from ..harvest.library_server import library_server
from .conftest import document, invoke, refusal


@pytest.mark.usefixtures("installed")
def test_editions_are_fetched_and_imported(tmp_path: Path) -> None:
    image = bytes(cv2.imencode(".png", np.full((80, 60, 3), 200, np.uint8))[1])
    with library_server() as server:
        server.put("/manifest", manifest(Issue(numbers=(3, 4)), server.base))
        server.put("/image/0003/full/max/0/default.jpg", image)
        asked = ["fetch-iiif", f"{server.base}/manifest", "--out", tmp_path / "inbox"]
        asked += ["--pause", "0", "--contact", "archive@example.org", "--json"]
        first = invoke(*asked, code=1)
        (waiting,) = (tmp_path / "inbox").iterdir()
        assert "not all pages" in refusal("import", waiting)
        server.put("/image/0004/full/max/0/default.jpg", image)
        done = json.loads(invoke(*asked).stdout)
        agents = server.agents
    assert json.loads(first.stdout)["issues"][0]["fetched"] == 1
    assert (done["issues"][0]["fetched"], done["issues"][0]["already"]) == (1, 1)
    (agent,) = agents
    assert agent.startswith("Presslens")
    assert agent.endswith("(archive@example.org)")
    described = document("import", tmp_path / "inbox" / done["issues"][0]["folder"])["description"]
    assert described["kind"] == "iiif"
    assert [page["number"] for page in described["pages"]] == [3, 4]
    assert described["date"] == "1939-05-13"


def test_a_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    done = invoke("fetch-iiif", tmp_path / "none.json", "--out", tmp_path, code=1)
    assert "No such file" in done.output
