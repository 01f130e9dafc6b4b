"""The nightly run: imports new editions, analyses them, and reports the result."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from app import clock
from app.db.columns import JobKind, Status
from app.db.tables import OutcomeRow
from app.installation import Installation, open_installation
from app.logs import configure_logs
from app.services.analysis.workload import Workload, by_name, workload
from app.services.catalogue.refused_pages import RefusedPage, coarse_scans, refused_pages
from app.services.figures.figures import list_figures
from app.services.ingest.inbox import InboxImport, import_inbox
from app.services.ingest.upload_mode import UploadMode
from app.settings import Settings
from app.worker import Worker, open_worker
from models.faces.gallery import Role
from pipelines.counted import counted

UNDONE = {
    JobKind.UNPACK: "editions to unpack",
    JobKind.EMBED: "reference photos to observe",
    JobKind.RELEARN: "labels to learn",
    JobKind.OBSERVE: "pages to observe",
    JobKind.LOOK: "pages with drawn photos to look at",
    JobKind.CARRY: "replaced scans to carry reviews over from",
    JobKind.INTERPRET: "pages to interpret",
    JobKind.SUMMARISE: "editions to summarise",
    JobKind.COMPARE: "newspapers whose editions to compare",
    JobKind.EMPTY: "deleted editions to remove",
    JobKind.SWEEP: "removed files to delete",
}
"""What is left undone of each kind of work, for people."""


TOO_MANY = 0.05
"""The share of pages above which those that could not be analysed are more than bad luck."""


@dataclass(frozen=True, slots=True)
class NightlySummary:
    """The result of a nightly run.

    Attributes:
        imported: The result of importing the inbox.
        outcomes: How many pages were analysed in this run, by outcome.
        work: The work that is left after the run.
        refused: The pages that could not be analysed, of this run and earlier ones, that nobody has
            settled.
        notes: What else to know of the result, as sentences.
        causes: How many pages of this run could not be analysed, by reason.
    """

    imported: InboxImport
    outcomes: dict[str, int]
    work: Workload
    refused: Sequence[RefusedPage] = ()
    notes: Sequence[str] = ()
    causes: Mapping[str, int] = field(default_factory=dict)

    @property
    def left(self) -> int:
        """How many pages have no outcome and are not given up."""
        return self.work.waiting[JobKind.OBSERVE]

    @property
    def failed(self) -> bool:
        """Whether some input could not be used, or work is left that no other worker holds.

        A refused page counts every night until it is settled.
        """
        bad = sum(self.outcomes.get(status, 0) for status in (Status.REJECTED, Status.FAILED))
        undone = sum(self._undone().values()) + sum(self.work.given_up.values())
        return bool(bad or self.refused or self.imported.skipped or undone)

    def to_json(self) -> dict[str, Any]:
        """Return the summary for machines."""
        return {
            "imported": list(self.imported.new),
            "known": self.imported.unchanged,
            "skipped": list(self.imported.skipped),
            "refused": [page.to_json() for page in self.refused],
            "notes": list(self.notes),
            "pages": self.outcomes,
            "causes": dict(self.causes),
            "pages_left": self.left,
            "waiting": by_name(self.work.waiting),
            "given_up": by_name(self.work.given_up),
        }

    def text(self) -> str:
        """Return the summary for people."""
        pages = ", ".join(f"{n} {outcome}" for outcome, n in sorted(self.outcomes.items()))
        unchanged = self.imported.unchanged
        known = f"{unchanged} {'was' if unchanged == 1 else 'were'}"
        lines = [
            f"imported {counted(len(self.imported.new), 'edition')}; {known} known",
            f"analysed {counted(sum(self.outcomes.values()), 'page')}"
            + (f": {pages}" if pages else ""),
        ]
        lines += [f"skipped {name}: {why}" for name, why in self.imported.skipped.items()]
        for counts, why in (
            (self.work.held, "other workers are at it"),
            (self._undone(), "it could not be done now, see the log; the next run tries it again"),
            (self.work.given_up, "it is given up, see the log, until `presslens upgrade`"),
        ):
            lines += [f"left: {UNDONE[kind]}, {n}: {why}" for kind, n in counts.items() if n]
        return "\n".join(lines)

    def _undone(self) -> dict[JobKind, int]:
        """Return the number of keys that wait and that no worker holds."""
        return {kind: n - self.work.held[kind] for kind, n in self.work.waiting.items()}


Watch = Callable[[Installation, Worker], AbstractContextManager[object]]
"""Returns what is open while a worker works, to show how far it has come."""


def run_nightly(
    settings: Settings,
    inbox: Path,
    *,
    mode: UploadMode | None = None,
    watch: Watch = lambda _home, _worker: nullcontext(),
) -> NightlySummary:
    """Import and analyse; a second run over the same inbox does nothing.

    Args:
        settings: The settings.
        inbox: A folder of edition folders.
        mode: What is done with those whose day has an edition already; None: they are skipped.
        watch: Shows how far the worker has come.

    Raises:
        PresslensError: The installation can't be opened, or a weight file is missing.
    """
    configure_logs()
    with open_installation(settings) as home:
        imported = import_inbox(home, inbox, now=clock.now(), mode=mode)
        with open_worker(home, threading.Event()) as worker, watch(home, worker):
            return analyse_imported(home, worker, imported)


def analyse_imported(home: Installation, worker: Worker, imported: InboxImport) -> NightlySummary:
    """Do all work that waits, and return the result of the run."""
    since = clock.now()
    worker.drain()
    causes, outcomes = _causes(home, since), dict(worker.outcomes)
    notes = [*_notes(home, imported), *coarse_scans(home, since)]
    notes += _too_many(causes, sum(outcomes.values()))
    refused = refused_pages(home)
    return NightlySummary(imported, outcomes, workload(home), refused, notes, causes)


def _causes(home: Installation, since: datetime) -> dict[str, int]:
    """Return how many pages could not be analysed since then, by reason, most frequent first."""
    count = func.count()
    query = (
        select(OutcomeRow.reason, count)
        .filter_by(observation_id=home.recipe.observation_id)
        .where(OutcomeRow.seen_at >= since, OutcomeRow.reason.is_not(None))
        .group_by(OutcomeRow.reason)
        .order_by(count.desc(), OutcomeRow.reason)
    )
    with home.database.read() as session:
        return {str(reason): pages for reason, pages in session.execute(query)}


def _too_many(causes: Mapping[str, int], pages: int) -> list[str]:
    """Return a warning if more of a night's pages could not be analysed than chance explains."""
    lost = sum(causes.values())
    if lost <= TOO_MANY * pages:
        return []
    told = ", ".join(f"{reason} {count}" for reason, count in causes.items())
    return [
        f"{lost} of {counted(pages, 'page')} could not be analysed ({told}): more than"
        f" {TOO_MANY:.0%}, so look for the cause before this night's numbers are used"
    ]


def _notes(home: Installation, imported: InboxImport) -> list[str]:
    notes = [
        f"{name}: sub-folders are passed over: {', '.join(folders)}"
        for name, folders in imported.passed_over.items()
    ]
    if not imported.new and not imported.unchanged and not imported.skipped:
        notes.append("the inbox is empty: it takes folders named Publication_YYYY-MM-DD")
    if not any(figure.role == Role.LEADER.value for figure in list_figures(home)):
        notes.append(
            "no leader is enrolled: who the leader is in, and what is focused on him, is not known"
        )
    return notes
