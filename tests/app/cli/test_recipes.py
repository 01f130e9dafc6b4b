from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from presslens.app.cli import cli
from presslens.app.installation import open_installation
from presslens.app.platform.settings import Settings
from presslens.app.services.ingest.upload import Incoming, ingest
from presslens.app.worker import open_worker
from presslens.models.recipe import Recipe

RECIPE = Path(__file__).parents[2] / "scripted.toml"
runner = CliRunner()


@pytest.fixture
def analysed(scripted: None, scans: dict[str, bytes]) -> None:
    """An edition that the real worker has analysed; only its instruments are scripted."""
    import threading

    with open_installation(Settings()) as home:
        files = [Incoming(name, io.BytesIO(data)) for name, data in scans.items()]
        now = datetime(2026, 1, 2, tzinfo=UTC)
        day = date(2019, 12, 16)
        ingest(home, files, publication="Rodong [Sinmun]", edition_date=day, now=now)
        with open_worker(home, threading.Event()) as worker:
            worker.drain()


@pytest.fixture
def stricter(tmp_path: Path) -> Path:
    """A recipe that decides later, and counts persons only where they are surely seen."""
    file = tmp_path / "stricter.toml"
    text = RECIPE.read_text().replace("decision = 0.5", "decision = 0.01")
    file.write_text(text.replace("person_score = 0.35", "person_score = 0.99"))
    return file


def ask(*arguments: str) -> dict:
    done = runner.invoke(cli, ["recipes", *arguments, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_an_archive_is_scored_again_and_compared(analysed: None, stricter: Path) -> None:
    old, new = Recipe.load(RECIPE).id, Recipe.load(stricter).id
    made = ask("rescore", "--recipe", str(stricter))
    assert made == {"recipe": new, "pages": 2, "waiting": 0}
    listed = {r["id"]: (r["photos"], r["current"]) for r in ask("list")["recipes"]}
    assert listed == {old: (3, True), new: (3, False)}
    found = ask("compare", old[:8], new[:8])
    assert (found["photos"], found["same_photos"]) == (3, True)
    people = next(m for m in found["measures"] if m["measure"] == "people")
    assert people["n"] == 3
    assert people["change"] < 0
    assert found["flips"]
    (crowd,) = ask("compare", old[:8], new, "--measure", "crowd")["measures"]
    assert crowd["measure"] == "crowd"

    tables = runner.invoke(cli, ["recipes", "compare", old, new])
    assert tables.exit_code == 0, tables.output
    assert "Rodong [Sinmun] 2019-12-16" in tables.stdout
    assert "p (Holm)" in tables.stdout
    assert "3 photos compared" in tables.stdout
    assert old[:12] in runner.invoke(cli, ["recipes", "list"]).stdout
    again = runner.invoke(cli, ["recipes", "rescore", "--recipe", str(stricter)])
    assert "0 pages are interpreted" in again.stdout


def test_a_recipe_is_written_to_a_file_and_worked_under_again(
    scripted: None, tmp_path: Path
) -> None:
    with open_installation(Settings()) as home:
        recipe = home.recipe
    file = tmp_path / "again.toml"
    said = ask("show", recipe.id[:10], "--out", str(file))
    assert said == {"id": recipe.id, "file": str(file), "changed_weights": []}
    assert Recipe.load(file).id == recipe.id
    assert ask("show", recipe.id)["recipe"] == json.loads(recipe.canonical())
    ask("show", "--out", str(tmp_path / "again.json"))
    assert json.loads((tmp_path / "again.json").read_text())["id"] == recipe.id


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["compare", "abcdef", "123456"], "there is no recipe abcdef"),
        (["compare", "abc", "123456"], "a recipe's id is 6 to 64"),
        (["show", "abcdef"], "there is no recipe abcdef"),
    ],
)
def test_what_is_wrong_is_said(scripted: None, arguments: list[str], says: str) -> None:
    done = runner.invoke(cli, ["recipes", *arguments])
    assert done.exit_code == 1
    assert says in str(done.exception)


def test_what_was_never_looked_at_is_not_scored(scripted: None, stricter: Path) -> None:
    done = runner.invoke(cli, ["recipes", "rescore", "--recipe", str(stricter)])
    assert done.exit_code == 1
    assert "presslens worker" in str(done.exception)
    assert runner.invoke(cli, ["recipes", "rescore", "--recipe", "/none"]).exit_code == 2
