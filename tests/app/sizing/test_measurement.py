"""A recording of a real worker with scripted instruments, and a plan of its own pages."""

import json
import subprocess
import sys

import pytest

from presslens.app.platform.settings import Settings
from presslens.app.sizing.measurement import measure
from presslens.app.sizing.simulation import Cluster, simulate
from presslens.app.sizing.times import WorkerTimes
from presslens.lab.soak.night import RECIPE
from presslens.lab.soak.sizing import block_page

pytestmark = pytest.mark.long  # what is measured of a worker needs a minute of its processes


def test_a_worker_is_measured_on_pages_that_it_analyses():
    seen = []
    recording = measure(
        Settings(recipe=RECIPE),
        [block_page(i) for i in range(2)],
        pages=10,
        processes=1,
        on_page=lambda: seen.append(1),
    )
    assert len(seen) == 12
    assert [page.photos for page in recording.pages] == [2] * 10
    assert recording.scripted
    assert all(page.networks > 0 and page.rest > 0 for page in recording.pages)
    times = recording.lease, recording.record, recording.interpret, recording.list_page
    assert all(0 < seconds < 5 for seconds in times)
    assert 0 <= recording.commit <= recording.lease + recording.record
    assert recording.scan_bytes > 1000
    assert recording.view_bytes > 1000
    assert recording.row_bytes > 1000
    assert 10**7 < recording.memory < 10**10
    assert recording.read_bytes > 1000
    assert recording.write_bytes > recording.view_bytes
    stored = json.loads(json.dumps(recording.to_json()))
    assert WorkerTimes.from_json(stored) == recording
    assert simulate(recording, Cluster(processes=1), 10).seconds > 10 * recording.record


def test_what_other_processes_have_used_is_not_counted():
    busy = "sum(range(10**8)); print(flush=True); input()"
    pages, settings = [block_page(i) for i in range(2)], Settings(recipe=RECIPE)
    seen = []
    with subprocess.Popen(
        [sys.executable, "-c", busy], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        other.stdout.readline()

        def end_the_other():
            seen.append(1)
            if len(seen) == 3:  # the first two are not counted
                other.kill()
                other.wait()

        recording = measure(settings, pages, pages=2, processes=1, on_page=end_the_other)
    assert all(page.networks > 0 for page in recording.pages)
