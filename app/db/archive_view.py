"""The view of an archive at one revision: what was read of it once, for all who read it.

A view is read-only and shared by all threads and requests. What it holds is declared where it is
read: a function of a transaction with ``@by_answers`` or ``@by_revision`` asks the database once,
whoever calls it. A transaction that has changed something reads for itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from math import inf
from threading import Lock
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar, cast

from cachetools import LRUCache
from sqlalchemy import column, func, select, table
from sqlalchemy.orm import Session

from presslens.app.db.revision import TOUCHED, RevisionRow
from presslens.app.platform.memory import release_memory
from presslens.pipelines.cache import Cache
from presslens.pipelines.mapped import map_arrays

P = ParamSpec("P")
T = TypeVar("T")

MOST_BYTES = 4 * 1024**3
"""Size of all that is cached of a database, most of it in files: 3 GB of a million photos."""

VIEWS, VIEW, WRITES = "presslens_views", "presslens_view", "presslens_writes"
"""Names in the ``info`` of a session: the database's views, its own one, whether it may write."""

_LAST_PHOTO = select(func.max(column("id"))).select_from(table("photo")).scalar_subquery()
"""The largest id: as good as a count, and at once."""

_NUMBER, _ANSWERS, _LATELY = "number", "answers", "lately"

LARGE = 20_000
"""Photos from which an archive is large: below, all results take some seconds together."""

PAUSES = 6.0
"""Times the processor seconds of renewing results until they are renewed again: a seventh of the
time, at most, goes into it."""

LONGEST_PAUSE = 60.0
"""Seconds after which they are renewed in any case."""

RENEWED = 256
"""Results, those that were asked for last, that are renewed before a revision counts."""

ROUNDS = 4
"""Times, at most, that results are renewed which others have asked for meanwhile."""

YIELDING = 0.002
"""Seconds between the renewals of two results, in which readers compute theirs."""

COSTLY = 0.5
"""Processor seconds of a computation after which memory is given back."""

LONG = 10.0
"""Processor seconds of such computations after which files hold their results."""

LATELY = 1.0
"""Seconds for which the readers of a large archive share what moves without a revision."""

SHARED = 30.0
"""Times the seconds that reading it took for which they share it, if that is longer."""

_RENEWING: ContextVar[ArchiveView | None] = ContextVar("renewing", default=None)
"""The view that results are renewed for, in the thread that renews them."""

_COMPUTES = ContextVar("computes", default=False)
"""Whether a thread computes a result."""

_BACKGROUND = ThreadPoolExecutor(2, thread_name_prefix="renewing")
"""A thread renews results, one what moves without a revision."""

Results: TypeAlias = "LRUCache[Hashable, Callable[[], Any]]"
"""How results are computed, by question."""


@dataclass(frozen=True, slots=True)
class ArchiveView:
    """An archive at the revision that counts."""

    number: int  # the revision; see ``RevisionRow``
    answers: int  # the number that changes with what people say
    cache: Cache  # what was read and computed of the database, at any revision
    revisions: Revisions | None = None  # says when a later one counts; None: it never does

    def once(self, question: Hashable, compute: Callable[[], T], *, answers: bool = False) -> T:
        """Return what is read at this revision; what was read before is not read again.

        Args:
            question: Names what is read, with all that it depends on but the archive.
            compute: Reads it.
            answers: It is of what people say alone.
        """
        version = (_ANSWERS, self.answers) if answers else (_NUMBER, self.number)
        return self.cache.find((version, question), version, compute)

    def has(self, question: Hashable) -> bool:
        """Return whether the result of a question is cached."""
        version = _NUMBER, self.number
        return self.cache.get((version, question), version) is not None

    def result(self, question: Hashable, compute: Callable[[], T]) -> T:
        """Return a result of this revision, which is renewed before a later one counts."""
        if self.revisions is None:
            return self.once(question, compute)
        self.revisions.note(question, compute)
        version = _NUMBER, self.number
        if (value := self.cache.get((version, question), version)) is not None:
            return cast(T, value)
        with self.revisions.computing():
            return self.once(question, compute)


