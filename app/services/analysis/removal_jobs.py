"""The kinds of work that delete for good what was removed: due editions of the trash, and files."""

from __future__ import annotations

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.columns import JobKind
from presslens.app.db.revision import RevisionRow
from presslens.app.platform import clock
from presslens.app.services.analysis.empty_trash import due_trash, empty_trash
from presslens.app.services.analysis.job import MOST_ATTEMPTS, Batches, Job, Tools
from presslens.app.services.analysis.lease import LeasedKey, WorkList, finish
from presslens.app.services.figures.erasure import due_files, sweep_discarded
from presslens.models.recipe import Recipe

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
