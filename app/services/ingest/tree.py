"""Imports a tree of editions one by one: of a large archive, one folder is in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from presslens.app.installation import Installation
from presslens.app.platform.text import plain_name
from presslens.app.services.ingest.import_records import take_each
from presslens.app.services.ingest.inbox import InboxImporter
from presslens.app.services.ingest.inbox_editions import (
    DATED,
    NAMED,
    EditionFinder,
    InboxListing,
    is_described,
    listed,
    unreadable,
)
from presslens.app.services.ingest.inbox_patterns import InboxPattern
from presslens.app.services.ingest.upload_mode import UploadMode
from presslens.pipelines.counted import counted
from presslens.pipelines.result import Served
from presslens.pipelines.scans.scan import shown

MOST_NAMED = 1000
"""So many names are given with a reason; of more, only the number is."""

MOST_DEPTH = 12

OnFolder = Callable[["TreeImport"], None]


@dataclass(slots=True)
class TreeImport(Served):
    """The import of a tree so far."""

    imported: int = 0  # number of editions that are new
    known: int = 0  # number of those that were imported before
    skipped: int = 0  # number of names that were not taken in
    reasons: dict[str, str] = field(default_factory=dict)  # why, by name, for the first of them
    # What is missing in editions that libraries describe, for the first of them.
    notes: dict[str, list[str]] = field(default_factory=dict)
    at: str = ""  # the name of the last folder


@dataclass(frozen=True, slots=True)
class _Names:
    """The names in a tree, which are looked up on the disk."""

    tree: Path

    def __contains__(self, name: object) -> bool:
        return (self.tree / str(name)).exists()


def import_tree(
    home: Installation,
    tree: Path,
    *,
    now: datetime,
    patterns: Sequence[InboxPattern] = (),
    mode: UploadMode | None = None,
    progress: OnFolder = lambda _: None,
) -> TreeImport:
    """Import all editions below a folder; those that look as they did when they came in are known.

    Args:
        tree: The folder.
        patterns: The names of newspapers' files and folders, relative to the tree.
        mode: What is done with those whose day has an edition already.
        progress: Is called after each folder.
    """
    done = TreeImport()
    with ExitStack() as stack:
        importer = InboxImporter(home, now, mode, None, _Names(tree), None, stack)
        for listing in walk_editions(tree, patterns):
            taken = take_each(listing.editions, importer.take)
            done.imported += len(taken.new)
            done.known += taken.unchanged
            reasons = {**listing.skipped, **listing.arriving, **taken.skipped, **taken.arriving}
            done.skipped += len(reasons)
            _add_first(done.reasons, reasons)
            _add_first(done.notes, {name: list(map(str, n)) for name, n in importer.notes.items()})
            importer.notes.clear()
            done.at = listing.editions[-1].name if listing.editions else done.at
            progress(done)
    return done


def walk_editions(tree: Path, patterns: Sequence[InboxPattern] = ()) -> Iterator[InboxListing]:
    """Yield what lies in each folder of a tree; editions are folders, or files in one folder.

    Args:
        tree: The folder.
        patterns: The names of newspapers' files and folders, relative to the tree.

    Raises:
        OSError: The tree can't be read.
    """
    yield from _walk(tree, tree, patterns, 1)


def _walk(
    tree: Path, folder: Path, patterns: Sequence[InboxPattern], depth: int
) -> Iterator[InboxListing]:
    finder = EditionFinder(tree, patterns)
    inside: list[Path] = []
    loose = 0
    for path in _listed(tree, folder, finder.listing):
        is_folder = path.is_dir() and not path.is_symlink()
        if finder.read(path, is_folder, depth):
            continue
        if _has_name(path, is_folder=is_folder) or (is_folder and is_described(path)):
            alone = EditionFinder(tree, patterns)
            alone.take_named(_name(tree, path), path)
            yield alone.listing
        elif is_folder:
            inside.append(path)
        else:
            loose += 1
    finder.take_units()
    if loose:
        finder.listing.skipped[_name(tree, folder)] = (
            f"{counted(loose, 'file')} without the name of an edition"
        )
    yield finder.listing
    del finder
    for path in inside if depth < MOST_DEPTH else ():
        yield from _walk(tree, path, patterns, depth + 1)


def _listed(tree: Path, folder: Path, listing: InboxListing) -> list[Path]:
    """Return what lies in a folder; nothing of one that can't be read, which is named as skipped.

    Raises:
        OSError: The tree itself can't be read.
    """
    try:
        return listed(folder)
    except OSError as error:
        if folder == tree:
            raise
        listing.skipped[_name(tree, folder)] = unreadable(error)
        return []


def _name(tree: Path, path: Path) -> str:
    return shown(plain_name(path.relative_to(tree).as_posix()))


def _has_name(path: Path, *, is_folder: bool) -> bool:
    name = plain_name(path.name if is_folder else path.stem)
    return bool(NAMED.fullmatch(name) or DATED.fullmatch(name))


def _add_first(first: dict[str, Any], more: dict[str, Any]) -> None:
    for name, reason in more.items():
        if len(first) >= MOST_NAMED:
            return
        first[name] = reason
