"""The command of the night: what it takes, what it says, and how it ends."""

import json

import pytest
from typer.testing import CliRunner

from app.cli import cli

runner = CliRunner()
pytestmark = pytest.mark.usefixtures("scripted")


@pytest.fixture
def inbox(tmp_path, scans):
    folder = tmp_path / "inbox" / "Daily_2019-12-16"
    folder.mkdir(parents=True)
    for name, data in scans.items():
        (folder / name).write_bytes(data)
    return tmp_path / "inbox"


def night(*arguments):
    """Run a command of the night; return its exit code, and what it printed."""
    done = runner.invoke(cli, ["nightly", *map(str, arguments), "--json"])
    return done.exit_code, json.loads(done.stdout)


def test_the_history_says_what_was_imported_and_how_each_night_ended(inbox):
    assert runner.invoke(cli, ["nightly", "--history"]).stdout == ""
    night("--inbox", inbox)
    night("--inbox", inbox)
    code, history = night("--history")
    assert code == 0
    latest, first = history["runs"]
    assert (latest["imports"], latest["exit_code"], first["exit_code"]) == ([], 0, 0)
    (one,) = first["imports"]
    assert (one["name"], one["decision"], len(one["files"])) == ("Daily_2019-12-16", "imported", 3)
    assert first["report"]["pages"] == {"done": 2, "empty": 1}
    said = runner.invoke(cli, ["nightly", "--history"]).stdout
    assert "Daily_2019-12-16: imported, edition 1 of Daily 2019-12-16, 3 files" in said


def test_without_an_inbox_it_is_wrong_usage():
    assert runner.invoke(cli, ["nightly"]).exit_code == 2


def test_wrong_patterns_are_named(inbox, monkeypatch, tmp_path):
    (tmp_path / "inbox.toml").write_text('patterns = ["{publication}.pdf"]')
    monkeypatch.setenv("PRESSLENS_INBOX_PATTERNS", str(tmp_path / "inbox.toml"))
    done = runner.invoke(cli, ["nightly", "--inbox", str(inbox)])
    assert done.exit_code == 1
    assert "needs {year} for the day" in str(done.exception)
