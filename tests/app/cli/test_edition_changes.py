"""Editions are changed, deleted and restored, and all of it undone, at the command line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from presslens.app.cli import cli
from presslens.app.installation import init_installation
from presslens.app.platform.settings import Settings

RECIPE = Path(__file__).parents[2] / "scripted.toml"


@pytest.fixture
def call(monkeypatch, tmp_path):
    """Return a function that runs a command on an installation of its own, and gives its JSON."""
    monkeypatch.setenv("PRESSLENS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PRESSLENS_RECIPE", str(RECIPE))
    monkeypatch.setenv("PRESSLENS_MIN_FREE_BYTES", "0")
    init_installation(Settings())

    def run(*arguments, fails=None):
        result = CliRunner().invoke(cli, [*map(str, arguments)])
        if fails is not None:
            assert fails in str(result.exception)
            return None
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout) if "--json" in arguments else result.stdout

    return run


def test_editions_are_changed_at_the_command_line(call, make, tmp_path):
    for name, tint in (("a", 3), ("b", 6)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "page_1.png").write_bytes(make(tint=tint))
    day = ("--publication", "Rodong Sinmun", "--date", "2019-12-16", "--json")
    first = call("import", tmp_path / "a", *day)["id"]
    call("import", tmp_path / "b", *day, fails="choose a mode, which is one of add, replace")
    other = call("import", tmp_path / "b", *day, "--mode", "separate", "--coder", "Ann")
    assert other["created"]
    changed = call("editions", "change", first, "--date", "2019-12-17", "--json")
    assert changed["date"] == "2019-12-17"
    deleted = call("editions", "delete", other["id"], "--coder", "Ann", "--json")
    assert deleted["deleted_by"] == "Ann"
    assert "Ann" in call("editions", "trash")
    assert f"edition {other['id']} of Rodong" in call("editions", "restore", other["id"])
    assert call("editions", "trash") == "the trash is empty\n"
    edits = call("edits", "--json")["edits"]
    assert [one["action"] for one in edits] == [
        "restore edition", "delete edition", "change edition", "upload", "upload",
    ]  # fmt: skip
    assert "undone: day: 2019-12-16, now 2019-12-17" in call("edits", "undo", changed["edit"])
    assert call("editions", "empty-trash", "--all", "--json")["editions"] == 0
