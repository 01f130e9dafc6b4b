"""How long workers take to interpret and summarise stored editions again.

Run ``python -m presslens.lab.bench.interpret``. What 2,000 editions take is in proportion to those
measured;
``--editions 2000`` measures all of them.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select, update

from presslens.app.db.columns import JobKind, Status
from presslens.app.db.figures import FigureRoleRow, FigureRow
from presslens.app.db.rows import photo_rows
from presslens.app.db.statistics import EditionSummaryRow
from presslens.app.db.tables import (
    EditionRow,
    InterpretationRow,
    OutcomeRow,
    PageRow,
    PublicationRow,
    ScanRow,
)
from presslens.app.installation import Installation, init_installation, open_installation
from presslens.app.platform.settings import Settings
from presslens.app.services.analysis.interpret import Interprets, stale_pages
from presslens.app.services.analysis.job import Tools
from presslens.app.services.analysis.jobs import run_job
from presslens.app.services.analysis.reinterpret import NoEngine
from presslens.models.faces.embedding import LENGTH
from presslens.models.geometry import Box
from presslens.models.subjects.maps import MAPPED
from presslens.models.subjects.objects import CLASSES
from presslens.models.vocabulary import Detection, Face, Frame, PageObservation, PhotoObservation
from presslens.pipelines.lifeline import end_with_spawner
from presslens.pipelines.scans.sandbox import Sandbox

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FIRST_DAY = date(2000, 1, 1)
WIDTH, HEIGHT = 2000, 2900
PAGES, PHOTOS_A_PAGE = 6, 8
"""Of an edition: 48 photos."""

KINDS = (JobKind.INTERPRET, JobKind.SUMMARISE)

ARCHIVE, MOST_SECONDS = 2000, 120.0
"""Editions of an archive, and the seconds within which they are to be interpreted again."""


def main() -> None:
    """Fill a database with observed photos, and print how long workers take to interpret them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--editions", type=int, default=50)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--database-url", help="an empty database; SQLite without it")
    options = parser.parse_args()
    with stored(options.editions, options.database_url) as settings:
        table = Table("workers", "seconds", "times as fast", "processor seconds of each",
            f"{ARCHIVE:,} editions, s", "target")  # fmt: skip
        best: dict[int, Taken] = {}
        for _ in range(options.rounds):
            for workers in options.workers:
                taken = interpret(settings, workers)
                best[workers] = min(taken, best.get(workers, taken))
        for workers, taken in best.items():
            ratio = best[options.workers[0]].seconds / taken.seconds
            processor = ", ".join(f"{seconds:.1f}" for seconds in taken.processor)
            archive = f"{taken.seconds * ARCHIVE / options.editions:.0f}"
            table.add_row(str(workers), f"{taken.seconds:.1f}", f"{ratio:.2f}", processor, archive,
                f"below {MOST_SECONDS:.0f}")  # fmt: skip
        Console().print(table)


class Taken(NamedTuple):
    """Seconds that workers have taken, without loading models, and each one's processor time."""

    seconds: float
    processor: tuple[float, ...]


@contextmanager
def stored(editions: int, database_url: str | None = None) -> Iterator[Settings]:
    """Make an installation with generated observations, and give its settings.

    Args:
        editions: How many, each of ``PAGES`` with ``PHOTOS_A_PAGE``.
        database_url: An empty database; None makes one of SQLite.
    """
    with tempfile.TemporaryDirectory(prefix="presslens-bench-") as folder:
        url = database_url or f"sqlite:///{folder}/presslens.db"
        settings = Settings(data_dir=Path(folder), database_url=url)
        init_installation(settings)
        with open_installation(settings) as home:
            store_observations(home, editions)
        yield settings


def store_observations(home: Installation, editions: int) -> None:
    """Store editions of generated observations, and a figure without references."""
    rng = np.random.default_rng(1)
    with home.database.write() as session:
        publication = session.scalars(select(PublicationRow.id)).first() or 1
        role = FigureRoleRow(publication_id=publication, role="leader")
        session.add(FigureRow(name="Generated Leader", roles=[role], created_at=NOW))
    for number in range(editions):
        with home.database.write() as session:
            edition = EditionRow(
                publication_id=publication,
                edition_date=FIRST_DAY + timedelta(days=number),
                content_key=f"{number:064x}",
                created_at=NOW,
                unpacked_at=NOW,
            )
            session.add(edition)
            session.flush()
            for page in range(PAGES):
                session.add_all(_page(rng, home.recipe.observation_id, edition.id, page))


def _page(
    rng: np.random.Generator, observation_id: str, edition_id: int, place: int
) -> tuple[PageRow, OutcomeRow]:
    page = PageObservation(WIDTH, HEIGHT, tuple(_photo(rng, i) for i in range(PHOTOS_A_PAGE)))
    scan = ScanRow(sha256=f"{edition_id * PAGES + place:064x}", frame=0)
    printed = PageRow(
        edition_id=edition_id, number=place + 1, source=f"{place + 1}.jpg", scan=scan, status=None
    )
    outcome = OutcomeRow(
        scan=scan,
        observation_id=observation_id,
        status=Status.DONE,
        width=WIDTH,
        height=HEIGHT,
        seen_at=NOW,
        photos=photo_rows(page),
    )
    return printed, outcome


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
        # What other figures, labels or thresholds do: rows are there, and are of another version.
        for table in (InterpretationRow, EditionSummaryRow):
            session.execute(update(table).values(gallery=f"{0:064x}"))
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
    from presslens.app.worker import local_interpreter, spare_collector

    end_with_spawner()
    with open_installation(settings) as home:
        interpreter = local_interpreter(home)
        tools = Tools(home, NoEngine(), interpreter, Sandbox(settings.limits))
        _warm_up(interpreter)
        spare_collector()
        barrier.wait()
        begun = time.process_time()
        while any(run_job(kind, tools) for kind in KINDS):
            pass
        processor.put(time.process_time() - begun)


def _warm_up(interpreter: Interprets) -> None:
    """Interpret one photo, so that all libraries are loaded before the time is taken."""
    from presslens.models.faces.gallery import Gallery
    from presslens.models.labels.classifier import NO_LABELS

    photo = _photo(np.random.default_rng(2), 3)
    interpreter.interpret(PageObservation(WIDTH, HEIGHT, (photo,)), Gallery([]), NO_LABELS)


def _check(settings: Settings, codes: Sequence[int | None]) -> None:
    with open_installation(settings) as home, home.database.read() as session:
        left = session.scalar(
            select(func.count()).select_from(stale_pages(session, home.recipe).subquery())
        )
        read = session.scalar(select(func.count()).select_from(InterpretationRow))
    if left or any(codes) or not read:
        raise RuntimeError(f"workers ended with {codes}; {left} pages are not interpreted")


if __name__ == "__main__":
    main()
