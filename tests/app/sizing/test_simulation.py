"""Small archives whose end can be worked out by hand, and large ones that hold to their limits."""

import tracemalloc

import pytest

from presslens.app.services.analysis import jobs
from presslens.app.sizing import simulation
from presslens.app.sizing.plan import Prices, plan
from presslens.app.sizing.simulation import (
    CORES,
    DATABASE,
    LIST,
    LOOKING,
    ROUND_PAGES,
    ROUND_SECONDS,
    STORAGE,
    WORKER,
    Cluster,
    simulate,
)
from presslens.app.sizing.times import PageTimes, WorkerTimes


def recording(page: PageTimes, **costs: float) -> WorkerTimes:
    free = dict.fromkeys(("lease", "record", "commit", "interpret", "list_page", "start"), 0.0)
    sizes = {
        "scan_bytes": 2e6, "view_bytes": 1e6, "row_bytes": 1e6, "read_bytes": 0, "write_bytes": 0,
    }  # fmt: skip
    return WorkerTimes(
        (page,), **{**free, **sizes, **costs}, memory=10**9, worker_memory=10**9, cores=2
    )


PAGE = PageTimes(5, 0.75, 0.25, 0.0)


@pytest.mark.parametrize(
    ("cluster", "pages", "seconds"),
    [
        (Cluster(1, 4, 1), 10, 10.0),
        (Cluster(1, 4, 2), 10, 5.0),
        (Cluster(1, 4, 2), 3, 2.0),
        (Cluster(3, 4, 2), 12, 2.0),
        (Cluster(1, 1, 2), 10, 10.0),  # two processes on one processor
        (Cluster(1, 4, 1, gpu=3), 10, 5.0),
        (Cluster(1, 4, 6, gpu=3), 12, 3.0),  # the GPU is shared by all
    ],
)
def test_pages_that_cost_nothing_else_take_their_time(
    cluster: Cluster, pages: int, seconds: float
) -> None:
    assert simulate(recording(PAGE), cluster, pages).seconds == pytest.approx(seconds)


def test_a_worker_leases_and_stores_one_page_at_a_time() -> None:
    costs = recording(PAGE, lease=0.1, record=0.4, start=3)
    # One process: the next page runs while the page before is stored.
    assert simulate(costs, Cluster(1, 9, 1), 4).seconds == pytest.approx(3 + 4 * 1.1 + 0.4)
    # Twenty processes wait for the worker.
    many = simulate(costs, Cluster(1, 99, 20), 256)
    assert many.bottlenecks[0] == WORKER
    assert many.seconds == pytest.approx(256 * 0.5, rel=0.2)


def test_rounds_are_those_of_a_worker() -> None:
    assert (jobs.ObserveJob.a_round, jobs.ROUND_SECONDS) == (ROUND_PAGES, ROUND_SECONDS)


def test_photos_are_interpreted_while_processes_wait() -> None:
    costs = recording(PAGE, interpret=0.5)
    pages = 2 * ROUND_PAGES
    assert simulate(costs, Cluster(1, 99, 32), pages).seconds == pytest.approx(8 + 0.5 * pages)


def test_commits_of_all_machines_wait_for_one_database() -> None:
    costs = recording(PageTimes(1, 0.05, 0.0, 0.0), lease=0.05, record=0.05, commit=0.05)
    slow = simulate(costs, Cluster(nodes=30, cores=8, processes=8), 3000)
    assert slow.bottlenecks[0] == DATABASE
    assert slow.seconds == pytest.approx(3000 * 0.1, rel=0.02)
    fast = simulate(costs, Cluster(nodes=30, cores=8, processes=8, writers=30), 3000)
    assert fast.seconds < slow.seconds / 10


def test_the_list_of_waiting_pages_holds_up_large_archives() -> None:
    costs = recording(PageTimes(1, 0.05, 0.0, 0.0), list_page=1e-6)
    small, large = (simulate(costs, Cluster(1, 1, 1), n) for n in (10**4, 16 * 10**6))
    assert small.bottlenecks[0] in (CORES, LOOKING)
    assert large.bottlenecks[0] == LIST
    rounds = 16 * 10**6 / ROUND_PAGES
    assert large.seconds == pytest.approx(rounds * 8 + 16 * 10**6 * 0.05, rel=0.02)


def test_machines_that_share_a_storage_wait_for_its_bytes() -> None:
    costs = recording(PAGE, read_bytes=9e6, write_bytes=11e6)
    slow = simulate(costs, Cluster(nodes=10, cores=4, processes=4, storage=100), 1000)
    assert slow.bottlenecks[0] == STORAGE
    assert slow.seconds == pytest.approx(1000 * 0.2, rel=0.02)
    fast = simulate(costs, Cluster(nodes=10, cores=4, processes=4, storage=10_000), 1000)
    assert fast.seconds == simulate(costs, Cluster(10, 4, 4), 1000).seconds


def test_many_machines_do_not_wait_for_the_last_page_of_each_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(simulation, "SIMULATED", 1600)
    # Parts of 200 pages would leave 100 of the 300 processes with nothing to do.
    cluster = Cluster(nodes=150, cores=2, processes=2)
    assert simulate(recording(PAGE), cluster, 30_000).seconds == pytest.approx(100, rel=0.03)


def test_a_million_pages_are_planned_in_flat_memory() -> None:
    costs = recording(PAGE, lease=0.01, record=0.02, commit=0.01, interpret=0.01, list_page=2e-6)
    peaks = {}
    for pages in (10**4, 10**6):
        tracemalloc.start()
        simulate(costs, Cluster(), pages)
        peaks[pages] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peaks[10**6] < 2 * peaks[10**4] < 2**20


def test_money_and_room_follow_from_hours_and_bytes() -> None:
    planned = plan(recording(PAGE), Cluster(2, 4, 4), 28_800, Prices(0.1, 1.0, 0.5))
    assert planned.hours == pytest.approx(1.0)
    assert planned.compute_cost == pytest.approx(0.8)
    assert (planned.scans_gb, planned.views_gb, planned.database_gb) == (57.6, 28.8, 28.8)
    assert planned.month_cost == pytest.approx(115.2 * 0.5)
    assert planned.memory_gb == 5.0
    assert planned.pages_per_core_second == pytest.approx(1.0)
    assert planned.bottleneck in (CORES, LOOKING)


def test_a_recording_is_the_same_after_it_was_stored() -> None:
    costs = recording(PAGE, commit=0.5)
    assert WorkerTimes.from_json(costs.to_json()) == costs
