"""The cache of what was computed: by question, and by the version of what it was computed of."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from threading import Lock
from typing import Any, TypeVar, cast

from cachetools import LRUCache

T = TypeVar("T")

SAMPLED = 16
"""Items of a long collection whose size is measured; the others are taken to be like them."""

DEPTH = 12
"""Objects within one another whose size is measured."""


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


def _size(value: object, depth: int = DEPTH) -> int:
    """Return about how many bytes a result takes: its ``nbytes``, or its objects together."""
    if (size := getattr(value, "nbytes", None)) is not None:
        return int(size)
    own = sys.getsizeof(value)
    if not depth or value is None or isinstance(value, (str, bytes, int, float, Enum)):
        return own
    if isinstance(value, Mapping):
        return own + sum(_items(part, depth) for part in (value.keys(), value.values()))
    if isinstance(value, Collection):
        return own + _items(value, depth)
    slots = (name for one in type(value).__mro__ for name in getattr(one, "__slots__", ()))
    parts = [getattr(value, name, None) for name in slots]
    parts += getattr(value, "__dict__", {}).values()
    return own + sum(_size(part, depth - 1) for part in parts)


def _items(items: Collection[object], depth: int) -> int:
    some = list(islice(items, 0, None, max(1, len(items) // SAMPLED)))
    return sum(_size(item, depth - 1) for item in some) * len(items) // max(1, len(some))
