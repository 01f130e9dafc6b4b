"""The server and its worker neither grow nor hold on to files and threads while they work.

Pages and answers are asked for in turn while a worker looks at one new page after another. What
they hold in the last quarter of the time is compared with the second quarter; the first is for
caches to fill.
"""

from __future__ import annotations

import io
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, cycle
from pathlib import Path
from statistics import median
from typing import Any

import httpx2
import psutil
from PIL import Image as Pillow

from presslens.app.demo import prepare_samples
from presslens.app.drill.proof import Proof
from presslens.app.drill.site_map import page_addresses
from presslens.app.platform.settings import Settings
from presslens.lab.bench.start import server

SHARE = 3.0
WHOLE = 7200.0
MEMORY = 0.05
"""Part by which memory may grow."""
HANDLES = 2
"""How many descriptors, and threads, may be more."""
REQUESTS = 20
"""Requests between two pages that the worker is given."""
PATIENCE = 600.0
"""Seconds that a page may take to be looked at, and an answer, beside whatever else runs."""
FIRST_DAY = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Resources:
    """What the processes of a service hold together, and when.

    Attributes:
        at: Seconds, of a monotonic clock.
        memory: Resident bytes.
        descriptors: Open files and sockets.
        threads: Threads.
    """

    at: float
    memory: int
    descriptors: int
    threads: int


def check(seconds: float) -> Iterator[Proof]:
    """Watch a service at work."""
    with tempfile.TemporaryDirectory(prefix="presslens-soak-") as folder:
        prepare_samples(Path(folder), Settings())
        page = next((Path(folder) / "ordinary").glob("*.jpg"))
        environment = {
            **os.environ, "PRESSLENS_DATA_DIR": f"{folder}/data", "PRESSLENS_DATABASE_URL": "",
        }  # fmt: skip
        with server(folder, environment) as (process, client):
            yield from compare(work(client, psutil.Process(process.pid), page, seconds))


def work(
    client: httpx2.Client, process: psutil.Process, page: Path, seconds: float
) -> list[Resources]:
    """Have a service look at pages and answer requests, and return what it held after each."""
    until, samples, addresses = time.monotonic() + seconds, [], None
    client.timeout = PATIENCE
    for number in count():
        analyse(client, page, number)
        addresses = addresses or cycle(page_addresses(origin(client)).values())
        for _ in range(REQUESTS):
            _ask(client, "GET", next(addresses))
        samples.append(holds(process))
        if samples[-1].at > until:
            return samples
    raise AssertionError("it counts without end")


def _ask(client: httpx2.Client, method: str, address: str, **content: Any) -> httpx2.Response:
    """Ask a server, again where it says to come again, and return its answer."""
    until = time.monotonic() + PATIENCE
    while True:
        answer = client.request(method, address, **content)
        if answer.status_code != httpx2.codes.SERVICE_UNAVAILABLE or time.monotonic() > until:
            return answer.raise_for_status()
        time.sleep(1)


def origin(client: httpx2.Client) -> str:
    """Return the server's address without the path of the API."""
    return str(client.base_url.copy_with(path="/")).rstrip("/")


def analyse(client: httpx2.Client, page: Path, number: int) -> None:
    """Upload a page with a mark of its own as an edition, and wait until it is looked at."""
    edition = _ask(
        client,
        "POST",
        "editions",
        data={"publication": "Soak", "date": str(FIRST_DAY + timedelta(days=number))},
        files=[("files", ("1.jpg", marked(page, number), "image/jpeg"))],
    )
    address = f"editions/{edition.json()['id']}"
    until = time.monotonic() + PATIENCE
    while _ask(client, "GET", address).json()["status"] != "done":
        if time.monotonic() > until:
            raise TimeoutError(f"{address} is not analysed after {PATIENCE:.0f} s")
        time.sleep(0.2)


def marked(page: Path, number: int) -> bytes:
    """Return a page with a comment, so that it is another file than those before it."""
    with Pillow.open(page) as image:
        written = io.BytesIO()
        image.save(written, "JPEG", quality="keep", comment=f"soak {number}")
    return written.getvalue()


def holds(process: psutil.Process) -> Resources:
    """Return what a process and those below it hold."""
    family = [process, *process.children(recursive=True)]
    return Resources(
        time.monotonic(),
        sum(member.memory_info().rss for member in family),
        sum(member.num_fds() for member in family),
        sum(member.num_threads() for member in family),
    )


def compare(samples: Sequence[Resources]) -> Iterator[Proof]:
    """Prove that the last quarter of the time holds no more than the second."""
    begun, lasted = samples[0].at, samples[-1].at - samples[0].at
    early = [h for h in samples if 0.25 <= (h.at - begun) / lasted < 0.5]
    late = [h for h in samples if (h.at - begun) / lasted >= 0.75]

    def grown(of: Callable[[Resources], int]) -> tuple[float, float]:
        return median(map(of, early)), median(map(of, late))

    before, after = grown(lambda h: h.memory)
    growth = after / before - 1
    over = f"over {lasted / 60:.0f} min and {len(samples)} pages"
    yield Proof(
        "R12",
        f"memory of all processes {over}",
        f"{growth:+.1%} of {before / 2**20:.0f} MB",
        f"at most +{MEMORY:.0%}",
        growth <= MEMORY,
    )
    for what, of in {
        "descriptors": lambda h: h.descriptors, "threads": lambda h: h.threads,
    }.items():  # fmt: skip
        before, after = grown(of)
        more = after - before
        figure = f"{more:+.0f} of {before:.0f}"
        yield Proof("R12", f"{what} {over}", figure, f"at most +{HANDLES}", more <= HANDLES)
