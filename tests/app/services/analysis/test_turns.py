"""Editions take turns, and pages of slow files come last: no edition holds up the others."""

import io
from datetime import date, timedelta

import pytest
from PIL import Image
from sqlalchemy import insert, select, update

from presslens.app.db.columns import JobKind
from presslens.app.db.tables import EditionRow, PageRow, PublicationRow, ScanRow
from presslens.app.platform import clock
from presslens.app.services.analysis import jobs
from presslens.app.services.analysis.jobs import JOBS, ROUND_SECONDS, SLOW_SECONDS, UnpackJob
from presslens.app.services.analysis.lease import TURN_PAGES, free_keys, lease_keys
from presslens.app.services.ingest.unpack import unpack
from presslens.app.services.statistics import flag_editions
from presslens.pipelines.engine import open_engine
from presslens.pipelines.task import PageResult

DAY = date(2019, 12, 16)


class Paced:
    """An engine whose pages take as long as they are said to, by the beginning of their name."""

    def __init__(self, inner, seconds, monkeypatch):
        self.inner, self.seconds, self.order, self.at = inner, seconds, [], 0.0
        monkeypatch.setattr(jobs.time, "monotonic", lambda: self.at)

    def run(self, tasks):
        for task in tasks:
            self.order.append(task.name)
            took = self.seconds.get(task.name[0], 0.0)
            self.at += took
            (result,) = self.inner.run([task])
            yield PageResult(result.key, result.observation, result.rejection, seconds=took)


def uploaded(put, make, name, pages, days, tint):
    files = {f"{name}{i:02}.png": make(tint=tint + i) for i in range(pages)}
    return put(files, day=DAY + timedelta(days=days), now=clock.now())


def tiff(pages):
    first, *others = (Image.open(io.BytesIO(page)) for page in pages)
    out = io.BytesIO()
    first.save(out, "TIFF", save_all=True, append_images=others)
    return out.getvalue()


def test_editions_take_turns(worker, put, make, monkeypatch):
    worker.tools.engine = engine = Paced(worker.tools.engine, {}, monkeypatch)
    uploaded(put, make, "a", TURN_PAGES + 1, 0, 0)
    uploaded(put, make, "b", 2, 1, 40)
    uploaded(put, make, "c", 2 * TURN_PAGES + 1, 2, 60)
    worker.drain()
    turns = "c" * TURN_PAGES + "bb" + "c" * TURN_PAGES + "a" * TURN_PAGES + "ca"
    assert [name[0] for name in engine.order] == list(turns)


