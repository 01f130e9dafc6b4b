"""The real server in bad weather: many at once, a locked database, PostgreSQL away, a stop."""

import socket
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from secrets import token_hex

import pytest
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from presslens.app import worker as worker_module
from presslens.app.installation import init_installation, open_installation
from presslens.app.main import ANSWER_SECONDS, create_app
from presslens.app.platform.errors import DiskFull
from presslens.app.server import STOP_SECONDS
from presslens.app.storage.folder import FolderStorage
from presslens.app.worker import open_worker
from presslens.lab.soak.postgresql_server import installed, postgresql_server

from ..quickest_folder import quickest_folder
from .test_server import await_that, serving

UPLOAD = {"data": {"publication": "Rodong Sinmun", "date": "2019-12-16"}}
STALLED = (
    b"POST /api/v1/editions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000\r\n"
    b"Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n"
)


@contextmanager
def timed(most):
    began = time.monotonic()
    yield
    assert time.monotonic() - began < most


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_server_in_bad_weather(settings, home, scans, make, subtests, tmp_path):
    files = [("files", (name, data)) for name, data in scans.items()]
    with serving(settings, worker=False) as (server, client):
        with subtests.test(msg="fifty uploads of one edition at once"):

            def upload(_):
                return client.post("editions", files=files, **UPLOAD)

            with ThreadPoolExecutor(50) as threads:
                answers = list(threads.map(upload, range(50)))
            assert {answer.status_code for answer in answers} == {202}
            first = min((answer.json() for answer in answers), key=lambda one: not one["created"])
            same = {**first, "created": False, "edit": None}
            assert sum(answer.json()["created"] for answer in answers) == 1
            assert all(
                {**answer.json(), "created": False, "edit": None} == same for answer in answers
            )
        with subtests.test(msg="the database is locked"):
            locked = sqlite3.connect(home.database.engine.url.database, isolation_level=None)
            locked.execute("BEGIN EXCLUSIVE")
            with ThreadPoolExecutor(8) as threads, timed(3 * ANSWER_SECONDS):
                asked = [threads.submit(client.get, "editions") for _ in range(6)]
                ready = threads.submit(client.get, "readyz")
                with timed(1.0):
                    assert client.get("healthz").is_success
                for future in asked:
                    assert future.result().status_code == 503
                    assert int(future.result().headers["retry-after"]) > 0
                    assert str(tmp_path) not in future.result().text
            (problem,) = [
                p for p in ready.result().json()["problems"] if p["kind"] == "database_locked"
            ]
            assert problem["what_to_do"]
            assert "presslens_up 0" in client.get("metrics").text
            locked.close()
            assert client.get("editions").is_success
        with subtests.test(msg="it stops with an open stream and a stalled upload"):
            edition = client.get("editions").json()["editions"][0]["id"]
            port = client.base_url.port
            stalled = socket.create_connection(("127.0.0.1", port))
            stalled.sendall(STALLED)
            with client.stream("GET", f"editions/{edition}/events") as stream:
                assert next(stream.iter_lines()).startswith("event:")
                with timed(STOP_SECONDS + 2):
                    server.terminate()
                    assert server.wait(30) == 0
            stalled.close()


@pytest.mark.postgresql
@pytest.mark.sqlite_alone  # what it works on is a server of its own
@pytest.mark.skipif(not installed(), reason="PostgreSQL is not installed here")
def test_postgresql_goes_and_comes_back(engine, plain, settings, monkeypatch, make):
    monkeypatch.setattr(worker_module, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(worker_module, "LONGEST_PAUSE", 0.1)
    with postgresql_server(quickest_folder() / f"presslens-pg-{token_hex(4)}") as server:
        remote = settings.model_copy(
            update={"database_url": server.url, "data_dir": settings.data_dir / "remote"}
        )
        init_installation(remote)
        ended = threading.Event()
        with (
            TestClient(create_app(remote), base_url="http://localhost") as client,
            open_installation(remote) as home,
            capture_logs() as logs,
            open_worker(
                home, ended, engine=lambda _: nullcontext(engine), interpreter=lambda _: plain
            ) as working,
        ):
            thread = threading.Thread(target=working.run)
            thread.start()
            try:
                assert client.get("/api/v1/readyz").status_code == 200
                server.stop()
                answer = client.get("/api/v1/editions")
                assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
                problems = client.get("/api/v1/readyz").json()["problems"]
                assert "no_database" in {one["kind"] for one in problems}
                assert client.get("/api/v1/healthz").is_success
                await_that(lambda: said(logs, "the worker waits"))
                server.start()
                files = [("files", ("a.png", make()))]
                edition = client.post("/api/v1/editions", files=files, **UPLOAD).json()["id"]
                address = f"/api/v1/editions/{edition}"
                await_that(lambda: client.get(address).json()["status"] == "done")
                await_that(lambda: said(logs, "the worker goes on"))
                (outage,) = [one for one in logs if one["event"].startswith("the worker waits")]
                assert "start the database" in outage["then"]
            finally:
                ended.set()
                thread.join()


def said(logs, event):
    return any(one["event"].startswith(event) for one in logs)


@pytest.mark.sqlite_alone
def test_a_full_disk_costs_no_page(home, worker, put, scans, monkeypatch):
    """A ZIP edition that meets a full disk more often than work is attempted is done later."""
    import io
    import zipfile

    monkeypatch.setattr(worker_module, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(worker_module, "LONGEST_PAUSE", 0.001)
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as archive:
        for name, data in scans.items():
            archive.writestr(name, data)
    edition = put({"edition.zip": bundle.getvalue()}).edition_id
    refused = []

    def check_room(self, coming=0):
        refused.append(coming)
        if len(refused) <= 12:
            raise DiskFull("no room")

    monkeypatch.setattr(FolderStorage, "check_room", check_room)
    with capture_logs() as logs:
        thread = threading.Thread(target=worker.run)
        thread.start()
        await_that(lambda: state(home, edition) == "done")
        worker.tools.stop.set()
        thread.join()
    assert sum(one["event"].startswith("the worker waits") for one in logs) == 1


def state(home, edition):
    from presslens.app.services.catalogue.editions import find_edition

    return find_edition(home, edition).status.value
