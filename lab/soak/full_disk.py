"""Fills the disk, or breaks it once, at failpoints; then there is room again."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from presslens.app.drill.proof import Proof
from presslens.lab.soak.kills import open_storm
from presslens.lab.soak.storm import Storm, Struck, at, fail
from presslens.pipelines.failpoints import Action, Failpoint, WhenStruck

NIGHTS = 35
"""So many nights the disk is full: more than three pages are begun before they are given up."""

WRITES = (
    Failpoint.STORE_WRITE,
    Failpoint.STORE_SYNC,
    Failpoint.VIEW_WRITE,
    Failpoint.OBSERVE_STORE,
    Failpoint.INTERPRET_STORE,
)
"""Where much is written."""


def fill_disk(storm: Storm, point: Failpoint, *, nights: int) -> Struck:
    """Have a worker find no room whenever something is written, for some nights.

    What the inbox holds is imported before.
    """
    return storm.strike(*([lambda _: _no_room(point)] * nights))


def _no_room(full: Failpoint) -> Action:
    uploading = False

    def come(point: Failpoint, when: WhenStruck) -> None:
        nonlocal uploading
        if point is Failpoint.UPLOAD_FILE:
            uploading = when is WhenStruck.BEFORE
        if point is full and when is WhenStruck.BEFORE and not uploading:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return come


def break_once(storm: Storm, point: Failpoint) -> Struck:
    """Have the disk fail once in the middle of the night."""
    place = point, WhenStruck.BEFORE
    nth = (storm.passes[place] + 1) // 2
    return storm.strike(lambda _: at(place, fail(errno.EIO), nth=nth))


def full_nights(folder: Path) -> dict[str, dict[str, Any]]:
    """Have no room for many nights to unpack an archive, nor for the pictures of pages."""
    points = Failpoint.STORE_WRITE, Failpoint.VIEW_WRITE
    with open_storm(folder) as storm:
        return {point: asdict(fill_disk(storm, point, nights=NIGHTS)) for point in points}


def check(seconds: float) -> Iterator[Proof]:
    """Fill the disk, and break it, at every failpoint."""
    del seconds  # it takes three minutes
    with (
        tempfile.TemporaryDirectory(prefix="presslens-") as folder,
        open_storm(Path(folder)) as storm,
    ):
        full = [fill_disk(storm, point, nights=1) for point in Failpoint]
        broken = [break_once(storm, point) for point in Failpoint]
        long = [fill_disk(storm, point, nights=NIGHTS) for point in WRITES]
    for what, struck in (
        ("full at a failpoint", full),
        ("broken once at a failpoint", broken),
        (f"full for {NIGHTS} nights", long),
    ):
        equal = sum(one.equal for one in struck)
        value = f"{equal} of {len(struck)} equal dumps"
        yield Proof("R4", f"disk {what}, then well again", value, "all", equal == len(struck))
