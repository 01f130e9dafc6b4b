"""Has a server and three workers, each on its own "machine", do the work of one archive.

They share a PostgreSQL database and a bucket, and nothing else: each has a folder of its own. All
are real processes of the command line, the bucket is moto's server. One worker has Ray for its
engine, another one is killed in the middle. What comes out is compared with what one worker makes
with SQLite and a folder.
"""

from __future__ import annotations

import io
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from PIL import Image as Pillow
from sqlalchemy import func, select, text

from presslens.app.db.session import Database
from presslens.app.db.tables import OutcomeRow, PageRow, ScanRow
from presslens.app.drill.proof import NotHere, Proof
from presslens.app.drill.serving import presslens, serving
from presslens.app.installation import init_installation, open_installation
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.ingest.upload import Incoming, ingest
from presslens.lab.soak.night import RECIPE, at_work
from presslens.lab.soak.postgresql_server import installed, postgresql_server
from presslens.pipelines.lifeline import program, running

EDITIONS = 30
PAGES = 4
WORKERS = 3
FIRST_DAY = date(2019, 12, 1)
CACHE_BYTES = 400_000
"""Room for some hundred of the small scans: less than there are, so that copies go."""
MOST_SECONDS = 900.0
KEYS = {
    "AWS_ACCESS_KEY_ID": "presslens",
    "AWS_SECRET_ACCESS_KEY": "presslens",
    "AWS_DEFAULT_REGION": "us-east-1",
}


def check(seconds: float) -> Iterator[Proof]:  # noqa: ARG001 - it takes what it takes
    """Work on three machines, and compare."""
    if not installed():
        raise NotHere("PostgreSQL is not installed")
    editions = [sample_edition(i) for i in range(EDITIONS)]
    with tempfile.TemporaryDirectory(prefix="presslens-") as name:
        folder = Path(name)
        expected = alone(folder / "alone", editions)
        with ExitStack() as running:
            folder.chmod(0o755)
            url = running.enter_context(postgresql_server(folder / "pg")).url
            endpoint = running.enter_context(_bucket_service("archive"))
            together = _Together(folder, url, endpoint)
            most = together.work(editions)
            with open_installation(together.settings(0)) as home:
                dump = canonical_dump(home)
                views = sum(1 for _ in home.storage.keys("views"))
            once = together.counts()
    what = f"{WORKERS} workers and a server, PostgreSQL and a bucket, one on Ray, one killed"
    value = "equal" if dump == expected else "other"
    yield Proof("R5", f"{what}: dump beside one worker's", value, "equal", dump == expected)
    pages = EDITIONS * PAGES
    counts = f"{once[0]} outcomes of {once[1]} scans of {once[2]} pages, {views} pictures"
    yield Proof("R5", "every page done once", counts, f"{pages} of each", {*once, views} == {pages})
    yield Proof("R12", "connections at most", str(most), "under 100", most < 100)


