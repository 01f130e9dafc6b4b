"""Many at once come to the same as one after the other."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

from app.db.queries import EditionScope
from app.db.tables import METADATA
from app.services.catalogue.editions import list_editions
from app.services.exports.canonical_dump import canonical_dump
from app.worker import open_worker


def test_fifty_simultaneous_uploads_are_one_edition(client, home, upload, scans):
    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda _: upload(scans), range(50)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert [answer.json()["created"] for answer in answers].count(True) == 1
    assert len(list_editions(home, EditionScope(), limit=10).items) == 1
    assert len(list(home.storage.scans())) == 3
    assert list(home.storage.incoming.iterdir()) == []


def test_four_workers_do_what_one_does(home, worker, engine, put, make):
    def put_all(order):
        for i in order:
            pages = {f"{n}.png": make(tint=10 * i + n, persons=n % 3) for n in range(4)}
            put(pages, publication=f"Paper {i}")

    put_all([0, 1, 2, 3])
    worker.drain()
    alone = canonical_dump(home)
    _forget(home)
    put_all([2, 0, 3, 1])

    def work(_):
        with open_worker(
            home,
            threading.Event(),
            engine=lambda _: nullcontext(engine),
            interpreter=lambda _: worker.tools.interpreter,
        ) as another:
            another.drain()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    worker.drain()
    assert canonical_dump(home) == alone


def _forget(home):
    """Empty the tables of what came in and what was seen."""
    kept = {"recipe", "publication", "claim", "event", "revision"}
    with home.database.write() as session:
        for table in reversed(METADATA.sorted_tables):
            if table.name not in kept:
                session.execute(table.delete())
