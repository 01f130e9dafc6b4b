"""Two servers, each with a worker, on one folder, as when somebody starts a second by mistake."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from presslens.app.drill.proof import Proof
from presslens.app.drill.serving import serving
from presslens.app.installation import init_installation, open_installation
from presslens.app.platform.settings import Settings
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.lab.soak.night import RECIPE
from presslens.lab.soak.several_machines import alone, nothing_waits, sample_edition, until, upload
from presslens.pipelines.lifeline import program

EDITIONS = 20


def check(_seconds: float) -> Iterator[Proof]:
    """Upload the same editions to both at once, and compare with what one worker makes."""
    editions = [sample_edition(i) for i in range(EDITIONS)]
    with tempfile.TemporaryDirectory(prefix="presslens-") as name:
        folder = Path(name)
        expected = alone(folder / "alone", editions)
        values: dict[str, Any] = {
            "data_dir": folder / "shared", "database_url": "", "recipe": RECIPE, "processes": 1,
            "min_free_bytes": 0, "poll_seconds": 0.2,
        }  # fmt: skip
        settings = Settings(**values)
        init_installation(settings)
        variables = {f"PRESSLENS_{key.upper()}": str(value) for key, value in values.items()}
        with (
            serving(serve_with_worker, "/api/v1/healthz", **variables) as one,
            serving(serve_with_worker, "/api/v1/healthz", **variables) as other,
            ThreadPoolExecutor(2) as threads,
        ):
            uploads = [
                threads.submit(upload, server, number, pages)
                for number, pages in enumerate(editions)
                for server in (one, other)
            ]
            stored = sum(uploading.result().is_success for uploading in uploads)
            until(lambda: nothing_waits(one))
        with open_installation(settings) as home:
            dump = canonical_dump(home)
    what = f"two servers on one folder, {EDITIONS} editions uploaded to both"
    value = (
        f"{stored} of {2 * EDITIONS} uploads answered, {'equal' if dump == expected else 'other'}"
    )
    passed = dump == expected and stored == 2 * EDITIONS
    yield Proof("R5", f"{what}: dump beside one worker's", value, "all, equal", passed)


def serve_with_worker(port: int) -> list[str]:
    """Return the command that serves an installation with a worker."""
    return program("presslens", "serve", "--port", str(port))