def test_a_short_edition_overtakes_a_slow_one(worker, put, make, monkeypatch):
    engine = Paced(worker.tools.engine, {"s": SLOW_SECONDS + 40}, monkeypatch)
    worker.tools.engine = engine
    put({"slow.tiff": tiff([make(tint=i) for i in range(8)])}, day=DAY, now=clock.now())
    worker.round()  # it ends after one slow page, for others to have their turn
    assert len(engine.order) == 1 + int(ROUND_SECONDS // (SLOW_SECONDS + 40))
    uploaded(put, make, "b", 4, 1, 40)
    begun = len(engine.order)
    worker.drain()
    assert [name[0] for name in engine.order[begun:]] == ["b"] * 4 + ["s"] * 7


def test_a_newspaper_is_not_compared_after_each_round_of_a_backlog(worker, put, make, monkeypatch):
    made = []
    unusual = flag_editions._unusual

    def counted(home, name):
        made.append(name)
        return unusual(home, name)

    monkeypatch.setattr(flag_editions, "_unusual", counted)
    monkeypatch.setattr(flag_editions, "PAUSES", 100_000)
    for day in range(2 * UnpackJob.a_round + 1):
        uploaded(put, make, "a", 1, day, day)
    worker.drain()
    assert len(made) == 2  # once something was there, and once nothing else waited


class Interrupted:
    """An engine in which something happens after so many results; notes the pages it took."""

    def __init__(self, inner, after, act):
        self.inner, self.after, self.act = inner, after, act
        self.taken, self.taken_before, self.results = [], 0, 0

    def run(self, tasks):
        for result in self.inner.run(self._noted(tasks)):
            self.results += 1
            if self.results == self.after:
                self.taken_before = len(self.taken)
                self.act()
            yield result

    def _noted(self, tasks):
        for task in tasks:
            self.taken.append(task.name[0])
            yield task


@pytest.mark.parametrize(
    ("processes", "marked"),
    [
        pytest.param(0, True, id="marked"),
        pytest.param(0, False, id="one", marks=pytest.mark.long),
        pytest.param(2, False, id="two", marks=pytest.mark.long),
    ],
)
def test_what_waits_delays_an_edition_by_a_page_for_each_process(
    home, worker, put, make, registry, processes, marked
):
    def tonight():
        uploaded(put, make, "t", 3, 99, 100)

    for day in range(3):
        uploaded(put, make, "b", 10, day, 10 * day)
    with home.database.write() as session:
        session.execute(update(EditionRow).values(backfill=marked))
    with open_engine(home.recipe, registry, processes=processes) as engine:
        worker.tools.engine = seen = Interrupted(engine, 4, tonight)
        worker.drain()
    assert seen.results == len(seen.taken) == 33
    # The order in which pages are taken: that of results is up to how fast each process is. A
    # process holds one page, and another is decoded ahead for it.
    assert seen.taken_before <= 4 + max(1, 2 * processes)
    after = "".join(seen.taken[seen.taken_before :])
    assert after.index("ttt") <= max(1, processes)
    assert after.endswith("b")


def fill(home, editions, pages, now):
    """Have pages of editions wait, as many as nobody would draw."""
    scans = range(10_000, 10_000 + editions * pages)
    with home.database.write() as session:
        publication = PublicationRow(name="Archive")
        session.add(publication)
        session.flush()
        common = {"publication_id": publication.id, "created_at": now, "unpacked_at": now}
        days = [
            {"edition_date": DAY + timedelta(i), "content_key": f"{i:064x}", **common}
            for i in range(editions)
        ]
        numbers = session.scalars(insert(EditionRow).returning(EditionRow.id), days).all()
        rows = [{"id": scan, "sha256": f"{scan:064x}", "frame": 0} for scan in scans]
        session.execute(insert(ScanRow), rows)
        rows = [
            {"edition_id": numbers[i // pages], "number": i % pages + 1, "scan_id": scan,
             "source": "a.png", "is_front": i % pages == 0}
            for i, scan in enumerate(scans)
        ]  # fmt: skip
        session.execute(insert(PageRow), rows)


def next_scans(home, *, now, most=20):
    with home.database.read() as session:
        work = JOBS[JobKind.OBSERVE].waiting(session, home.recipe)
        return work, free_keys(session, work, now=now, most=most)


@pytest.mark.parametrize("pages", [TURN_PAGES, 100], ids=["short", "long"])
def test_the_latest_edition_is_next_even_after_its_worker_was_lost(
    home, put, make, sandbox, now, pages
):
    fill(home, 8, pages, now)
    edition = uploaded(put, make, "t", 3, 99, 0).edition_id
    unpack(home, edition, sandbox, now=now)
    with home.database.read() as session:
        query = select(PageRow.scan_id).filter_by(edition_id=edition).order_by(PageRow.number)
        tonight = list(session.scalars(query))
    work, keys = next_scans(home, now=now)
    assert keys[:3] == tonight
    assert len(set(keys)) == 20
    lease_keys(home, work, keys, "gone/1/x", now=now)
    assert next_scans(home, now=now)[1][:2] == tonight[1:]
    late = now + timedelta(seconds=home.settings.lease_seconds + 1)
    assert next_scans(home, now=late)[1][:3] == [*tonight[1:], tonight[0]]
    assert len(next_scans(home, now=now, most=10_000)[1]) == 8 * pages + 2


def test_the_latest_upload_is_unpacked_first_and_a_backfill_last(home, put, make, now):
    first, second, third = (uploaded(put, make, "e", 1, i, i).edition_id for i in range(3))
    with home.database.write() as session:
        session.execute(update(EditionRow).filter_by(id=third).values(backfill=True))
    with home.database.read() as session:
        work = JOBS[JobKind.UNPACK].waiting(session, home.recipe)
        assert free_keys(session, work, now=now, most=9) == [second, first, third]
        assert free_keys(session, work, now=now, most=1) == [second]
