"""The kinds of work, one job each: what waits, and how one piece of it is done.

A worker does every kind alike (``run_job``): it asks which keys wait and are free, leases some,
runs the job on them and ends their leases. ``JOBS`` lists the kinds in the order of a round; a new
kind is a member of ``JobKind`` and a job here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import chain

import structlog
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from presslens.app.db.columns import JobKind
from presslens.app.db.reprints import FingerprintRow
from presslens.app.db.tables import EditionRow, LabelRow, OutcomeRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.services.analysis.embed_job import EmbedJob
from presslens.app.services.analysis.encode import unencoded_scans
from presslens.app.services.analysis.encode_job import EncodeJob
from presslens.app.services.analysis.interpret import (
    interpret_pages,
    interpretation_version,
    is_enrolling,
    stale_pages,
)
from presslens.app.services.analysis.job import (
    GIVEN_UP,
    MISSING,
    MOST_ATTEMPTS,
    Batches,
    EngineJob,
    Job,
    Tools,
    causes_of,
)
from presslens.app.services.analysis.lease import (
    LeasedKey,
    WorkList,
    free_keys,
    latest_editions,
    lease_keys,
    next_retry,
    scans_in_turn,
)
from presslens.app.services.analysis.look import LookJob
from presslens.app.services.analysis.read_job import ReadJob
from presslens.app.services.analysis.record import (
    MOST_FAILURES,
    LeasedPage,
    leased_page,
    record,
    scans_of_files,
    unobserved_scans,
)
from presslens.app.services.analysis.removal_jobs import EmptyJob, SweepJob
from presslens.app.services.analysis.summarise import summarise_edition, unsummarised_editions
from presslens.app.services.ingest.unpack import MOST_ATTEMPTS as MOST_UNPACKINGS
from presslens.app.services.ingest.unpack import packed_editions, unpack
from presslens.app.services.labels.label_set import outdated_labels
from presslens.app.services.labels.teaching import answers_count, requested_observation
from presslens.app.services.reviews.carried_reviews import carry_reviews, uncarried
from presslens.app.services.statistics.flag_editions import flag_editions, uncompared_newspapers
from presslens.models.recipe import Recipe
from presslens.pipelines.failure import Failure
from presslens.pipelines.task import PageResult, PageTask


class ReprintJob(Job):
    """Finds the prints of one picture among the photos of observed pages."""

    kind = JobKind.REPRINTS
    batch = 32
    a_round = 256
    gives_way = True

    def waiting(self, session: Session, recipe: Recipe) -> WorkList:  # noqa: ARG002
        """See ``Job.waiting``."""
        keys = uncompared_photos(recipe.observation_id)
        return WorkList(self.kind, recipe.observation_id, keys, most_attempts=MOST_ATTEMPTS)

    def run(self, tools: Tools, work: WorkList, leased: list[LeasedKey]) -> None:  # noqa: ARG002
        """See ``Job.run``."""
        # Imported here: the web server counts the work without OpenCV.
        from presslens.app.services.analysis.compare_prints import compare_photos

        pairs = compare_photos(tools.home, [key for key, _ in leased])
        if pairs:
            log.info("found reprints", pairs=pairs)


def uncompared_photos(observation_id: str) -> Select[int]:
    """Return the query of the ids of photos of pages that were not compared yet.

    Photos that a person has removed wait until they are put back.
    """
    return (
        select(FingerprintRow.photo_id)
        .join(PhotoRow, PhotoRow.id == FingerprintRow.photo_id)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .where(~FingerprintRow.compared, OutcomeRow.observation_id == observation_id)
    )


SLOW_SECONDS = 10.0
"""A file whose page has taken longer is slow: its other pages come after those of other files."""
ROUND_SECONDS = 20.0
"""After so long other kinds of work have their turn, that an edition uploaded meanwhile begins."""
log = structlog.get_logger()


class UnpackJob(Job):
    """Finds the pages in the files of an edition."""

    kind = JobKind.UNPACK
    a_round = 8

    def waiting(self, session: Session, recipe: Recipe) -> WorkList:  # noqa: ARG002
        """See ``Job.waiting``."""
        most = MOST_UNPACKINGS + 1
        lines = [partial(latest_editions, backfill=backfill) for backfill in (False, True)]
        return WorkList(self.kind, "", packed_editions(), most_attempts=most, lines=lines)

    def run(self, tools: Tools, work: WorkList, leased: list[LeasedKey]) -> None:  # noqa: ARG002
        """See ``Job.run``."""
        for key, attempts in leased:
            refused = unpack(tools.home, key, tools.sandbox, now=clock.now(), attempts=attempts)
            for outcome, reason in refused:
                tools.outcomes[outcome.value] += 1
                tools.metrics.count_refused(outcome, reason)
            log.info("unpacked", edition=key, refused=len(refused))


class RelearnJob(Job):
    """Learns labels again whose examples the instruments of another recipe have seen."""

    kind = JobKind.RELEARN

    def waiting(self, session: Session, recipe: Recipe) -> WorkList:  # noqa: ARG002
        """See ``Job.waiting``."""
        observation_id = recipe.observation_id
        # What people teach is learnt from photos: those that other instruments are to see first.
        observed = ~unobserved_scans(observation_id).exists()
        ready = or_(
            ~answers_count(), LabelRow.observation_id == requested_observation(recipe), observed
        )
        keys = outdated_labels(observation_id).where(ready)
        return WorkList(self.kind, recipe.observation_id, keys, most_attempts=MOST_ATTEMPTS + 1)

    def run(self, tools: Tools, work: WorkList, leased: list[LeasedKey]) -> None:  # noqa: ARG002
        """See ``Job.run``."""
        # Imported here: the web server counts the work without the libraries that learn.
        from presslens.app.services.labels.training import give_up_label, photo_reader, relearn

        for key, attempts in leased:
            if attempts > MOST_ATTEMPTS:
                give_up_label(tools.home, key, GIVEN_UP.message)
            else:
                relearn(tools.home, key, photo_reader(tools.home, tools.sandbox))


class ObserveJob(EngineJob[LeasedPage]):
    """Observes pages: decodes them, finds photos, and stores what the instruments see."""

    kind = JobKind.OBSERVE
    a_round = 128  # eight pages for each of sixteen processes: fewer, and they wait for the last
    gives_way = True

    def waiting(self, session: Session, recipe: Recipe) -> WorkList:  # noqa: ARG002
        """See ``Job.waiting``."""
        observation_id = recipe.observation_id
        line = partial(scans_in_turn, observation_id=observation_id)
        return WorkList(
            self.kind,
            observation_id,
            unobserved_scans(observation_id),
            most_attempts=MOST_ATTEMPTS + MOST_FAILURES,
            lines=[partial(line, backfill=backfill) for backfill in (False, True)],
        )

    def first(self, tools: Tools, keys: list[int]) -> list[int]:
        """See ``Job.first``. Pages of files that were slow come last."""
        if not tools.slow_files:
            return keys
        with tools.home.database.read() as session:
            slow = scans_of_files(session, keys, tools.slow_files)
        return [key for key in keys if key not in slow] or keys

    def tasks(
        self, tools: Tools, work: WorkList, batches: Batches, begun: dict[str, LeasedPage]
    ) -> Iterator[PageTask]:
        """See ``EngineJob.tasks``."""
        leases = chain.from_iterable(batches)
        # Asked before a page is leased: one that may not be begun is left to others.
        while tools.quota.admits(tools.outcomes) and (lease := next(leases, None)) is not None:
            scan_id, attempts = lease
            task = None
            with self.attempt(tools, work, [scan_id]):
                begun[str(scan_id)] = page = leased_page(tools.home, scan_id, attempts)
                task = self._task(tools, page)
            if task is not None:
                tools.quota.under_way += 1
                yield task

    def _task(self, tools: Tools, page: LeasedPage) -> PageTask | None:
        """Return the task of a page; None for a page that can't be observed."""
        home, key = tools.home, str(page.scan_id)
        hopeless = _why_hopeless(page, is_there=home.storage.has_scan(page.sha256))
        if hopeless is not None:
            self._store(tools, page, PageResult(key, failure=hopeless))
            return None
        storage = home.storage
        return PageTask(
            key, storage.scan(page.sha256), page.sha256, page.frame, page.source,
            storage.view(page.sha256, page.frame, home.recipe.observation_id),
            storage.incoming, languages=page.languages, store=storage.objects,
        )  # fmt: skip

    def record(
        self,
        tools: Tools,
        work: WorkList,  # noqa: ARG002
        begun: LeasedPage,
        result: PageResult,
    ) -> None:
        """See ``EngineJob.record``."""
        tools.quota.under_way -= 1
        self._store(tools, begun, result)

    def _store(self, tools: Tools, page: LeasedPage, result: PageResult) -> None:
        if result.seconds > SLOW_SECONDS:
            tools.slow_files.add(page.sha256)
        else:
            tools.slow_files.discard(page.sha256)
        outcome = record(tools.home, page, result, tools.owner, now=clock.now())
        tools.metrics.count_page(result, outcome)
        where = {"edition": page.edition_id, "page": page.page_id, "scan": page.scan_id}
        status = "failed" if outcome is None else outcome.value
        stages = {stage.value: seconds for stage, seconds in result.stages.items()}
        ids = {name: number for name, number in where.items() if number is not None}
        tools.traces.record("page", result.seconds, stages, outcome=status, **ids)
        if outcome is None:
            log.warning("page failed", **where, source=page.source, **causes_of(result))
            return
        tools.outcomes[outcome.value] += 1
        log.info(
            "observed",
            **where,
            source=page.source,
            outcome=outcome.value,
            photos=len(result.observation.photos) if result.observation else 0,
            seconds=round(result.seconds, 2),
            stages={stage: round(spent, 3) for stage, spent in stages.items()},
            **({} if result.failure is None else causes_of(result)),
        )


