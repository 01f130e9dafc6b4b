"""The command of the night: what it takes, what it says, and how it ends."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from presslens.app.cli import cli
from presslens.app.db.queries import EditionScope
from presslens.app.installation import open_installation
from presslens.app.platform.settings import Settings
from presslens.app.services.catalogue.editions import list_editions
from presslens.app.services.statistics.edition_composition import edition_composition_document

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


def differences(stored, alone, at=""):
    """Yield where two documents differ: numbers have four digits, the last of which may round."""
    if isinstance(stored, dict):
        yield from [f"{at}: other keys"] if stored.keys() != alone.keys() else []
        for key in stored.keys() & alone.keys():
            yield from differences(stored[key], alone[key], f"{at}/{key}")
    elif isinstance(stored, list):
        yield from [f"{at}: another length"] if len(stored) != len(alone) else []
        for i, (one, other) in enumerate(zip(stored, alone, strict=False)):
            yield from differences(one, other, f"{at}/{i}")
    elif stored != (pytest.approx(alone, abs=1.01e-4) if isinstance(alone, float) else alone):
        yield f"{at}: {stored}, {alone}"


def test_a_night_gives_the_numbers_of_a_single_analysis(inbox):
    """Three ways in: a folder, files by a pattern, and no database at all."""
    scans = sorted((inbox / "Daily_2019-12-16").iterdir())
    for path in scans:
        shutil.copy(path, inbox / f"w20191216-{path.stem.removeprefix('page_')}.png")
    (Settings().data_dir / "inbox.toml").write_text(
        '[newspapers.Weekly]\npatterns = ["w{year}{month}{day}-{page}.png"]\n'
    )
    code, night_document = night("--inbox", inbox)
    assert (code, len(night_document["imported"])) == (0, 2)
    day = ["--publication", "Daily", "--date", "2019-12-16"]
    alone = runner.invoke(cli, ["analyze", *map(str, scans), *day, "--json"])
    expected = json.loads(alone.stdout)
    with open_installation(Settings()) as home:
        for edition in list_editions(home, EditionScope(), limit=9).editions:
            stored = edition_composition_document(home, edition.id)
            composition = {key: stored[key] for key in expected["composition"]}
            assert list(differences(composition, expected["composition"])) == []
            assert stored["recipe"] == expected["recipe"]
