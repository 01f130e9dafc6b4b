"""The nightly run imports what is new, and does nothing the second time."""

import os
import unicodedata
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from presslens.app.db.columns import JobKind
from presslens.app.db.queries import EditionScope
from presslens.app.db.tables import PublicationRow
from presslens.app.nightly.run import analyse_imported
from presslens.app.platform import clock
from presslens.app.services.analysis.jobs import JOBS
from presslens.app.services.analysis.lease import free_keys, lease_keys
from presslens.app.services.catalogue.editions import list_editions
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.figures.figures import add_figure, figure_named
from presslens.app.services.ingest.inbox import InboxImport, import_inbox
from presslens.pipelines.scans.scan import ReadingFailed


def lay(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)


@pytest.fixture
def inbox(tmp_path, scans, make):
    inbox = tmp_path / "inbox"
    lay(inbox / "Rodong_Sinmun_2019-12-16", scans)
    lay(inbox / "Minju Joson" / "2019-12-17", {"page_10.png": make(), "page_2.png": make(tint=5)})
    lay(inbox, {"Pyongyang Times_2019-12-18.png": make(tint=7), "notes.txt": b"ignore me"})
    lay(inbox / "Some photos", {"a.png": make()})
    lay(inbox / "Empty_2019-12-19", {})
    lay(inbox / "Wrong_2019-02-30", {"a.png": make()})
    return inbox


def test_what_is_new_is_imported(home, inbox, now):
    imported = import_inbox(home, inbox, now=now)
    assert imported.new == (
        "Minju Joson/2019-12-17",
        "Pyongyang Times_2019-12-18.png",
        "Rodong_Sinmun_2019-12-16",
    )
    assert imported.skipped == {
        "Empty_2019-12-19": "there are no scans in it",
        "Some photos": "its name is neither Publication_YYYY-MM-DD nor Publication/YYYY-MM-DD",
        "Wrong_2019-02-30": "there is no day 2019-02-30",
    }
    found = list_editions(home, EditionScope(), limit=10).editions
    assert [(e.publication, e.edition_date) for e in found] == [
        ("Pyongyang Times", date(2019, 12, 18)),
        ("Minju Joson", date(2019, 12, 17)),
        ("Rodong Sinmun", date(2019, 12, 16)),
    ]


def test_the_second_night_does_nothing(home, worker, engine, inbox, now):
    first = analyse_imported(home, worker, import_inbox(home, inbox, now=now))
    assert (len(first.imported.new), first.outcomes) == (3, {"done": 5, "empty": 1})
    before, runs = canonical_dump(home), len(engine.runs)
    second = analyse_imported(home, worker, import_inbox(home, inbox, now=now))
    assert (second.imported.new, second.imported.unchanged, second.left) == ((), 3, 0)
    assert len(engine.runs) == runs
    assert canonical_dump(home) == before
    assert first.failed
    assert "imported 3 editions; 0 were known" in first.text()
    assert first.to_json()["skipped"] == list(first.imported.skipped)


class LostReaders:
    """A sandbox whose readers are ended from outside."""

    def unpack(self, path, name, folder):
        raise ReadingFailed("the reader was lost")


def test_an_edition_that_was_not_unpacked_fails_the_night(home, worker, tmp_path, scans, now):
    lay(tmp_path / "in" / "Daily_2019-12-16", scans)
    worker.tools.sandbox = LostReaders()
    night = analyse_imported(home, worker, import_inbox(home, tmp_path / "in", now=now))
    assert (night.failed, night.left, night.to_json()["waiting"]["editions"]) == (True, 0, 1)
    assert "left: editions to unpack, 1: it could not be done now" in night.text()


def test_what_another_worker_holds_does_not_fail_the_night(home, worker, tmp_path, scans, now):
    lay(tmp_path / "in" / "Daily_2019-12-16", scans)
    imported = import_inbox(home, tmp_path / "in", now=now)
    with home.database.read() as session:
        work = JOBS[JobKind.UNPACK].waiting(session, home.recipe)
        keys = free_keys(session, work, now=clock.now(), most=1)
    lease_keys(home, work, keys, "elsewhere/1/x", now=clock.now())
    night = analyse_imported(home, worker, imported)
    assert (night.failed, night.to_json()["waiting"]["editions"]) == (False, 1)
    assert "left: editions to unpack, 1: other workers are at it" in night.text()


def test_work_that_is_given_up_fails_the_night(home, worker, tmp_path, scans, now):
    class Broken:
        def interpret(self, page, gallery, labels):
            raise ValueError("no such photo")

    lay(tmp_path / "in" / "Daily_2019-12-16", scans)
    worker.tools.interpreter = Broken()
    with capture_logs():
        night = analyse_imported(home, worker, import_inbox(home, tmp_path / "in", now=now))
    assert (night.failed, night.to_json()["given_up"]["interpret"]) == (True, 2)
    assert sum(night.work.waiting.values()) == 0
    assert "left: pages to interpret, 2: it is given up" in night.text()


def test_a_folder_that_is_touched_is_still_the_same_edition(home, inbox, now):
    import_inbox(home, inbox, now=now)
    os.utime(inbox / "Rodong_Sinmun_2019-12-16" / "page_1.png", (1, 1))
    again = import_inbox(home, inbox, now=now)
    assert (again.new, again.unchanged) == ((), 3)


