"""``presslens fetch-iiif`` and what takes its folders in."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from presslens.app.cli import cli

from ...library import Issue, manifest
from ..harvest.library_server import library_server

runner = CliRunner()


@pytest.mark.usefixtures("scripted")
def test_editions_are_fetched_and_imported(tmp_path: Path) -> None:
    image = bytes(cv2.imencode(".png", np.full((80, 60, 3), 200, np.uint8))[1])
    with library_server() as server:
        server.put("/manifest", manifest(Issue(numbers=(3, 4)), server.base))
        server.put("/image/0003/full/max/0/default.jpg", image)
        asked = ["fetch-iiif", f"{server.base}/manifest", "--out", str(tmp_path / "inbox")]
        asked += ["--pause", "0", "--contact", "archive@example.org", "--json"]
        first = runner.invoke(cli, asked)
        (waiting,) = (tmp_path / "inbox").iterdir()
        early = runner.invoke(cli, ["import", str(waiting)])
        server.put("/image/0004/full/max/0/default.jpg", image)
        second = runner.invoke(cli, asked)
        agents = server.agents
    assert (first.exit_code, second.exit_code) == (1, 0)
    assert "not all pages" in str(early.exception)
    assert json.loads(first.stdout)["issues"][0]["fetched"] == 1
    done = json.loads(second.stdout)
    assert (done["issues"][0]["fetched"], done["issues"][0]["already"]) == (1, 1)
    (agent,) = agents
    assert agent.startswith("Presslens")
    assert agent.endswith("(archive@example.org)")
    folder = tmp_path / "inbox" / done["issues"][0]["folder"]
    imported = json.loads(runner.invoke(cli, ["import", str(folder), "--json"]).stdout)
    assert imported["description"]["kind"] == "iiif"
    assert [page["number"] for page in imported["description"]["pages"]] == [3, 4]
    assert imported["description"]["date"] == "1939-05-13"


def test_a_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    done = runner.invoke(cli, ["fetch-iiif", str(tmp_path / "none.json"), "--out", str(tmp_path)])
    assert done.exit_code == 1
    assert "No such file" in done.output
