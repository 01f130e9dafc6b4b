"""``presslens estimate`` in the terminal."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from presslens.app.cli import main
from presslens.app.installation import Installation
from presslens.models.recipe import DEFAULT, Recipe
from presslens.pipelines.statistics.plain_table import estimate

from .conftest import invoke

TABLE = Path(__file__).parents[3] / "docs/howto/replication.csv"


def run(*words: str, table: Path = TABLE, code: int = 0) -> str:
    return invoke("estimate", table, "--measure", "children", *words, code=code).output


def document(*words: str, table: Path = TABLE) -> dict[str, Any]:
    return dict(json.loads(run(*words, "--json", table=table)))


def test_a_share_is_one_line_and_a_sentence_how_it_was_made() -> None:
    text = run()
    assert "children: these editions" in text
    assert "How: drawn photos: regression estimator, score interval, 95 %; coders' answers" in text
    (group,) = estimate(TABLE, "children").groups
    assert f"{group.value:.1%}" in text
    assert f"{group.low:.1%} to {group.high:.1%}" in text
    assert "practice" in run("--estimand", "practice")


def test_the_json_is_that_of_the_python_function(subtests: pytest.Subtests) -> None:
    both = ("special", "ordinary")
    for words, settings in (
        ("", {}),
        ("--by month", {"by": "month"}),
        ("--by kind --estimand practice", {"by": "kind", "inference": "practice"}),
        ("--by kind --compare special ordinary", {"by": "kind", "compare": both}),
        ("--average mean_edition_share", {"estimand": "mean_edition_share"}),
        ("--weight area --confidence 0.9", {"weight": "area", "confidence": 0.9}),
    ):
        with subtests.test(words):
            expected = estimate(TABLE, "children", **settings).to_json()
            assert document(*words.split()) == expected


def test_a_recipe_is_the_shipped_one_a_file_or_the_archives(
    installed: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = DEFAULT.read_text(encoding="utf-8")
    other = tmp_path / "other.toml"
    other.write_text(text.replace("confidence = 0.95", "confidence = 0.8"), encoding="utf-8")
    whole, narrow = document(), document("--recipe", str(other))
    assert narrow == estimate(TABLE, "children", rules=Recipe.load(other).aggregate).to_json()
    assert narrow["groups"][0]["high"] < whole["groups"][0]["high"]
    assert document("--recipe", Recipe.load().id[:8]) == whole
    rules = installed.recipe.aggregate
    of_archive = document("--recipe", installed.recipe.id[:10])
    assert of_archive == estimate(TABLE, "children", rules=rules).to_json()
    run("--recipe", "0" * 12, code=1)  # the archive has none of this id
    for name in ("DATA_DIR", "DATABASE_URL"):
        monkeypatch.delenv(f"PRESSLENS_{name}")
    monkeypatch.chdir(tmp_path)
    assert "there is no recipe" in run("--recipe", "0" * 12, code=2)


def test_a_difference_is_a_line_too() -> None:
    text = run("--by", "kind", "--compare", "special", "ordinary")
    assert "special - ordinary" in text
    assert "How: from the two intervals (MOVER), 95 %; coders' answers count as right:" in text


def test_what_is_refused_is_explained(tmp_path: Path) -> None:
    table = tmp_path / "photos.csv"
    table.write_text("edition,probability\na,0.4\na,0.6\nb,0.5\n", encoding="utf-8")
    text = run("--estimand", "practice", table=table)
    assert "refused" in text
    assert "practice takes 8" in " ".join(text.split())
    (group,) = document("--estimand", "practice", table=table)["groups"]
    assert (group["low"], group["high"]) == (None, None)


def test_a_bad_table_is_named_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "photos.csv"
    table.write_text("edition,probability\na,0.4\na,1.6\n", encoding="utf-8")
    command = ["presslens", "estimate", str(table), "--measure", "children"]
    monkeypatch.setattr("sys.argv", command)
    with pytest.raises(SystemExit):
        main()
    said = capsys.readouterr().err
    assert "row 2: probability 1.6 is not between 0 and 1" in " ".join(said.split())
    assert "Traceback" not in said


def test_coefficients_are_printed_with_what_the_intercept_is_of() -> None:
    text = run("--regress", "kind, date", "--estimand", "practice")
    assert "kind = special" in text
    assert "date (years)" in text
    assert "The intercept is of kind ordinary, date 2025-12-01." in text
    assert "How: linear regression by design-based supervised learning: 200 drawn photos" in text


def test_the_json_of_a_regression_has_its_coefficients() -> None:
    fit = document("--regress", "kind", "--model", "logit")
    assert fit["model"] == "logit"
    assert [row["name"] for row in fit["coefficients"]] == ["intercept", "kind = special"]
    assert fit["coefficients"][1]["low"] > 0


def test_a_regression_that_is_refused_says_why(tmp_path: Path) -> None:
    head, *rows = csv.reader(TABLE.read_text(encoding="utf-8").splitlines())
    empty = {head.index("label"), head.index("inclusion_probability")}
    bare = [["" if i in empty else cell for i, cell in enumerate(row)] for row in rows]
    table = tmp_path / "photos.csv"
    table.write_text("\n".join(map(",".join, [head, *bare])), encoding="utf-8")
    text = run("--regress", "date", table=table, code=1)
    assert "no photo was drawn by chance" in text
    assert "intercept" not in text


def test_a_regression_has_no_groups() -> None:
    text = run("--regress", "kind", "--by", "kind", code=2)
    assert "a regression goes without --by" in text


def test_a_table_needs_its_measure() -> None:
    told = " ".join(invoke("estimate", "focus", code=2).output.split())
    assert "estimate focus_leader.csv --measure focus_leader" in told


def test_the_focus_is_asked_by_the_names_of_its_measures() -> None:
    assert "--measure focus_leader" in " ".join(
        invoke("estimate", TABLE, "--measure", "focus", code=2).output.split()
    )


def test_an_event_and_two_groups_on_a_day(tmp_path: Path) -> None:
    text = run("--event", "2025-12-20", "--lag", "week", "--within", "2")
    assert "week -2 and before" in text
    assert "The intercept is of event week -1." in text
    fit = document("--did", "stratum=1,2025-12-20")
    assert fit["coefficients"][-1]["name"] == "stratum = 1 from 2025-12-20"
    assert "not as in" in run("--did", "kind", code=2)
    assert "--clusters goes with" in run("--regress", "kind", "--clusters", "page", code=2)


def test_errors_of_coders_are_taken_out() -> None:
    (plain,), (right,) = (
        document(*words)["groups"] if isinstance(document(*words), dict) else document(*words)
        for words in ([], ["--sensitivity", "0.9", "--specificity", "46/50"])
    )
    assert right["high"] - right["low"] > plain["high"] - plain["low"]
    assert "sensitivity 0.9, specificity 0.92 (of 50 photos)" in right["method"]
    slope = ["--regress", "kind"]
    before, after = (
        document(*slope, *words)["coefficients"][1] for words in ([], ["--sensitivity", "0.8"])
    )
    assert after["value"] == pytest.approx(before["value"] / 0.8, rel=1e-3)
    assert "not above a half" in run("--sensitivity", "0.3", code=2)
