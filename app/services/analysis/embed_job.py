"""The kind of work that observes reference photos."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import structlog
from sqlalchemy.orm import Session

from presslens.app.db.columns import JobKind
from presslens.app.services.analysis.job import (
    GIVEN_UP,
    MISSING,
    MOST_ATTEMPTS,
    Batches,
    EngineJob,
    Tools,
    causes_of,
)
from presslens.app.services.analysis.lease import WorkList, finish
from presslens.app.services.analysis.record import is_tried_again
from presslens.app.services.figures.references import (
    embed_confirmed,
    record_reference,
    waiting_reference,
    waiting_references,
)
from presslens.models.recipe import Recipe
from presslens.pipelines.task import PageResult, PageTask

log = structlog.get_logger()


class EmbedJob(EngineJob[int]):
    """Observes reference photos, and finds confirmed faces on the pages that show them."""

    kind = JobKind.EMBED
    a_round = 1000

    def waiting(self, session: Session, recipe: Recipe) -> WorkList:  # noqa: ARG002
        """See ``Job.waiting``."""
        observation_id = recipe.observation_id
        keys = waiting_references(observation_id)
        return WorkList(self.kind, observation_id, keys, most_attempts=MOST_ATTEMPTS + 1)

    def tasks(
        self, tools: Tools, work: WorkList, batches: Batches, begun: dict[str, int]
    ) -> Iterator[PageTask]:
        """See ``EngineJob.tasks``."""
        for key, attempts in chain.from_iterable(batches):
            begun[str(key)] = key
            task = None
            with self.attempt(tools, work, [key]):
                task = self._task(tools, work, key, attempts)
            if task is not None:
                yield task

    def _task(self, tools: Tools, work: WorkList, key: int, attempts: int) -> PageTask | None:
        """Return the task of a reference photo; None for a reference that needs no engine."""
        reference = waiting_reference(tools.home, key)
        failure = None
        if attempts > MOST_ATTEMPTS:
            failure = GIVEN_UP
        elif reference is not None and not (
            reference.confirmed or tools.home.storage.has_scan(reference.sha256)
        ):
            failure = MISSING
        if failure is not None:
            record_reference(tools.home, key, PageResult(str(key), failure=failure))
        elif reference is not None and reference.confirmed:
            embed_confirmed(tools.home, key)
        elif reference is not None:
            return PageTask(
                str(key),
                tools.home.storage.scan(reference.sha256),
                reference.sha256,
                0,
                reference.name,
                as_photo=True,
                vouched=reference.vouched,
                store=tools.home.storage.objects,
            )
        self._finish(tools, work, key)
        return None

    def record(self, tools: Tools, work: WorkList, begun: int, result: PageResult) -> None:
        """See ``EngineJob.record``."""
        if result.failure is not None:
            failures = self.fail_leases(tools, work, [begun])[0]
            if is_tried_again(result.failure, failures):
                log.warning("reference failed", reference=begun, **causes_of(result))
                return
        record_reference(tools.home, begun, result)
        self._finish(tools, work, begun)

    def _finish(self, tools: Tools, work: WorkList, key: int) -> None:
        with tools.home.database.write() as session:
            finish(session, work.kind, work.version, [key], tools.owner)
