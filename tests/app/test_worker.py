"""From files to compositions, with one worker."""

import os
import subprocess
import sys
from dataclasses import replace

from presslens.app.platform import clock
from presslens.app.services.catalogue.editions import find_edition
from presslens.app.services.catalogue.progress import EditionStatus
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.ingest.unpack import unpack
from presslens.app.services.statistics.edition_composition import edition_composition
from presslens.app.worker import local_engine
from presslens.pipelines.scans.sandbox import Sandbox


def test_an_edition_is_analysed(home, worker, put, scans):
    edition = put(scans).edition_id
    assert find_edition(home, edition).status is EditionStatus.QUEUED
    worker.drain()
    state = find_edition(home, edition)
    assert state.status is EditionStatus.DONE
    assert dict(state.outcomes) == {"done": 2, "empty": 1}
    found = edition_composition(home, edition).report
    summary = found.composition.summary
    assert (summary.pages, summary.pages_seen, summary.photos) == (3, 3, 3)
    assert found.composition.share("people").decided == 1


def test_nothing_is_done_twice(home, worker, engine, put, scans):
    put(scans)
    worker.drain()
    before, runs = canonical_dump(home), len(engine.runs)
    assert not put(scans).created
    worker.drain()
    assert not worker.round()
    assert len(engine.runs) == runs
    assert canonical_dump(home) == before


def test_a_worker_s_collector_leaves_what_is_loaded_alone():
    code = (
        "import gc; from presslens.app.worker import YOUNG_OBJECTS, spare_collector;"
        "spare_collector();"
        "print(gc.get_freeze_count() > 100_000, gc.get_threshold()[0] == YOUNG_OBJECTS)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True", "True"]


def test_processes_load_before_a_worker_has_leased_their_pages(home, put, scans):
    def loading():
        with local_engine(pooled) as engine:
            return sum(process._child is not None for process in engine._processes)

    pooled = replace(home, settings=home.settings.model_copy(update={"processes": 2}))
    assert loading() == 0
    edition = put(scans).edition_id
    assert loading() == 1  # the edition may have one page
    with Sandbox(home.settings.limits) as sandbox:
        unpack(home, edition, sandbox, now=clock.now(), attempts=1)
    assert loading() == 2


def test_a_worker_gives_way_to_others():
    code = (
        "import os; from presslens.app.worker import give_way; give_way(7);"
        "print(os.nice(0), os.sched_getscheduler(0) == os.SCHED_BATCH)"
    )
    before = os.nice(0)
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(min(19, before + 7)), "True"]
