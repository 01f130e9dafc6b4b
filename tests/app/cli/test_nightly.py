"""The command of the night: what it takes, what it says, and how it ends."""

import shutil

import pytest

from presslens.app.db.queries import EditionScope
from presslens.app.installation import open_installation
from presslens.app.platform.settings import Settings
from presslens.app.services.catalogue.editions import list_editions
from presslens.app.services.statistics.edition_composition import edition_composition_document

from .conftest import document, invoke, printed, refusal

pytestmark = pytest.mark.usefixtures("installed")


@pytest.fixture
def inbox(tmp_path, scans):
    folder = tmp_path / "inbox" / "Daily_2019-12-16"
    folder.mkdir(parents=True)
    for name, data in scans.items():
        (folder / name).write_bytes(data)
    return tmp_path / "inbox"


def test_the_history_says_what_was_imported_and_how_each_night_ended(inbox):
    assert printed("nightly", "--history") == ""
    for _ in range(2):
        document("nightly", "--inbox", inbox)
    latest, first = document("nightly", "--history")["runs"]
    assert (latest["imports"], latest["exit_code"], first["exit_code"]) == ([], 0, 0)
    (one,) = first["imports"]
    assert (one["name"], one["decision"], len(one["files"])) == ("Daily_2019-12-16", "imported", 3)
    assert first["report"]["pages"] == {"done": 2, "empty": 1}
    said = printed("nightly", "--history")
    assert "Daily_2019-12-16: imported, edition 1 of Daily 2019-12-16, 3 files" in said


def test_wrong_usage_and_wrong_patterns_are_named(inbox, monkeypatch, tmp_path):
    invoke("nightly", code=2)
    (tmp_path / "inbox.toml").write_text('patterns = ["{publication}.pdf"]')
    monkeypatch.setenv("PRESSLENS_INBOX_PATTERNS", str(tmp_path / "inbox.toml"))
    assert "needs {year} for the day" in refusal("nightly", "--inbox", inbox)


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
    assert len(document("nightly", "--inbox", inbox)["imported"]) == 2
    expected = document("analyze", *scans, "--publication", "Daily", "--date", "2019-12-16")
    with open_installation(Settings()) as home:
        for edition in list_editions(home, EditionScope(), limit=9).editions:
            stored = edition_composition_document(home, edition.id)
            composition = {key: stored[key] for key in expected["composition"]}
            assert list(differences(composition, expected["composition"])) == []
            assert stored["recipe"] == expected["recipe"]