def test_a_night_of_which_many_pages_fail_says_so_with_the_causes(
    home, worker, engine, tmp_path, scans, now
):
    pages = {name: data for name, data in scans.items() if name != "page_3.png"}
    lay(tmp_path / "in" / "Daily_2019-12-16", pages)
    lay(tmp_path / "in" / "Daily_2019-12-17", {"a.png": b"\x89PNG\r\n\x1a\nno picture"})
    engine.failures = {"page_2.png": 99}
    night = analyse_imported(home, worker, import_inbox(home, tmp_path / "in", now=now))
    assert night.outcomes == {"done": 1, "failed": 1, "rejected": 1}
    assert night.to_json()["causes"] == night.causes == {"corrupt": 1, "crashed": 1}
    (warning,) = (note for note in night.notes if "more than 5%" in note)
    assert warning.startswith("2 of 3 pages could not be analysed (corrupt 1, crashed 1)")


@pytest.mark.sqlite_alone
def test_files_of_which_none_could_be_read_are_replaced_by_corrected_ones(
    home, worker, tmp_path, make, now
):
    inbox = tmp_path / "in"
    lay(inbox, {"Daily News_2019-12-16.png": b"\x89PNG\r\n\x1a\nno picture"})
    assert analyse_imported(home, worker, import_inbox(home, inbox, now=now)).refused
    lay(inbox, {"Daily News_2019-12-16.png": make(tint=4)})
    second = analyse_imported(home, worker, import_inbox(home, inbox, now=now))
    assert (second.imported.skipped, second.refused, len(second.imported.new)) == ({}, [], 1)
    lay(inbox, {"Daily News_2019-12-16.png": make(tint=8)})
    (why,) = import_inbox(home, inbox, now=now).skipped.values()
    path = inbox / "Daily News_2019-12-16.png"
    command = f"presslens import '{path}' --publication 'Daily News' --date 2019-12-16 --mode MODE"
    assert f": `{command}`" in why


@pytest.mark.sqlite_alone
@pytest.mark.parametrize("step", [timedelta(seconds=100), timedelta(-1), timedelta(365)], ids=str)
def test_a_step_of_the_clock_in_the_night_changes_nothing(
    home, worker, put, scans, now, monkeypatch, step
):
    true_now, steps = clock.now, []

    def stepping():
        steps.append(step)
        return true_now() + (step if len(steps) > 12 else timedelta())

    put(scans)
    monkeypatch.setattr(clock, "now", stepping)
    worker.drain()
    assert len(steps) > 12
    assert not worker.round()
    monkeypatch.setattr(clock, "now", true_now)
    night = analyse_imported(home, worker, InboxImport((), 0, {}))
    assert (sum(night.work.waiting.values()), night.work.outcomes) == (0, {"done": 2, "empty": 1})


@pytest.mark.sqlite_alone
def test_no_name_ends_the_night_and_each_is_told(home, tmp_path, make, now):
    inbox, bad = tmp_path / "inbox", os.fsdecode(b"\xb7\xff\xfe\xff")
    lay(inbox / "Rodong_2019-12-16", {f"{bad}.png": make(), "b.png": make(tint=1)})
    lay(inbox / f"{bad}_2019-12-17", {"a.png": make(tint=2)})
    lay(inbox / "Rodong_2019-12-18" / bad, {"a.png": make()})
    lay(inbox / "Rodong_2019-12-19", {"a.png": make(tint=3)})
    (inbox / "Rodong_2019-12-20").symlink_to(inbox / "gone")
    imported = import_inbox(home, inbox, now=now)
    assert imported.new == ("Rodong_2019-12-16", "Rodong_2019-12-19")
    replaced = "\N{REPLACEMENT CHARACTER}" * 4
    assert "not UTF-8" in imported.skipped[f"{replaced}_2019-12-17"]
    assert replaced in imported.skipped["Rodong_2019-12-18"]
    assert "can't be read" in imported.skipped["Rodong_2019-12-20"]
    "\n".join([*imported.skipped, *imported.skipped.values()]).encode()
    assert import_inbox(home, inbox, now=now).unchanged == 2


def test_one_korean_name_is_one_newspaper_however_it_is_composed(home, tmp_path, make, now, put):
    name = "함남일보"
    composed, parted = (unicodedata.normalize(form, name) for form in ("NFC", "NFD"))
    assert composed != parted
    inbox = tmp_path / "inbox"
    lay(inbox / f"{parted}_2019-12-16", {"a.png": make()})
    assert import_inbox(home, inbox, now=now).new == (f"{composed}_2019-12-16",)
    (inbox / f"{parted}_2019-12-16").rename(inbox / f"{composed}_2019-12-16")
    assert import_inbox(home, inbox, now=now).unchanged == 1
    assert put({"a.png": make()}, publication=parted, mode=None).created is False
    figure = add_figure(home, parted, now=now)
    assert add_figure(home, composed, now=now) == figure == figure_named(home, parted)
    with home.database.read() as session:
        assert session.scalars(select(PublicationRow.name)).all().count(composed) == 1


@pytest.mark.sqlite_alone
def test_a_link_out_of_the_inbox_is_not_followed(home, inbox, tmp_path, scans, make, now):
    lay(tmp_path / "secrets", scans)
    (inbox / "Link_2020-01-11").symlink_to(tmp_path / "secrets")
    lay(inbox / "File_2020-01-12", {"1.png": make(tint=1)})
    (inbox / "File_2020-01-12" / "2.png").symlink_to(tmp_path / "secrets" / "page_1.png")
    lay(inbox / "Inside_2020-01-13", {"1.png": make(tint=2)})
    (inbox / "Inside_2020-01-13" / "2.png").symlink_to(inbox / "Some photos" / "a.png")
    imported = import_inbox(home, inbox, now=now)
    assert "Inside_2020-01-13" in imported.new
    for name in ("Link_2020-01-11", "File_2020-01-12"):
        assert "leads out of the folder" in imported.skipped[name]
        assert name not in imported.new
