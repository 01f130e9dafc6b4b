"""The kinds of work that delete for good what was removed: due editions of the trash, and files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Select, delete, or_, select, true
from sqlalchemy.orm import Session

from presslens.app.db.columns import JobKind
from presslens.app.db.edits import Action, EditRow
from presslens.app.db.figures import ReferenceRow
from presslens.app.db.leases import LeaseRow
from presslens.app.db.publications import ReplacedScanRow, TrashedEditionRow, UnprintedScanRow
from presslens.app.db.revision import RevisionRow
from presslens.app.db.samples import SampleItemRow
from presslens.app.db.tables import OutcomeRow, PageRow, ScanRow
from presslens.app.db.unused_newspaper import drop_unused_newspaper
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.services.analysis.job import MOST_ATTEMPTS, Batches, Job, Tools
from presslens.app.services.analysis.lease import LeasedKey, WorkList, finish
from presslens.app.services.figures.erasure import discard, due_files, sweep_discarded
from presslens.app.services.reviews.carried_reviews import discard_reviews
from presslens.models.recipe import Recipe
from presslens.pipelines.failpoints import Failpoint, around
from presslens.pipelines.result import Served

BATCH = 500
"""Scans that are deleted by one statement."""


@dataclass(frozen=True, slots=True)
class EmptiedTrash(Served):
    """What went for good."""

    editions: int  # number of editions
    scans: int  # number of scans, with their photos and reviews
    # Number of scans that stay since a sample has drawn them, or a figure's reference is on them.
    kept: int


def due_trash(now: datetime) -> Select[int]:
    """Return the query that gives the id of the revision while something is due, or nothing."""
    due = or_(
        select(TrashedEditionRow.id).where(TrashedEditionRow.due_at <= now).exists(),
        select(UnprintedScanRow.scan_id).where(UnprintedScanRow.due_at <= now).exists(),
    )
    return select(RevisionRow.id).where(due)


def empty_trash(home: Installation, *, now: datetime, everything: bool = False) -> EmptiedTrash:
    """Delete what is in the trash and due; it can't be restored, and edits of it not undone.

    Scans go that no page prints, with their photos, and the reviews of them. One that a sample has
    drawn stays, so that the sample's figures do, and one with the face of a figure's reference.
    Files go a little later (``app.services.figures.erasure``).

    Args:
        everything: What is not due too.
    """
    with around(Failpoint.TRASH_EMPTY), home.database.write(erasing=True) as session:
        due = true() if everything else TrashedEditionRow.due_at <= now
        trashed = session.scalars(select(TrashedEditionRow).where(due).with_for_update()).all()
        files = {file["sha256"] for row in trashed for file in row.document["upload_file"]}
        for row in trashed:
            session.delete(row)
        session.flush()
        _drop_newspapers(session, {row.publication_id for row in trashed})
        due = true() if everything else UnprintedScanRow.due_at <= now
        unprinted = list(session.scalars(select(UnprintedScanRow.scan_id).where(due)))
        gone = needed = 0
        for i in range(0, len(unprinted), BATCH):
            batch = unprinted[i : i + BATCH]
            locked = select(ScanRow.id).where(ScanRow.id.in_(batch)).order_by(ScanRow.id)
            session.execute(locked.with_for_update())
            session.execute(delete(UnprintedScanRow).where(UnprintedScanRow.scan_id.in_(batch)))
            free = _unprinted(session, batch)
            going = _unneeded(session, free)
            gone, needed = gone + len(going), needed + len(free) - len(going)
            query = select(ScanRow.sha256).where(ScanRow.id.in_(going))
            files |= set(session.scalars(query))
            _delete(session, going)
        discard(session, sorted(files), now=now)
    return EmptiedTrash(len(trashed), gone, needed)


def _drop_newspapers(session: Session, publication_ids: set[int]) -> None:
    """Take away the newspapers that came with editions, and of which nobody has said more."""
    changed = select(EditRow.id).where(
        EditRow.action == Action.CHANGE_NEWSPAPER, EditRow.undone_at.is_(None)
    )
    for id_ in sorted(publication_ids):
        about = changed.where(EditRow.target == "publication", EditRow.target_id == id_)
        if session.scalar(about.limit(1)) is None:
            drop_unused_newspaper(session, id_)


def _unprinted(session: Session, scan_ids: list[int]) -> list[int]:
    printed = select(PageRow.scan_id).where(PageRow.scan_id.in_(scan_ids))
    return sorted(set(scan_ids) - set(session.scalars(printed)))


def _unneeded(session: Session, scan_ids: list[int]) -> list[int]:
    """Return the scans that neither a sample nor a reference needs."""
    drawn = select(SampleItemRow.scan_id).where(SampleItemRow.scan_id.in_(scan_ids))
    shown = (
        select(ScanRow.id)
        .join(ReferenceRow, ReferenceRow.sha256 == ScanRow.sha256)
        .where(ScanRow.id.in_(scan_ids))
    )
    return sorted(set(scan_ids) - set(session.scalars(drawn)) - set(session.scalars(shown)))


def _delete(session: Session, scan_ids: list[int]) -> None:
    """Delete scans with all rows that refer to them; photos go with their outcomes."""
    outcomes = select(OutcomeRow.id).where(OutcomeRow.scan_id.in_(scan_ids))
    for kind, keys in ((JobKind.OBSERVE, scan_ids), (JobKind.INTERPRET, outcomes)):
        # An id that is given again must not find the leases of another row.
        leases = delete(LeaseRow).where(LeaseRow.kind == kind, LeaseRow.key.in_(keys))
        session.execute(leases.execution_options(synchronize_session=False))
    discard_reviews(session, scan_ids)
    for column in (ReplacedScanRow.old_scan_id, ReplacedScanRow.new_scan_id):
        session.execute(delete(ReplacedScanRow).where(column.in_(scan_ids)))
    session.execute(delete(OutcomeRow).where(OutcomeRow.scan_id.in_(scan_ids)))
    session.execute(delete(ScanRow).where(ScanRow.id.in_(scan_ids)))


log = structlog.get_logger()


class EmptyJob(Job):
    """Empties the trash of what is due: all at once, under the id of the revision."""

    kind = JobKind.EMPTY

    def waiting(self, session: Session, recipe: Recipe) -> WorkList:  # noqa: ARG002
        """See ``Job.waiting``."""
        return WorkList(self.kind, "", due_trash(clock.now()), most_attempts=MOST_ATTEMPTS)

    def run(self, tools: Tools, work: WorkList, leased: list[LeasedKey]) -> None:  # noqa: ARG002
        """See ``Job.run``."""
        emptied = empty_trash(tools.home, now=clock.now())
        log.info("emptied trash", **emptied.to_json())


class SweepJob(Job):
    """Deletes the files of removed references: all at once, under the id of the revision.

    It is never given up, for what was removed must go.
    """

    kind = JobKind.SWEEP

    def waiting(self, session: Session, recipe: Recipe) -> WorkList:  # noqa: ARG002
        """See ``Job.waiting``."""
        due = due_files(clock.now()).exists()
        return WorkList(self.kind, "", select(RevisionRow.id).where(due))

    def run(self, tools: Tools, work: WorkList, leased: list[LeasedKey]) -> None:
        """See ``Job.run``."""
        self.run_all(tools, work, iter([leased]))

    def run_all(self, tools: Tools, work: WorkList, batches: Batches) -> bool:
        """See ``Job.run_all``. A file that can't go yet is no work that was done."""
        swept = 0
        for leased in batches:
            keys = [key for key, _ in leased]
            with self.attempt(tools, work, keys):
                swept += sweep_discarded(tools.home, now=clock.now())
                with tools.home.database.write() as session:
                    finish(session, work.kind, work.version, keys, tools.owner)
        return swept > 0
