import io
import json
import threading
from pathlib import Path

import pytest

from presslens.app.installation import Installation
from presslens.app.services.ingest.upload import Incoming, ingest
from presslens.app.worker import open_worker
from presslens.models.recipe import Recipe

from ..conftest import DAY, NOW, RECIPE
from .conftest import document, invoke, printed, refusal


@pytest.fixture
def analysed(installed: Installation, scans: dict[str, bytes]) -> None:
    """An edition that the real worker has analysed; only its instruments are scripted."""
    files = [Incoming(name, io.BytesIO(data)) for name, data in scans.items()]
    ingest(installed, files, publication="Rodong [Sinmun]", edition_date=DAY, now=NOW)
    with open_worker(installed, threading.Event()) as worker:
        worker.drain()


@pytest.fixture
def stricter(tmp_path: Path) -> Path:
    """A recipe that decides later, and counts persons only where they are surely seen."""
    file = tmp_path / "stricter.toml"
    text = RECIPE.read_text().replace("decision = 0.5", "decision = 0.01")
    file.write_text(text.replace("person_score = 0.35", "person_score = 0.99"))
    return file


def test_an_archive_is_scored_again_and_compared(analysed: None, stricter: Path) -> None:
    old, new = Recipe.load(RECIPE).id, Recipe.load(stricter).id
    made = document("recipes", "rescore", "--recipe", stricter)
    assert made == {"recipe": new, "pages": 2, "waiting": 0}
    recipes = document("recipes", "list")["recipes"]
    assert {r["id"]: (r["photos"], r["current"]) for r in recipes} == {
        old: (3, True), new: (3, False),
    }  # fmt: skip
    found = document("recipes", "compare", old[:8], new[:8])
    assert (found["photos"], found["same_photos"]) == (3, True)
    people = next(m for m in found["measures"] if m["measure"] == "people")
    assert people["n"] == 3
    assert people["change"] < 0
    assert found["flips"]
    (crowd,) = document("recipes", "compare", old[:8], new, "--measure", "crowd")["measures"]
    assert crowd["measure"] == "crowd"
    tables = printed("recipes", "compare", old, new)
    for words in ("Rodong [Sinmun] 2019-12-16", "p (Holm)", "3 photos compared"):
        assert words in tables
    assert old[:12] in printed("recipes", "list")
    again = printed("recipes", "rescore", "--recipe", stricter)
    assert "0 pages are interpreted" in again


def test_a_recipe_is_written_to_a_file_and_worked_under_again(
    installed: Installation, tmp_path: Path
) -> None:
    recipe, file = installed.recipe, tmp_path / "again.toml"
    said = document("recipes", "show", recipe.id[:10], "--out", file)
    assert said == {"id": recipe.id, "file": str(file), "changed_weights": []}
    assert Recipe.load(file).id == recipe.id
    assert document("recipes", "show", recipe.id)["recipe"] == json.loads(recipe.canonical())
    document("recipes", "show", "--out", tmp_path / "again.json")
    assert json.loads((tmp_path / "again.json").read_text())["id"] == recipe.id


@pytest.mark.usefixtures("installed")
def test_what_is_wrong_is_said(stricter: Path) -> None:
    for words, says in (
        ("compare abcdef 123456", "there is no recipe abcdef"),
        ("compare abc 123456", "a recipe's id is 6 to 64"),
        ("show abcdef", "there is no recipe abcdef"),
        (f"rescore --recipe {stricter}", "presslens worker"),  # nothing was ever looked at
    ):
        assert says in refusal("recipes", *words.split())
    invoke("recipes", "rescore", "--recipe", "/none", code=2)
