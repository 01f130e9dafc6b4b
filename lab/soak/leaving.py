"""Readers leave pages and exports half-way, and whoever writes then does not wait for them."""

from __future__ import annotations

import random
import socket
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import httpx2
from rich.console import Console

from presslens.app.drill.proof import Proof
from presslens.app.drill.serving import presslens, serving
from presslens.app.drill.site_map import page_addresses
from presslens.lab.bench.pages import archive

EDITIONS = 60
"""Of fifty photos each."""

LEFT = 40
EARLIEST, LATEST = 0.02, 0.3
"""Seconds after which an answer is left."""

MOST = 1.0
"""Seconds that a write may take then."""

EXPORTS = ("csv", "photos", "alto", "coco", "snapshot")
SEED = 13


def check(_seconds: float) -> Iterator[Proof]:
    """Leave answers of a server one after another, and store an event after each."""
    with tempfile.TemporaryDirectory(prefix="presslens-soak-") as folder:
        with archive(Path(folder), EDITIONS, Console(stderr=True)) as home:
            variables = {
                "PRESSLENS_DATA_DIR": folder, "PRESSLENS_DATABASE_URL": home.settings.database_url,
            }  # fmt: skip
        with serving(presslens, "/api/v1/healthz", **variables) as client:
            times, refused = leave(client, LEFT)
    value = (
        f"{len(times) - refused} stored, {median(times):.2f} s half of them, {max(times):.2f} s the"
        " longest"
    )
    what = (
        f"{LEFT} answers left after {1000 * EARLIEST:.0f} to {1000 * LATEST:.0f} ms, then a write"
    )
    passed = refused == 0 and max(times) < MOST
    yield Proof("R13", what, value, f"all stored, each within {MOST:.0f} s", passed)


def leave(client: httpx2.Client, count: int) -> tuple[list[float], int]:
    """Leave answers half-way and write after each.

    Args:
        client: Of the server.
        count: How many answers are left.

    Returns:
        The seconds of each write, and how many were refused.
    """
    pages = page_addresses(str(client.base_url).rstrip("/")).values()
    paths = [httpx2.URL(page).raw_path.decode() for page in pages]
    paths += [f"/api/v1/exports/{name}" for name in EXPORTS]
    moments = random.Random(SEED)  # noqa: S311 - no secret
    times, refused = [], 0
    for number, path in enumerate(islice(cycle(paths), count)):
        _leave(client, path, moments.uniform(EARLIEST, LATEST))
        began = time.monotonic()
        event = {"date": "2024-01-01", "title": f"event {number}"}
        refused += not client.post("/api/v1/events", json=event).is_success
        times.append(time.monotonic() - began)
    return times, refused


def _leave(client: httpx2.Client, path: str, after: float) -> None:
    """Ask for an answer, and close the connection after so many seconds."""
    url = client.base_url
    with socket.create_connection((url.host, url.port or 80), timeout=10) as connection:
        head = f"GET {path} HTTP/1.1\r\nHost: {url.netloc.decode()}\r\nAccept: text/html\r\n\r\n"
        connection.sendall(head.encode())
        time.sleep(after)