class Revisions:
    """Says which revision of a database counts; safe for threads.

    In a large archive a worker that finishes one edition after another would have all readers of a
    server wait for what is computed again. A later revision counts there once the latest results
    are renewed, in the background; what people say counts at once, and elsewhere everything does.
    """

    def __init__(self, cache: Cache) -> None:
        """Know of no revision yet.

        Args:
            cache: What was read and computed of the database.
        """
        self._cache, self._lock = cache, Lock()
        self._number = self._answers = -1
        self._renewal = 0.0  # when results may be renewed again; infinite while they are
        # The latest results that were asked for of the revision that counts, and of the one before.
        self._latest: Results = LRUCache(RENEWED)
        self._earlier: Results = LRUCache(RENEWED)
        self.turn = Lock()  # held by who computes a result of a large archive
        self._spent = 0.0  # processor seconds of computations whose results no file holds yet
        self.writes = 0  # how often this process may have written
        self.is_large = False
        self.has_readers = False  # set by a server

    @property
    def questions(self) -> list[Hashable]:
        """The latest questions for results of the revision that counts."""
        with self._lock:
            return list(self._latest)

    def note_write(self) -> None:
        """Note that this process may have written."""
        with self._lock:
            self.writes += 1
        self._cache.drop(lambda version: isinstance(version, tuple) and version[0] == _LATELY)

    def note(self, question: Hashable, compute: Callable[[], Any]) -> None:
        """Note how a result of a large archive is computed that was asked for."""
        if self.is_large:
            with self._lock:
                self._latest[question] = compute

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Compute a result within the block; of a large archive, one thread at a time does.

        Pages whose results are there wait for one such thread then, and not for all. A result
        within another takes no turn: whoever has it may wait for the other.
        """
        if _COMPUTES.get():
            yield
            return
        token, began = _COMPUTES.set(True), time.thread_time()
        try:
            with self.turn if self.is_large else nullcontext():
                yield
        finally:
            _COMPUTES.reset(token)
            # Of a large archive, what a computation leaves behind may be as much as all results.
            if self.is_large and (spent := time.thread_time() - began) > COSTLY:
                self._spent += spent
                if self._spent > LONG:
                    self.map_results()
                release_memory()

    def map_results(self) -> None:
        """Have files hold the arrays of all results."""
        self._spent = 0.0
        map_arrays(self._cache)

    def follow(self, number: int, answers: int, now: float, *, photos: int) -> ArchiveView:
        """Return the view of the revision that counts for who has read another one.

        Args:
            number: The one that was read; see ``RevisionRow``.
            answers: The number of what people say, as it was read.
            now: Seconds of a monotonic clock.
            photos: About how many photos the database has.
        """
        with self._lock:
            self.is_large = self.has_readers and photos >= LARGE
            if answers > self._answers or (number > self._number and not self.is_large):
                self._count(number, answers)
            elif number > self._number and now >= self._renewal:
                self._renewal = inf
                _BACKGROUND.submit(self._renew, number, answers)
            counting = min(number, self._number) if answers == self._answers else number
            return ArchiveView(counting, answers, self._cache, self)

    def _renew(self, number: int, answers: int) -> None:
        """Compute the latest results at a revision, and have it count."""
        began, view = time.thread_time(), ArchiveView(number, answers, self._cache)
        _RENEWING.set(view)
        renewed: set[Hashable] = set()
        for _ in range(ROUNDS):
            with self._lock:
                results = {**self._earlier, **self._latest}
            for question in results.keys() - renewed:
                # Whoever asks for it is told what is wrong.
                with suppress(Exception), self.computing():
                    view.once(question, results[question])
                time.sleep(YIELDING)  # whoever waits for a result comes first
            renewed |= results.keys()
        spent = time.thread_time() - began
        with self._lock:
            self._renewal = time.monotonic() + min(LONGEST_PAUSE, PAUSES * spent)
            if answers == self._answers and number > self._number:
                self._count(number, answers)

    def _count(self, number: int, answers: int) -> None:
        self._number, self._answers = number, answers
        self._earlier, self._latest = self._latest, LRUCache(RENEWED)
        oldest = {_NUMBER: number, _ANSWERS: answers}
        self._cache.drop(lambda version: _is_older(version, oldest))


@dataclass(frozen=True, slots=True, eq=False)
class _Recent:
    """What was read of a large archive, which readers share for some seconds."""

    value: Any
    read_at: float  # seconds of a monotonic clock
    shared: float  # seconds for which it is shared
    turn: Lock  # held by who reads it again


class Views:
    """Gives the view of a database at the revision that counts; safe for threads."""

    def __init__(
        self,
        cache: Cache | None = None,
        revisions: Revisions | None = None,
        *,
        pinned: bool = False,
    ) -> None:
        """Begin without a view.

        Args:
            cache: What was read and computed of the database; None: nothing yet.
            revisions: Says which one counts; None: for who reads one revision for long, while
                others read later ones.
            pinned: The revision is read once, until something is written: for one request.
        """
        self._cache = Cache(MOST_BYTES) if cache is None else cache
        self.revisions = Revisions(self._cache) if cache is None else revisions
        self._is_pinned = pinned
        self._pinned: ArchiveView | None = None
        self._in_request: dict[Hashable, Any] = {}

    @property
    def is_large(self) -> bool:
        """Whether a server's archive is large, as far as it was read."""
        return self.revisions is not None and self.revisions.is_large

    def pinned(self) -> Views:
        """Return views of the same database for one request; those of one revision are for all."""
        if self.revisions is None:
            return self
        return Views(self._cache, self.revisions, pinned=True)

    def frozen(self) -> Views:
        """Return views for who reads one revision for long, while others read later ones."""
        return Views(self._cache, pinned=True)

    def of(self, session: Session) -> ArchiveView:
        """Return the view of a transaction."""
        if (view := _RENEWING.get() or self._pinned) is not None:
            return view
        row = session.execute(
            select(RevisionRow.number, RevisionRow.answers, _LAST_PHOTO)
        ).one_or_none()
        number, answers, photos = row or (0, 0, 0)
        if self.revisions is None:
            view = ArchiveView(number, answers, self._cache)
        else:
            view = self.revisions.follow(number, answers, time.monotonic(), photos=photos or 0)
        if self._is_pinned:
            self._pinned = view
        return view

    def in_request(self, question: Hashable, read: Callable[[], T], *, alone: bool = False) -> T:
        """Return what moves without a revision, as the progress of work does: once a request.

        Args:
            question: Names what is read.
            alone: It needs no transaction of the request: in a large archive, what was read within
                the last minute is returned, and read again in the background.
        """
        if not self._is_pinned or _RENEWING.get() is not None:
            return read()
        if question not in self._in_request:
            self._in_request[question] = (
                self._lately(question, read, alone=alone) if self.is_large else read()
            )
        return cast(T, self._in_request[question])

    def _lately(self, question: Hashable, read: Callable[[], T], *, alone: bool) -> T:
        """Return what was read lately; while one reader reads it again, others get it as it was."""

        def timed() -> _Recent:
            began = time.monotonic()
            value = read()
            ended = time.monotonic()
            return _Recent(value, ended, max(LATELY, SHARED * (ended - began)), Lock())

        key = _LATELY, question
        # What is read beside a writer of this process is not for those who come after it.
        version = _LATELY, 0 if self.revisions is None else self.revisions.writes
        found: _Recent | None = self._cache.get(key, version)
        recent: _Recent = self._cache.find(key, version, timed) if found is None else found

        def again() -> None:
            try:
                if self._cache.get(key, version) in (recent, None):
                    self._cache.put(key, version, timed())
            finally:
                recent.turn.release()

        age = time.monotonic() - recent.read_at
        later = alone and age <= LONGEST_PAUSE
        blocking = age > 2 * recent.shared and not later
        if age > recent.shared and recent.turn.acquire(blocking=blocking):
            if later:
                _BACKGROUND.submit(again)
            else:
                again()
                recent = self._cache.get(key, version) or recent
        return cast(T, recent.value)

    @contextmanager
    def written(self) -> Iterator[None]:
        """Read all again after the block, which may write."""
        try:
            yield
        finally:
            self._pinned = None
            self._in_request.clear()
            if self.revisions is not None:
                self.revisions.note_write()


