"""The result of a night, for machines and for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from presslens.app.db.columns import JobKind, Status
from presslens.app.nightly.claim_checks import ClaimCheck
from presslens.app.nightly.edition_results import EditionResult
from presslens.app.services.analysis.workload import Workload, by_name
from presslens.app.services.catalogue.refused_pages import RefusedPage
from presslens.app.services.ingest.inbox import InboxImport
from presslens.pipelines.counted import counted
from presslens.pipelines.result import Moment, Served

UNDONE = {
    JobKind.UNPACK: "editions to unpack",
    JobKind.EMBED: "reference photos to observe",
    JobKind.RELEARN: "labels to learn",
    JobKind.OBSERVE: "pages to observe",
    JobKind.LOOK: "pages with drawn photos to look at",
    JobKind.ENCODE: "pages with photos to encode",
    JobKind.READ: "pages whose captions to read in other languages",
    JobKind.CARRY: "replaced scans to carry reviews over from",
    JobKind.INTERPRET: "pages to interpret",
    JobKind.SUMMARISE: "editions to summarise",
    JobKind.REPRINTS: "photos to compare with those printed before",
    JobKind.COMPARE: "newspapers whose editions to compare",
    JobKind.EMPTY: "deleted editions to remove",
    JobKind.SWEEP: "removed files to delete",
}
"""What is left undone of each kind of work, for people."""


@dataclass(frozen=True, slots=True)
class NightlySummary(Served):
    """The result of a nightly run."""

    SERVED: ClassVar[str] = """
        began_at ended_at *imported refused notes pages=outcomes causes pages_left=left
        waiting given_up already_running=already retried stopped limit editions claims
        undelivered outage failed
    """

    imported: InboxImport  # the result of importing the inbox
    # How many pages were analysed since it began, by any worker, by outcome.
    outcomes: dict[str, int]
    work: Workload  # the work that is left after the run
    # The pages that could not be analysed, of this run and earlier ones, that nobody has settled.
    refused: Sequence[RefusedPage] = ()
    notes: Sequence[str] = ()  # what else to know of the result, as sentences
    # How many of these pages could not be analysed, by category or reason.
    causes: Mapping[str, int] = field(default_factory=dict)
    already: bool = False  # another run was at work, so that this one did nothing
    began_at: Moment | None = None  # when the run began; None: it didn't
    ended_at: Moment | None = None  # when it ended
    retried: int = 0  # number of pages that were to be tried again
    stopped: bool = False  # too many pages failed, so that no more were begun
    limit: int | None = None  # largest number of pages that was asked for; None: any
    at_limit: bool = False  # the run has begun as many
    editions: Sequence[EditionResult] = ()  # the editions of which pages were analysed
    claims: Sequence[ClaimCheck] = ()  # the verdicts on all registered claims
    # Where the report could not be delivered to, and why, as sentences.
    undelivered: Sequence[str] = ()
    outage: str | None = None  # what ended the run before its work was done; None: nothing did

    @property
    def left(self) -> int:
        """How many pages have no outcome and are not given up."""
        return self.work.waiting[JobKind.OBSERVE]

    @property
    def failed(self) -> bool:
        """Whether some input could not be used, or work is left that no other worker holds.

        A refused page counts every night until it is settled. A run that did nothing, as another
        one was at work, has not failed.
        """
        if self.already:
            return False
        if self.stopped or self.outage is not None:
            return True
        bad = sum(self.outcomes.get(status, 0) for status in (Status.REJECTED, Status.FAILED))
        undone = sum(self._undone().values()) + sum(self.work.given_up.values())
        return bool(bad or self.refused or self.imported.skipped or undone)

    @property
    def waiting(self) -> dict[str, int]:
        """The work that waits, by kind."""
        return by_name(self.work.waiting)

    @property
    def given_up(self) -> dict[str, int]:
        """The work that nobody tries any more, by kind."""
        return by_name(self.work.given_up)

    def text(self) -> str:
        """Return the summary for people."""
        if self.already:
            return "nothing was done"
        pages = ", ".join(f"{n} {outcome}" for outcome, n in sorted(self.outcomes.items()))
        unchanged = self.imported.unchanged
        imported_before = f"{unchanged} {'was' if unchanged == 1 else 'were'}"
        lines = [
            f"imported {counted(len(self.imported.new), 'edition')}; {imported_before} known",
            f"analysed {counted(sum(self.outcomes.values()), 'page')}"
            + (f": {pages}" if pages else ""),
        ]
        lines += self.imported.lines()
        if self.stopped:
            lines.append("stopped: too many pages could not be analysed; no more were begun")
        lines += [
            f"claim {claim.key} is {claim.verdict} now, and was {claim.before}: {claim.reasons[0]}"
            for claim in self.claims
            if claim.changed
        ]
        lines += [
            f"claim {claim.key}, checked for the first time, is {claim.verdict}"
            for claim in self.claims
            if claim.is_first
        ]
        lines += [
            f"unusual: {edition.publication} {edition.day}: {flag.reason}"
            for edition in self.editions
            for flag in edition.flags
        ]
        if self.at_limit and self.left:
            left = counted(self.left, "page")
            lines.append(f"left: {left} beyond the limit of {self.limit}: the next run goes on")
        for counts, why in (
            (self.work.held, "other workers are at it"),
            (self._undone(), "it could not be done now, see the log; the next run tries it again"),
            (self.work.given_up, "it is given up, see the log, until `presslens upgrade`"),
        ):
            lines += [f"left: {UNDONE[kind]}, {n}: {why}" for kind, n in counts.items() if n]
        return "\n".join(lines)

    def _undone(self) -> dict[JobKind, int]:
        """Return the number of keys that wait and that no worker holds, without what is to wait."""
        meant = {JobKind.OBSERVE} if self.at_limit else set()
        return {
            kind: 0 if kind in meant else n - self.work.held[kind]
            for kind, n in self.work.waiting.items()
        }
