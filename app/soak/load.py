"""How long readers wait while a worker analyses, on an archive of 100,000 photos.

Thirty-two clients read pages, answers and pictures, each from a shuffled list of its own, in two
ways. *Readers* ask once a second, as people do who look at what they got. *Programs* ask again at
once (a closed loop), so that all clients wait in one line all the time, and the time of an answer
is the number of clients divided by the answers a second: that is throughput, told as a delay.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path

import httpx2
import numpy as np
from rich.console import Console

from app.bench.pages import archive
from app.bench.serving import serving
from app.bench.site_map import page_addresses
from app.demo import prepare_samples
from app.settings import Settings
from app.soak.leaks import marked
from app.soak.proof import Proof
from app.soak.two_servers import serve_with_worker

WHOLE = 150.0
CLIENTS = 32
EDITIONS = 2000
PICTURED = 60
"""Editions, the latest, whose pages have pictures."""

WAITING = 60
"""Pages that wait for the worker when reading begins: more than it looks at meanwhile."""

PAGES = 3
"""Pages of an edition that waits."""

FIRST_DAY = date(2000, 1, 1)
"""Of these editions."""

MOST_MS = 200.0
"""Milliseconds within which 95 of 100 answers are to come to readers."""

LONGEST = 30.0
"""Seconds of each way of reading."""

WORKER_SECONDS = 120.0
"""Seconds that the worker has to load its networks."""

PAUSE = 1.0
"""Seconds between two requests of a reader."""

ANSWERS = (
    "editions?limit=50", "photos?limit=50", "photos?subject=children&limit=50",
    "photos/facets", "photos/facets?subject=children", "photos/buckets?sort=-date",
    "stats?metric=children&by=month", "stats?metric=photos&by=edition",
    "stats?metric=leader&by=year", "stats/composition?from=2020-01-01&to=2020-12-31",
    "publications", "figures", "claims", "events", "readyz",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """What clients have met.

    Attributes:
        times: How long each answer took, in ms.
        errors: How many requests were not answered with 200.
        seconds: How long all read.
    """

    times: list[float]
    errors: int
    seconds: float

    @property
    def p95(self) -> float:
        """Milliseconds within which 95 of 100 answers came."""
        return float(np.percentile(self.times, 95))

    def __str__(self) -> str:
        """Say the figures."""
        return (
            f"p95 {self.p95:,.0f} ms, median {np.median(self.times):,.0f} ms, {self.errors} errors,"
            f" {len(self.times) / self.seconds:.0f} answers a second"
        )


def check(seconds: float) -> Iterator[Proof]:
    """Fill an archive, serve it with a worker that has work, and read."""
    each = min(LONGEST, seconds / 4)
    with tempfile.TemporaryDirectory(prefix="presslens-load-") as folder:
        data = Path(folder) / "data"
        with archive(data, EDITIONS, Console(stderr=True), pictured=PICTURED) as home:
            variables = {
                "PRESSLENS_DATA_DIR": str(data),
                "PRESSLENS_DATABASE_URL": home.settings.database_url,
            }
        with serving(serve_with_worker, "/api/v1/healthz", **variables) as client:
            _give_work(client, Path(folder))
            _await_worker(client)
            asked = addresses(str(client.base_url).rstrip("/"))
            readers = asyncio.run(read(asked, each, pause=PAUSE))
            programs = asyncio.run(read(asked, each, pause=0.0))
    what = f"{CLIENTS} {{}} for {each:.0f} s, 100,000 photos, a worker analysing"
    kept = readers.errors == 0 and readers.p95 <= MOST_MS
    target = f"p95 at most {MOST_MS:.0f} ms, 0 errors"
    yield Proof("R12", what.format("readers, once a second"), str(readers), target, kept)
    closed = what.format("programs in a closed loop")
    yield Proof("R12", closed, str(programs), "0 errors", programs.errors == 0)


def _give_work(client: httpx2.Client, folder: Path) -> None:
    """Upload small editions: each that is finished makes the numbers before it outdated."""
    prepare_samples(folder, Settings())
    page = next((folder / "ordinary").glob("*.jpg"))
    files = [("files", (f"{n}.jpg", marked(page, n), "image/jpeg")) for n in range(WAITING)]
    for number, first in enumerate(range(0, WAITING, PAGES)):
        form = {"publication": "Load", "date": f"{FIRST_DAY + timedelta(days=number)}"}
        pages = files[first : first + PAGES]
        client.post("/api/v1/editions", data=form, files=pages).raise_for_status()


def _await_worker(client: httpx2.Client) -> None:
    """Wait until the worker has loaded its networks: until then ``readyz`` is an error."""
    until = time.monotonic() + WORKER_SECONDS
    while not client.get("/api/v1/readyz").is_success:
        if time.monotonic() > until:
            raise TimeoutError(f"no worker after {WORKER_SECONDS:.0f} s")
        time.sleep(0.5)


def addresses(server: str) -> list[str]:
    """Return what is read: each kind of page, answers, and pictures of the latest photos."""
    pages = [url for name, url in page_addresses(server).items() if name != "docs"]
    answers = [f"{server}/api/v1/{path}" for path in ANSWERS]
    with httpx2.Client(trust_env=False, timeout=60) as client:
        listed = client.get(f"{server}/api/v1/photos?sort=-date&limit=30").raise_for_status()
    photos = [f"{server}/api/v1/photos/{one['id']}" for one in listed.json()["photos"]]
    return [*pages, *answers, *photos[:10], *(f"{photo}/image?width=320" for photo in photos)]


async def read(asked: Sequence[str], seconds: float, *, pause: float) -> Reading:
    """Have all clients read for some seconds.

    Args:
        asked: The addresses.
        seconds: How long.
        pause: Seconds from one request of a client to its next; 0: as soon as it is answered.
    """
    times: list[float] = []
    errors = 0
    begun = time.monotonic()

    async def one(client: httpx2.AsyncClient, number: int) -> None:
        nonlocal errors
        order = list(asked)
        random.Random(number).shuffle(order)  # noqa: S311 no secret
        await asyncio.sleep(pause * number / CLIENTS)
        for address in cycle(order):
            start = time.monotonic()
            if start - begun > seconds:
                return
            try:
                answer = await client.get(address)
                errors += answer.status_code != httpx2.codes.OK
            except httpx2.HTTPError:
                errors += 1
            times.append(1000 * (time.monotonic() - start))
            await asyncio.sleep(max(0.0, start + pause - time.monotonic()))

    limits = httpx2.Limits(max_connections=CLIENTS, max_keepalive_connections=CLIENTS)
    async with httpx2.AsyncClient(trust_env=False, timeout=60, limits=limits) as client:
        begun = time.monotonic()
        await asyncio.gather(*(one(client, number) for number in range(CLIENTS)))
    return Reading(times, errors, time.monotonic() - begun)
