"""Progress on stderr: an estimate of the time left, and what Ctrl-C keeps."""

import time

import pytest
import typer

from presslens.app.cli import progress as module
from presslens.app.cli.progress import WorkDone, in_words, progress


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (0, "about 5 s left"), (56, "about 1 min left"), (3601, "about 1 h 10 min left")],
)
def test_the_time_left_is_rounded_up(seconds, words):
    assert in_words(seconds) == words


def test_the_rest_takes_as_long_as_what_is_done():
    work = WorkDone("analysing")
    work.update(0, 8)
    assert work.left is None
    work.began -= 20
    work.update(2, name="page_2.jpg")
    assert work.left == pytest.approx(60, abs=1)
    assert work.sentence() == "analysing: 2 of 8, about 2 min left, page_2.jpg"
    work.update(8)
    assert work.left is None


def test_the_start_of_a_step_is_no_measure_of_its_pieces():
    work = WorkDone("composing")
    work.began -= 60
    work.take_step("taking pages in", 1, 21)
    work.began -= 8
    work.take_step("taking pages in", 2, 21)
    assert work.left is None
    work.take_step("taking pages in", 5, 21)
    assert work.left == pytest.approx(32, abs=1)


def test_lines_are_written_where_there_is_no_terminal(capsys, monkeypatch):
    monkeypatch.setattr(module, "INTERVAL", 0.02)
    with progress("reading [b]", poll=lambda: (3, 4)):
        time.sleep(0.2)
    assert "reading [b]: 3 of 4, about 5 s left" in capsys.readouterr().err


def test_a_quick_command_shows_nothing(capsys):
    with progress("reading"):
        pass
    assert capsys.readouterr().err == ""


def stopped():
    with progress("judging", remains=lambda work: work.count) as work:
        for number in work.track(range(5)):
            if number == 3:
                raise KeyboardInterrupt


def test_ctrl_c_says_what_is_kept(capsys):
    with pytest.raises(typer.Exit) as stop:
        stopped()
    assert stop.value.exit_code == 130
    assert capsys.readouterr().err == "presslens: stopped: 3 of 5\n"