def _is_older(version: Any, oldest: Mapping[str, int]) -> bool:
    """Return whether a result is of a revision before the oldest that anybody asks for."""
    is_revision = isinstance(version, tuple) and len(version) == 2 and version[0] in oldest
    return is_revision and version[1] < oldest[version[0]]


def archive_view(session: Session) -> ArchiveView:
    """Return the view that a transaction reads."""
    if session.info.get(WRITES):
        session.flush()
        if session.connection().info.get(TOUCHED):
            return ArchiveView(-1, -1, Cache(0))
    elif VIEW in session.info:
        return cast(ArchiveView, session.info[VIEW])
    views: Views = session.info[VIEWS]
    view = session.info[VIEW] = views.of(session)
    return view


def by_answers(
    read: Callable[Concatenate[Session, P], T],
) -> Callable[Concatenate[Session, P], T]:
    """Have a function of a transaction read the database once until people say something more.

    Args:
        read: A function of what people say, which raises ``RevisionRow.answers``, and of recipes
            and values that can be compared. Nobody may change what it returns.
    """
    return _once(read, answers=True)


def by_revision(
    read: Callable[Concatenate[Session, P], T],
) -> Callable[Concatenate[Session, P], T]:
    """Have a function of a transaction read the database once a revision; see ``by_answers``."""
    return _once(read, answers=False)


def by_request(
    read: Callable[Concatenate[Session, P], T],
) -> Callable[Concatenate[Session, P], T]:
    """Have a function of a transaction read the database once a request; see ``Views.in_request``.

    What a reader has just added is read at once, where a revision would count later.
    """

    @wraps(read)
    def reading(session: Session, /, *args: P.args, **named: P.kwargs) -> T:
        if session.info.get(WRITES):
            return read(session, *args, **named)
        views: Views = session.info[VIEWS]
        question = _question(read, args, named)
        return views.in_request(question, lambda: read(session, *args, **named))

    return reading


def _question(read: Callable[..., Any], args: Any, named: Any) -> tuple[Hashable, ...]:
    values = (*args, *named.items())
    return (read.__qualname__, *(getattr(one, "id", one) for one in values))


def _once(
    read: Callable[Concatenate[Session, P], T], *, answers: bool
) -> Callable[Concatenate[Session, P], T]:
    @wraps(read)
    def reading(session: Session, /, *args: P.args, **named: P.kwargs) -> T:
        return archive_view(session).once(
            _question(read, args, named), lambda: read(session, *args, **named), answers=answers
        )

    return reading
