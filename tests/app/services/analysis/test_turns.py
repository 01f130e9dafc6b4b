"""Editions take turns, and pages of slow files come last: no edition holds up the others."""

import io
from datetime import date, timedelta

import pytest
from PIL import Image
from sqlalchemy import update

from app import clock
from app.db.tables import EditionRow
from app.services.analysis import jobs
from app.services.analysis.jobs import ROUND_SECONDS, SLOW_SECONDS
from app.services.analysis.record import TURN_PAGES
from pipelines.engine import open_engine
from pipelines.task import PageResult

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
    uploaded(put, make, "a", 2 * TURN_PAGES + 1, 0, 0)
    uploaded(put, make, "b", 2, 1, 40)
    uploaded(put, make, "c", TURN_PAGES + 1, 2, 60)
    worker.drain()
    turns = "a" * TURN_PAGES + "bb" + "c" * TURN_PAGES + "a" * TURN_PAGES + "ca"
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


class Interrupted:
    """An engine in which something happens after so many results; notes the pages it finished."""

    def __init__(self, inner, after, act):
        self.inner, self.after, self.act, self.order = inner, after, act, []

    def run(self, tasks):
        names = {}
        for result in self.inner.run(self._named(tasks, names)):
            self.order.append(names[result.key])
            if len(self.order) == self.after:
                self.act()
            yield result

    def _named(self, tasks, names):
        for task in tasks:
            names[task.key] = task.name
            yield task


@pytest.mark.parametrize("processes", [0, 2])
def test_a_backfill_delays_an_edition_by_a_page_for_each_process(
    home, worker, put, make, registry, processes
):
    def tonight():
        uploaded(put, make, "t", 3, 99, 100)

    for day in range(3):
        uploaded(put, make, "b", 10, day, 10 * day)
    with home.database.write() as session:
        session.execute(update(EditionRow).values(backfill=True))
    with open_engine(home.recipe, registry, processes=processes) as engine:
        worker.tools.engine = seen = Interrupted(engine, 4, tonight)
        worker.drain()
    order = "".join(name[0] for name in seen.order)
    assert len(order) == 33
    # A pool has begun the next page of each process when it tells of one.
    begun, one_each = processes, max(1, processes)
    assert order[4:].index("t") <= begun + one_each
    assert order.rindex("t") <= 4 + begun + 2 * one_each + 3
    assert seen.order[-1].startswith("b")
