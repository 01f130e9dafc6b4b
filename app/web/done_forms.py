"""Forms whose answer shows a secret once: sent again, by a reload of the answer, they do nothing.

The marks are in the memory of the server: those of the latest forms that were sent.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from presslens.app.platform.errors import Conflict
from presslens.models.message import Message

MOST = 10_000
"""How many sent forms are remembered."""


def new_mark() -> str:
    """Return a random mark of a form that is shown."""
    return secrets.token_urlsafe(12)


class DoneForms:
    """Remembers which forms were sent; safe for threads."""

    def __init__(self) -> None:
        """Remember none yet."""
        self._marks: dict[str, None] = {}
        self._lock = Lock()

    @contextmanager
    def once(self, mark: str) -> Iterator[None]:
        """Do what a form asks for, unless it was done; after an error it can be sent again.

        Args:
            mark: The form's; empty: a program sent it, which may do so as often as it likes.

        Raises:
            Conflict: It was done.
        """
        with self._lock:
            if mark and mark in self._marks:
                raise Conflict(Message("this was done already: open the page anew to do it again"))
            if mark:
                self._marks[mark] = None
            if len(self._marks) > MOST:
                del self._marks[next(iter(self._marks))]
        try:
            yield
        except BaseException:
            with self._lock:
                self._marks.pop(mark, None)
            raise
