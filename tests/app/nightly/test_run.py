"""A night does what waits, stops when too much fails, and says what it came to."""

import os
import signal
import subprocess
import sys
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from presslens.app.db.columns import JobKind
from presslens.app.db.tables import OutcomeRow
from presslens.app.nightly.options import NightOptions
from presslens.app.nightly.preview import preview_night
from presslens.app.nightly.run import (
    NightWork,
    analyse_imported,
    count_outcomes,
    night_span,
    retry_failed,
    run_nightly,
)
from presslens.app.platform import clock
from presslens.app.services.analysis import jobs
from presslens.app.services.analysis.job import PageQuota
from presslens.app.services.analysis.record import leased_page
from presslens.app.services.analysis.workload import workload
from presslens.app.services.claims.claims import NewClaim, add_claim
from presslens.app.services.claims.registrations import ClaimTest, freeze_claim
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.ingest.inbox import InboxImport, import_inbox
from presslens.app.services.ingest.nights import begin_run, end_run, list_runs

DAY = date(2019, 12, 16)
NOTHING = InboxImport((), 0, {})


def lay(inbox, files, *, days=1, name="Daily"):
    """Put an edition of each of some days into an inbox."""
    for i in range(days):
        folder = inbox / f"{name}_{DAY + timedelta(days=i)}"
        folder.mkdir(parents=True)
        for file, data in files.items():
            (folder / file).write_bytes(data + bytes([i]))  # no two days are alike
    return inbox


HANGS = """
import sys, time
from contextlib import contextmanager
from pathlib import Path
import presslens.app.worker
from presslens.app.nightly.run import run_nightly
from presslens.app.platform.settings import Settings

@contextmanager
def hang(home, worker):
    presslens.app.worker.HUNG_SECONDS = 0.1
    time.sleep(60)
    yield

run_nightly(Settings.model_validate_json(sys.argv[1]), Path(sys.argv[2]), watch=hang)
"""


def test_a_night_that_hangs_ends_and_gives_its_lock_back(settings, home, tmp_path, scans):
    inbox = lay(tmp_path / "in", scans)
    soon = settings.model_copy(update={"lease_seconds": 0.9})
    script = [sys.executable, "-c", HANGS, soon.model_dump_json(), str(inbox)]
    hung = subprocess.run(script, capture_output=True, env={**os.environ}, check=False)
    assert hung.returncode == os.EX_SOFTWARE, hung.stderr
    assert (run_nightly(settings, inbox).failed, workload(home).outcomes) == (
        False,
        {"done": 2, "empty": 1},
    )


def test_a_limit_leaves_pages_for_the_next_run(home, worker, tmp_path, scans, now):
    imported = import_inbox(home, lay(tmp_path / "in", scans), now=now)
    first = analyse_imported(home, worker, imported, NightOptions(limit=2))
    assert (sum(first.outcomes.values()), first.left, first.failed) == (2, 1, False)
    assert "left: 1 page beyond the limit of 2" in first.text()
    assert first.work.waiting[JobKind.INTERPRET] == 0
    second = analyse_imported(home, worker, NOTHING)
    assert (sum(second.outcomes.values()), second.left, second.at_limit) == (1, 0, False)


def test_a_night_stops_when_too_many_pages_fail(home, worker, engine, put, make, now):
    for i in range(6):
        put(
            {f"{i}_{n}.png": make([], tint=0) + bytes([i, n]) for n in range(8)},
            day=DAY + timedelta(days=i),
        )
    engine.failures = {f"{i}_{n}.png": 99 for i in range(6) for n in range(1)}
    night = analyse_imported(home, worker, NOTHING)
    assert (night.stopped, night.failed) == (True, True)
    pages = sum(night.outcomes.values())
    assert 40 <= pages < 48
    assert night.left == 48 - pages
    assert night.outcomes["failed"] > 0.05 * pages
    assert sum(night.causes.values()) == night.outcomes["failed"]
    assert "stopped: too many pages could not be analysed" in night.text()
    engine.failures = {}
    assert retry_failed(home) == night.outcomes["failed"]
    analyse_imported(home, worker, NOTHING)
    assert workload(home).outcomes == {"empty": 48}


def test_what_failed_is_tried_again_when_asked(home, worker, engine, tmp_path, scans, now):
    imported = import_inbox(home, lay(tmp_path / "in", scans), now=now)
    engine.failures = {"page_2.png": 99}
    assert analyse_imported(home, worker, imported).outcomes["failed"] == 1
    engine.failures = {}
    assert analyse_imported(home, worker, NOTHING).refused != []
    assert (retry_failed(home), retry_failed(home)) == (1, 0)
    assert analyse_imported(home, worker, NOTHING).refused == []


