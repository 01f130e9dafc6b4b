"""Pages of a small generated archive are opened in a real browser, quietly and beside a writer."""

import sys
from concurrent.futures import ThreadPoolExecutor

from presslens.lab.bench import pages


def test_paints_are_told_with_and_without_a_writer(monkeypatch, capsys):
    asked = ["--editions", "4", "--rounds", "1", "--only", "start", "edition"]
    monkeypatch.setattr(sys, "argv", ["pages", *asked])
    with ThreadPoolExecutor(1) as alone:  # a thread has one Playwright, and the tests have theirs
        alone.submit(pages.main).result()
    rows = {
        cells[0]: cells[1:]
        for line in capsys.readouterr().out.splitlines()
        if len(cells := [cell.strip() for cell in line.strip("│").split("│")]) == 6
    }
    assert rows.keys() >= {"start", "edition"}
    for name in ("start", "edition"):
        times = [float(cell.removesuffix(" !")) for cell in rows[name][:4]]
        assert all(time > 0 for time in times)
        assert times[0] <= times[1]
        assert times[2] <= times[3]


def test_what_is_late_or_never_painted_is_said():
    quick, late = pages.Paints(100.0, 200.0, "H1"), pages.Paints(400.0, None, None)
    shown = pages.table({"start": [quick, quick], "page": [late]}, {"start": [], "page": [late]}, 2)
    columns = [list(column.cells) for column in shown.columns]
    assert columns == [
        ["start", "page"],
        ["100", "400 !"],
        ["200", "never"],
        ["never", "400"],
        ["never", "never"],
        ["h1", ""],
    ]
