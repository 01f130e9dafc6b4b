"""How long readers wait while the machine analyses: ``python -m presslens.lab.bench.reads``.

One reader asks for the main pages and answers in turn: of a server without a worker, of one whose
worker does not give way, and of one whose worker does (``PRESSLENS_WORKER_NICE``). The three take
turns, several times, on one archive, in which pages wait for the worker.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import count, cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
import numpy as np
from rich.console import Console
from rich.table import Table

from presslens.app.demo import sample_pages
from presslens.app.drill.serving import presslens, serving
from presslens.app.platform.settings import Settings
from presslens.app.sizing.measurement import commented
from presslens.lab.bench.pages import archive
from presslens.pipelines.lifeline import program

MOST_MS = 50.0
"""Milliseconds within which 95 of 100 answers are to come."""

WAITING, EDITION = 40, 8
"""Pages that are uploaded before each turn, more than are analysed in it, and those of an edition.
"""

FIRST_DAY = date(1800, 1, 1)

PAUSE = 0.05
"""Seconds between two requests of the reader."""

WORKERS = {"no worker": None, "worker, nice 0": 0, "worker, nice 10": 10}

PATHS = {
    "an edition": "/api/v1/editions/{edition}",
    "its web page, to the last byte": "/editions/{edition}",
    "photos": "/api/v1/photos?limit=50",
    "photos of children": "/api/v1/photos?subject=children&limit=50",
    "a photo": "/api/v1/photos/{photo}",
    "picture of a page": "/api/v1/pages/{page}/image",
    "picture of a photo": "/api/v1/photos/{photo}/image?width=320",
    "statistics by month": "/api/v1/stats?metric=children&by=month",
}
"""The main reads."""

Times = Mapping[str, Mapping[str, Sequence[float]]]


def main() -> None:
    """Print the 95th percentiles of all main reads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--editions", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each turn")
    args = parser.parse_args()
    scans, number = sample_pages(Settings(), EDITION), count()
    times: dict[str, dict[str, list[float]]] = {w: defaultdict(list) for w in WORKERS}
    with TemporaryDirectory(prefix="presslens-reads-") as folder:
        with archive(Path(folder), args.editions, Console(stderr=True)) as home:
            variables = {
                "PRESSLENS_DATA_DIR": folder,
                "PRESSLENS_DATABASE_URL": home.settings.database_url,
            }
        for name in islice(cycle(WORKERS), args.rounds * len(WORKERS)):
            nice = WORKERS[name]
            command = presslens if nice is None else _with_worker
            own = {**variables, "PRESSLENS_WORKER_NICE": str(nice or 0)}
            with serving(command, "/api/v1/healthz", **own) as client:
                if nice is not None:
                    _give_work(client, scans, next(number))
                read(client, args.seconds, times[name])
    Console().print(table(times))


def _with_worker(port: int) -> list[str]:
    return program("presslens", "serve", "--port", str(port))


def _give_work(client: httpx2.Client, scans: Sequence[bytes], number: int) -> None:
    """Upload editions, and wait until the first page of one is analysed."""
    for first in range(0, WAITING, EDITION):
        day = FIRST_DAY + timedelta(days=number * WAITING + first)
        files = [
            ("files", (f"{i}.jpg", commented(scan, f"{day}/{i}"), "image/jpeg"))
            for i, scan in enumerate(scans, start=1)
        ]
        form = {"publication": "Bench", "date": f"{day}"}
        client.post("/api/v1/editions", data=form, files=files).raise_for_status()
    while not _begun(client):
        time.sleep(0.2)


def _begun(client: httpx2.Client) -> bool:
    query = f"/api/v1/editions?publication=Bench&from={FIRST_DAY}&limit=50"
    editions = client.get(query).raise_for_status().json()["editions"]
    return any(edition["status"] == "analysing" for edition in editions)


def read(client: httpx2.Client, seconds: float, times: dict[str, list[float]]) -> None:
    """Ask for the main reads in turn, and add how long each answer takes, in ms."""
    latest = client.get("/api/v1/photos?sort=-date&limit=1").raise_for_status().json()["photos"][0]
    ids = {"photo": latest["id"], "page": latest["page"], "edition": latest["edition"]}
    addresses = {name: address.format(**ids) for name, address in PATHS.items()}
    for address in addresses.values():  # not the first of this server
        client.get(address).raise_for_status()
    until = time.monotonic() + seconds
    for name, address in cycle(addresses.items()):
        began = time.perf_counter()
        client.get(address).raise_for_status()
        times[name].append(1000 * (time.perf_counter() - began))
        time.sleep(PAUSE)
        if time.monotonic() > until:
            return


def table(times: Times) -> Table:
    """Return the medians and 95th percentiles, ms; what is above ``MOST_MS`` is marked."""
    shown = Table("95th percentile (median), ms", *times)
    for name in [*PATHS, "all"]:
        shown.add_row(name, *(_cell(spent, name) for spent in times.values()))
    return shown


def _cell(times: Mapping[str, Sequence[float]], name: str) -> str:
    values = times[name] if name != "all" else [t for spent in times.values() for t in spent]
    if not values:
        return "-"
    late = np.percentile(values, 95)
    return f"{late:,.0f}{' !' if late > MOST_MS else ''} ({np.median(values):,.0f})"


if __name__ == "__main__":
    main()
