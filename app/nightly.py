"""The nightly run: imports new editions, analyses them, and reports the result."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app import clock
from app.db.columns import JobKind, Status
from app.installation import Installation, open_installation
from app.logs import configure_logs
from app.services.analysis.workload import workload
from app.services.ingest.inbox import InboxImport, import_inbox
from app.settings import Settings
from app.worker import Worker, open_worker


@dataclass(frozen=True, slots=True)
class NightlySummary:
    """The result of a nightly run.

    Attributes:
        imported: The result of importing the inbox.
        outcomes: How many pages were analysed in this run, by outcome.
        left: How many pages still have no outcome, for other workers hold them.
    """

    imported: InboxImport
    outcomes: dict[str, int]
    left: int

    @property
    def failed(self) -> bool:
        """Whether some input could not be used."""
        bad = sum(self.outcomes.get(status, 0) for status in (Status.REJECTED, Status.FAILED))
        return bool(bad or self.imported.skipped)

    def to_json(self) -> dict[str, Any]:
        """Return the summary for machines."""
        return {
            "imported": list(self.imported.new),
            "known": self.imported.unchanged,
            "skipped": list(self.imported.skipped),
            "pages": self.outcomes,
            "pages_left": self.left,
        }

    def text(self) -> str:
        """Return the summary for people."""
        pages = ", ".join(f"{n} {outcome}" for outcome, n in sorted(self.outcomes.items()))
        lines = [
            f"imported {len(self.imported.new)} editions; {self.imported.unchanged} were known",
            f"analysed {sum(self.outcomes.values())} pages" + (f": {pages}" if pages else ""),
        ]
        lines += [f"skipped {name}: not an edition" for name in self.imported.skipped]
        if self.left:
            lines.append(f"{self.left} pages are being analysed by other workers")
        return "\n".join(lines)


def run_nightly(settings: Settings, inbox: Path) -> NightlySummary:
    """Import and analyse; a second run over the same inbox does nothing.

    Raises:
        PresslensError: The installation can't be opened, or a weight file is missing.
    """
    configure_logs()
    with open_installation(settings) as home:
        imported = import_inbox(home, inbox, now=clock.now())
        with open_worker(home, threading.Event()) as worker:
            return analyse_imported(home, worker, imported)


def analyse_imported(home: Installation, worker: Worker, imported: InboxImport) -> NightlySummary:
    """Do all work that waits, and return the result of the run."""
    worker.drain()
    return NightlySummary(imported, dict(worker.outcomes), workload(home).waiting[JobKind.OBSERVE])
