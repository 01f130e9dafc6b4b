"""How long commands take to start, and how much memory the web server needs: ``make bench``."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx2
from rich.console import Console
from rich.table import Table

from presslens.pipelines.lifeline import program, running

COMMANDS = (
    "--help", "--version", "init", "stats", "stats show children --by month", "figures list",
    "labels list", "claims", "claims verdict --all", "reviews next children", "recipes list",
    "models list", "dump --out dump.jsonl", "export csv --out export.zip",
)  # fmt: skip
"""Commands that touch no pixels, on a new installation."""

PROGRAM = (sys.executable, "-P", "-m", "presslens")
PATIENCE = 60.0
"""Seconds that the server has to answer for the first time."""


def main() -> None:
    """Print the processor seconds of each command, and the memory of the web server."""
    table = Table("command", "processor, s")
    with tempfile.TemporaryDirectory(prefix="presslens-bench-") as folder:
        environment = {**os.environ, "PRESSLENS_DATA_DIR": folder, "PRESSLENS_DATABASE_URL": ""}
        seconds(["init"], folder, environment)  # compiles what is not compiled yet, too
        for command in COMMANDS:
            table.add_row(command, f"{seconds(command.split(), folder, environment):.2f}")
        with server(folder, environment, "--no-worker") as (process, client):
            for _ in range(3):
                client.get("stats/composition").raise_for_status()
            table.add_row("serve --no-worker, memory", f"{memory(process)['Rss']:.0f} MB")
    Console().print(table)


def seconds(arguments: list[str], folder: str, environment: dict[str, str]) -> float:
    """Run a command, and return the processor time that it has taken."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(  # noqa: S603 - our own program
        [*PROGRAM, *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@contextmanager
def server(
    folder: str, environment: dict[str, str], *options: str, tracer: Sequence[str] = ()
) -> Iterator[tuple[subprocess.Popen[bytes], httpx2.Client]]:
    """Run the web server, and give its process and a client.

    Args:
        folder: Where it runs.
        environment: Its variables.
        options: Of ``presslens serve``, besides the port.
        tracer: The command of a program that runs it and watches.
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    base, nowhere = f"http://127.0.0.1:{port}/api/v1/", subprocess.DEVNULL
    serve = running(
        [*tracer, *program("presslens", "serve", *options, "--port", str(port))],
        cwd=folder,
        env=environment,
        stdout=nowhere,
        stderr=nowhere,
    )
    with (
        serve as process,
        httpx2.Client(base_url=base, trust_env=False, timeout=30) as client,
    ):
        deadline = time.monotonic() + PATIENCE
        while not answers(client):
            if time.monotonic() > deadline:
                raise TimeoutError("the server did not start")
            time.sleep(0.2)
        yield process, client


def answers(client: httpx2.Client) -> bool:
    """Tell whether the server answers."""
    try:
        return client.get("healthz").is_success
    except httpx2.TransportError:
        return False


def memory(process: subprocess.Popen[bytes]) -> dict[str, float]:
    """Return the memory of a process in MB by its kind, as Linux counts it (``smaps_rollup``)."""
    lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    kinds = (line.split() for line in lines if line.endswith(" kB"))
    return {kind.rstrip(":"): int(size) / 1024 for kind, size, _ in kinds}


if __name__ == "__main__":
    main()
