"""``presslens estimate --regress`` in the terminal."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from presslens.app.cli import cli

TABLE = str(Path(__file__).parents[3] / "docs/howto/replication.csv")

runner = CliRunner()


def run(*words: str, code: int = 0) -> str:
    done = runner.invoke(cli, ["estimate", TABLE, "--measure", "children", *words])
    assert done.exit_code == code, done.output
    return done.output


def test_coefficients_are_printed_with_what_the_intercept_is_of() -> None:
    text = run("--regress", "kind, date", "--estimand", "practice")
    assert "kind = special" in text
    assert "date (years)" in text
    assert "The intercept is of kind ordinary, date 2025-12-01." in text
    assert "How: linear regression by design-based supervised learning: 200 drawn photos" in text


def test_the_json_has_them_too() -> None:
    document = json.loads(run("--regress", "kind", "--model", "logit", "--json"))
    assert document["model"] == "logit"
    assert [row["name"] for row in document["coefficients"]] == ["intercept", "kind = special"]
    assert document["coefficients"][1]["low"] > 0


def test_what_is_refused_says_why(tmp_path: Path) -> None:
    rows = Path(TABLE).read_text(encoding="utf-8").splitlines()
    head = rows[0].split(",")
    empty = [head.index("label"), head.index("inclusion_probability")]
    bare = [rows[0]]
    for row in rows[1:]:
        cells = row.split(",")
        for i in empty:
            cells[i] = ""
        bare.append(",".join(cells))
    table = tmp_path / "photos.csv"
    table.write_text("\n".join(bare), encoding="utf-8")
    done = runner.invoke(
        cli, ["estimate", str(table), "--measure", "children", "--regress", "date"]
    )
    assert done.exit_code == 1, done.output
    assert "no photo was drawn by chance" in done.output
    assert "intercept" not in done.output.replace("The intercept is of", "")


def test_a_regression_has_no_groups() -> None:
    text = run("--regress", "kind", "--by", "kind", code=2)
    assert "--regress goes without --by" in text
