"""Files become pages, in order, each with its own scan."""

import io
import zipfile
from datetime import timedelta

from PIL import Image

from presslens.app.db.columns import JobKind
from presslens.app.db.tables import LeaseRow
from presslens.app.services.catalogue.editions import find_edition
from presslens.app.services.catalogue.pages import find_page, page_ids
from presslens.app.services.ingest.unpack import MOST_ATTEMPTS, unpack
from presslens.app.services.ingest.upload import Incoming, ingest
from presslens.app.services.statistics.edition_composition import edition_composition


def archive(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        for name, data in files.items():
            bundle.writestr(name, data)
    return out.getvalue()


def tiff(*pages):
    frames = [Image.open(io.BytesIO(page)) for page in pages]
    out = io.BytesIO()
    frames[0].save(out, "TIFF", save_all=True, append_images=frames[1:])
    return out.getvalue()


def pages_of(home, edition):
    return [find_page(home, page_id) for _, page_id in page_ids(home, edition)]


def test_archives_and_many_paged_files_keep_their_order(home, worker, put, make):
    files = {
        "b.tiff": tiff(make(tint=1), make([], tint=2)),
        "a.zip": archive({"page_10.png": make(tint=3), "page_2.png": make(tint=4), "x.png": b"?"}),
        "c.png": make(tint=5),
    }
    edition = put(files).edition_id
    worker.drain()
    pages = pages_of(home, edition)
    assert [page.number for page in pages] == [1, 2, 3, 4, 5, 6]
    assert [page.outcome for page in pages] == [
        "done", "empty", "done", "done", "rejected", "done"
    ]  # fmt: skip
    assert worker.outcomes == {"done": 4, "empty": 1, "rejected": 1}
    metrics = worker.tools.metrics.text()
    assert 'presslens_worker_pages_total{outcome="rejected"} 1.0' in metrics
    assert 'presslens_worker_failures_total{reason="unknown_format"} 1.0' in metrics
    assert pages[0].source.startswith("b.tiff")
    assert ["page_2.png" in pages[2].source, "page_10.png" in pages[3].source] == [True, True]
    assert pages[5].source == "c.png"


def test_the_same_page_in_two_files_is_looked_at_once(home, worker, engine, put, make):
    edition = put({"a.png": make(), "b.zip": archive({"a.png": make()})}).edition_id
    worker.drain()
    assert [len(page.photos) for page in pages_of(home, edition)] == [1, 1]
    assert len(engine.runs) == 1


def test_unpacking_twice_changes_nothing(home, put, scans, sandbox, now):
    edition = put(scans).edition_id
    for _ in range(2):
        unpack(home, edition, sandbox, now=now)
    assert len(page_ids(home, edition)) == 3


def test_an_edition_that_kills_its_workers_is_given_up(home, worker, put, scans, now):
    edition = put(scans).edition_id
    with home.database.write() as session:
        session.add(
            LeaseRow(
                kind=JobKind.UNPACK,
                key=edition,
                version="",
                owner="gone/1/x",
                until_at=now - timedelta(days=1),
                attempts=MOST_ATTEMPTS,
            )
        )
    worker.drain()
    assert {page.outcome for page in pages_of(home, edition)} == {"failed"}


def test_a_file_that_the_store_has_lost_is_a_failed_page(home, worker, put, make, scans):
    lost = put({"lost.png": make(tint=77)}).edition_id
    for path in (home.storage.root / "scans").glob("*/*"):
        path.unlink()
    kept = put(scans).edition_id
    worker.drain()
    assert pages_of(home, lost)[0].reason == "missing: the file is missing from the store"
    assert [page.outcome for page in pages_of(home, kept)] == ["done", "done", "empty"]


def test_pages_have_the_numbers_that_their_names_tell(home, worker, put, make):
    edition = put({"page_04.png": make(), "page_3.png": make(tint=1)}).edition_id
    worker.drain()
    assert [number for number, _ in page_ids(home, edition)] == [3, 4]
    composition = edition_composition(home, edition).to_json()
    assert (composition["pages"], composition["pages_seen"]) == (4, 2)
    assert composition["zones"]["front"]["photos"] is None
    assert composition["zones"]["inside"]["photos"] == 2


def test_pages_have_the_numbers_that_were_given(home, worker, make, now):
    files = [Incoming(name, io.BytesIO(make(tint=i))) for i, name in enumerate(("page_1.png", "b"))]
    edition = ingest(
        home,
        files,
        publication="Rodong Sinmun",
        edition_date=now.date(),
        now=now,
        pages_expected=8,
        page_numbers=[6, 1],
    ).edition_id
    worker.drain()
    assert [page.number for page in pages_of(home, edition)] == [1, 6]
    assert find_edition(home, edition).pages_expected == 8
    composition = edition_composition(home, edition).to_json()
    assert (composition["pages"], composition["pages_seen"], composition["coverage"]) == (
        8,
        2,
        0.25,
    )
    assert composition["zones"]["front"]["photos"] == 1
