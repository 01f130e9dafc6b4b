"""How long readers wait while a worker analyses, on an archive of 100,000 photos.

Thirty-two clients read pages, answers and pictures, each from a shuffled list of its own, in two
ways. *Readers* ask once a second, as people do who look at what they got. *Programs* ask again at
once (a closed loop), so that all clients wait in one line all the time, and the time of an answer
is the number of clients divided by the answers a second: that is throughput, told as a delay.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import httpx2
from rich.console import Console

from presslens.app.demo import prepare_samples
from presslens.app.drill.proof import Proof
from presslens.app.drill.readers import CLIENTS, addresses, read
from presslens.app.drill.serving import serving
from presslens.app.platform.settings import Settings
from presslens.lab.bench.pages import archive
from presslens.lab.soak.leaks import marked
from presslens.lab.soak.two_servers import serve_with_worker

WHOLE = 150.0
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
            pages = addresses(str(client.base_url).rstrip("/"))
            readers = asyncio.run(read(pages, each, pause=PAUSE))
            programs = asyncio.run(read(pages, each, pause=0.0))
    what = f"{CLIENTS} {{}} for {each:.0f} s, 100,000 photos, a worker analysing"
    passed = readers.errors == 0 and readers.p95 <= MOST_MS
    target = f"p95 at most {MOST_MS:.0f} ms, 0 errors"
    yield Proof("R12", what.format("readers, once a second"), str(readers), target, passed)
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
