"""Tidies a machine now and then: what was erased on another machine must not stay on this one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from presslens.app.installation import Installation, tidy_machine
from presslens.app.platform.errors import OUTAGES

log = structlog.get_logger()

SECONDS = 3600.0
"""Time between two tidyings."""


@contextmanager
def tidying(home: Installation) -> Iterator[None]:
    """Tidy this machine now and then, in another thread, until the block ends.

    A folder has no copies elsewhere: who erases in it erases for all.
    """
    if home.storage.objects is None:
        yield
        return
    ended = threading.Event()

    def tidy() -> None:
        while not ended.wait(SECONDS):
            try:
                tidy_machine(home)
            except (*OUTAGES, OSError) as error:  # the next time may find it again
                log.warning("this machine is not tidied", cause=str(error))

    thread = threading.Thread(target=tidy, name="tidying", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
