"""Waits until the editions of an inbox are complete: nothing in them changes any more.

The age of a file is taken from two clocks, that of the disk and that of this machine, either of
which may have been put back. So a file that seems young, or to come from the future, is watched for
a while: what is the same afterwards is complete, whatever the clocks say.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import structlog

from presslens.app.services.ingest.inbox_editions import InboxEdition, InboxListing
from presslens.models.message import Message

log = structlog.get_logger()

CHANGING = Message("its files are still changing")
STALE = timedelta(days=3)
"""What is not finished and has not changed for so long has been forgotten."""

Look: TypeAlias = tuple[tuple[str, int, int], ...]
"""What an edition looks like: the name, size and time of change of each of its files."""


@dataclass(frozen=True, slots=True)
class CompleteEditions:
    """The editions of an inbox that are complete, and the reason for each that is not."""

    editions: Sequence[InboxEdition]  # those whose files can be taken in
    arriving: Mapping[str, str]  # why not, by name


def settle(
    find: Callable[[], InboxListing],
    pending: Callable[[InboxEdition], bool],
    *,
    seconds: float,
    now: datetime,
    wait: Callable[[float], object],
) -> tuple[InboxListing, CompleteEditions]:
    """Return what lies in an inbox, and which of it is complete; wait once for what is young.

    Args:
        find: Lists the inbox.
        pending: Whether an edition is to be taken in: others are not waited for.
        seconds: For how long the files of an edition must not have changed; 0: don't wait.
        wait: Sleeps for so many seconds.
    """
    listing, before = find(), None
    if seconds and any(_is_young(one, now, seconds) for one in listing.editions if pending(one)):
        log.info("waits for files that changed a moment ago", seconds=seconds)
        before = {edition.name: look_at(edition) for edition in listing.editions}
        wait(seconds)
        listing = find()
    arriving = dict(listing.arriving)
    complete: list[InboxEdition] = []
    for edition in listing.editions:
        if edition.unfinished:
            names = ", ".join(edition.unfinished)
            if pending(edition) and _last_change(edition) < (now - STALE).timestamp():
                listing.skipped[edition.name] = Message(
                    "not finished, and unchanged for days: %(files)s; copy the edition again, or"
                    " have `presslens fetch-iiif` go on, with --accept-missing where a library has"
                    " not all pages",
                    files=names,
                )
            else:
                arriving[edition.name] = Message("not finished: %(files)s", files=names)
        elif before is not None and before.get(edition.name) != look_at(edition):
            arriving[edition.name] = CHANGING
        else:
            complete.append(edition)
    return listing, CompleteEditions(complete, arriving)


def look_at(edition: InboxEdition) -> Look:
    """Return what an edition looks like; a file that is gone by now is left out."""
    return tuple(
        (path.name, status.st_size, status.st_mtime_ns) for path, status in _statuses(edition)
    )


def _is_young(edition: InboxEdition, now: datetime, seconds: float) -> bool:
    """Return whether something of an edition changed lately, or at a time that is to come."""
    return now.timestamp() - _last_change(edition) < seconds  # or below 0: the time is to come


def _last_change(edition: InboxEdition) -> float:
    """Return when something of an edition changed last, seconds since 1970."""
    # The time at which a file's entry changed can't be set by the program that copies it.
    changes = [max(status.st_mtime, status.st_ctime) for _, status in _statuses(edition)]
    return max(changes, default=0.0)


def _statuses(edition: InboxEdition) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield the state of each file of an edition; of a folder, of all that is in it, hidden or not.

    Programs that copy write into hidden files, and give them their names at the end.
    """
    paths = list(edition.files)
    with suppress(OSError):  # it is gone by now
        if edition.folder is not None:
            paths = [edition.folder, *sorted(edition.folder.iterdir())]
    for path in paths:
        with suppress(OSError):
            yield path, path.stat()
