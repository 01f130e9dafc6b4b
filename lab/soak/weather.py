"""Requests go on while hundreds of connections dawdle: headers that never end, bodies that drip."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from statistics import quantiles

from presslens.app.drill.promises import CONNECTIONS, ask_among_slow
from presslens.app.drill.proof import Proof
from presslens.app.drill.serving import presslens, serving

SECONDS = 60.0
TARGET_MS = 500.0


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
