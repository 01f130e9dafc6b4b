"""What a user should know of an installation beside what was asked for, on stderr."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from presslens.app.cli.console import warn
from presslens.app.db.columns import JobKind
from presslens.app.installation import Installation
from presslens.app.services.analysis.presence import count_workers
from presslens.app.services.analysis.workload import workload
from presslens.app.services.catalogue.scope import mistaken_for
from presslens.app.services.figures.figures import list_figures
from presslens.models.faces.gallery import Role
from presslens.pipelines.counted import counted
from presslens.pipelines.scans.scan import passed_over

MOST_NAMED = 5
"""Largest number of names in a warning."""


def warn_of_queue(home: Installation) -> None:
    """Say that work waits and that no worker runs, if it is so."""
    if count_workers(home):
        return
    waiting = workload(home).waiting
    parts = [
        counted(waiting[kind], noun)
        for kind, noun in ((JobKind.UNPACK, "edition"), (JobKind.OBSERVE, "page"))
        if waiting[kind]
    ]
    others = sum(waiting.values()) - waiting[JobKind.UNPACK] - waiting[JobKind.OBSERVE]
    if parts or others:
        what = " and ".join(parts) or counted(others, "piece of work", "pieces of work")
        one = what.startswith("1 ") and len(parts) < 2
        warn(
            f"{what} {'waits' if one else 'wait'} and no worker is running: start `presslens"
            " worker` or `presslens serve`; `presslens nightly --inbox FOLDER` works too"
        )


def warn_of_no_leader(home: Installation) -> None:
    """Say that nobody is enrolled as leader, if it is so."""
    if not any(figure.role is Role.LEADER for figure in list_figures(home)):
        warn(
            "no leader is enrolled: who the leader is in, and what is focused on him, is not"
            " known; `presslens figures add NAME PHOTO…` enrols one"
        )


def warn_of_misspelling(home: Installation, publication: str) -> None:
    """Say that a new newspaper has nearly the name of one that is there, if it is so."""
    alike = mistaken_for(home, publication)
    if alike:
        warn(f"{publication!r} becomes a new newspaper: did you mean {' or '.join(alike)}?")


def warn_of_folders(paths: Iterable[Path]) -> None:
    """Say which sub-folders are passed over, if there are any."""
    folders = passed_over(paths)
    if folders:
        warn(f"sub-folders are passed over: {named(list(map(str, folders)))}")


def nothing_in(scans: Sequence[Path]) -> str:
    """Return why there is nothing to read in some folders, and what to give instead."""
    if not scans:
        return "there are no scans: give a folder, or files"
    folders = passed_over(scans)
    inside = f", only sub-folders: give {named(list(map(str, folders)))}" if folders else ""
    return f"there are no scans in {', '.join(map(str, scans))}{inside}"


def named(names: Sequence[str]) -> str:
    """Return names in a line, the first few if there are many."""
    if len(names) <= MOST_NAMED:
        return ", ".join(names)
    return f"{', '.join(names[: MOST_NAMED - 1])} and {len(names) - MOST_NAMED + 1} more"
