"""Finds the editions of an inbox by the names of its folders and files; nothing is opened.

Patterns of the settings are read first. What fits none is read by the names that need no settings:
``Publication_YYYY-MM-DD`` or ``Publication/YYYY-MM-DD``, a mode in brackets behind them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path, PurePosixPath

from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.text import plain_name
from presslens.app.services.ingest.inbox_patterns import InboxPattern, NameReading
from presslens.app.services.ingest.upload_mode import UploadMode
from presslens.models.message import Message
from presslens.pipelines.archives.bag import is_bag
from presslens.pipelines.archives.days import day_of_name
from presslens.pipelines.archives.library_folder import described_folder, lists_own_pages
from presslens.pipelines.archives.papers import is_batch
from presslens.pipelines.scans.scan import expand, is_leftover, natural_key, passed_over, shown

_MARKED = rf"(?:[ _-]*\((?P<mode>{'|'.join(UploadMode)})\))?"
NAMED = re.compile(rf"(?P<publication>.+?)[ _-]+(?P<date>\d{{4}}-\d{{2}}-\d{{2}}){_MARKED}")
DATED = re.compile(rf"(?P<date>\d{{4}}-\d{{2}}-\d{{2}}){_MARKED}")
LONGEST = 255
"""Largest number of characters of a name: the width of its column."""

UNFINISHED = (".crdownload", ".download", ".filepart", ".opdownload", ".part", ".partial", ".tmp")
"""How names end of files that browsers and copying programs have not finished."""

UNSAID = date.max
"""The day of an edition whose name says none."""

_LCCN = re.compile(r"[a-z]{0,3}\d{8}(?:\d{2})?")
_NO_NEWSPAPERS = frozenset(
    {
        "archive", "data", "editions", "files", "images", "issues", "mets", "newspapers", "pages",
        "scans",
    }
)  # fmt: skip
"""Names of folders that hold the issues of a newspaper, and are not its name."""

DEPTH = 2
"""How deep names lie that need no pattern."""


@dataclass(frozen=True, slots=True)
class InboxEdition:
    """An edition as it lies in an inbox."""

    name: str  # its name in the inbox, by which it is known again
    publication: str  # the newspaper; "" where its name says none
    edition_date: date  # the day; ``UNSAID`` where only its description says it
    # Its scans, in page order; all files of a folder that a library describes.
    files: Sequence[Path]
    # The number of each file's page; None: a file may hold several pages.
    page_numbers: Sequence[int] | None = None
    # What its name or its pattern says to do where the day has an edition already.
    mode: UploadMode | None = None
    folder: Path | None = None  # the folder that is the edition; None: files are
    unfinished: Sequence[str] = ()  # the files that are still being written, by their names
    described: bool = False  # files in its folder say which scans are its pages
    by_name: bool = False  # its newspaper is what its name says, and no pattern

    def newspaper(self, title: str, otherwise: str = "") -> str:
        """Return its newspaper: of a pattern, else of its description, else as it is called.

        Args:
            title: What its description calls the newspaper; "" where it names none.
            otherwise: What a person calls a newspaper that no description names.
        """
        if self.publication and not self.by_name:
            return self.publication
        return title or otherwise or self.publication or newspaper_above(self.name)


@dataclass(slots=True)
class InboxListing:
    """What lies in an inbox."""

    # The editions, in the natural order of their names.
    editions: list[InboxEdition] = field(default_factory=list)
    # The reason for each name that is no edition.
    skipped: dict[str, str] = field(default_factory=dict)
    # The reason for each name that is not finished, and whose edition is not known.
    arriving: dict[str, str] = field(default_factory=dict)
    # The sub-folders in the folder of an edition, which are not read, by its name.
    passed_over: dict[str, Sequence[str]] = field(default_factory=dict)
    # What files are that are none of an edition, by the name of their folder.
    notes: dict[str, Sequence[str]] = field(default_factory=dict)
    # The names of editions whose description could not be used; whoever takes them in says so.
    unusable: Set[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Unit:
    """A file or folder that fits a pattern."""

    path: Path
    name: str
    pattern: InboxPattern
    reading: NameReading
    unfinished: bool


def find_editions(inbox: Path, patterns: Sequence[InboxPattern] = ()) -> InboxListing:
    """Return the editions in an inbox; a name that leaves a doubt is skipped, with the reason.

    Args:
        inbox: The folder.
        patterns: The names of newspapers, from the settings.

    Raises:
        OSError: The inbox can't be read.
    """
    finder = EditionFinder(inbox, patterns)
    for path in listed(inbox):
        finder.take(path)
    finder.take_units()
    finder.listing.editions.sort(key=lambda edition: natural_key(edition.name))
    return finder.listing


class EditionFinder:
    """Takes in the editions of an inbox, name by name.

    Attributes:
        listing: What it has found.
    """

    def __init__(self, inbox: Path, patterns: Sequence[InboxPattern]) -> None:
        self.listing = InboxListing()
        self._inbox = inbox
        self._root = inbox.resolve()
        self._patterns = patterns
        self._depth = max((pattern.depth for pattern in patterns), default=0)
        self._units: defaultdict[tuple[str, date], list[_Unit]] = defaultdict(list)

    def take(self, path: Path) -> None:
        """Take in what is an edition, or holds some; say why not otherwise."""
        with self._skipping_unreadable(self._name(path)):
            if not self.fits(path, 1):
                self.take_unfit(path, 1)

    def fits(self, path: Path, depth: int) -> bool:
        """Return whether a path, or something in it, fits a pattern; take in what does."""
        if depth > self._depth:
            return False
        is_folder = path.is_dir()
        if self.read(path, is_folder, depth):
            return True
        if not is_folder:
            return False
        inside = {child: self.fits(child, depth + 1) for child in _inside(path)}
        if any(inside.values()):
            for child, fits in inside.items():
                if not fits:
                    self.take_unfit(child, depth + 1)
        return any(inside.values())

    def read(self, path: Path, is_folder: bool, depth: int) -> bool:
        """Return whether a name fits a pattern; take it in if it does without a doubt."""
        name = self._name(path)
        finished = _finished(name) if not is_folder else name
        readings: list[tuple[InboxPattern, NameReading]] = []
        for pattern in self._patterns:
            if pattern.of_folders is not is_folder or pattern.depth != depth:
                continue
            try:
                reading = pattern.read(finished)
            except InvalidRequest as error:
                self.listing.skipped[shown(name)] = error.args[0]
                return True
            if reading is not None:
                readings.append((pattern, reading))
        if len(readings) > 1:
            texts = ", ".join(pattern.text for pattern, _ in readings)
            self.listing.skipped[shown(name)] = Message(
                "its name fits more than one pattern: %(patterns)s", patterns=texts
            )
        elif readings:
            pattern, reading = readings[0]
            unit = _Unit(path, name, pattern, reading, finished != name)
            self._units[reading.publication, reading.day].append(unit)
        return bool(readings)

    def take_units(self) -> None:
        """Make editions of what fits patterns: pages of a day are one, whole ones stay apart."""
        for (publication, day), units in self._units.items():
            pages = [unit for unit in units if unit.reading.page is not None]
            whole = [unit for unit in units if unit.reading.page is None]
            doubt = _doubt(pages, whole)
            if doubt is not None:
                self.listing.skipped[f"{publication}, {day}"] = doubt
                continue
            for unit in whole:
                with self._skipping_unreadable(unit.name):
                    self._take_whole(unit)
            if pages:
                self._take_pages(publication, day, pages)

    def _take_whole(self, unit: _Unit) -> None:
        files = [] if unit.unfinished else expand([unit.path])
        edition = InboxEdition(
            unit.name,
            unit.reading.publication,
            unit.reading.day,
            [file for file in files if not _is_unfinished(file.name)],
            mode=unit.pattern.mode,
            folder=unit.path if unit.pattern.of_folders else None,
            unfinished=_unfinished(files) if not unit.unfinished else [unit.path.name],
        )
        self._add(edition, unit.path)

    def _take_pages(self, publication: str, day: date, units: Sequence[_Unit]) -> None:
        by_page = sorted(units, key=lambda unit: unit.reading.page or 0)
        ready = [unit for unit in by_page if not unit.unfinished]
        edition = InboxEdition(
            f"{publication}, {day}",
            publication,
            day,
            [unit.path for unit in ready],
            [unit.reading.page or 0 for unit in ready],
            mode=next((unit.pattern.mode for unit in units if unit.pattern.mode), None),
            unfinished=[unit.path.name for unit in by_page if unit.unfinished],
        )
        self._add(edition, None)

    def take_unfit(self, path: Path, depth: int) -> None:
        """Take in what fits no pattern, if its name needs none; say why not otherwise."""
        candidates = list(_candidates(path)) if depth == 1 else [path]
        for one in candidates:
            name = self._name(one)
            if one.is_file() and _is_unfinished(one.name):
                self.listing.arriving[shown(name)] = Message("it is not finished")
            elif depth > DEPTH:
                self.listing.skipped[shown(name)] = Message("its name fits no pattern")
            else:
                self.take_named(name, one)

    def take_named(self, name: str, path: Path) -> None:
        """Take in what its name or its description says to be an edition; else say why not."""
        with self._skipping_unreadable(name):
            self._take_named(name, path)

    def _take_named(self, name: str, path: Path) -> None:
        try:
            edition = _named(name, path)
        except InvalidRequest as error:
            if self._take_described(InboxEdition(name, "", UNSAID, ()), path):
                return
            why = error.args[0]
            if path.is_dir() and (is_bag(path) or is_batch(path)):
                why = OF_MANY
            elif self._patterns and why == NO_NAME:
                why = Message("%(why)s, and fits no pattern", why=why)
            self.listing.skipped[shown(name)] = why
        else:
            self._add(edition, path)

    def _take_described(self, edition: InboxEdition, path: Path | None) -> bool:
        """Add an edition if its folder is described; return whether it is."""
        folder = described_folder(path) if path is not None and path.is_dir() else None
        if folder is None:
            return False
        files = [file for file in folder.files if not _is_unfinished(file.name)]
        described = replace(
            edition,
            files=files,
            folder=path,
            unfinished=_unfinished(folder.files),
            described=True,
        )
        if len(described.name) <= LONGEST and described.name.isprintable():
            self._append(described)
        return len(described.name) <= LONGEST and described.name.isprintable()

    def _add(self, edition: InboxEdition, path: Path | None) -> None:
        """Add an edition, unless there is nothing in it."""
        if self._take_described(edition, path):
            return
        if len(edition.name) > LONGEST or not edition.name.isprintable():
            why = Message("its name is too long") if edition.name.isprintable() else UNPRINTABLE
            self.listing.skipped[shown(edition.name)] = why
        elif not edition.files and not edition.unfinished:
            inside = [shown(one.name) for one in passed_over([path])] if path else []
            why = Message("there are no scans in it")
            if inside:
                named = ", ".join(inside)
                why = Message("%(why)s, only the folders %(folders)s", why=why, folders=named)
            self.listing.skipped[edition.name] = why
        else:
            self._append(edition)
            if path and (folders := [shown(one.name) for one in passed_over([path])]):
                self.listing.passed_over[edition.name] = folders

    def _append(self, edition: InboxEdition) -> None:
        """Add an edition whose files lie in the inbox: whoever fills it may not read all others."""
        if all(file.resolve().is_relative_to(self._root) for file in edition.files):
            self.listing.editions.append(edition)
        else:
            self.listing.skipped[edition.name] = LEADS_OUT

    @contextmanager
    def _skipping_unreadable(self, name: str) -> Iterator[None]:
        """Skip what can't be read, and go on with the next name."""
        try:
            yield
        except OSError as error:
            self.listing.skipped[shown(name)] = unreadable(error)

    def _name(self, path: Path) -> str:
        return plain_name(path.relative_to(self._inbox).as_posix())


