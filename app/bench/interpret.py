"""How much faster two workers interpret stored photos than one.

Run ``python -m app.bench.interpret``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table
from sqlalchemy import delete, func, select

from app.db.columns import JobKind, Status
from app.db.figures import FigureRow
from app.db.rows import photo_rows
from app.db.tables import InterpretationRow, OutcomeRow, ScanRow
from app.installation import Installation, init_installation, open_installation
from app.services.analysis.interpret import Interprets, stale_pages
from app.services.analysis.job import Tools
from app.services.analysis.jobs import run_job
from app.services.analysis.reinterpret import NoEngine
from app.settings import Settings
from models.faces.embedding import LENGTH
from models.geometry import Box
from models.subjects.maps import MAPPED
from models.subjects.objects import CLASSES
from models.vocabulary import Detection, Face, Frame, PageObservation, PhotoObservation
from pipelines.scans.sandbox import Sandbox

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WIDTH, HEIGHT = 2000, 2900
PHOTOS_A_PAGE = 8


def main() -> None:
    """Fill a database with observed photos, and print how long workers take to interpret them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=2000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--database-url", help="an empty database; SQLite without it")
    options = parser.parse_args()
    with stored(options.photos, options.database_url) as settings:
        table = Table("workers", "seconds", "times as fast", "processor seconds of each")
        best: dict[int, Taken] = {}
        for _ in range(options.rounds):
            for workers in options.workers:
                taken = interpret(settings, workers)
                best[workers] = min(taken, best.get(workers, taken))
        for workers, taken in best.items():
            ratio = best[options.workers[0]].seconds / taken.seconds
            processor = ", ".join(f"{seconds:.1f}" for seconds in taken.processor)
            table.add_row(str(workers), f"{taken.seconds:.1f}", f"{ratio:.2f}", processor)
        Console().print(table)


class Taken(NamedTuple):
    """Seconds that workers have taken, without loading models, and each one's processor time."""

    seconds: float
    processor: tuple[float, ...]


@contextmanager
def stored(photos: int, database_url: str | None = None) -> Iterator[Settings]:
    """Make an installation with generated observations, and give its settings.

    Args:
        photos: Number of photos, some on each page.
        database_url: An empty database; None makes one of SQLite.
    """
    with tempfile.TemporaryDirectory(prefix="presslens-bench-") as folder:
        url = database_url or f"sqlite:///{folder}/presslens.db"
        settings = Settings(data_dir=Path(folder), database_url=url)
        init_installation(settings)
        with open_installation(settings) as home:
            store_observations(home, photos)
        yield settings


def store_observations(home: Installation, photos: int) -> None:
    """Store pages of generated observations, and a figure without references."""
    rng = np.random.default_rng(1)
    pages = -(-photos // PHOTOS_A_PAGE)
    with home.database.write() as session:
        session.add(FigureRow(name="Generated Leader", role="leader", created_at=NOW))
        for i in range(pages):
            count = min(PHOTOS_A_PAGE, photos - i * PHOTOS_A_PAGE)
            page = PageObservation(WIDTH, HEIGHT, tuple(_photo(rng, i) for i in range(count)))
            session.add(
                OutcomeRow(
                    scan=ScanRow(sha256=f"{i:064x}", frame=0),
                    observation_id=home.recipe.observation_id,
                    status=Status.DONE,
                    width=WIDTH,
                    height=HEIGHT,
                    seen_at=NOW,
                    photos=photo_rows(page),
                )
            )


def _photo(rng: np.random.Generator, i: int) -> PhotoObservation:
    """Return an observation of a photo with a few persons and a face."""
    x, y = 450.0 * (i % 4), 1400.0 * (i // 4)
    box = Box(x, y, x + 400, y + 300)
    persons = tuple(
        Detection("person", Box(x + 40 * k, y + 100, x + 40 * k + 35, y + 290), 0.9, 0.1)
        for k in range(i)
    )
    marks = tuple((x + 60.0 + 10 * k, y + 60.0 + 8 * k) for k in range(5))
    embedding = rng.normal(size=LENGTH).astype(np.float32)
    face = Face(
        Box(x + 50, y + 50, x + 110, y + 130), 0.9, marks, 0.05,
        embedding / np.float32(np.linalg.norm(embedding)), 0.5,
    )  # fmt: skip
    return PhotoObservation(
        Frame(box, 0.95),
        persons,
        (face,),
        rng.random(1280, np.float32),
        objects=rng.random(len(CLASSES), np.float32),
        maps=rng.random((len(MAPPED), 9, 12), np.float32),
        attention=rng.random((2, 9, 12), np.float32),
    )


def interpret(settings: Settings, workers: int) -> Taken:
    """Interpret all photos with so many processes, and return how long they have taken."""
    with open_installation(settings) as home, home.database.write() as session:
        session.execute(delete(InterpretationRow))
    context = get_context("spawn")
    barrier, processor = context.Barrier(workers + 1), context.SimpleQueue()
    processes = [
        context.Process(target=_work, args=(settings, barrier, processor)) for _ in range(workers)
    ]
    for process in processes:
        process.start()
    barrier.wait()
    begun = time.perf_counter()
    for process in processes:
        process.join()
    seconds = time.perf_counter() - begun
    _check(settings, [process.exitcode for process in processes])
    return Taken(seconds, tuple(processor.get() for _ in processes))


def _work(settings: Settings, barrier: Barrier, processor: SimpleQueue[float]) -> None:
    from app.worker import local_interpreter

    with open_installation(settings) as home:
        interpreter = local_interpreter(home)
        tools = Tools(home, NoEngine(), interpreter, Sandbox(settings.limits))
        _warm_up(interpreter)
        barrier.wait()
        begun = time.process_time()
        while run_job(JobKind.INTERPRET, tools):
            pass
        processor.put(time.process_time() - begun)


def _warm_up(interpreter: Interprets) -> None:
    """Interpret one photo, so that all libraries are loaded before the time is taken."""
    from models.faces.gallery import Gallery
    from models.labels.classifier import NO_LABELS

    photo = _photo(np.random.default_rng(2), 3)
    interpreter.interpret(PageObservation(WIDTH, HEIGHT, (photo,)), Gallery([]), NO_LABELS)


def _check(settings: Settings, codes: Sequence[int | None]) -> None:
    with open_installation(settings) as home, home.database.read() as session:
        left = session.scalar(
            select(func.count()).select_from(stale_pages(session, home.recipe).subquery())
        )
    if left or any(codes):
        raise RuntimeError(f"workers ended with {codes}; {left} pages are not interpreted")


if __name__ == "__main__":
    main()