class _Together:
    """One archive and several machines."""

    def __init__(self, folder: Path, url: str, endpoint: str) -> None:
        self._folder, self._url, self._endpoint = folder, url, endpoint
        init_installation(self.settings(0))

    def settings(self, machine: int) -> Settings:
        """Return the settings of a machine."""
        return Settings(**self._values(machine))

    def _values(self, machine: int) -> dict[str, Any]:
        return {
            "data_dir": self._folder / f"machine-{machine}",
            "database_url": self._url,
            "store_url": "s3://archive/scans of 2019",
            "s3_endpoint": self._endpoint,
            "store_cache_bytes": CACHE_BYTES,
            "recipe": RECIPE,
            "processes": 1,
            "min_free_bytes": 0,
            "poll_seconds": 0.2,
            "lease_seconds": 5,
        }

    def _environment(self, machine: int) -> dict[str, str]:
        values = {f"PRESSLENS_{k.upper()}": str(v) for k, v in self._values(machine).items()}
        values["PRESSLENS_ENGINE"] = "ray" if machine == WORKERS else "local"
        return {**os.environ, **values}

    def work(self, editions: list[dict[str, bytes]]) -> int:
        """Upload editions while workers work, kill one; return the most connections at a time."""
        with ExitStack() as running:
            client = running.enter_context(
                serving(presslens, "/api/v1/healthz", **self._environment(0))
            )
            workers = [
                running.enter_context(self._worker(machine)) for machine in range(1, WORKERS + 1)
            ]
            for i, pages in enumerate(editions):
                upload(client, i, pages).raise_for_status()
            until(lambda: self.counts()[0] > EDITIONS * PAGES // 3)
            workers[0].kill()
            most = 0

            def is_done() -> bool:
                nonlocal most
                most = max(most, self._connections())
                return nothing_waits(client)

            until(is_done)
        return most

    @contextmanager
    def _worker(self, machine: int) -> Iterator[subprocess.Popen[bytes]]:
        environment, nowhere = self._environment(machine), subprocess.DEVNULL
        worker = running(
            program("presslens", "worker"), env=environment, stdout=nowhere, stderr=nowhere
        )
        with worker as process:
            yield process

    def counts(self) -> tuple[int, int, int]:
        """Return the numbers of outcomes, of scans with one, and of pages."""
        with closing(Database(self._url)) as database, database.read() as session:
            return (
                session.scalar(select(func.count(OutcomeRow.id))) or 0,
                session.scalar(select(func.count(OutcomeRow.scan_id.distinct()))) or 0,
                session.scalar(select(func.count(PageRow.id)).join(ScanRow)) or 0,
            )

    def _connections(self) -> int:
        with closing(Database(self._url)) as database, database.read() as session:
            query = "SELECT count(*) FROM pg_stat_activity WHERE client_port IS NOT NULL"
            return int(session.scalar(text(query)) or 0)


def sample_edition(i: int) -> dict[str, bytes]:
    """Return the pages of an edition by their names."""
    return {f"page_{n}.png": _page(PAGES * i + n) for n in range(PAGES)}


def _page(number: int) -> bytes:
    """Return a page like no other, with a photo that the scripted instruments understand."""
    pixels = np.full((220, 160, 3), 255, np.uint8)
    pixels[20:120, 20:140] = (90, 60 + number % 90, 110 + number // 90)
    pixels[30:50, 30 : 40 + 20 * (number % 3)] = (255, 0, 0)
    out = io.BytesIO()
    Pillow.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def upload(client: httpx2.Client, i: int, pages: dict[str, bytes]) -> httpx2.Response:
    """Upload an edition, and return the answer."""
    return client.post(
        "/api/v1/editions",
        data={"publication": "Rodong Sinmun", "date": str(FIRST_DAY + timedelta(days=i))},
        files=[("files", (name, content)) for name, content in pages.items()],
    )


def alone(folder: Path, editions: list[dict[str, bytes]]) -> str:
    """Return the dump of the same archive that one worker makes, with SQLite and a folder."""
    settings = Settings(data_dir=folder, recipe=RECIPE, processes=0, min_free_bytes=0)
    init_installation(settings)
    with open_installation(settings) as home:
        for i, pages in enumerate(editions):
            ingest(
                home,
                [Incoming(name, io.BytesIO(content)) for name, content in pages.items()],
                publication="Rodong Sinmun",
                edition_date=FIRST_DAY + timedelta(days=i),
                now=clock.now(),
            )
        with at_work(home) as worker:
            worker.drain()
        return canonical_dump(home)


@contextmanager
def _bucket_service(bucket: str) -> Iterator[str]:
    """Run moto's server with a bucket, and return its address."""
    from s3fs import S3FileSystem

    os.environ |= KEYS
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    nowhere = subprocess.DEVNULL
    server = program("moto.server", "-H", "127.0.0.1", "-p", str(port))
    with running(server, stdout=nowhere, stderr=nowhere):
        endpoint = f"http://127.0.0.1:{port}"
        until(lambda: _answers(port))
        S3FileSystem(endpoint_url=endpoint, skip_instance_cache=True).mkdir(bucket)
        yield endpoint


def nothing_waits(client: httpx2.Client) -> bool:
    """Return whether all work is done."""
    waiting = client.get("/api/v1/readyz").json().get("waiting")
    return bool(waiting) and not any(waiting.values())


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(happened: Callable[[], bool]) -> None:
    """Wait until something has happened.

    Raises:
        TimeoutError: It has not, for ``MOST_SECONDS``.
    """
    until = time.monotonic() + MOST_SECONDS
    while not happened():
        if time.monotonic() > until:
            raise TimeoutError(f"not done after {MOST_SECONDS:.0f} s")
        time.sleep(0.2)
