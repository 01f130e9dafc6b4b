"""Which editions files are by their names alone, as an import would take them."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Annotated

from presslens.app.db.publications import find_publication
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.text import plain_name
from presslens.app.services.ingest.inbox_editions import InboxEdition, newspaper_above
from presslens.app.services.ingest.inbox_patterns import load_patterns
from presslens.app.services.ingest.tree import walk_editions
from presslens.app.services.ingest.upload_mode import editions_of_day
from presslens.pipelines.archives.days import day_of_name
from presslens.pipelines.result import Served, named
from presslens.pipelines.scans.scan import natural_key

MOST_FILES = 10_000
"""Most names that are read at once: five years of a daily newspaper with six pages."""

DOCUMENTS = frozenset({".xml", ".json", ".txt", ".md", ".csv", ".toml", ".db"})
"""The endings of files that are no scans; only `presslens import` reads what is in them."""


@dataclass(frozen=True, slots=True)
class NamedEdition(Served):
    """An edition as the names of its files tell it."""

    name: str  # its folder or file, or what its pages are called
    publication: str  # the newspaper; "" where no name says it
    day: Annotated[date | None, named("date")]  # the day; missing: no name says it
    files: Sequence[str]  # the names of its files, in page order
    editions: Sequence[int]  # the ids of the editions that its day has already


@dataclass(frozen=True, slots=True)
class NamedEditions(Served):
    """The editions that the names of files tell, those without a day or newspaper last."""

    editions: Sequence[NamedEdition]
    passed_over: Sequence[str]  # files that are no scans


def editions_by_name(home: Installation, names: Sequence[str]) -> NamedEditions:
    """Return which editions files are, by the rules of an import, which read names.

    What these rules leave is put together by folders and by the days in names, for somebody to say
    what it is.

    Args:
        names: The paths of the files in the folder that they come from.

    Raises:
        InvalidRequest: A name is no path inside a folder.
    """
    paths = {plain_name(name): name for name in names if not _is_hidden(name)}
    is_scan = {path: PurePosixPath(path).suffix.lower() not in DOCUMENTS for path in paths}
    scans = [path for path, scan in is_scan.items() if scan]
    editions = list(_by_rules(home, scans))
    taken = {file for one in editions for file in one.files}
    editions += _by_folders([path for path in scans if path not in taken])
    editions.sort(key=lambda one: (not (one.day and one.publication), natural_key(one.name)))
    return NamedEditions(
        [_with_editions(home, one, paths) for one in editions],
        [name for path, name in paths.items() if not is_scan[path]],
    )


def _is_hidden(name: str) -> bool:
    """Return whether a file, or a folder around it, is hidden.

    Raises:
        InvalidRequest: The name is no path inside a folder.
    """
    parts = name.split("/")
    if not name.isprintable() or {"", "..", "."} & set(parts) or "\\" in name:
        raise InvalidRequest.saying("%(name)s is no path inside a folder", name=repr(name))
    return any(part.startswith(".") for part in parts)


def _by_rules(home: Installation, paths: Iterable[str]) -> Iterator[NamedEdition]:
    """Yield the editions that an import finds among empty files of these names."""
    with tempfile.TemporaryDirectory(prefix="presslens-names-") as folder:
        tree = Path(folder).resolve()
        for path in paths:
            place = tree / path
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.touch()
            except OSError as error:  # longer than names are, or a folder and a file at once
                raise InvalidRequest.saying(
                    "%(name)s is no path inside a folder", name=repr(path)
                ) from error
        for listing in walk_editions(tree, load_patterns(home.settings)):
            for edition in listing.editions:
                yield _named(tree, edition)


def _named(tree: Path, edition: InboxEdition) -> NamedEdition:
    files = [file.relative_to(tree).as_posix() for file in edition.files]
    return NamedEdition(edition.name, edition.newspaper(""), edition.edition_date, files, ())


def _by_folders(paths: Iterable[str]) -> Iterator[NamedEdition]:
    """Yield what no rule names: the files of a folder whose names tell the same day, or none."""
    groups: defaultdict[tuple[str, date | None], list[str]] = defaultdict(list)
    for path in sorted(paths, key=natural_key):
        place = PurePosixPath(path)
        folder = place.parent.as_posix()
        day = day_of_name(place.stem) or day_of_name(place.parent.name)
        groups["" if folder == "." else folder, day].append(path)
    days = Counter(folder for folder, _ in groups)
    for (folder, day), files in groups.items():
        name = folder if folder and days[folder] == 1 else files[0]
        newspaper = newspaper_above(f"{folder}/{day}") if day else ""
        yield NamedEdition(name, newspaper, day, files, ())


def _with_editions(
    home: Installation, edition: NamedEdition, names: Mapping[str, str]
) -> NamedEdition:
    """Return an edition with the names as they were given, and what its day has already."""
    of_day: list[int] = []
    if edition.day is not None and edition.publication:
        with home.database.read() as session:
            row = find_publication(session, edition.publication)
            if row is not None:
                of_day = [one.id for one in editions_of_day(session, row.id, edition.day)]
    return replace(edition, files=[names[file] for file in edition.files], editions=of_day)
