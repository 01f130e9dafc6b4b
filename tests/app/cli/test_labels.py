from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from presslens.app.cli import cli
from presslens.models.labels.vocabulary import BUILT_IN

ROOT = Path(__file__).parents[3]
runner = CliRunner()
pytestmark = pytest.mark.usefixtures("scripted")


def test_a_label_is_added_listed_and_removed(swatches: Path) -> None:
    added = runner.invoke(cli, ["labels", "add", "dark", "--examples", str(swatches), "--json"])
    assert added.exit_code == 0, added.output
    label = json.loads(added.stdout)
    assert (label["name"], label["examples"], label["figures"]["f1"]) == ("dark", 12, 1.0)
    known = json.loads(runner.invoke(cli, ["labels", "list", "--json"]).stdout)
    assert [row["name"] for row in known["labels"]] == [*BUILT_IN, "dark"]
    assert known["labels"][-1] == label
    table = runner.invoke(cli, ["labels", "list"]).stdout
    assert "AP 1.00" in table
    assert "6 show it" in table
    removed = runner.invoke(cli, ["labels", "remove", "dark", "--json"])
    assert json.loads(removed.stdout) == {"removed": "dark"}
    assert runner.invoke(cli, ["labels", "remove", "dark"]).exit_code == 1


def test_what_is_wrong_is_said(swatches: Path, tmp_path: Path) -> None:
    done = runner.invoke(cli, ["labels", "add", "Dark", "--examples", str(swatches)])
    assert done.exit_code == 1
    assert "lowercase" in str(done.exception)
    done = runner.invoke(cli, ["labels", "add", "dark", "--examples", str(tmp_path / "none")])
    assert done.exit_code == 2
