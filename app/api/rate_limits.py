"""How often, and how much at a time, one person or address may ask.

The counts are in the memory of the server: they begin anew when it starts.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from presslens.app.platform.errors import TooManyRequests
from presslens.app.platform.permissions import Permission
from presslens.app.services.accounts.identity import Identity, Via
from presslens.models.message import Message

FAILURES_A_MINUTE = 10
"""Wrong keys, and passwords right or wrong, that one address may try in a minute."""

TRIES_OF_ALL = 100
"""Passwords that all addresses together may try in a minute for one account or link."""

HEAVY = frozenset({Permission.EXPORT, Permission.IMPORT})
AT_A_TIME = 4
"""Uploads and exports that one person may have running."""


class RateLimits:
    """Counts requests; safe for threads."""

    def __init__(self, a_minute: int) -> None:
        """Begin to count.

        Args:
            a_minute: Requests that one person, or one address that nobody has signed in from, may
                make in a minute; 0: any number.
        """
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._requests = RateLimitItemPerMinute(a_minute) if a_minute else None
        self._failures = RateLimitItemPerMinute(FAILURES_A_MINUTE)
        self._tries_of_all = RateLimitItemPerMinute(TRIES_OF_ALL)
        self._running: Counter[str] = Counter()
        self._lock = Lock()

    @contextmanager
    def admit(self, who: Identity, address: str, permission: Permission | None) -> Iterator[None]:
        """Count a request, which runs meanwhile; whoever sits at this machine asks as they like.

        Raises:
            TooManyRequests: They have asked too often, or have too much running.
        """
        if who.via is Via.LOOPBACK:
            yield
            return
        key = who.label if who.name else address
        if self._requests is not None and not self._limiter.hit(self._requests, "asks", key):
            raise _too_many(self._seconds(self._requests, "asks", key))
        if permission not in HEAVY:
            yield
            return
        with self._lock:
            if self._running[key] >= AT_A_TIME:
                raise _too_many(5)
            self._running[key] += 1
        try:
            yield
        finally:
            with self._lock:
                self._running[key] -= 1
                if not self._running[key]:
                    del self._running[key]

    def count_try(self, address: str, target: str) -> None:
        """Count a password before it is checked, so that many at once are no more than many.

        Args:
            address: Where it comes from.
            target: The account or link that it is for: what one address does can't shut out others.

        Raises:
            TooManyRequests: Too many were tried.
        """
        for item, name, key in (
            (self._failures, "tries", address),
            (self._tries_of_all, "tries", target),
        ):
            if not self._limiter.hit(item, name, key):
                raise _too_many(self._seconds(item, name, key))

    def count_failure(self, address: str) -> None:
        """Count a key or link that was looked up and opens nothing, against its address.

        A right one is never counted: nobody guesses 256 bits, and who guesses may share the address
        of a proxy with all others.

        Raises:
            TooManyRequests: Too many from this address opened nothing.
        """
        if not self._limiter.hit(self._failures, "fails", address):
            raise _too_many(self._seconds(self._failures, "fails", address))

    def _seconds(self, item: RateLimitItemPerMinute, *key: str) -> int:
        stats = self._limiter.get_window_stats(item, *key)
        return max(1, round(stats.reset_time - time.time()))


def _too_many(seconds: int) -> TooManyRequests:
    return TooManyRequests(
        Message("too many requests: try again in %(seconds)s seconds", seconds=seconds), seconds
    )
