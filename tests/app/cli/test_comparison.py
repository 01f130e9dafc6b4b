"""Baselines, changes and comparisons in the terminal."""

import json
from datetime import date, timedelta

import pytest
import structlog
from typer.testing import CliRunner

from presslens.app.cli import cli

from ..first_states import made_once

runner = CliRunner()


@pytest.fixture
@made_once
def latest(add_summary):
    """Add 800 days; in the last 400 there are more children, and the last has many photos."""
    made = 0
    for i in range(0, 800, 10):
        share = {"children": 0.04 + 0.01 * (i % 3) + 0.1 * (i >= 400)}
        made = add_summary(
            date(2023, 1, 1) + timedelta(i), photos=104 if i == 790 else 30 + i % 7, shares=share
        )
    return str(made)


@pytest.fixture
def archive(monkeypatch, settings, latest):
    """Set the environment to the 800 days, and give the latest edition's id."""
    monkeypatch.setenv("PRESSLENS_RECIPE", str(settings.recipe))
    monkeypatch.setenv("PRESSLENS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("PRESSLENS_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("PRESSLENS_MIN_FREE_BYTES", "0")
    yield latest
    structlog.reset_defaults()


def shown(*words: str) -> str:
    done = runner.invoke(cli, list(words))
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_baseline_says_what_is_unusual(archive):
    table = shown("baseline", archive)
    assert "unusual: photos 104; usual 33 (31–35); the most of the last 60 editions" in table
    assert "held against 60 editions; 0 others not used; days missing:" in table
    found = json.loads(shown("baseline", archive, "--n", "12", "--match", "pages", "--json"))
    assert (found["baseline"]["n"], found["baseline"]["match"]) == (12, ["pages"])


def test_changes_are_dated(archive):
    table = shown("stats", "changes", "children", "--publication", "Rodong")
    assert "2024-02-01" in table
    assert json.loads(shown("stats", "changes", "photos", "--json"))["changes"] == []


def test_periods_are_compared(archive):
    periods = ("--a-from", "2024-02-05", "--b-to", "2024-02-04")
    table = shown("stats", "compare", "children", "photos", *periods)
    assert "2 metrics compared, p corrected by Holm" in " ".join(table.split())
    assert "< 0.001" in table
    assert " pp" in table
    assert table.count("differs") == 1
    found = json.loads(shown("stats", "compare", *periods, "--correction", "bh", "--json"))
    assert found["correction"] == "bh"


def test_what_is_wrong_is_said(archive):
    done = runner.invoke(cli, ["baseline", "9999"])
    assert done.exit_code == 1
    assert "no such edition" in str(done.exception)
    assert runner.invoke(cli, ["stats", "compare", "children"]).exit_code == 1
    assert runner.invoke(cli, ["baseline", "0"]).exit_code == 2
