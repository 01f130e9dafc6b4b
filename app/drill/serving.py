"""Runs servers in processes of their own, to measure and to picture what they answer."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator

import httpx2

from presslens.pipelines.lifeline import program, running

PATIENCE = 180.0
"""Seconds that a server has to answer for the first time."""


def presslens(port: int) -> list[str]:
    """Return the command that serves an installation without a worker."""
    return program("presslens", "serve", "--no-worker", "--port", str(port))


@contextlib.contextmanager
def serving(
    command: Callable[[int], list[str]], path: str, **variables: str | None
) -> Iterator[httpx2.Client]:
    """Start a server on a free port, wait until it answers, and stop it in the end.

    Args:
        command: Returns its command line for a port.
        path: What it answers when it is there.
        variables: Of its environment, beside those of this process; None: it has not that one.
    """
    every = {**os.environ, **variables}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {name: value for name, value in every.items() if value is not None}
    nowhere = subprocess.DEVNULL
    with (
        running(command(port), env=environment, stdout=nowhere, stderr=nowhere),
        httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client,
    ):
        _await(client, path)
        yield client


def _await(client: httpx2.Client, path: str) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            client.get(path)
        except httpx2.TransportError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return
