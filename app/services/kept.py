"""Keeps what was made of a database for as long as it is true, and makes each thing once.

What is made stands under the revision that was there before it was read. When that moves, it is
made again, once, however many ask for it at the same time. In a large archive that takes long, and
a worker that finishes one edition after another would have everything made again all the time:
what it adds counts after a pause there, and what people say at once.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Hashable
from functools import wraps
from threading import Lock
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from weakref import WeakKeyDictionary

from cachetools import LRUCache
from sqlalchemy import func, select

from presslens.app.db.revision import RevisionRow
from presslens.app.db.session import Database
from presslens.app.db.tables import PhotoRow
from presslens.app.installation import Installation

P = ParamSpec("P")
T = TypeVar("T")

MAX_BYTES = 32 * 1024**2
"""Size of all that is kept of a database, pickled; in memory it takes about four times as much."""

LARGE = 20_000
"""Photos from which an archive is large: below, all results take some seconds together."""

PAUSES = 3.0
"""Times the processor seconds of all results until a worker's editions count: a quarter of the
time, at most, goes into making again."""

LONGEST_PAUSE = 60.0
"""Seconds after which they count in any case."""


class Pace:
    """Says which revision of a database results are made of; safe for threads."""

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


class KeptResults:
    """What was made, by what it was made of; safe for threads, which must not change it."""

    def __init__(self, most: int = MAX_BYTES) -> None:
        """Keep nothing yet.

        Args:
            most: Size of all that will be kept, in bytes; what was not asked for longest goes
                first, and what is larger by itself is not kept.
        """
        self.pace = Pace()
        self._revision = -1
        self._lock = Lock()
        self._making: dict[Hashable, Lock] = {}
        self._results: LRUCache[Hashable, tuple[Any, int]] = LRUCache(
            most, getsizeof=lambda result: result[1]
        )

    @property
    def bytes(self) -> int:
        """Size of all that is kept, pickled."""
        return int(self._results.currsize)

    def follow(self, number: int, answers: int, photos: int) -> int:
        """Return the revision that counts (see ``Pace``); when it moves, drop what is of another.

        Nobody asks for that any more, and up to the bound it would only fill memory.
        """
        counting = self.pace.follow(number, answers, time.monotonic(), photos=photos)
        with self._lock:
            if counting != self._revision:
                self._revision = counting
                self._results.clear()
        return counting

    def find(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what is kept under a key; else make it, while others who ask for it wait.

        Args:
            key: All that the result depends on.
            make: Makes it; what it raises is raised, and not kept.
        """
        with self._lock:
            if key in self._results:
                return cast(T, self._results[key][0])
            turn = self._making.setdefault(key, Lock())
        with turn:
            with self._lock:
                if key in self._results:
                    return cast(T, self._results[key][0])
            began = time.thread_time()
            try:
                made = make()
                self.pace.spend(time.thread_time() - began)
                self._keep(key, made)
            finally:
                with self._lock:
                    self._making.pop(key, None)
        return made

    def _keep(self, key: Hashable, made: object) -> None:
        size = len(pickle.dumps(made))
        with self._lock:
            if size <= self._results.maxsize:
                self._results[key] = made, size


_KEPT: WeakKeyDictionary[Database, KeptResults] = WeakKeyDictionary()
_LOCK = Lock()


def kept_results(database: Database) -> KeptResults:
    """Return what is kept of a database; a frozen one, of another revision, has its own."""
    with _LOCK:
        return _KEPT.setdefault(database, KeptResults())


def revision_that_counts(home: Installation) -> int:
    """Return the revision that results are made of: the latest, or one of shortly before."""
    with home.database.read() as session:
        photos = select(func.max(PhotoRow.id)).scalar_subquery()  # as good as a count, and at once
        row = session.execute(select(RevisionRow.number, RevisionRow.answers, photos)).one_or_none()
    number, answers, last = row or (0, 0, 0)
    return kept_results(home.database).follow(number, answers, last or 0)


def keep(home: Installation, key: tuple[Hashable, ...], make: Callable[[], T]) -> T:
    """Return what is kept of an installation under a key, or make it.

    Args:
        home: The installation.
        key: All that the result depends on, but for the recipe and the revision.
        make: Makes it. Nobody may change what it returns.
    """
    whole = home.recipe.id, revision_that_counts(home), *key
    return kept_results(home.database).find(whole, make)


def kept(
    make: Callable[Concatenate[Installation, P], T],
) -> Callable[Concatenate[Installation, P], T]:
    """Have a function keep what it returns until the revision that counts moves.

    Args:
        make: A function of an installation's statistics: of its recipe, of what moves its
            revision, and of arguments that can be compared. Nobody may change what it returns.
    """

    @wraps(make)
    def found(home: Installation, /, *args: P.args, **named: P.kwargs) -> T:
        asked = (*map(_fixed, args), *((name, _fixed(value)) for name, value in named.items()))
        return keep(home, (make.__qualname__, asked), lambda: make(home, *args, **named))

    return found


def _fixed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
