"""The real server with its worker process, killed and started again."""

import asyncio
import contextlib
import io
import json
import os
import signal
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI, Request, UploadFile
from fastapi.responses import StreamingResponse

from presslens.app import server as server_module
from presslens.app.api import request_body
from presslens.app.api.problem import add_handlers
from presslens.app.api.request_body import PacedBodies
from presslens.app.installation import init_installation, open_installation
from presslens.app.platform import clock
from presslens.app.server import FIRST_PAUSE, LONGEST_PAUSE, TimedConnection, next_pause
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.ingest.upload import Incoming, ingest
from presslens.app.storage.folder import FolderStorage
from presslens.app.worker import open_worker
from presslens.pipelines.lifeline import program

from .conftest import DAY, make_page, settings_of

PATIENCE = 300.0
EDITION = {"publication": "Rodong Sinmun", "date": "2019-12-16"}


@contextmanager
def serving(settings, errors=subprocess.DEVNULL, *, worker=True):
    """Run the server in a session of its own, and give the process and a client."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    environment = os.environ | {
        "PRESSLENS_DATA_DIR": str(settings.data_dir),
        "PRESSLENS_DATABASE_URL": settings.database_url,
        "PRESSLENS_RECIPE": str(settings.recipe),
        "PRESSLENS_PROCESSES": "1",
        "PRESSLENS_MIN_FREE_BYTES": "0",
        "PRESSLENS_POLL_SECONDS": "0.05",
    }
    server = subprocess.Popen(
        program("presslens", "serve", "--port", str(port), *([] if worker else ["--no-worker"])),
        env=environment,
        start_new_session=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=errors,
    )
    base = f"http://127.0.0.1:{port}/api/v1/"
    try:
        with httpx2.Client(base_url=base, trust_env=False, timeout=30) as client:
            await_that(lambda: answers(client))
            yield server, client
    finally:
        with server:
            if server.poll() is None:
                os.killpg(server.pid, signal.SIGKILL)


def answers(client):
    try:
        return client.get("healthz").is_success
    except httpx2.TransportError:
        return False


def await_that(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.1)  # each question takes the service some of the processor


def running(session):
    """Tell whether a process of a session is alive; zombies are not."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, its_session = stat.read_text().rpartition(")")[2].split()[:4]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(its_session) == session and state != "Z":
            return True
    return False


def state(client, edition):
    return client.get(f"editions/{edition}").json()


def upload(client, pages):
    files = [("files", (name, data)) for name, data in pages.items()]
    return client.post("editions", data=EDITION, files=files).json()["id"]


@pytest.fixture(scope="module")
def pages():
    """Two dozen pages, so that there is a middle to be killed in."""
    return {f"page_{i}.png": make_page(tint=i, persons=i % 3, faces=i % 2) for i in range(24)}


def added_up(client):
    """Tell whether the only edition is in statistics, which is the last that is done with it."""
    return client.get("stats?metric=photos").json()["editions"] == 1


@pytest.fixture(scope="module")
def undisturbed(pages, tmp_path_factory):
    """The dump of a run that nobody disturbed, in this process."""
    folder = tmp_path_factory.mktemp("calm")
    calm = settings_of(f"sqlite:///{folder}/calm.db", folder / "data")
    init_installation(calm)
    incoming = [Incoming(name, io.BytesIO(data)) for name, data in pages.items()]
    day = {"publication": EDITION["publication"], "edition_date": DAY}
    with open_installation(calm) as home, open_worker(home, threading.Event()) as worker:
        ingest(home, incoming, **day, mode=None, now=clock.now())
        worker.drain()
        return canonical_dump(home)


