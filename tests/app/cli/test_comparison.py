"""Baselines, changes and comparisons in the terminal."""

import shlex
from datetime import date, timedelta

import pytest

from ..first_states import made_once
from .conftest import document, invoke, printed, refusal


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
    return made


@pytest.fixture
def archive(installed, latest):
    """Return the latest edition of the 800 days."""
    return latest


def test_a_baseline_says_what_is_unusual(archive):
    table = printed("baseline", archive)
    assert "unusual: photos 104; usual 33 (31–35); the most of the last 60 editions" in table
    assert "compared with 60 editions; 0 others not used; days missing:" in table
    found = document("baseline", archive, "--n", "12", "--match", "pages")
    assert (found["baseline"]["n"], found["baseline"]["match"]) == (12, ["pages"])


def test_changes_are_dated_and_periods_compared(archive):
    assert "2024-02-01" in printed("stats", "changes", "children", "--publication", "Rodong")
    assert document("stats", "changes", "photos")["changes"] == []
    periods = ("--a-from", "2024-02-05", "--b-to", "2024-02-04")
    table = printed("stats", "compare", "children", "photos", "--practice", *periods)
    assert "97.5 % interval" in table
    assert "alone: 95 %" in table
    assert (
        "2 metrics compared; with 95% confidence 2 intervals are right at once: Bonferroni"
        in " ".join(table.split())
    )
    assert "< 0.001" in table
    assert " pp" in table
    assert table.count("differs") == 1
    other = document("stats", "compare", *periods, "--correction", "bh")
    assert (other["correction"], other["inference"]) == ("bh", "these")


def test_a_change_says_by_which_command_it_is_compared(archive):
    changes = printed("stats", "changes", "children", "--publication", "Rodong")
    (command,) = (line.strip() for line in changes.splitlines() if "stats compare" in line)
    (row,) = document(*shlex.split(command)[1:])["metrics"]
    (found,) = document("stats", "changes", "children", "--publication", "Rodong")["changes"]
    assert [row[name] for name in ("interval", "differs")] == [found["interval"], True]


def test_what_is_wrong_is_said(archive):
    assert "no such edition" in refusal("baseline", "9999")
    invoke("stats", "compare", "children", code=1)
    invoke("baseline", "0", code=2)


def test_a_trend_changes_on_a_day(archive):
    table = printed("stats", "trend", "photos", "--break", "2024-02-05")
    assert "change of the trend (years)" in table
    assert "The intercept is of 2024-02-05." in table
    assert "80 editions as clusters" in " ".join(table.split())
    assert document("stats", "trend", "photos")["break"] is None
    assert "no photo was drawn by chance" in printed("stats", "trend", "children")
