"""The cache of what was computed: by question, and by the version of what it was computed of."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar, cast

from cachetools import LRUCache

T = TypeVar("T")

OBJECTS = 4
"""Bytes of memory that a pickled byte of a result without ``nbytes`` takes, about."""


@dataclass(frozen=True, slots=True)
class _CachedResult:
    version: Any
    value: Any
    size: int


class Cache:
    """Results by question; safe for threads, none of which may change a result.

    A result stands under its question and the version of what it was computed of: another version
    takes its place. What was not asked for longest goes first when all take too many bytes. What
    many threads ask for at once is computed by one of them.
    """

    def __init__(self, most_bytes: int) -> None:
        """Begin without results.

        Args:
            most_bytes: Size of all results; what is larger by itself is not cached.
        """
        self._lock = Lock()
        self._turns: dict[Hashable, Lock] = {}
        self._results: LRUCache[Hashable, _CachedResult] = LRUCache(
            most_bytes, getsizeof=lambda result: result.size
        )

    def __len__(self) -> int:
        """Return the number of results."""
        with self._lock:
            return len(self._results)

    @property
    def bytes(self) -> int:
        """Size of all results."""
        return int(self._results.currsize)

    def get(self, question: Hashable, version: Hashable) -> Any:
        """Return the result of a question at a version; None if there is none."""
        result = self._find(question, version)
        return result and result.value

    def put(
        self, question: Hashable, version: Hashable, value: object, size: int | None = None
    ) -> None:
        """Store the result of a question at a version.

        Args:
            question: All that the result depends on, but for the version.
            version: What changes with all that it was computed of.
            value: The result.
            size: Its size in bytes; None: its ``nbytes``, or about what it takes.
        """
        if not self._results.maxsize:
            return
        result = _CachedResult(version, value, _size(value) if size is None else size)
        with self._lock:
            self._results.pop(question, None)
            if result.size <= self._results.maxsize:
                self._results[question] = result

    def find(
        self,
        question: Hashable,
        version: Hashable,
        compute: Callable[[], T],
        *,
        size: Callable[[T], int] | None = None,
    ) -> T:
        """Return the result of a question at a version; compute it while others wait for it.

        Args:
            question: All that the result depends on, but for the version.
            version: What changes with all that it is computed of.
            compute: Computes it; what it raises is raised, and not cached.
            size: Returns its size in bytes; None: its ``nbytes``, or about what it takes.
        """
        if result := self._find(question, version):
            return cast(T, result.value)
        if not self._results.maxsize:
            return compute()
        with self._lock:
            turn = self._turns.setdefault((question, version), Lock())
        with turn:
            if result := self._find(question, version):
                return cast(T, result.value)
            try:
                value = compute()
                self.put(question, version, value, size(value) if size else None)
            finally:
                with self._lock:
                    self._turns.pop((question, version), None)
        return value

    def drop(self, is_outdated: Callable[[Hashable], bool]) -> None:
        """Drop the results of versions that nobody will ask for again."""
        with self._lock:
            for question in [q for q, one in self._results.items() if is_outdated(one.version)]:
                del self._results[question]

    def _find(self, question: Hashable, version: Hashable) -> _CachedResult | None:
        with self._lock:
            result = self._results.get(question)
        return result if result is not None and result.version == version else None


def _size(value: object) -> int:
    size = getattr(value, "nbytes", None)
    return OBJECTS * len(pickle.dumps(value)) if size is None else int(size)
