"""Editions take turns, and pages of slow files come last: no edition holds up the others."""

import io
from datetime import date, timedelta

from PIL import Image

from app import clock
from app.services.analysis import jobs
from app.services.analysis.jobs import ROUND_SECONDS, SLOW_SECONDS
from app.services.analysis.record import TURN_PAGES
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
