"""Pages that could not be analysed are looked at again: by a person's wish, or with good bytes."""

import io
import zipfile

import pytest
from structlog.testing import capture_logs

from presslens.app.db.columns import Status
from presslens.app.db.tables import OutcomeRow
from presslens.app.platform.errors import NotFound
from presslens.app.services.catalogue.pages import find_page, page_ids
from presslens.app.services.catalogue.refused_pages import refused_pages, settle_pages
from presslens.app.services.figures.figures import add_figure, add_references, find_figure
from presslens.app.services.ingest.retry import retry_pages
from presslens.app.services.ingest.upload import Incoming
from presslens.pipelines.task import PageResult

from ...flaky_engine import DROPPED


def outcomes(home, edition):
    return {number: find_page(home, page).outcome for number, page in page_ids(home, edition)}


def blob(home):
    (sha256,) = home.storage.scans()
    return home.storage.scan(sha256)


def archive(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        for name, data in files.items():
            bundle.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize("harm", ["flip", "cut", "empty", "missing"])
def test_good_bytes_repair_a_damaged_scan(home, worker, put, make, harm):
    page = make(persons=1)
    edition = put({"a.png": page}).edition_id
    path = blob(home)
    if harm == "missing":
        path.unlink()
    else:
        middle = len(page) // 2
        flipped = page[:middle] + bytes([page[middle] ^ 255]) + page[middle + 1 :]
        path.write_bytes({"flip": flipped, "cut": page[:middle], "empty": b""}[harm])
    worker.drain()
    assert outcomes(home, edition)[1] in ("rejected", "failed")
    with capture_logs() as logs:
        again = put({"a.png": page}, mode=None)
    assert (again.edition_id, again.created) == (edition, False)
    assert path.read_bytes() == page
    assert any("damaged" in one["event"] for one in logs) == (harm != "missing")
    worker.drain()
    assert outcomes(home, edition) == {1: "done"}
    assert refused_pages(home) == []
    with capture_logs() as logs:
        put({"a.png": page}, mode=None)
    assert logs == []
    assert list(home.storage.incoming.iterdir()) == []


@pytest.mark.sqlite_alone
def test_good_bytes_repair_a_reference(home, worker, make, now):
    photo, figure = make(faces=1), add_figure(home, "Kim", now=now)

    def add():
        add_references(home, figure, [Incoming("a.png", io.BytesIO(photo))], now=now)
        worker.drain()
        return find_figure(home, figure).references[0].status.value

    blob_written = home.storage.put(io.BytesIO(photo), most=10**9)
    home.storage.scan(blob_written.sha256).write_bytes(b"")
    add_references(home, figure, [Incoming("a.png", io.BytesIO(photo))], now=now)
    home.storage.scan(blob_written.sha256).write_bytes(b"")
    worker.drain()
    assert find_figure(home, figure).references[0].status.value == "rejected"
    assert add() == "done"


class Refusing:
    """An engine that refuses all pages until it is told not to."""

    def __init__(self, inner):
        self.inner, self.refuses = inner, True

    def run(self, tasks):
        for task in tasks:
            if self.refuses:
                yield PageResult(task.key, failure=DROPPED)
            else:
                yield from self.inner.run([task])


def test_a_person_can_have_pages_looked_at_again(home, worker, put, make, now):
    worker.tools.engine = Refusing(worker.tools.engine)
    edition = put({"a.png": make(), "b.png": make(tint=1), "c.png": b"no picture"}).edition_id
    worker.drain()
    assert outcomes(home, edition) == {1: "failed", 2: "failed", 3: "rejected"}
    settle_pages(home, edition, frozenset({2}), now=now)
    worker.tools.engine.refuses = False
    assert retry_pages(home, edition, {2}) == [2]
    worker.drain()
    assert outcomes(home, edition) == {1: "failed", 2: "done", 3: "rejected"}
    assert retry_pages(home, edition) == [1, 3]
    worker.drain()
    assert outcomes(home, edition) == {1: "done", 2: "done", 3: "rejected"}
    for wrong in ({1}, {9}):
        with pytest.raises(NotFound):
            retry_pages(home, edition, wrong)
    with home.database.read() as session:
        assert {row.status for row in session.query(OutcomeRow)} == {Status.DONE}


@pytest.mark.sqlite_alone
def test_pages_of_an_archive_keep_their_numbers(home, worker, put, make, monkeypatch):
    members = {"p1.png": make(), "p2.png": make(tint=1), "p3.png": b"no picture"}
    edition = put({"edition.zip": archive(members)}).edition_id
    worker.drain()
    before = page_ids(home, edition)
    assert outcomes(home, edition) == {1: "done", 2: "done", 3: "rejected"}
    assert retry_pages(home, edition) == [3]
    worker.drain()
    assert page_ids(home, edition) == before
    assert outcomes(home, edition) == {1: "done", 2: "done", 3: "rejected"}


@pytest.mark.sqlite_alone
def test_the_api_and_the_command_line_retry(client, home, worker, put, make, capsys, monkeypatch):
    edition = put({"a.png": b"no picture"}).edition_id
    worker.drain()
    answer = client.post(f"/api/v1/editions/{edition}/retry", json={"pages": [1]})
    assert (answer.status_code, answer.json()["retried"]) == (202, [1])
    assert answer.json()["status"] == "queued"
    assert client.post(f"/api/v1/editions/{edition}/retry", json={"pages": [2]}).status_code == 404
    worker.drain()
    assert client.post(f"/api/v1/editions/{edition}/retry").json()["retried"] == [1]
    page = client.get(f"/editions/{edition}", headers={"accept": "text/html"}).text
    assert f'data-retry="/api/v1/editions/{edition}/retry"' in page
