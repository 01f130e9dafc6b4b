"""How long a photo is compared with those of a large archive, and what a fingerprint costs.

Run ``python -m presslens.lab.bench.reprints``. Generated photos are filed under words by chance, of
which
real ones share two or three times as many: looking these up takes longer accordingly.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert

from presslens.app.db.columns import Status
from presslens.app.db.reprints import FingerprintWordRow
from presslens.app.db.tables import OutcomeRow, PhotoRow, ScanRow
from presslens.app.installation import Installation, init_installation, open_installation
from presslens.app.platform.settings import Settings
from presslens.app.services.analysis.compare_prints import MOST_CANDIDATES, sharing_photos
from presslens.models.reprints.comparison import compare
from presslens.models.reprints.fingerprint import fingerprint
from presslens.models.reprints.stored import COMPONENTS, FILED, PLACES, SPREAD, Fingerprint
from presslens.pipelines.statistics.layout import Quadrant

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BATCH = 2000
"""Photos that are stored at a time."""

TIMES = 20
"""How often each step is timed."""


def main() -> None:
    """Fill an index of words, and print how long the steps of a comparison take."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=20_000)
    parser.add_argument("--database-url", help="an empty database; SQLite without it")
    options = parser.parse_args()
    rng = np.random.default_rng(1)
    table = Table("step", "ms, median")
    picture = rng.integers(0, 255, (600, 900, 3), np.uint8)
    photos = [generated_fingerprint(rng) for _ in range(MOST_CANDIDATES)]
    with _filled(options.photos, options.database_url) as home:
        with home.database.read() as session:
            looked = _timed(lambda: sharing_photos(session, 0, generated_fingerprint(rng)))
        steps = {
            "fingerprint of a photo of 900 x 600": _timed(lambda: fingerprint(picture)),
            f"looked up among {options.photos:,} photos": looked,
            f"compared with {MOST_CANDIDATES} photos": _timed(
                lambda: [compare(photos[0], other) for other in photos]
            ),
        }
    for step, seconds in steps.items():
        table.add_row(step, f"{1000 * seconds:.0f}")
    Console().print(table)


def _timed(step: Callable[[], object]) -> float:
    """Return the median time of a step, in seconds of the processor."""
    seconds = []
    for _ in range(TIMES):
        began = time.process_time()
        step()
        seconds.append(time.process_time() - began)
    return median(seconds)


def generated_fingerprint(rng: np.random.Generator) -> Fingerprint:
    """Return a fingerprint by chance."""
    looks = rng.normal(0, 200 * SPREAD, (PLACES, len(COMPONENTS)))
    return Fingerprint(
        rng.integers(0, 640, (PLACES, 2)).astype(np.uint16),
        np.clip(looks, -127, 127).astype(np.int8),
        rng.integers(0, 255, (25, 40)).astype(np.uint8),
    )


@contextmanager
def _filled(photos: int, database_url: str | None) -> Iterator[Installation]:
    """Make an installation with filed photos of one page."""
    rng = np.random.default_rng(2)
    with tempfile.TemporaryDirectory(prefix="presslens-bench-") as folder:
        url = database_url or f"sqlite:///{folder}/presslens.db"
        settings = Settings(data_dir=Path(folder), database_url=url)
        init_installation(settings)
        with open_installation(settings) as home:
            outcome = _page(home)
            for first in range(1, photos + 1, BATCH):
                ids = np.arange(first, min(first + BATCH, photos + 1))
                _file(home, outcome, ids, rng.integers(0, 2**24, (len(ids), FILED)))
            yield home


def _page(home: Installation) -> int:
    with home.database.write() as session:
        scan = ScanRow(sha256="0" * 64, frame=0)
        session.add(scan)
        session.flush()
        outcome = OutcomeRow(
            scan_id=scan.id, observation_id=home.recipe.observation_id, status=Status.DONE,
            seen_at=NOW,
        )  # fmt: skip
        session.add(outcome)
        session.flush()
        return outcome.id


def _file(
    home: Installation, outcome: int, ids: NDArray[np.int64], words: NDArray[np.int64]
) -> None:
    box = {"x0": 0.0, "y0": 0.0, "x1": 9.0, "y1": 9.0}
    rest = {"score": 1.0, "area_share": 0.1, "above_fold": True, "quadrant": Quadrant.TOP_LEFT,
        "is_lead": False, "by_hand": False}  # fmt: skip
    with home.database.write() as session:
        session.execute(
            insert(PhotoRow),
            [{"id": i, "outcome_id": outcome, "position": i, **box, **rest} for i in ids.tolist()],
        )
        filed = [
            {"photo_id": photo, "word": word}
            for photo, own in zip(ids.tolist(), words, strict=True)
            for word in np.unique(own).tolist()
        ]
        session.execute(insert(FingerprintWordRow), filed)


if __name__ == "__main__":
    main()
