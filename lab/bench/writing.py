"""Writes as workers do, beside what is timed."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from sqlalchemy import func, select, update

from presslens.app.db.revision import RevisionRow
from presslens.app.db.statistics import EditionSummaryRow
from presslens.app.db.tables import OutcomeRow, PhotoRow, SubjectReadingRow
from presslens.app.installation import Installation

QUICK = 0.05
"""Seconds between two pages of a worker that interprets an archive again."""

ANALYSING = 0.5
"""Seconds between two pages of a worker that analyses: less than a processor takes for one."""


@dataclass(frozen=True, slots=True)
class ArchiveWriter:
    """Writes what changes no number, but for all that anybody can tell.

    Attributes:
        home: An installation that ``app.bench.generator.fill`` has filled.
        scans: Ids of its scans.
        editions: How many it has.
    """

    home: Installation
    scans: list[int]
    editions: int

    @classmethod
    def of(cls, home: Installation) -> ArchiveWriter:
        """Return the writer of an installation."""
        with home.database.read() as session:
            scans = list(session.scalars(select(OutcomeRow.id).order_by(OutcomeRow.id)))
            editions = session.scalar(select(func.count()).select_from(EditionSummaryRow)) or 0
        return cls(home, scans, editions)

    def interpret(self, number: int) -> None:
        """Write the readings of a page's photos, as a worker does that interprets it."""
        photos = select(PhotoRow.id).filter_by(outcome_id=self.scans[number % len(self.scans)])
        readings = update(SubjectReadingRow).where(SubjectReadingRow.photo_id.in_(photos))
        with self.home.database.write() as session:
            session.execute(readings.values(probability=SubjectReadingRow.probability))

    def summarise(self, number: int) -> None:
        """Write the summary of an edition: what statistics of its newspaper are made of."""
        with self.home.database.write() as session:
            summary = update(EditionSummaryRow).filter_by(edition_id=number % self.editions + 1)
            session.execute(summary.values(photos=EditionSummaryRow.photos))

    def change_something(self) -> None:
        """Raise the revision, as a write does that a statistic isn't made of."""
        with self.home.database.write() as session:
            session.execute(update(RevisionRow).values(number=RevisionRow.number + 1))


@contextlib.contextmanager
def writing(
    home: Installation, *, pause: float = QUICK, summary_every: float | None = None
) -> Iterator[None]:
    """Interpret a page after each pause, and summarise an edition now and then.

    Args:
        home: An installation that ``app.bench.generator.fill`` has filled.
        pause: Seconds between two pages.
        summary_every: Seconds between two summaries; None: none is written.
    """
    writer, ended = ArchiveWriter.of(home), threading.Event()
    pages = None if summary_every is None else max(1, round(summary_every / pause))

    def write() -> None:
        for number in count(1):
            if ended.wait(pause):
                return
            writer.interpret(number)
            if pages is not None and number % pages == 0:
                writer.summarise(number)

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