def test_pages_that_fail_again_keep_no_new_page_from_its_turn(home, worker, engine, put, make):
    put({f"old_{n}.png": b"\x89PNG\r\n\x1a\n no picture %d" % n for n in range(41)})
    worker.drain()
    worker.outcomes.clear()
    engine.runs.clear()
    put({f"new_{n}.png": make([]) + bytes([n]) for n in range(2)}, day=date(2019, 12, 17))
    night = analyse_imported(home, worker, NOTHING, NightOptions(retry_failed=True))
    assert (night.retried, night.stopped, night.left) == (41, False, 0)
    assert night.outcomes == {"empty": 2, "rejected": 41}
    assert sorted(engine.runs[:2]) == ["new_0.png", "new_1.png"]
    assert not any("more than 5%" in note for note in night.notes)
    worker.outcomes.clear()
    limited = analyse_imported(home, worker, NOTHING, NightOptions(limit=1, retry_failed=True))
    assert (limited.retried, limited.left) == (41, 40)


def test_a_page_that_can_t_be_begun_uses_nothing_of_the_limit(
    home, worker, put, scans, monkeypatch
):
    put(scans)
    failures = [ValueError("its row can't be read")]

    def fail_once(*page):
        if failures:
            raise failures.pop()
        return leased_page(*page)

    monkeypatch.setattr(jobs, "leased_page", fail_once)
    night = analyse_imported(home, worker, NOTHING, NightOptions(limit=2))
    assert failures == []
    assert (sum(night.outcomes.values()), worker.tools.quota.under_way) == (2, 0)


def test_a_night_counts_the_pages_of_all_workers(home, worker, engine, put, make):
    pages = {f"{n}.png": make([], tint=0) + bytes([n]) for n in range(42)}
    put(pages)
    engine.failures = {"1.png": 99, "2.png": 99}
    span = night_span(home, now=clock.now())
    worker.tools.quota = PageQuota(40)
    worker.drain()  # as another worker does during the night
    worker.outcomes.clear()
    night = NightWork(home, NightOptions(), span, span.since)
    night.work(worker, ())
    summary = night.summary()
    assert worker.outcomes == {"failed": 2}
    assert summary.outcomes == {"empty": 40, "failed": 2}
    assert "analysed 42 pages" in summary.text()
    assert not any("could not be analysed" in note for note in summary.notes)


def test_pages_of_a_night_that_did_not_end_are_in_the_next_report(
    settings, home, worker, put, scans, tmp_path, monkeypatch
):
    (tmp_path / "in").mkdir()
    begin_run(home, now=clock.now())
    put(scans)
    worker.drain()
    true_now = clock.now  # the clock is put back before the next night
    monkeypatch.setattr(clock, "now", lambda: true_now() - timedelta(minutes=5))
    night = run_nightly(settings, tmp_path / "in")
    assert [(one.pages, one.photos) for one in night.editions] == [(3, 3)]
    assert night.outcomes == {"done": 2, "empty": 1}
    assert any("did not end: its pages are counted here" in note for note in night.notes)
    monkeypatch.setattr(clock, "now", true_now)
    again = run_nightly(settings, tmp_path / "in")
    assert (again.editions, again.outcomes) == ([], {})


def test_the_ids_of_outcomes_count_where_a_clock_is_put_back(home, worker, put, scans):
    put(scans)
    span = night_span(home, now=clock.now() + timedelta(minutes=5))
    worker.drain()
    assert count_outcomes(home, span) == {"done": 2, "empty": 1}
    with home.database.read() as session:
        assert night_span(home, now=clock.now()).after == session.scalar(
            select(func.max(OutcomeRow.id))
        )


def test_a_preview_writes_nothing(home, worker, tmp_path, scans, make, now):
    inbox = lay(tmp_path / "in", scans, days=2)
    before = canonical_dump(home)
    preview = preview_night(home.settings, inbox, NightOptions())
    assert preview.imported.new == ("Daily_2019-12-16", "Daily_2019-12-17")
    assert (preview.new_pages, preview.pages, preview.seconds) == (6, 6, None)
    assert "would import Daily_2019-12-16" in preview.text()
    assert canonical_dump(home) == before
    assert list_runs(home, limit=9) == []
    later = preview_night(home.settings, inbox, NightOptions(since=date(2019, 12, 17), limit=2))
    assert (later.imported.new, later.new_pages, later.pages) == (("Daily_2019-12-17",), 3, 2)
    analyse_imported(home, worker, import_inbox(home, inbox, now=now))
    (inbox / "Daily_2019-12-16" / "page_4.png").write_bytes(make(tint=9))
    after = preview_night(home.settings, inbox, NightOptions())
    assert (after.imported.new, after.imported.unchanged, after.pages) == ((), 1, 0)
    assert "choose a mode" in after.imported.skipped["Daily_2019-12-16"]
    assert after.seconds == 0
    assert after.to_json()["dry_run"] is True


