"""Clients that read pages, answers and pictures, and how long they wait."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

import httpx2
import numpy as np

from presslens.app.drill.site_map import page_addresses

CLIENTS = 32

ANSWERS = (
    "editions?limit=50", "photos?limit=50", "photos?subject=children&limit=50",
    "photos/facets", "photos/facets?subject=children", "photos/buckets?sort=-date",
    "stats?metric=children&by=month", "stats?metric=photos&by=edition",
    "stats?metric=leader&by=year", "stats/composition?from=2020-01-01&to=2020-12-31",
    "publications", "figures", "claims", "events", "readyz",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """What clients have met."""

    times: list[float]  # how long each answer took, in ms
    errors: int  # how many requests were not answered with 200
    seconds: float  # how long all read

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


def addresses(server: str) -> list[str]:
    """Return what is read: each kind of page, answers, and pictures of the latest photos."""
    pages = [url for name, url in page_addresses(server).items() if name != "docs"]
    answers = [f"{server}/api/v1/{path}" for path in ANSWERS]
    with httpx2.Client(trust_env=False, timeout=60) as client:
        listed = client.get(f"{server}/api/v1/photos?sort=-date&limit=30").raise_for_status()
    photos = [f"{server}/api/v1/photos/{one['id']}" for one in listed.json()["photos"]]
    return [*pages, *answers, *photos[:10], *(f"{photo}/image?width=320" for photo in photos)]


async def read(pages: Sequence[str], seconds: float, *, pause: float) -> Reading:
    """Have all clients read for some seconds.

    Args:
        pages: The addresses.
        seconds: How long.
        pause: Seconds from one request of a client to its next; 0: as soon as it is answered.
    """
    times: list[float] = []
    errors = 0
    begun = time.monotonic()

    async def one(client: httpx2.AsyncClient, number: int) -> None:
        nonlocal errors
        order = list(pages)
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
