"""The kind of work that looks at photos that people have drawn."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import structlog
from sqlalchemy.orm import Session

from presslens.app.db.columns import JobKind
from presslens.app.services.analysis.job import MOST_ATTEMPTS, Batches, Job, Tools, causes_of
from presslens.app.services.analysis.lease import LeasedKey, WorkList, finish
from presslens.app.services.analysis.look import (
    DrawnPhotos,
    drawn_photos,
    record_look,
    unlooked_scans,
)
from presslens.models.recipe import Recipe
from presslens.pipelines.task import PageResult, PageTask

log = structlog.get_logger()


class LookJob(Job):
    """Looks at photos that people have drawn."""

    kind = JobKind.LOOK

    def waiting(self, session: Session, recipe: Recipe) -> WorkList:  # noqa: ARG002
        """See ``Job.waiting``."""
        observation_id = recipe.observation_id
        keys = unlooked_scans(observation_id)
        return WorkList(self.kind, observation_id, keys, most_attempts=MOST_ATTEMPTS)

    def run(self, tools: Tools, work: WorkList, leased: list[LeasedKey]) -> None:
        """See ``Job.run``."""
        self.run_all(tools, work, iter([leased]))

    def run_all(self, tools: Tools, work: WorkList, batches: Batches) -> bool:
        """See ``Job.run_all``. Pages stream through the engine."""
        waiting: dict[str, DrawnPhotos] = {}
        for result in tools.engine.run(self._tasks(tools, work, batches, waiting)):
            drawn = waiting[result.key]
            with self.attempt(tools, work, [drawn.page.scan_id]):
                self._record(tools, work, drawn, result)
        return bool(waiting)

    def _tasks(
        self, tools: Tools, work: WorkList, batches: Batches, waiting: dict[str, DrawnPhotos]
    ) -> Iterator[PageTask]:
        for scan_id, attempts in chain.from_iterable(batches):
            task = None
            with self.attempt(tools, work, [scan_id]):
                drawn = drawn_photos(tools.home, scan_id, attempts)
                storage = tools.home.storage
                if not storage.has_scan(drawn.page.sha256):
                    self.fail_leases(tools, work, [scan_id])
                elif drawn.frames:
                    key, page = str(scan_id), drawn.page
                    waiting[key] = drawn
                    task = PageTask(
                        key, storage.scan(page.sha256), page.sha256, page.frame, page.source,
                        frames=drawn.frames, beside=drawn.beside, store=storage.objects,
                    )  # fmt: skip
            if task is not None:
                yield task

    def _record(self, tools: Tools, work: WorkList, drawn: DrawnPhotos, result: PageResult) -> None:
        if result.observation is None:
            self.fail_leases(tools, work, [drawn.page.scan_id])
            cause = causes_of(result)
            log.warning("drawn photos not looked at", scan=drawn.page.scan_id, **cause)
            return
        record_look(tools.home, drawn, result.observation)
        with tools.home.database.write() as session:
            finish(session, work.kind, work.version, [drawn.page.scan_id], tools.owner)
        log.info("looked at drawn photos", scan=drawn.page.scan_id, photos=len(drawn.photo_ids))