@pytest.mark.timeout(900)
@pytest.mark.empty_database
def test_neither_kill_9_nor_sigterm_loses_or_doubles_anything(
    settings, pages, undisturbed, tmp_path
):
    told = tmp_path / "stderr"
    with told.open("w") as errors, serving(settings, errors) as (server, client):
        edition = upload(client, pages)
        await_that(lambda: state(client, edition)["pages_finished"] >= 3)
        os.killpg(server.pid, signal.SIGKILL)
    assert f"{settings.data_dir} had no installation" in told.read_text().splitlines()[0]
    with serving(settings) as (server, client):
        assert state(client, edition)["pages_finished"] >= 3
        await_that(lambda: state(client, edition)["pages_finished"] >= 8)
        os.kill(server.pid, signal.SIGKILL)  # its worker notices, and ends by itself
    with serving(settings) as (server, client):
        await_that(lambda: state(client, edition)["pages_finished"] >= 9)
        server.terminate()
        assert server.wait(PATIENCE) == 0
        await_that(lambda: not running(server.pid))
    with serving(settings) as (_, client):
        await_that(lambda: state(client, edition)["status"] == "done")
        await_that(lambda: added_up(client))
        assert upload(client, pages) == edition
    with open_installation(settings) as home:
        assert canonical_dump(home) == undisturbed


