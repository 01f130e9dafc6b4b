"""Newspapers on the command line: names, facts, merging."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from presslens.app.cli import cli

runner = CliRunner()
DAY = date(2019, 12, 16)


@pytest.fixture(autouse=True)
def same_installation(scripted, settings, home, put, make, monkeypatch):
    """Two spellings of a newspaper, each with an edition that waits."""
    monkeypatch.setenv("PRESSLENS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("PRESSLENS_DATABASE_URL", settings.database_url)
    put({"a.png": make()}, day=DAY)
    put({"b.png": make(tint=9)}, publication="rodong sinmun", day=DAY)


def run(*arguments, code=0):
    done = runner.invoke(cli, ["publications", *map(str, arguments)])
    assert done.exit_code == code, done.output
    return done


def test_a_newspaper_is_described_and_renamed():
    run("set", "로동신문", "--usual-pages", 8, "--weekdays", "1,2")
    run("alias", "add", "Rodong Sinmun", "The Workers’ Newspaper")
    run("rename", "Rodong Sinmun", "Rodong Shinmun", "--coder", "A")
    done = run("alias", "remove", "Rodong Shinmun", "Nodong Sinmun", "--json")
    paper = json.loads(done.stdout)
    assert paper["aliases"] == [
        "Rodong Sinmun", "The Workers’ Newspaper", "勞動新聞", "노동신문", "로동신문",
    ]  # fmt: skip
    assert (paper["usual_pages"], paper["weekdays"]) == (8, [1, 2])
    assert "is no alias" in str(run("alias", "remove", "Rodong Shinmun", "X", code=1).exception)
    assert run("set", "Rodong Shinmun", code=2)
    assert run("set", "Rodong Shinmun", "--weekdays", "Monday", code=2)
    shown = run().stdout
    assert "Mon Tue" in shown
    assert "8 pages" in shown


def test_spellings_are_pointed_out_and_merged():
    listed = run()
    assert "look like the same newspaper" in listed.stderr
    plan = run("merge", "rodong sinmun", "Rodong Sinmun", "--preview").stdout
    assert "1 edition would move to Rodong Sinmun" in plan
    assert "2019-12-16: both have an edition (editions 1: 0 pages, photos not known; 2: 0" in plan
    done = run("merge", "rodong sinmun", "Rodong Sinmun")
    assert "1 edition moved" in done.stdout
    assert "look like" not in run().stderr
    undone = run("undo", 1)
    assert "undone: rodong sinmun merged into Rodong Sinmun: 1 edition" in undone.stdout
    assert "look like the same newspaper" in run().stderr
