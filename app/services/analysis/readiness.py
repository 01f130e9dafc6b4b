"""What keeps the service from doing its work, for machines and for whoever runs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from cachetools import LRUCache, cached
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from presslens.app.db.archive_view import by_request
from presslens.app.db.columns import JobKind, Status
from presslens.app.db.session import LONG_SECONDS
from presslens.app.db.tables import EditionRow, LeaseRow, OutcomeRow, PageRow
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.errors import DatabaseLocked, DiskFull, NoDatabase, StoreMissing
from presslens.app.services.analysis.presence import last_sign
from presslens.app.services.analysis.record import unobserved_scans
from presslens.app.services.analysis.runs import PAUSE
from presslens.app.services.analysis.workload import Workload, workload
from presslens.models.message import Message
from presslens.models.recipe import Recipe
from presslens.models.registry import Registry, WeightFile, sha256_of
from presslens.pipelines.result import Served, named

AGEING = timedelta(hours=1)
"""Work that waits for longer is ageing, unless pages have been analysed since ``PAUSE``."""

FAILURES = 3
"""So many failures of work within ``AGEING`` are no accident of one page."""


class ProblemKind(StrEnum):
    """Every kind of problem of the service."""

    NO_DATABASE = "no_database"
    DATABASE_LOCKED = "database_locked"
    STORE_MISSING = "store_missing"
    DISK_LOW = "disk_low"
    WEIGHTS_MISSING = "weights_missing"
    WEIGHTS_ALTERED = "weights_altered"
    WORKER_MISSING = "worker_missing"
    WORKER_SILENT = "worker_silent"
    WORK_FAILING = "work_failing"
    QUEUE_AGEING = "queue_ageing"
    STARTING = "starting"


@dataclass(frozen=True, slots=True)
class ServiceProblem(Served):
    """A problem of the service: its kind, what is wrong, and what to do, without paths."""

    kind: ProblemKind
    message: str
    remedy: Annotated[str, named("what_to_do")]


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the service does its work."""

    problems: tuple[ServiceProblem, ...]  # what keeps it from doing so; none if it does
    work: Workload | None  # the work that waits; None where the database can't be asked


def check_readiness(
    home: Installation, *, own_worker: bool = False, is_starting: bool = False
) -> Readiness:
    """Check the database, the store, the disk, the weights, the workers and the work that waits.

    Args:
        own_worker: A worker should run even if nothing waits.
        is_starting: The server computes what readers ask for first.
    """
    problems = [*_store(home), *_weights(home), *([_STARTING] if is_starting else [])]
    try:
        work = workload(home)
        with home.database.read() as session:
            failures = _failures(session, home.recipe)
            oldest = oldest_waiting(session, home.recipe)
            last_seen = session.scalar(select(func.max(OutcomeRow.seen_at)))
        needed = own_worker or any(work.waiting.values())
        workers = list(_workers(home, needed=needed))
    except DatabaseLocked:
        return Readiness((_locked(home.database.longest_use()), *problems), None)
    except NoDatabase:
        return Readiness((_NO_DATABASE, *problems), None)
    problems += workers
    if failures >= FAILURES:
        problems.append(_failing(failures))
    now = clock.now()
    if oldest is not None and now - oldest > AGEING and (not last_seen or now - last_seen > PAUSE):
        problems.append(_ageing(now - oldest))
    return Readiness(tuple(problems), work)


@by_request
def oldest_waiting(session: Session, recipe: Recipe) -> datetime | None:
    """Return since when the oldest edition waits to be unpacked or observed; None if none does."""
    packed = select(func.min(EditionRow.created_at)).where(EditionRow.unpacked_at.is_(None))
    unobserved = (
        select(func.min(EditionRow.unpacked_at))
        .join(PageRow, PageRow.edition_id == EditionRow.id)
        .where(PageRow.scan_id.in_(unobserved_scans(recipe.observation_id)))
    )
    times = session.scalar(packed), session.scalar(unobserved)
    return min((time for time in times if time is not None), default=None)


def waiting_editions(home: Installation) -> int:
    """Return how many editions wait to be unpacked or observed, or are at work."""
    unobserved = unobserved_scans(home.recipe.observation_id)
    waits = or_(
        EditionRow.unpacked_at.is_(None),
        EditionRow.id.in_(select(PageRow.edition_id).where(PageRow.scan_id.in_(unobserved))),
    )
    with home.database.read() as session:
        return session.scalar(select(func.count()).select_from(EditionRow).where(waits)) or 0


def _store(home: Installation) -> Iterator[ServiceProblem]:
    try:
        home.storage.check()
        home.storage.check_room()
    except StoreMissing:
        yield ServiceProblem(
            ProblemKind.STORE_MISSING,
            Message("The store of the scans has no mark, or can't be used."),
            Message(
                "Mount its disk, see PRESSLENS_DATA_DIR, or start the service of its bucket, see"
                " PRESSLENS_STORE_URL, and let Presslens write there."
            ),
        )
    except (DiskFull, OSError):
        yield ServiceProblem(
            ProblemKind.DISK_LOW,
            Message("Less disk is free than uploads need."),
            Message("Free some of the disk of PRESSLENS_DATA_DIR, or move it to a larger one."),
        )