def test_a_port_that_is_taken_is_named_before_anything_is_opened(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ran = subprocess.run(
            program("presslens", "serve", "--port", str(port)),
            env=os.environ | {"PRESSLENS_DATA_DIR": str(tmp_path / "none")},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"presslens: port {port} of 127.0.0.1 is taken")
    assert f"presslens serve --port {port + 1}" in ran.stderr
    assert not (tmp_path / "none").exists()


def test_the_pause_grows_while_workers_end_early_and_starts_over_after_a_long_life():
    pauses = [0.0]
    for _ in range(8):
        pauses.append(next_pause(pauses[-1], lived=0.5))
    assert pauses[1:4] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE
    assert next_pause(LONGEST_PAUSE, lived=LONGEST_PAUSE + 1) == FIRST_PAUSE


@contextlib.contextmanager
def answering(app):
    """Answer requests in a thread, and give the port and the server."""
    config = uvicorn.Config(app, port=0, log_level="critical", http=TimedConnection, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1], server
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def service(tmp_path):
    app = FastAPI()
    app.state.stopping = False
    app.state.home = type("Home", (), {"storage": FolderStorage(tmp_path)})
    app.add_middleware(PacedBodies)
    add_handlers(app)

    @app.post("/take")
    async def take(file: UploadFile) -> int:
        return len(await file.read())

    @app.post("/echo")
    async def echo(request: Request) -> int:
        return len(await request.body())

    @app.get("/much")
    async def much() -> StreamingResponse:
        async def chunks():
            for _ in range(400):
                yield b"x" * 2**20
                await asyncio.sleep(0)

        return StreamingResponse(chunks())

    return app


def connect(port, request=b""):
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    client.sendall(request)
    return client


def answer(client):
    """Read to the end of the connection; return the status and the JSON of the answer."""
    head, _, body = b"".join(iter(lambda: client.recv(2**16), b"")).partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def read_to(client, end):
    received = b""
    while not received.endswith(end):
        received += client.recv(2**16)
    return received


def post(path, length, more=b""):
    return b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%s\r\n" % (path, length, more)


def test_who_sends_or_takes_nothing_is_given_up(service, monkeypatch, subtests):
    monkeypatch.setattr(server_module, "REQUEST_SECONDS", 0.3)
    monkeypatch.setattr(server_module, "TAKING_SECONDS", 0.3)
    monkeypatch.setattr(request_body, "GRACE_SECONDS", 0.3)
    with answering(service) as (port, server):
        for said in (b"", b"GET / HTTP/1.1\r\nHost:"):
            with subtests.test(msg=f"headers {said!r}"), connect(port, said) as client:
                assert client.recv(1) == b""
        with subtests.test(msg="a body that stops"):
            with connect(port, post(b"/echo", 10) + b"12345") as client:
                status, problem = answer(client)
            assert (status, problem["title"]) == (408, "Request Timeout")
        with subtests.test(msg="a form that stops"):
            kind = b"Content-Type: multipart/form-data; boundary=b\r\n"
            with connect(port, post(b"/take", 99, kind) + b"--b\r\n") as client:
                assert answer(client)[0] == 408
        with subtests.test(msg="an answer that is not taken"):
            client = connect(port, b"GET /much HTTP/1.1\r\nHost: x\r\n\r\n")
            with client:
                time.sleep(0.8)
                assert not server.server_state.connections
        client = connect(port, post(b"/echo", 2) + b"12")
        with subtests.test(msg="a second request on a kept connection"), client:
            assert read_to(client, b"\r\n2").startswith(b"HTTP/1.1 200")
            client.sendall(b"GET / HT")
            assert client.recv(1) == b""


def test_a_body_at_its_pace_is_taken_however_long_it_takes(service, monkeypatch):
    monkeypatch.setattr(request_body, "GRACE_SECONDS", 0.2)
    monkeypatch.setattr(request_body, "LEAST_PACE", 10)
    with answering(service) as (port, _), connect(port, post(b"/echo", 40)) as client:
        for _ in range(8):  # 50 bytes a second, for longer than the grace
            client.sendall(b"12345")
            time.sleep(0.1)
        assert read_to(client, b"\r\n40").startswith(b"HTTP/1.1 200")


def test_what_is_no_http_is_told_so_in_the_shape_of_all_errors(service, subtests):
    chunked = b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n"
    with answering(service) as (port, _):
        for said in (
            b"no HTTP\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
            b"\x16\x03",
            chunked,
        ):
            with subtests.test(msg=repr(said)), connect(port, said + b"\r\n\r\n") as client:
                status, problem = answer(client)
                assert (status, problem["status"], problem["errors"]) == (400, 400, [])
                assert problem["title"] == "Bad Request"


def test_what_is_no_http_after_an_answer_has_begun_ends_it(service, caplog):
    head = b"GET /much HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with answering(service) as (port, _), connect(port, head) as client:
        assert client.recv(15) == b"HTTP/1.1 200 OK"
        client.sendall(b"no size\r\n")
        received = b"".join(iter(lambda: client.recv(2**20), b""))
        assert b"400 Bad Request" not in received
        assert len(received) < 400 * 2**20
    assert not [one for one in caplog.records if one.name == "asyncio"]


def test_a_connection_too_many_is_told_so(service, monkeypatch):
    monkeypatch.setattr(server_module, "MOST_CONNECTIONS", 2)
    with answering(service) as (port, _), connect(port), connect(port):
        third = connect(port, post(b"/echo", 0))
        with third:
            assert answer(third)[0] == 503


def test_a_body_without_room_is_refused_before_it_is_read(service, tmp_path):
    roomy = FolderStorage(tmp_path)
    service.state.home = type(
        "Home", (), {"storage": FolderStorage(tmp_path, roomy.free_bytes() - 2**23)}
    )
    with answering(service) as (port, _):
        with connect(port, post(b"/echo", 2**23)) as client:
            status, problem = answer(client)
        assert (status, problem["title"]) == (507, "Insufficient Storage")
        chunk = b"100000\r\n" + b"x" * 2**20 + b"\r\n"
        service.state.home.storage = FolderStorage(tmp_path, 2**62)
        head = b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        with connect(port, head + chunk) as client:
            assert answer(client)[0] == 507


def test_a_body_that_waits_when_the_server_stops_is_told_to_come_again(service):
    with answering(service) as (port, server):
        client = connect(port, post(b"/echo", 10) + b"1")
        while not server.server_state.tasks:
            time.sleep(0.01)
        service.state.stopping = True
        server.should_exit = True
        with client:
            status, problem = answer(client)
    assert (status, problem["detail"]) == (503, str(request_body.STOPPING))
