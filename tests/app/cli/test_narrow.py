"""Every list of the command line on a terminal of 80 columns: nothing is cut."""

from datetime import date

import pytest
from rich.console import ConsoleDimensions

from presslens.app.cli.console import err, out

from .conftest import printed

PAPER = "로동신문 (Rodong Sinmun, organ of the Central Committee)"
BLOCKS = [(20, 20 + 80 * i, 300, 90 + 80 * i) for i in range(5)]


@pytest.fixture
def archive(installed, worker, put, make):
    for day in range(1, 5):
        put({"a.png": make(BLOCKS, tint=day)}, publication=PAPER, day=date(2019, 12, day))
    put({"a.png": make(tint=9), "bad.png": b"none"}, day=date(2019, 12, 16))
    worker.drain()
    name = "people-of-december-by-chance"
    assert printed("samples", "draw", "--measure", "people", "--photos", 6, "--name", name)


COMMANDS = {
    ("editions",): ["2019-12-04", PAPER, "1 page rejected"],
    ("publications",): [PAPER, "2019-12-01", "2019-12-04"],
    ("stats",): ["focus on the facility"],
    ("stats", "show", "people", "--by", "edition"): ["2019-12-01", "2019-12-16"],
    ("stats", "compare", "--a-to", "2019-12-02", "--b-from", "2019-12-03", "--these"): ["crowd"],
    ("stats", "multiverse", "--metric", "people"): ["undecided", "practice"],
    ("baseline", "4"): ["2019-12-04"],
    ("claims", "list"): ["inaugurations-2025-12-16-pages-unusual", "2009-11-01 –", "2009-11-30"],
    ("claims", "verdict", "--all", "--from", "2025-12-01"): ["inaugurations-2025-12-21-daughter"],
    ("samples", "list"): ["people-of-december-by-chance"],
    ("samples", "show", "people-of-december-by-chance"): ["probability 0.9 and above"],
    ("samples", "next", "people-of-december-by-chance"): ["2019-12-"],
    ("reviews", "next", "people"): ["2019-12-"],
    ("recipes", "list"): ["yes"],
    ("labels", "list"): ["plant_interior"],
}


def test_nothing_is_cut(archive, monkeypatch):
    for console in (out, err):
        monkeypatch.setattr(console, "size", ConsoleDimensions(80, 25))
    for command, expected in COMMANDS.items():
        text = printed(*command)
        assert "…" not in text, command
        flat = " ".join(text.split())
        for words in expected:
            assert words in text or words in flat, (command, words, text)
