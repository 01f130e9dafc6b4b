"""The real server with its worker process, killed and started again."""

import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from presslens.app.installation import open_installation
from presslens.app.server import FIRST_PAUSE, LONGEST_PAUSE, next_pause
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.pipelines.lifeline import program

from .conftest import make_page, settings_of

PATIENCE = 90.0
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
    """The dump of a run that nobody disturbed, in a process of its own."""
    folder = tmp_path_factory.mktemp("calm")
    calm = settings_of(f"sqlite:///{folder}/calm.db", folder / "data")
    with serving(calm) as (_, client):
        edition = upload(client, pages)
        await_that(lambda: state(client, edition)["status"] == "done")
        await_that(lambda: added_up(client))
    with open_installation(calm) as home:
        return canonical_dump(home)


def test_kill_9_loses_nothing_and_doubles_nothing(settings, pages, undisturbed):
    with serving(settings) as (server, client):
        edition = upload(client, pages)
        await_that(lambda: state(client, edition)["pages_finished"] >= 3)
        os.killpg(server.pid, signal.SIGKILL)
    with serving(settings) as (server, client):
        assert state(client, edition)["pages_finished"] >= 3
        await_that(lambda: state(client, edition)["pages_finished"] >= 8)
        os.kill(server.pid, signal.SIGKILL)  # its worker notices, and ends by itself
    with serving(settings) as (_, client):
        await_that(lambda: state(client, edition)["status"] == "done")
        await_that(lambda: added_up(client))
        assert upload(client, pages) == edition
    with open_installation(settings) as home:
        assert canonical_dump(home) == undisturbed


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sigterm_ends_the_server_and_its_worker(settings, pages, tmp_path):
    told, database = tmp_path / "stderr", f"sqlite:///{tmp_path}/fresh.db"
    fresh = settings.model_copy(update={"data_dir": tmp_path / "fresh", "database_url": database})
    with told.open("w") as errors, serving(fresh, errors) as (server, client):
        edition = upload(client, pages)
        await_that(lambda: state(client, edition)["pages_finished"] >= 1)
        server.terminate()
        assert server.wait(PATIENCE) == 0
        await_that(lambda: not running(server.pid))
    assert f"{fresh.data_dir} had no installation" in told.read_text().splitlines()[0]


def test_the_pause_grows_while_workers_end_early_and_starts_over_after_a_long_life():
    pauses = [0.0]
    for _ in range(8):
        pauses.append(next_pause(pauses[-1], lived=0.5))
    assert pauses[1:4] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE
    assert next_pause(LONGEST_PAUSE, lived=LONGEST_PAUSE + 1) == FIRST_PAUSE