def _why_hopeless(page: LeasedPage, *, is_there: bool) -> Failure | None:
    if not is_there:
        return MISSING
    return GIVEN_UP if page.attempts > MOST_ATTEMPTS else None


class CarryJob(Job):
    """Carries the reviews of a replaced scan's photos over to the new scan."""

    kind = JobKind.CARRY

    def waiting(self, session: Session, recipe: Recipe) -> WorkList:  # noqa: ARG002
        """See ``Job.waiting``."""
        keys = uncarried(recipe.observation_id)
        return WorkList(self.kind, recipe.observation_id, keys, most_attempts=MOST_ATTEMPTS)

    def run(self, tools: Tools, work: WorkList, leased: list[LeasedKey]) -> None:  # noqa: ARG002
        """See ``Job.run``."""
        for key, _ in leased:
            count = carry_reviews(tools.home, key, now=clock.now())
            log.info("carried reviews", edit=key, reviews=count)


class InterpretJob(Job):
    """Decides what the photos of observed pages show."""

    kind = JobKind.INTERPRET
    batch = 32  # a commit waits for the disk longer than a page takes
    a_round = 256

    def waiting(self, session: Session, recipe: Recipe) -> WorkList | None:
        """See ``Job.waiting``. References and labels come before."""
        if is_enrolling(session, recipe):
            return None
        version = interpretation_version(session, recipe)
        keys = stale_pages(session, recipe)
        return WorkList(self.kind, version, keys, most_attempts=MOST_ATTEMPTS)

    def run(self, tools: Tools, work: WorkList, leased: list[LeasedKey]) -> None:
        """See ``Job.run``."""
        pages = [key for key, _ in leased]
        interpret_pages(tools.home, tools.interpreter, pages, work.version, tools.owner)