OF_MANY = Message(
    "it is a bag or a batch: `presslens import --tree FOLDER` takes in the editions in it"
)
LEADS_OUT = Message(
    "it is, or has, a link that leads out of the folder that is imported: put the files themselves"
    " there, or mount their folder"
)
UNNAMED = Message(
    "nothing names its newspaper: call the folder around after it, or name it by a pattern or"
    " --publication"
)
NO_NAME = Message("its name is neither Publication_YYYY-MM-DD nor Publication/YYYY-MM-DD")
UNPRINTABLE = Message("its name is not UTF-8, or can't be printed: rename it")


def unreadable(error: OSError) -> Message:
    """Return that something of an inbox can't be read."""
    return Message("it can't be read: %(why)s", why=error.strerror)


def _named(name: str, path: Path) -> InboxEdition:
    """Return an edition whose name needs no pattern.

    Raises:
        InvalidRequest: It is none; the message says why.
        OSError: It can't be read.
    """
    if not name.isprintable():
        raise InvalidRequest(UNPRINTABLE)
    is_file = path.is_file()
    last = plain_name(path.stem if is_file else path.name)
    match = NAMED.fullmatch(last) or (DATED.fullmatch(last) if "/" in name else None)
    if match is None:
        day = DATED.search(last)
        raise InvalidRequest(NO_NAME if day is None else _no_day(day["date"]) or NO_NAME)
    parts = match.groupdict()
    if wrong := _no_day(parts["date"]):
        raise InvalidRequest(wrong)
    publication = parts.get("publication") or path.parent.name  # "scans" is none
    files = expand([path])
    path.stat()  # a link to nowhere can't be read
    return InboxEdition(
        name,
        publication.replace("_", " ") if _is_newspaper(publication) else "",
        date.fromisoformat(parts["date"]),
        [file for file in files if not _is_unfinished(file.name)],
        mode=UploadMode(parts["mode"]) if parts["mode"] else None,
        folder=None if is_file else path,
        unfinished=_unfinished(files),
        by_name=True,
    )


