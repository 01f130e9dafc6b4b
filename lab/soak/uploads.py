"""Fifty uploads at once: of one edition, again and again, and of fifty."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from statistics import quantiles
from typing import Any

import httpx2

from presslens.app.drill.proof import Proof
from presslens.app.drill.serving import presslens, serving
from presslens.lab.soak.several_machines import sample_edition, upload

AT_ONCE = 50
ROUNDS = 20
ROUND_SECONDS = 3.0
"""What a round is given of the time."""


def check(seconds: float) -> Iterator[Proof]:
    """Upload one edition and fifty, by turns."""
    rounds = max(1, min(ROUNDS, int(seconds / ROUND_SECONDS)))
    numbers, times = count(), []
    again: list[int] = []
    same = apart = 0
    with tempfile.TemporaryDirectory(prefix="presslens-soak-") as folder:
        variables = {"PRESSLENS_DATA_DIR": folder, "PRESSLENS_DATABASE_URL": ""}
        with (
            serving(presslens, "/api/v1/healthz", **variables) as client,
            ThreadPoolExecutor(AT_ONCE) as threads,
        ):

            def ask(number: int) -> Any:
                began = time.monotonic()
                while True:
                    answer = upload(client, number, sample_edition(number))
                    if answer.status_code != httpx2.codes.SERVICE_UNAVAILABLE:
                        break
                    again.append(number)  # the server says to come again
                    time.sleep(1)
                times.append(time.monotonic() - began)
                return answer.json() if answer.status_code == httpx2.codes.ACCEPTED else {}

            for _ in range(rounds):
                one = list(threads.map(ask, [next(numbers)] * AT_ONCE))
                many = list(threads.map(ask, [next(numbers) for _ in range(AT_ONCE)]))
                created = [answer.get("created") for answer in one].count(True)
                same += created == 1 and len({answer.get("id") for answer in one}) == 1
                apart += len({answer.get("id") for answer in many} - {None}) == AT_ONCE
    p95 = f"95 % within {quantiles(times, n=20)[-1]:.1f} s, {len(again)} had to come again"
    value = f"{same} of {rounds} rounds; {p95}"
    what = f"{AT_ONCE} uploads of one edition at once are one edition"
    yield Proof("R6", what, value, "all", same == rounds)
    what = f"{AT_ONCE} uploads of as many editions at once are all stored"
    yield Proof("R6", what, f"{apart} of {rounds} rounds", "all", apart == rounds)
