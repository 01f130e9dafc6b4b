"""Requests go on while hundreds of connections dawdle: headers that never end, bodies that drip."""

from __future__ import annotations

import os
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from statistics import quantiles

import httpx2

from presslens.app.drill.proof import Proof
from presslens.app.drill.serving import presslens, serving

CONNECTIONS = 200
SECONDS = 60.0
TARGET_MS = 500.0
DRIP_SECONDS = 2.0
HEADERS = b"GET /api/v1/editions HTTP/1.1\r\nHost: localhost\r\n"
BODY = (
    b"POST /api/v1/editions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n"
    b"Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n"
)
ADDRESSES = ("editions", "photos", "publications", "healthz")


def check(seconds: float) -> Iterator[Proof]:
    """Ask for lists while slow clients hold connections, and time the answers."""
    lasts = min(seconds, SECONDS)
    with tempfile.TemporaryDirectory(prefix="presslens-soak-") as folder:
        variables = {**os.environ, "PRESSLENS_DATA_DIR": folder, "PRESSLENS_DATABASE_URL": ""}
        with serving(presslens, "/api/v1/healthz", **variables) as client:
            times, failures = ask_among_slow(client, lasts)
    p95 = 1000 * quantiles(times, n=20)[-1]
    what = f"95 % of {len(times)} answers beside {CONNECTIONS} slow connections, {lasts:.0f} s"
    yield Proof("R3", what, f"{p95:.0f} ms", f"under {TARGET_MS:.0f} ms", p95 < TARGET_MS)
    yield Proof("R3", "requests that failed meanwhile", str(failures), "0", failures == 0)


def ask_among_slow(client: httpx2.Client, lasts: float) -> tuple[list[float], int]:
    """Return the seconds of each answer, and how many requests failed."""
    ended = threading.Event()
    times: list[float] = []
    failures = 0
    port = client.base_url.port or 80
    dripping = threading.Thread(target=_drip, args=(port, ended))
    dripping.start()
    until = time.monotonic() + lasts
    try:
        while time.monotonic() < until:
            for address in ADDRESSES:
                began = time.monotonic()
                failures += not client.get(f"/api/v1/{address}").is_success
                times.append(time.monotonic() - began)
            time.sleep(0.05)
    finally:
        ended.set()
        dripping.join()
    return times, failures


def _drip(port: int, ended: threading.Event) -> None:
    """Hold connections open by a byte now and then; those that the server closes, open again."""
    with ExitStack() as stack:
        slow: list[socket.socket | None] = [None] * CONNECTIONS
        while not ended.wait(DRIP_SECONDS):
            for place, connection in enumerate(slow):
                try:
                    if connection is None:
                        connection = stack.enter_context(
                            socket.create_connection(("127.0.0.1", port), timeout=10)
                        )
                        slow[place] = connection
                        connection.sendall(BODY if place % 2 else HEADERS)
                    connection.sendall(b"X")
                except OSError:
                    slow[place] = None
                    with suppress(OSError):
                        if connection is not None:
                            connection.close()
