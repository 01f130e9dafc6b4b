"""An edition is taken in once its files change no more, whatever the clocks say."""

import os
from datetime import timedelta

import pytest

from presslens.app.platform import clock
from presslens.app.services.ingest.completeness import CHANGING, settle
from presslens.app.services.ingest.inbox_editions import find_editions

NOT_FINISHED = "not finished: page_2.png.part"


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "Daily_2019-12-05"
    folder.mkdir()
    (folder / "page_1.png").write_bytes(b"one")
    return folder


def settled(folder, *, after=timedelta(), meanwhile=lambda: None, seconds=10.0, pending=True):
    """Return the names that are complete, those that are not, and for how long was waited."""
    waits = []

    def wait(time):
        waits.append(time)
        meanwhile()

    _, found = settle(
        lambda: find_editions(folder.parent),
        lambda _: pending,
        seconds=seconds,
        now=clock.now() + after,
        wait=wait,
    )
    return [one.name for one in found.editions], dict(found.arriving), waits


def test_what_is_old_is_not_waited_for(folder):
    assert settled(folder, after=timedelta(minutes=1)) == ([folder.name], {}, [])
    assert settled(folder, pending=False) == ([folder.name], {}, [])
    assert settled(folder, seconds=0.0) == ([folder.name], {}, [])


def test_what_is_young_is_watched_once(folder):
    assert settled(folder) == ([folder.name], {}, [10.0])


def test_a_clock_that_was_put_back_makes_nothing_old_or_stuck(folder):
    assert settled(folder, after=timedelta(days=-1)) == ([folder.name], {}, [10.0])
    os.utime(folder / "page_1.png", (2e9, 2e9))
    assert settled(folder, after=timedelta(minutes=1)) == ([folder.name], {}, [10.0])
    # The file's own time may be of last year, as copying programs set it: the entry's is not.
    os.utime(folder / "page_1.png", (1, 1))
    assert settled(folder) == ([folder.name], {}, [10.0])


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "page_1.png").write_bytes(b"one and more"),
        lambda folder: os.utime(folder / "page_1.png", (5, 5)),
        lambda folder: (folder / "page_2.png").write_bytes(b"two"),
        lambda folder: (folder / ".page_2.png.Xa81").write_bytes(b"tw"),
        lambda folder: (folder / "page_1.png").unlink(),
    ],
    ids=["grows", "is touched", "has another page", "is copied to", "loses a page"],
)
def test_what_changes_meanwhile_is_left_for_the_next_run(folder, change):
    complete, arriving, _ = settled(folder, meanwhile=lambda: change(folder))
    assert complete == []
    assert arriving in ({folder.name: CHANGING}, {})


def test_what_comes_meanwhile_is_left_for_the_next_run(folder):
    other = folder.parent / "Daily_2019-12-06.pdf"
    found = settled(folder, meanwhile=lambda: other.write_bytes(b"%PDF"))
    assert found == ([folder.name], {other.name: CHANGING}, [10.0])


def test_what_is_not_finished_waits_without_being_watched(folder):
    (folder / "page_2.png.part").write_bytes(b"tw")
    assert settled(folder) == ([], {folder.name: NOT_FINISHED}, [10.0])
    later = timedelta(days=4)
    assert settled(folder, after=later, pending=False)[1] == {folder.name: NOT_FINISHED}
    assert settled(folder, after=later) == ([], {}, [])