def _no_day(text: str) -> str | None:
    """Return a sentence if a text of digits is no day."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return Message("there is no day %(day)s", day=text)
    return None


def _doubt(pages: Sequence[_Unit], whole: Sequence[_Unit]) -> str | None:
    """Return why files of a day leave a doubt which of them are the edition; None: they don't."""
    by_page: defaultdict[int | None, list[str]] = defaultdict(list)
    for unit in pages:
        by_page[unit.reading.page].append(shown(unit.name))
    for page, names in sorted(by_page.items(), key=lambda item: item[0] or 0):
        if len(names) > 1:
            return Message(
                "there are two files for page %(page)s: %(files)s",
                page=page,
                files=", ".join(names),
            )
    if whole and pages:
        files = f"{shown(whole[0].name)}, {shown(pages[0].name)}"
        return Message("there is a whole edition and a page of the day: %(files)s", files=files)
    if len(whole) > 1 and any(unit.pattern.mode is None for unit in whole):
        return Message(
            "there are several editions of the day, and a mode must say what they are: %(files)s",
            files=", ".join(shown(unit.name) for unit in whole),
        )
    return None


def _candidates(path: Path) -> Iterator[Path]:
    """Yield what may be an edition, in natural order; folders of dated things are entered."""
    inside = _inside(path) if path.is_dir() and not NAMED.fullmatch(path.name) else []
    dated = [p for p in inside if DATED.fullmatch(p.stem if p.is_file() else p.name)]
    is_own = has_own_pages(path) if dated else is_described(path)
    counts = has_own_pages if is_own else is_described
    others = set(inside).difference(dated)
    described = [p for p in inside if p in others and p.is_dir() and counts(p)]
    editions = [*dated, *described]
    yield from [path, *editions] if is_own or not editions else editions


