"""The kinds of work, one job each: what waits, and how one piece of it is done.

A worker does every kind alike (``work_off``): it asks which keys wait and are free, claims some,
runs the job on them and ends their leases. ``JOBS`` lists the kinds in the order of a round; a new
kind is a member of ``JobKind`` and a job here.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.db.columns import JobKind
from app.db.revision import RevisionRow
from app.services.analysis.interpret import (
    interpret_pages,
    interpretation_version,
    is_enrolling,
    stale_pages,
)
from app.services.analysis.job import Batches, Job, Tools
from app.services.analysis.lease import Claim, WorkList, claim, fail, finish, free_keys
from app.services.analysis.record import (
    MOST_FAILURES,
    ClaimedPage,
    claimed_page,
    record,
    unobserved_scans,
)
from app.services.analysis.summarise import summarise_edition, unsummarised_editions
from app.services.figures.erasure import due_files, sweep_discarded
from app.services.figures.references import (
    embed_confirmed,
    record_reference,
    waiting_reference,
    waiting_references,
)
from app.services.ingest.unpack import packed_editions, unpack
from app.services.labels.label_set import outdated_labels
from models.recipe import Recipe
from pipelines.engine import PageResult, PageTask

MISSING = "the file is missing from the store"
MOST_CLAIMS = 10
"""Work over which so many workers were lost is given up."""

log = structlog.get_logger()


class UnpackJob(Job):
    """Finds the pages in the files of an edition."""

    kind = JobKind.UNPACK
    a_round = 1

    def waiting(self, session: Session, recipe: Recipe) -> WorkList:  # noqa: ARG002
        """See ``Job.waiting``."""
        return WorkList(self.kind, "", packed_editions())

    def run(self, tools: Tools, work: WorkList, claims: list[Claim]) -> None:  # noqa: ARG002
        """See ``Job.run``."""
        for key, attempts in claims:
            unpack(tools.home, key, tools.sandbox, now=clock.now(), attempts=attempts)
            log.info("unpacked", edition=key)


class EmbedJob(Job):
    """Observes reference photos, and finds confirmed faces on the pages that show them."""

    kind = JobKind.EMBED
    a_round = 1000

    def waiting(self, session: Session, recipe: Recipe) -> WorkList:  # noqa: ARG002
        """See ``Job.waiting``."""
        observation_id = recipe.observation_id
        keys = waiting_references(observation_id)
        return WorkList(self.kind, observation_id, keys, most_attempts=MOST_CLAIMS)

    def run(self, tools: Tools, work: WorkList, claims: list[Claim]) -> None:
        """See ``Job.run``."""
        self.run_all(tools, work, iter([claims]))

    def run_all(self, tools: Tools, work: WorkList, batches: Batches) -> bool:
        """See ``Job.run_all``. References stream through the engine."""
        claimed: list[int] = []
        for result in tools.engine.run(self._tasks(tools, work, batches, claimed)):
            self._record(tools, work, int(result.key), result)
        return bool(claimed)

    def _tasks(
        self, tools: Tools, work: WorkList, batches: Batches, claimed: list[int]
    ) -> Iterator[PageTask]:
        for key, _ in chain.from_iterable(batches):
            claimed.append(key)
            reference = waiting_reference(tools.home, key)
            if reference is None or reference.confirmed:
                if reference is not None:
                    embed_confirmed(tools.home, key)
                self._finish(tools, work, key)
            elif not reference.path.is_file():
                record_reference(tools.home, key, PageResult(str(key), failure=MISSING))
                self._finish(tools, work, key)
            else:
                yield PageTask(
                    str(key), reference.path, reference.sha256, 0, reference.name, as_photo=True
                )

    def _record(self, tools: Tools, work: WorkList, key: int, result: PageResult) -> None:
        if result.failure is not None:
            with tools.home.database.write() as session:
                failures = fail(session, work.kind, work.version, key, now=clock.now())
            if failures is not None and failures < MOST_FAILURES:
                log.warning("reference failed", reference=key, cause=result.failure)
                return
        record_reference(tools.home, key, result)
        self._finish(tools, work, key)

    def _finish(self, tools: Tools, work: WorkList, key: int) -> None:
        with tools.home.database.write() as session:
            finish(session, work.kind, work.version, [key])


class RelearnJob(Job):
    """Learns labels again whose examples the instruments of another recipe have seen."""

    kind = JobKind.RELEARN

    def waiting(self, session: Session, recipe: Recipe) -> WorkList:  # noqa: ARG002
        """See ``Job.waiting``."""
        keys = outdated_labels(recipe.observation_id)
        return WorkList(self.kind, recipe.observation_id, keys, most_attempts=MOST_CLAIMS)

    def run(self, tools: Tools, work: WorkList, claims: list[Claim]) -> None:  # noqa: ARG002
        """See ``Job.run``."""
        # Imported here: the web server counts the work without the libraries that learn.
        from app.services.labels.training import photo_reader, relearn

        reader = photo_reader(tools.home, tools.sandbox)
        for key, _ in claims:
            relearn(tools.home, key, reader)


class ObserveJob(Job):
    """Observes pages: decodes them, finds photos, and stores what the instruments see."""

    kind = JobKind.OBSERVE
    a_round = 32

    def waiting(self, session: Session, recipe: Recipe) -> WorkList:  # noqa: ARG002
        """See ``Job.waiting``."""
        observation_id = recipe.observation_id
        return WorkList(self.kind, observation_id, unobserved_scans(observation_id))

    def run(self, tools: Tools, work: WorkList, claims: list[Claim]) -> None:
        """See ``Job.run``."""
        self.run_all(tools, work, iter([claims]))

    def run_all(self, tools: Tools, work: WorkList, batches: Batches) -> bool:  # noqa: ARG002
        """See ``Job.run_all``. Pages are claimed as the engine asks for them."""
        pages: dict[str, ClaimedPage] = {}
        for result in tools.engine.run(self._tasks(tools, batches, pages)):
            self._record(tools, pages[result.key], result)
        return bool(pages)

    def _tasks(
        self, tools: Tools, batches: Batches, pages: dict[str, ClaimedPage]
    ) -> Iterator[PageTask]:
        home = tools.home
        for scan_id, attempts in chain.from_iterable(batches):
            key = str(scan_id)
            pages[key] = page = claimed_page(home, scan_id, attempts)
            path = home.storage.scan(page.sha256)
            hopeless = _why_hopeless(page, is_there=path.is_file())
            if hopeless is not None:
                self._record(tools, page, PageResult(key, failure=hopeless))
                continue
            view = home.storage.view(page.sha256, page.frame, home.recipe.observation_id)
            yield PageTask(key, path, page.sha256, page.frame, page.source, view)

    def _record(self, tools: Tools, page: ClaimedPage, result: PageResult) -> None:
        outcome = record(tools.home, page, result, now=clock.now())
        if outcome is None:
            log.warning("page failed", scan=page.scan_id, cause=result.failure)
            return
        tools.outcomes[outcome.value] += 1
        log.info("observed", scan=page.scan_id, source=page.source, outcome=outcome.value)


def _why_hopeless(page: ClaimedPage, *, is_there: bool) -> str | None:
    if not is_there:
        return MISSING
    if page.attempts > MOST_CLAIMS:
        return f"the worker was lost {MOST_CLAIMS} times while it analysed this page"
    return None


class InterpretJob(Job):
    """Decides what the photos of observed pages show."""

    kind = JobKind.INTERPRET
    batch = 8
    a_round = 64

    def waiting(self, session: Session, recipe: Recipe) -> WorkList | None:
        """See ``Job.waiting``. References and labels come before."""
        if is_enrolling(session, recipe):
            return None
        version = interpretation_version(session, recipe)
        keys = stale_pages(session, recipe)
        return WorkList(self.kind, version, keys, most_attempts=MOST_CLAIMS)

    def run(self, tools: Tools, work: WorkList, claims: list[Claim]) -> None:
        """See ``Job.run``."""
        pages = [claim.key for claim in claims]
        interpret_pages(tools.home, tools.interpreter, pages, work.version)


class SummariseJob(Job):
    """Summarises editions whose photos are all interpreted."""

    kind = JobKind.SUMMARISE

    def waiting(self, session: Session, recipe: Recipe) -> WorkList:
        """See ``Job.waiting``."""
        version = interpretation_version(session, recipe)
        keys = unsummarised_editions(session, recipe)
        return WorkList(self.kind, version, keys, most_attempts=MOST_CLAIMS)

    def run(self, tools: Tools, work: WorkList, claims: list[Claim]) -> None:  # noqa: ARG002
        """See ``Job.run``."""
        for key, _ in claims:
            summarise_edition(tools.home, key)


class SweepJob(Job):
    """Deletes the files of removed references: all at once, under the id of the revision."""

    kind = JobKind.SWEEP

    def waiting(self, session: Session, recipe: Recipe) -> WorkList:  # noqa: ARG002
        """See ``Job.waiting``."""
        due = due_files(clock.now()).exists()
        return WorkList(self.kind, "", select(RevisionRow.id).where(due))

    def run(self, tools: Tools, work: WorkList, claims: list[Claim]) -> None:
        """See ``Job.run``."""
        self.run_all(tools, work, iter([claims]))

    def run_all(self, tools: Tools, work: WorkList, batches: Batches) -> bool:
        """See ``Job.run_all``. A file that can't go yet is no work that was done."""
        swept = 0
        for claims in batches:
            swept += sweep_discarded(tools.home, now=clock.now())
            with tools.home.database.write() as session:
                finish(session, work.kind, work.version, [claim.key for claim in claims])
        return swept > 0


JOBS: dict[JobKind, Job] = {
    job.kind: job
    for job in (
        UnpackJob(),
        EmbedJob(),
        RelearnJob(),
        ObserveJob(),
        InterpretJob(),
        SummariseJob(),
        SweepJob(),
    )
}
"""The kinds of work in the order of a round."""


def work_off(kind: JobKind, tools: Tools) -> bool:
    """Do a part of one kind of work: claim, run, end the leases; tell whether any was done."""
    job = JOBS[kind]
    with tools.home.database.read() as session:
        work = job.waiting(session, tools.home.recipe)
        if work is None:
            return False
        keys = free_keys(session, work, now=clock.now(), most=job.a_round)
    return bool(keys) and job.run_all(tools, work, _claims(job, tools, work, keys))


def _claims(job: Job, tools: Tools, work: WorkList, keys: list[int]) -> Batches:
    """Yield claims on those keys that are free still, a batch whenever the job asks for one."""
    left = dict.fromkeys(keys)
    while left and not tools.stop.is_set():
        claims = claim(tools.home, work, list(left), tools.owner, now=clock.now(), most=job.batch)
        if not claims:
            return
        for one in claims:
            del left[one.key]
        yield claims
