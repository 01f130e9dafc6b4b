"""The demonstration: composes samples, runs the service, and calls it over HTTP."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import httpx2

from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.sample_sources import sample_sources
from presslens.app.platform.settings import Settings
from presslens.app.platform.weights import acquire
from presslens.pipelines.lifeline import program, running
from presslens.pipelines.scans.scan import expand
from presslens.samples.compose import PUBLICATION, compose_edition, leader_references

EDITIONS = {"ordinary": 0, "special": 1}
"""The editions and their seeds, which make them of two days: of one day, one replaces the other."""

PATIENCE = 60.0
"""Seconds that the service has to answer for the first time."""

PATIENCE_ENDING = 3.0
"""Seconds that the service has to end: of a demonstration that is stopped nothing is kept."""


def prepare_samples(folder: Path, settings: Settings) -> None:
    """Fetch the samples' photos and fonts, and compose both editions and the references.

    Args:
        folder: Where the editions and the references go.
        settings: Name the cache folder, where the photos and fonts stay for the next time.
    """
    sources = sample_sources(settings)
    acquire(sources)
    for kind, seed in EDITIONS.items():
        compose_edition(kind, sources.packages, folder / kind, seed=seed)
    leader_references(sources.packages, folder / "leader")


def sample_pages(settings: Settings, count: int) -> list[bytes]:
    """Return pages of a composed ordinary and a special edition, in turns."""
    with tempfile.TemporaryDirectory(prefix="presslens-") as folder:
        prepare_samples(Path(folder), settings)
        kinds = [sorted((Path(folder) / kind).glob("*.jpg")) for kind in EDITIONS]
        paths = [path for pair in zip(*kinds, strict=False) for path in pair]
        return [path.read_bytes() for path in islice(cycle(paths), count)]


@dataclass(frozen=True, slots=True)
class Uploaded:
    """An uploaded edition."""

    id: int
    title: str
    pages: int


@dataclass(frozen=True, slots=True)
class Service:
    """The running service, through its API."""

    client: httpx2.Client

    def enrol(self, name: str, folder: Path) -> None:
        """Enrol a leader of the sample newspaper from a folder of reference photos."""
        given = {"name": name, "publications": [PUBLICATION]}
        figure = self._checked(self.client.post("figures", json=given)).json()
        with ExitStack() as stack:
            files = [("files", stack.enter_context(p.open("rb"))) for p in expand([folder])]
            self._checked(self.client.post(f"figures/{figure['id']}/references", files=files))

    def upload(self, folder: Path) -> Uploaded:
        """Upload the pages of a sample edition."""
        edition = json.loads((folder / "truth.json").read_text())["edition"]
        pages = expand([folder])
        with ExitStack() as stack:
            answer = self._checked(
                self.client.post(
                    "editions",
                    data={
                        "publication": edition["publication"],
                        "date": edition["date"],
                        "languages": "ko",
                        "kind": "state",
                    },
                    files=[("files", stack.enter_context(p.open("rb"))) for p in pages],
                )
            )
        return Uploaded(answer.json()["id"], f"{folder.name} edition", len(pages))

    def watch(self, edition: Uploaded) -> Iterator[tuple[int, int]]:
        """Yield how many of how many pages are finished, until all are."""
        with self.client.stream("GET", f"editions/{edition.id}/events") as events:
            for line in events.iter_lines():
                if line.startswith("data: "):
                    state = json.loads(line.removeprefix("data: "))
                    yield state["pages_finished"], max(state["pages"], edition.pages)

    def _checked(self, answer: httpx2.Response) -> httpx2.Response:
        if answer.is_error:
            raise InvalidRequest(f"the service answered {answer.status_code}: {answer.text}")
        return answer


@contextmanager
def demo_service(data: Path, settings: Settings) -> Iterator[Service]:
    """Run the service on a free loopback port with a fresh data folder."""
    data.mkdir(parents=True)
    port = _free_port()
    environment = {
        **os.environ,
        "PRESSLENS_DATA_DIR": str(data.absolute()),
        "PRESSLENS_DATABASE_URL": "",
        "PRESSLENS_STORE_URL": "",
        "PRESSLENS_WEIGHTS_DIR": str(settings.weights_dir),
    }
    with (data.parent / "service.log").open("wb") as log:
        serve = running(
            program("presslens", "serve", "--port", str(port)),
            patience=PATIENCE_ENDING,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        with (
            serve as server,
            httpx2.Client(
                base_url=f"http://127.0.0.1:{port}/api/v1/", timeout=600, trust_env=False
            ) as client,
        ):
            _await(client, server, data.parent / "service.log")
            yield Service(client)


def _await(client: httpx2.Client, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if client.get("healthz").is_success:
                return
        except httpx2.TransportError:
            time.sleep(0.2)
    raise InvalidRequest(f"the service did not start; its log is {log}")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