def _weights(home: Installation) -> Iterator[ServiceProblem]:
    registry, rules = home.settings.load_registry(), home.recipe
    for name in sorted({*rules.observe.weights, *rules.interpret.weights}):
        entry = registry.manifest[name]
        state = _state(registry, entry)
        if state is not None:
            yield ServiceProblem(
                state,
                Message("The weight file %(file)s is missing.", file=entry.file)
                if state is ProblemKind.WEIGHTS_MISSING
                else Message("The weight file %(file)s is not the one it was.", file=entry.file),
                Message("Run `presslens models fetch`, and start the worker again."),
            )


def _state(registry: Registry, entry: WeightFile) -> ProblemKind | None:
    path = registry.location(entry)
    try:
        status = path.stat()
        same = _sha256(path, status.st_size, status.st_mtime_ns) == entry.sha256
    except OSError:
        return ProblemKind.WEIGHTS_MISSING
    return None if same else ProblemKind.WEIGHTS_ALTERED


@cached(LRUCache(256))
def _sha256(path: Path, size: int, mtime: int) -> str:  # noqa: ARG001 - of the key
    """Return the sha256 of a file, read again only where its size or time has changed."""
    return sha256_of(path)


def _workers(home: Installation, *, needed: bool) -> Iterator[ServiceProblem]:
    lives, sign = last_sign(home)
    if lives:
        return
    start = Message("Start `presslens worker`, or `presslens serve` without --no-worker.")
    if sign is not None:
        minutes = f"{sign / 60:.0f}"
        yield ServiceProblem(
            ProblemKind.WORKER_SILENT,
            Message(
                "A worker has ended or hangs: it gave its last sign of life %(n)s minutes ago.",
                n=minutes,
            ),
            Message("The log says why. %(start)s", start=start),
        )
    elif needed:
        yield ServiceProblem(
            ProblemKind.WORKER_MISSING, Message("No worker runs, so nothing that waits is done."),
            start,
        )  # fmt: skip


@by_request
def _failures(session: Session, recipe: Recipe) -> int:
    """Return how often work has failed lately: pages for good, and what is tried again."""
    since = clock.now() - AGEING
    failed = select(func.count()).where(
        OutcomeRow.status == Status.FAILED,
        OutcomeRow.observation_id == recipe.observation_id,
        OutcomeRow.seen_at > since,
    )
    tried = select(func.coalesce(func.sum(LeaseRow.failures), 0)).where(
        LeaseRow.kind.in_((JobKind.OBSERVE, JobKind.EMBED)), LeaseRow.until_at > since
    )
    return sum(session.scalar(count) or 0 for count in (failed, tried))


def _failing(failures: int) -> ServiceProblem:
    return ServiceProblem(
        ProblemKind.WORK_FAILING,
        Message("Looking at pages has failed %(n)s times within an hour.", n=failures),
        Message("The page of the runs and the log say why; the memory may be too small."),
    )


def _ageing(age: timedelta) -> ServiceProblem:
    return ServiceProblem(
        ProblemKind.QUEUE_AGEING,
        Message(
            "Pages have waited for %(n)s hours, and none is analysed.",
            n=f"{age.total_seconds() / 3600:.0f}",
        ),
        Message("Look into the worker's log; start the worker again if it does nothing."),
    )


def _locked(seconds: float) -> ServiceProblem:
    """Return that the database is locked, by this server if a transaction of its own is that old.

    Args:
        seconds: The age of its oldest transaction.
    """
    if seconds > 2 * LONG_SECONDS:  # those that wait themselves are no older than one such time
        words = Message(
            "This server itself has the database in use for %(n)s seconds.", n=f"{seconds:.0f}"
        )
        remedy = Message("Start the server again if this does not pass, and report what it did.")
    else:
        words = Message(
            "The database is locked for longer than %(n)s seconds.", n=f"{LONG_SECONDS:.0f}"
        )
        remedy = Message(
            "End other programs that have it open: a copy or an editor of the database, for"
            " instance. The log says if a transaction of Presslens itself was open for long."
        )
    return ServiceProblem(ProblemKind.DATABASE_LOCKED, words, remedy)


_STARTING = ServiceProblem(
    ProblemKind.STARTING,
    Message("The server computes what readers ask for first."),
    Message("Wait: it is ready in half a minute, and answers meanwhile."),
)

_NO_DATABASE = ServiceProblem(
    ProblemKind.NO_DATABASE,
    Message("The database can't be reached."),
    Message("Start the database again; the service goes on by itself."),
)