class SummariseJob(Job):
    """Summarises editions whose photos are all interpreted."""

    kind = JobKind.SUMMARISE
    batch = 16

    def waiting(self, session: Session, recipe: Recipe) -> WorkList:
        """See ``Job.waiting``."""
        version = interpretation_version(session, recipe)
        keys = unsummarised_editions(session, recipe)
        return WorkList(self.kind, version, keys, most_attempts=MOST_ATTEMPTS)

    def run(self, tools: Tools, work: WorkList, leased: list[LeasedKey]) -> None:  # noqa: ARG002
        """See ``Job.run``."""
        for key, _ in leased:
            summarise_edition(tools.home, key)


class CompareJob(Job):
    """Finds what is unusual in the editions of newspapers."""

    kind = JobKind.COMPARE

    def waiting(self, session: Session, recipe: Recipe) -> WorkList:
        """See ``Job.waiting``."""
        now = clock.now()
        keys = uncompared_newspapers(recipe, now=now, busy=False)
        # What else waits takes long to find out, and hardly ever is there a newspaper to compare.
        if session.scalar(select(keys.exists())) and _is_busy(session, recipe):
            keys = uncompared_newspapers(recipe, now=now, busy=True)
        return WorkList(self.kind, recipe.id, keys, most_attempts=MOST_ATTEMPTS)

    def run(self, tools: Tools, work: WorkList, leased: list[LeasedKey]) -> None:  # noqa: ARG002
        """See ``Job.run``."""
        home = tools.home
        for key, _ in leased:
            with home.database.read() as session:
                busy = _is_busy(session, home.recipe)
            flag_editions(home, key, now=clock.now(), busy=busy)