def is_described(path: Path) -> bool:
    """Return whether a path is a folder that a library describes, as far as it can be read."""
    try:
        return path.is_dir() and described_folder(path) is not None
    except OSError:  # whoever imports it is told
        return False


def has_own_pages(path: Path) -> bool:
    """Return whether a folder below an edition is an edition itself, as far as it can be read."""
    try:
        return lists_own_pages(path)
    except OSError:  # whoever imports the edition above is told
        return False


def newspaper_above(name: str) -> str:
    """Return the newspaper that the folder of a day lies in, by its name; "" where it has none.

    >>> newspaper_above("data/BLB/18451228_01"), newspaper_above("sn85058233/0027/1935080201")
    ('BLB', '')
    >>> newspaper_above("Evening_Courier/issues/1939/1939-05-13"), newspaper_above("1939-05-13")
    ('Evening Courier', '')
    """
    *above, last = name.split("/")
    newspaper = next(filter(_is_newspaper, reversed(above)), "")
    is_name = day_of_name(last) is not None and not _LCCN.fullmatch(newspaper)
    return newspaper.replace("_", " ") if is_name else ""


def _is_newspaper(folder: str) -> bool:
    """Return whether a folder is called after a newspaper, not issues, scans or by a year."""
    is_word = re.search(r"[^\W\d_]", folder) is not None
    return is_word and folder.casefold() not in _NO_NEWSPAPERS


def _inside(folder: Path) -> list[Path]:
    try:
        return listed(folder)
    except OSError:  # whoever imports it is told
        return []


def listed(folder: Path) -> list[Path]:
    """Return what may be scans or editions in a folder, in natural order."""
    visible = (p for p in folder.iterdir() if not is_leftover(_finished(p.name)))
    return sorted(visible, key=lambda p: natural_key(p.name))


def _finished(name: str) -> str:
    """Return the name that a file gets once it is finished."""
    suffix = PurePosixPath(name).suffix
    return name.removesuffix(suffix) if suffix.lower() in UNFINISHED else name


def _is_unfinished(name: str) -> bool:
    return _finished(name) != name


def _unfinished(files: Iterable[Path]) -> list[str]:
    return [shown(file.name) for file in files if _is_unfinished(file.name)]
