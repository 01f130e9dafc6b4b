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
    has_own_pages,
    is_described,
    listed,
    unreadable,
)
from presslens.app.services.ingest.inbox_patterns import InboxPattern
from presslens.app.services.ingest.upload_mode import UploadMode
from presslens.pipelines.archives.bag import CheckedBags, OnBytes
from presslens.pipelines.archives.papers import papers_of
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
        return name == _name(self.tree, self.tree) or (self.tree / str(name)).exists()


def import_tree(
    home: Installation,
    tree: Path,
    *,
    now: datetime,
    patterns: Sequence[InboxPattern] = (),
    mode: UploadMode | None = None,
    publication: str = "",
    progress: OnFolder = lambda _: None,
    checking: OnBytes = lambda *_: None,
) -> TreeImport:
    """Import all editions below a folder; those that look as they did when they came in are known.

    Args:
        patterns: The names of newspapers' files and folders, relative to the tree.
        mode: What is done with those whose day has an edition already.
        publication: The newspaper of editions whose description names none.
        progress: Is called after each folder.
        checking: Called with the progress of the check of a bag.
    """
    done = TreeImport()
    with ExitStack() as stack:
        bags = CheckedBags(checking)
        importer = InboxImporter(home, now, mode, None, _Names(tree), None, stack, bags)
        importer.publication = publication
        for listing in walk_editions(tree, patterns, bags):
            taken = take_each(listing.editions, importer.take)
            listing.unusable = importer.unusable
            done.imported += len(taken.new)
            done.known += taken.unchanged
            reasons = {**listing.skipped, **listing.arriving, **taken.skipped, **taken.arriving}
            done.skipped += len(reasons)
            _add_first(done.reasons, reasons)
            for notes in (listing.notes, importer.notes):
                merged = {n: [*done.notes.get(n, ()), *map(str, notes[n])] for n in notes}
                _add_first(done.notes, merged)
            importer.notes.clear()
            done.at = listing.editions[-1].name if listing.editions else done.at
            progress(done)
    return done


def walk_editions(
    tree: Path, patterns: Sequence[InboxPattern] = (), bags: CheckedBags | None = None
) -> Iterator[InboxListing]:
    """Yield what lies in each folder of a tree; editions are folders, or files in one folder.

    Folders below an edition are entered, too. In them only those are editions that have a name of
    one, or a description that lists pages with their images; unless the description above could
    not be used, which whoever takes the edition says in ``unusable`` of its listing. What is left
    of a bag that was refused is passed over.

    Args:
        patterns: The names of newspapers' files and folders, relative to the tree.
        bags: The bags that whoever takes the editions has checked.

    Raises:
        OSError: The tree can't be read.
    """
    walk = _Walk(tree, patterns, bags or CheckedBags())
    listed(tree)
    if is_described(tree):
        yield from walk.edition(tree, 0, is_inside=False)
    else:
        yield from walk.folder(tree, 1, is_inside=False)


@dataclass(frozen=True, slots=True)
class _Walk:
    """A walk through a tree."""

    tree: Path
    patterns: Sequence[InboxPattern]
    bags: CheckedBags

    def folder(
        self, folder: Path, depth: int, *, is_inside: bool, is_edition: bool = False
    ) -> Iterator[InboxListing]:
        """Yield what lies in a folder, and in the folders in it.

        Args:
            depth: How deep it lies in the tree.
            is_inside: Whether it lies in an edition that could be used.
            is_edition: Whether it is an edition: that says what its files are.
        """
        finder = EditionFinder(self.tree, self.patterns)
        inside: list[Path] = []
        loose: list[Path] = []
        of_patterns: list[Path] = []
        unread = InboxListing() if is_inside else finder.listing  # editions may have what they like
        for path in _listed(self.tree, folder, unread):
            is_folder = _is_folder(path)
            if self.bags.has_refused(path):
                continue
            if finder.read(path, is_folder, depth):
                of_patterns += [path] if is_folder else []
            elif self._is_edition(path, is_folder, is_inside=is_inside):
                yield from self.edition(path, depth, is_inside=is_inside)
            elif is_folder:
                inside.append(path)
            else:
                loose.append(path)
        finder.take_units()
        if not is_inside:
            self._name_loose(folder, 0 if is_edition else len(loose), finder.listing)
        yield finder.listing
        del finder
        if depth < MOST_DEPTH:
            for path in inside:
                yield from self.folder(path, depth + 1, is_inside=is_inside)
            for path in of_patterns:
                yield from self.folder(path, depth + 1, is_inside=True)

    def edition(self, path: Path, depth: int, *, is_inside: bool) -> Iterator[InboxListing]:
        """Yield an edition, and those in the folders below it."""
        alone = EditionFinder(self.tree, self.patterns)
        alone.take_named(_name(self.tree, path), path)
        if _is_folder(path) and not any(one.described for one in alone.listing.editions):
            self._name_loose(path, 0, alone.listing)
        yield alone.listing
        if depth < MOST_DEPTH and _is_folder(path):
            unusable = _name(self.tree, path) in alone.listing.unusable
            inside = is_inside or not unusable
            yield from self.folder(path, depth + 1, is_inside=inside, is_edition=True)

    def _is_edition(self, path: Path, is_folder: bool, *, is_inside: bool) -> bool:
        if _has_name(path, is_folder=is_folder):
            return True
        if not is_folder:
            return False
        if is_inside:
            return has_own_pages(path)
        return is_described(path)

    def _name_loose(self, folder: Path, loose: int, listing: InboxListing) -> None:
        """Say what files are that are none of an edition."""
        try:
            is_reel, notes = papers_of(folder)
        except OSError:  # that it can't be read is named already
            return
        name = _name(self.tree, folder)
        if notes:
            listing.notes[name] = notes
        if loose and not is_reel:
            listing.skipped[name] = f"{counted(loose, 'file')} without the name of an edition"


def _is_folder(path: Path) -> bool:
    """Return whether a path is a folder, and no link; what can't be looked at is none."""
    try:
        return path.is_dir() and not path.is_symlink()
    except OSError:  # the folder that it lies in is named
        return False


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
    """Return a path relative to a tree; the tree itself has its own name."""
    relative = tree.resolve().name if path == tree else path.relative_to(tree).as_posix()
    return shown(plain_name(relative))


def _has_name(path: Path, *, is_folder: bool) -> bool:
    name = plain_name(path.name if is_folder else path.stem)
    return bool(NAMED.fullmatch(name) or DATED.fullmatch(name))


def _add_first(first: dict[str, Any], more: dict[str, Any]) -> None:
    for name, reason in more.items():
        if len(first) >= MOST_NAMED:
            return
        first[name] = reason