def _is_busy(session: Session, recipe: Recipe) -> bool:
    """Return whether editions wait to be unpacked or summarised, or pages to be analysed."""
    waiting = (
        packed_editions(),
        unobserved_scans(recipe.observation_id),
        *([unencoded_scans(recipe)] if recipe.encoding_id else []),
        stale_pages(session, recipe),
        unsummarised_editions(session, recipe),
    )
    return any(session.scalar(select(keys.exists())) for keys in waiting)


JOBS: dict[JobKind, Job] = {
    job.kind: job
    for job in (
        UnpackJob(),
        EmbedJob(),
        RelearnJob(),
        ObserveJob(),
        LookJob(),
        EncodeJob(),
        ReadJob(),
        CarryJob(),
        InterpretJob(),
        SummariseJob(),
        ReprintJob(),
        CompareJob(),
        EmptyJob(),
        SweepJob(),
    )
}
"""The kinds of work in the order of a round."""


def run_job(kind: JobKind, tools: Tools) -> bool:
    """Do a part of one kind of work: lease, run, end the leases; tell whether to go on at once."""
    job = JOBS[kind]
    with tools.home.database.read() as session:
        work = job.waiting(session, tools.home.recipe)
        if work is None:
            return False
        keys = free_keys(session, work, now=clock.now(), most=job.a_round)
    if not keys:
        return False
    began = time.monotonic()
    try:
        return job.run_all(tools, work, _batches(job, tools, work, keys))
    finally:
        seconds = time.monotonic() - began
        tools.metrics.count_turn(kind, seconds)
        tools.traces.record(f"turn: {kind.value}", seconds)


def first_retry(home: Installation, *, pages: bool = True) -> datetime | None:
    """Return when work that has failed may be tried again first; None if none waits.

    Args:
        pages: Ask of pages that wait to be observed, too.
    """
    kinds = [kind for kind in JOBS if pages or kind is not JobKind.OBSERVE]
    with home.database.read() as session:
        lists = [JOBS[kind].waiting(session, home.recipe) for kind in kinds]
        retries = [next_retry(session, work) for work in lists if work is not None]
    return min((retry for retry in retries if retry is not None), default=None)


def _batches(job: Job, tools: Tools, work: WorkList, keys: list[int]) -> Batches:
    """Lease those keys that are free still, a batch whenever the job asks for one."""
    left = dict.fromkeys(keys)
    until = time.monotonic() + ROUND_SECONDS
    came = _latest_arrival(tools.home) if job.gives_way else None
    while left and time.monotonic() < until and not tools.stop.is_set():
        if job.gives_way and _latest_arrival(tools.home) != came:
            return  # what has come is looked at first, after the pages that are at hand
        now, first = clock.now(), job.first(tools, list(left))
        leased = lease_keys(tools.home, work, first, tools.owner, now=now, most=job.batch)
        if not leased:
            return
        for key, _ in leased:
            del left[key]
        yield leased


def _latest_arrival(home: Installation) -> tuple[int | None, datetime | None]:
    """Return the latest edition that can't wait and is not unpacked, and when one was last."""
    prompt = EditionRow.backfill.is_(False)
    packed = select(func.max(EditionRow.id)).where(prompt, EditionRow.unpacked_at.is_(None))
    unpacked = select(func.max(EditionRow.unpacked_at)).where(prompt)
    with home.database.read() as session:
        return session.scalar(packed), session.scalar(unpacked)
