"""The view of an archive at one revision: what was read of it once, for all who read it.

A view is read-only and shared by all threads and requests. What it holds is declared where it is
read: a function of a transaction with ``@by_answers`` or ``@by_revision`` asks the database once,
whoever calls it. A transaction that has changed something reads for itself.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from threading import Lock
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import column, func, select, table
from sqlalchemy.orm import Session

from presslens.app.db.revision import TOUCHED, RevisionRow
from presslens.pipelines.cache import Cache

P = ParamSpec("P")
T = TypeVar("T")

MOST_BYTES = 512 * 1024**2
"""Size of all that is cached of a database."""

VIEWS, VIEW, WRITES = "presslens_views", "presslens_view", "presslens_writes"
"""Names in the ``info`` of a session: the database's views, its own one, whether it may write."""

_LAST_PHOTO = select(func.max(column("id"))).select_from(table("photo")).scalar_subquery()
"""The largest id: as good as a count, and at once."""

_NUMBER, _ANSWERS = "number", "answers"

LARGE = 20_000
"""Photos from which an archive is large: below, all results take some seconds together."""

PAUSES = 3.0
"""Times the processor seconds of all results until a worker's editions count: a quarter of the
time, at most, goes into computing again."""

LONGEST_PAUSE = 60.0
"""Seconds after which they count in any case."""


class Pace:
    """Says which revision of a database results are computed of; safe for threads.

    In a large archive a worker that finishes one edition after another would have everything
    computed again all the time: what it adds counts after a pause, what people say at once.
    """

    def __init__(self) -> None:
        """Know of no revision yet."""
        self._lock = Lock()
        self._number = self._answers = -1
        self._since = self._spent = 0.0

    def follow(self, number: int, answers: int, now: float, *, photos: int) -> int:
        """Return the revision that counts.

        Args:
            number: The database's; see ``RevisionRow``.
            answers: The one of what people say.
            now: Seconds of a monotonic clock.
            photos: About how many photos the database has.
        """
        with self._lock:
            pause = min(LONGEST_PAUSE, PAUSES * self._spent) if photos >= LARGE else 0.0
            if answers != self._answers or now >= self._since + pause:
                if number != self._number:
                    self._since, self._spent = now, 0.0
                self._number, self._answers = number, answers
            return self._number

    def spend(self, seconds: float) -> None:
        """Note the processor seconds that a result has taken."""
        with self._lock:
            self._spent += seconds


@dataclass(frozen=True, slots=True)
class ArchiveView:
    """An archive at one revision."""

    number: int  # the revision; see ``RevisionRow``
    answers: int  # the number that changes with what people say
    counting: int  # the revision that results are computed of: this one, or one of shortly before
    cache: Cache  # what was read and computed of the database, at any revision
    pace: Pace = field(default_factory=Pace)  # says which revision counts

    def once(self, question: Hashable, compute: Callable[[], T], *, answers: bool = False) -> T:
        """Return what is read at this revision; what was read before is not read again.

        Args:
            question: Names what is read, with all that it depends on but the archive.
            compute: Reads it.
            answers: It is of what people say alone.
        """
        version = (_ANSWERS, self.answers) if answers else (_NUMBER, self.number)
        return self.cache.find(question, version, compute)

    def result(self, question: Hashable, compute: Callable[[], T]) -> T:
        """Return a result of the revision that counts; see ``Pace``."""

        def timed() -> T:
            began = time.thread_time()
            value = compute()
            self.pace.spend(time.thread_time() - began)
            return value

        return self.cache.find(question, (_NUMBER, self.counting), timed)


@dataclass(slots=True)
class _Shared:
    """What all views of a database have in common, and the revision of the latest one."""

    cache: Cache = field(default_factory=lambda: Cache(MOST_BYTES))
    pace: Pace = field(default_factory=Pace)
    latest: tuple[int, int] = -1, -1


class Views:
    """Gives the view of a database at its latest revision; safe for threads."""

    def __init__(self, shared: _Shared | None = None, *, pinned: bool = False) -> None:
        """Begin without a view.

        Args:
            shared: What views of the same database have in common; None: nothing yet.
            pinned: The revision is read once, until something is written: for one request.
        """
        self._shared = shared or _Shared()
        self._is_pinned = pinned
        self._pinned: ArchiveView | None = None
        self._in_request: dict[Hashable, Any] = {}

    def pinned(self) -> Views:
        """Return views of the same database for one request."""
        return Views(self._shared, pinned=True)

    def frozen(self) -> Views:
        """Return views for who reads one revision for long, while others read later ones."""
        return Views(_Shared(self._shared.cache, latest=(sys.maxsize, sys.maxsize)), pinned=True)

    def of(self, session: Session) -> ArchiveView:
        """Return the view of a transaction."""
        if self._pinned is not None:
            return self._pinned
        row = session.execute(
            select(RevisionRow.number, RevisionRow.answers, _LAST_PHOTO)
        ).one_or_none()
        number, answers, photos = row or (0, 0, 0)
        shared, now = self._shared, time.monotonic()
        counting = shared.pace.follow(number, answers, now, photos=photos or 0)
        if shared.latest < (counting, answers):
            shared.latest = counting, answers
            oldest = {_NUMBER: counting, _ANSWERS: answers}
            shared.cache.drop(lambda version: _is_older(version, oldest))
        view = ArchiveView(number, answers, counting, shared.cache, shared.pace)
        if self._is_pinned:
            self._pinned = view
        return view

    def in_request(self, question: Hashable, read: Callable[[], T]) -> T:
        """Return what moves without a revision, as the progress of work does: once a request."""
        if not self._is_pinned:
            return read()
        if question not in self._in_request:
            self._in_request[question] = read()
        return cast(T, self._in_request[question])

    @contextmanager
    def written(self) -> Iterator[None]:
        """Read the revision again after the block, which may write."""
        try:
            yield
        finally:
            self._pinned = None
            self._in_request.clear()


def _is_older(version: Any, oldest: Mapping[str, int]) -> bool:
    """Tell whether a result is of a revision before the oldest that anybody asks for."""
    is_revision = isinstance(version, tuple) and len(version) == 2 and version[0] in oldest
    return is_revision and version[1] < oldest[version[0]]


def archive_view(session: Session) -> ArchiveView:
    """Return the view that a transaction reads."""
    if session.info.get(WRITES):
        session.flush()
        if session.connection().info.get(TOUCHED):
            return ArchiveView(-1, -1, -1, Cache(0))
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


def _once(
    read: Callable[Concatenate[Session, P], T], *, answers: bool
) -> Callable[Concatenate[Session, P], T]:
    @wraps(read)
    def reading(session: Session, /, *args: P.args, **named: P.kwargs) -> T:
        values = (*args, *named.items())
        question = (read.__qualname__, *(getattr(one, "id", one) for one in values))
        return archive_view(session).once(
            question, lambda: read(session, *args, **named), answers=answers
        )

    return reading