def test_earlier_days_are_left_alone(home, tmp_path, scans, now):
    inbox = lay(tmp_path / "in", scans, days=3)
    imported = import_inbox(home, inbox, now=now, since=date(2019, 12, 17))
    assert imported.new == ("Daily_2019-12-17", "Daily_2019-12-18")
    assert import_inbox(home, inbox, now=now).new == ("Daily_2019-12-16",)


@pytest.mark.both_at_length
def test_registered_claims_are_checked_each_night(home, worker, tmp_path, scans, make, now):
    claim = NewClaim("Four pages.", "pages >= 4", "Daily", DAY, DAY, key="four")
    claim_id, _ = add_claim(home, claim, now=now)
    add_claim(home, NewClaim("Five.", "pages >= 5", "Daily", DAY, DAY, key="five"), now=now)
    freeze_claim(home, claim_id, ClaimTest(), now=now)
    inbox = lay(tmp_path / "in", scans)

    def spend(mode=None):
        run = begin_run(home, now=clock.now())
        imported = import_inbox(home, inbox, now=clock.now(), mode=mode, run_id=run)
        night = analyse_imported(home, worker, imported)
        end_run(home, run, night.to_json(), 0, now=clock.now())
        (check,) = night.claims
        return night, check

    def look():
        _, check = spend()
        return check.verdict, check.before, check.changed, check.editions

    assert look() == ("false", None, False, 1)
    assert look() == ("false", "false", False, 1)
    more = {"page_1.png": make(tint=3), "page_2.png": make(tint=4), "page_3.png": make(tint=5)}
    lay(tmp_path / "more", {**more, "page_4.png": make(tint=6), "page_5.png": make(tint=7)})
    inbox = tmp_path / "more"
    night, check = spend(mode="replace")
    assert (check.key, check.version, check.before) == ("four", 1, "false")
    assert (check.verdict, check.changed) == ("true", True)
    assert "as many editions as the night before" in check.reasons[0]
    assert "claim four is true now, and was false" in night.text()
    assert night.to_json()["claims"][0]["changed"] is True


KILLED = """
import os, signal, sys
from pathlib import Path
from presslens.app.nightly.run import run_nightly
from presslens.app.platform.settings import Settings
from presslens.pipelines.failpoints import Failpoint, WhenStruck, arm

left = 3

def strike(point, moment):
    global left
    if (point, moment) == (Failpoint.OBSERVE_STORE, WhenStruck.AFTER):
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

arm(strike)
run_nightly(Settings.model_validate_json(sys.argv[1]), Path(sys.argv[2]))
"""


@pytest.mark.both_at_length
def test_a_night_that_is_killed_goes_on_where_it_was(settings, home, tmp_path, scans):
    inbox = lay(tmp_path / "in", scans, days=4)
    script = [sys.executable, "-c", KILLED, settings.model_dump_json(), str(inbox)]
    killed = subprocess.run(script, capture_output=True, env={**os.environ}, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    done = run_nightly(settings, inbox)
    assert (done.failed, done.left, len(done.imported.skipped)) == (False, 0, 0)
    again = run_nightly(settings, inbox)
    assert (again.imported.new, again.imported.unchanged, again.outcomes) == ((), 4, {})
    runs = list_runs(home, limit=9)
    assert [run.ended_at is None for run in runs] == [False, False, True]
    imported = [one.name for run in runs for one in run.imports if one.decision == "imported"]
    assert len(imported) == len(set(imported))
    assert workload(home).outcomes == {"done": 8, "empty": 4}
    assert "it did not end" in runs[-1].text()


def test_files_that_can_not_be_unpacked_are_pages_that_failed(settings, home, tmp_path, make):
    for day in (5, 6, 7):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"Daily_2010-01-0{day}.pdf").write_bytes(b"%PDF-1.4 cut off")
    (tmp_path / "in" / "Daily_2010-01-08.png").write_bytes(make())
    night = run_nightly(settings, tmp_path / "in")
    assert night.outcomes == {"done": 1, "rejected": 3}
    assert sum(night.causes.values()) == 3
    assert any("more than 5%" in note for note in night.notes)
