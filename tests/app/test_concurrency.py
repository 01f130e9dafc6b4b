"""Many at once come to the same as one after the other."""

import io
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest
from sqlalchemy import select

from presslens.app.db.columns import JobKind
from presslens.app.db.queries import EditionScope
from presslens.app.db.tables import METADATA, LeaseRow
from presslens.app.installation import open_installation
from presslens.app.platform import clock
from presslens.app.services.analysis import jobs
from presslens.app.services.analysis.lease import lease_keys
from presslens.app.services.catalogue.editions import list_editions
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.figures.figures import add_figure, add_references
from presslens.app.services.ingest.upload import Incoming
from presslens.app.worker import open_worker


def test_fifty_simultaneous_uploads_are_one_edition(client, home, upload, scans):
    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda _: upload(scans), range(50)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert [answer.json()["created"] for answer in answers].count(True) == 1
    assert len(list_editions(home, EditionScope(), limit=10).editions) == 1
    assert len(list(home.storage.scans())) == 3
    assert list(home.storage.incoming.iterdir()) == []


@pytest.fixture
def leases(monkeypatch):
    """Return a list of the kind, key and version of each lease of work that is done once."""
    made = []

    def noted(home, work, keys, owner, **options):
        leased = lease_keys(home, work, keys, owner, **options)
        # Newspapers are compared again whenever their editions have changed meanwhile.
        if work.kind is not JobKind.COMPARE:
            made.extend((work.kind, one.key, work.version) for one in leased)
        return leased

    monkeypatch.setattr(jobs, "lease_keys", noted)
    return made


@pytest.mark.parametrize("workers", [pytest.param(2, marks=pytest.mark.long), 4])
def test_many_workers_do_each_work_once(home, worker, engine, put, make, leases, workers):
    def put_all(order):
        kim = add_figure(home, "Kim", newspapers=["Rodong Sinmun"], now=clock.now())
        photos = {f"{n}.png": make(faces=1, tint=90 + n) for n in range(3)}
        files = [Incoming(name, io.BytesIO(data)) for name, data in photos.items()]
        add_references(home, kim, files, now=clock.now())
        for i in order:
            pages = {f"{n}.png": make(tint=10 * i + n, persons=n % 3) for n in range(4)}
            put(pages, publication=f"Paper {i}")

    put_all([0, 1, 2, 3])
    worker.drain()
    alone, done_alone = canonical_dump(home), Counter(kind for kind, *_ in leases)
    assert done_alone == {
        JobKind.UNPACK: 4,
        JobKind.EMBED: 3,
        JobKind.OBSERVE: 16,
        JobKind.INTERPRET: 16,
        JobKind.REPRINTS: 16,
        JobKind.SUMMARISE: 4,
    }
    _forget(home)
    leases.clear()
    put_all([2, 0, 3, 1])

    def work(_):
        with (
            open_installation(home.settings) as own,
            open_worker(
                own,
                threading.Event(),
                engine=lambda _: nullcontext(engine),
                interpreter=lambda _: worker.tools.interpreter,
            ) as another,
        ):
            another.drain()

    with ThreadPoolExecutor(workers) as threads:
        list(threads.map(work, range(workers)))
    worker.drain()
    assert max(Counter(leases).values()) == 1
    assert Counter(kind for kind, *_ in leases) == done_alone
    assert canonical_dump(home) == alone
    with home.database.read() as session:
        assert session.scalars(select(LeaseRow)).all() == []


def _forget(home):
    """Empty the tables of what came in and what was seen."""
    kept = {"recipe", "publication", "publication_alias", "claim", "event", "revision"}
    with home.database.write() as session:
        for table in reversed(METADATA.sorted_tables):
            if table.name not in kept:
                session.execute(table.delete())
