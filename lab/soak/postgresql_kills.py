"""PostgreSQL ends as by a crash, again and again, while a server takes in and a worker works."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx2

from presslens.app.drill.proof import NotHere, Proof
from presslens.app.drill.serving import serving
from presslens.app.installation import init_installation, open_installation
from presslens.app.platform.settings import Settings
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.lab.soak.night import RECIPE
from presslens.lab.soak.postgresql_server import PostgresqlServer, installed, postgresql_server
from presslens.lab.soak.several_machines import alone, nothing_waits, sample_edition, until, upload
from presslens.lab.soak.two_servers import serve_with_worker

KILLS = 20
EDITIONS = 40
MOST_UP = 2.0
"""Seconds that the database is there, at most, between two kills."""


def check(_seconds: float) -> Iterator[Proof]:
    """Kill the database (``pg_ctl -m immediate``) during a night, and compare with a calm one."""
    if not installed():
        raise NotHere("PostgreSQL is not installed")
    editions = [sample_edition(i) for i in range(EDITIONS)]
    with tempfile.TemporaryDirectory(prefix="presslens-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        expected = alone(folder / "alone", editions)
        with postgresql_server(folder / "pg") as server:
            values: dict[str, Any] = {
                "data_dir": folder / "data", "database_url": server.url, "recipe": RECIPE,
                "processes": 1, "min_free_bytes": 0, "poll_seconds": 0.2, "lease_seconds": 5,
            }  # fmt: skip
            settings = Settings(**values)
            init_installation(settings)
            variables = {f"PRESSLENS_{key.upper()}": str(value) for key, value in values.items()}
            with serving(serve_with_worker, "/api/v1/healthz", **variables) as client:
                uploading = threading.Thread(target=_upload_all, args=(client, editions))
                uploading.start()
                _kill(server)
                uploading.join()
                until(lambda: _answers(client) and nothing_waits(client))
            with open_installation(settings) as home:
                dump = canonical_dump(home)
    what = f"PostgreSQL killed {KILLS} times while {EDITIONS} editions come in: dump"
    value = "equal" if dump == expected else "other"
    yield Proof("R4", f"{what} beside a calm night's", value, "equal", dump == expected)


def _kill(server: PostgresqlServer) -> None:
    chance = random.Random(29)  # noqa: S311 - repeatable, not secret
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.2, MOST_UP))
        server.stop()
        server.start()


def _upload_all(client: httpx2.Client, editions: list[dict[str, bytes]]) -> None:
    """Upload each edition until it is taken, as a person would who is asked to come again."""
    for number, pages in enumerate(editions):
        until(partial(_taken, client, number, pages))


def _taken(client: httpx2.Client, number: int, pages: dict[str, bytes]) -> bool:
    answer = upload(client, number, pages)
    if answer.status_code != httpx2.codes.SERVICE_UNAVAILABLE:
        answer.raise_for_status()
    return answer.is_success


def _answers(client: httpx2.Client) -> bool:
    return client.get("/api/v1/editions").is_success
