"""``presslens stats simulate`` in the terminal."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from app.cli import cli

runner = CliRunner()


def run(*words: str) -> str:
    done = runner.invoke(cli, ["stats", "simulate", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_table_of_some_newspapers() -> None:
    text = run("--count", "4", "--world", "100 drawn")
    assert "on 4 newspapers of each kind" in text
    assert "rare (2.5 %), 100 drawn" in text
    assert "two periods" not in text


def test_the_json_depends_on_the_seed_alone() -> None:
    words = ["--count", "3", "--world", "alike, scans of one shift, 300 drawn", "--json"]
    document = json.loads(run(*words))
    assert document == json.loads(run(*words))
    assert [case["question"] for case in document["cases"]] == [
        "difference, these editions", "difference, practice",
    ]  # fmt: skip
    assert all(case["found"] is not None for case in document["cases"])
    assert document != json.loads(run(*words, "--seed", "2"))


def test_a_kind_that_is_not_there() -> None:
    done = runner.invoke(cli, ["stats", "simulate", "--world", "a weekly"])
    assert done.exit_code == 2
    assert "no kind of newspaper" in done.stderr
