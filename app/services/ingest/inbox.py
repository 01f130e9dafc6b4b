"""Imports the new edition folders of an inbox."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from app.db.publications import InboxFolderRow
from app.db.upsert import insert
from app.errors import Conflict, DiskFull, EditionExists, InvalidRequest, LimitExceeded
from app.installation import Installation
from app.services.ingest.upload import Incoming, Ingested, ingest
from app.services.ingest.upload_mode import UploadMode
from app.text import plain_name
from pipelines.failpoints import Failpoint, around
from pipelines.scans.scan import expand, is_leftover, natural_key, passed_over, shown

_MARKED = rf"(?:[ _-]*\((?P<mode>{'|'.join(UploadMode)})\))?"
NAMED = re.compile(rf"(?P<publication>.+?)[ _-]+(?P<date>\d{{4}}-\d{{2}}-\d{{2}}){_MARKED}")
DATED = re.compile(rf"(?P<date>\d{{4}}-\d{{2}}-\d{{2}}){_MARKED}")
BY_HAND = "`presslens import FOLDER --publication NAME --date DAY`"
LONGEST = 255
"""Largest number of characters of a name: the width of its column."""


@dataclass(frozen=True, slots=True)
class InboxEdition:
    """An edition as it lies in an inbox: a folder of scans, or one PDF, TIFF or ZIP.

    ``mode`` is what its name says to do where the day has an edition already.
    """

    name: str
    path: Path
    publication: str
    edition_date: date
    mode: UploadMode | None = None


@dataclass(frozen=True, slots=True)
class InboxImport:
    """The result of importing an inbox.

    Attributes:
        new: Names of the editions that were imported now.
        unchanged: Number of the editions that were imported already.
        skipped: The reason for each name that is no edition, that holds nothing or too much, or of
            whose day there is an edition already.
        passed_over: The sub-folders in the folder of an edition, which are not read, by its name.
    """

    new: tuple[str, ...]
    unchanged: int
    skipped: Mapping[str, str]
    passed_over: Mapping[str, Sequence[str]] = field(default_factory=dict)


def import_inbox(
    home: Installation, inbox: Path, *, now: datetime, mode: UploadMode | None = None
) -> InboxImport:
    """Import what is new in an inbox: ``Publication_YYYY-MM-DD`` or ``Publication/YYYY-MM-DD``.

    A folder that looks as it did when it was imported is not read again, nor is one whose edition
    was deleted. One whose day has an edition of other bytes is left where it is, unless its name
    ends with a mode, ``Publication_YYYY-MM-DD (add)`` for instance.

    Args:
        home: The installation.
        inbox: The folder.
        now: The time.
        mode: What is done with those whose day has an edition already; None: they are skipped.
    """
    new: list[str] = []
    skipped: dict[str, str] = {}
    inside: dict[str, Sequence[str]] = {}
    unchanged = 0
    for path in _candidates(inbox):
        name = plain_name(str(path.relative_to(inbox)))
        try:
            is_new = _import(home, name, path, now, mode)
            if folders := [shown(folder.name) for folder in passed_over([path])]:
                inside[name] = folders
        except EditionExists as error:
            skipped[name] = f"{error}: {BY_HAND} --mode add, replace or separate"
        except (Conflict, InvalidRequest, LimitExceeded, DiskFull) as error:
            skipped[shown(name)] = str(error)
        except OSError as error:
            skipped[name] = f"it can't be read: {error.strerror}"
        else:
            new += [name] if is_new else []
            unchanged += not is_new
    return InboxImport(tuple(new), unchanged, skipped, inside)


def _import(
    home: Installation, name: str, path: Path, now: datetime, mode: UploadMode | None
) -> bool:
    """Import what may be an edition; return whether anything of it is new.

    Raises:
        InvalidRequest: It is none, or it was deleted.
        OSError: It can't be read.
        PresslensError: See ``ingest``.
    """
    if not name.isprintable():
        raise InvalidRequest("its name is not UTF-8, or can't be printed: rename it")
    edition = _edition(name, path)
    files = expand([path])
    if edition is None or not files or len(name) > LONGEST:
        raise InvalidRequest(_why_not(name, path, edition))
    fingerprint = _fingerprint(files)
    known = _known_folder(home, name)
    if known is not None and known.fingerprint == fingerprint:
        return False
    if known is not None and known.edition_id is None:
        raise InvalidRequest(f"its edition was deleted: {BY_HAND} takes it in again")
    ingested = _ingest(home, edition, files, now, mode)
    _remember(home, name, fingerprint, ingested.edition_id)
    return ingested.created or bool(ingested.added)


def _candidates(inbox: Path) -> Iterator[Path]:
    """Yield what may be an edition, in natural order; folders of dated things are entered."""
    for path in _listed(inbox):
        inside = _inside(path) if path.is_dir() and not NAMED.fullmatch(path.name) else []
        dated = [p for p in inside if DATED.fullmatch(p.stem if p.is_file() else p.name)]
        yield from dated or [path]


def _inside(folder: Path) -> list[Path]:
    try:
        return _listed(folder)
    except OSError:  # whoever imports it is told
        return []


def _listed(folder: Path) -> list[Path]:
    visible = (p for p in folder.iterdir() if not is_leftover(p.name))
    return sorted(visible, key=lambda p: natural_key(p.name))


def _edition(name: str, path: Path) -> InboxEdition | None:
    last = path.stem if path.is_file() else path.name
    last = plain_name(last)
    match = NAMED.fullmatch(last) or (DATED.fullmatch(last) if "/" in name else None)
    if match is None:
        return None
    parts = match.groupdict()
    publication = parts.get("publication") or path.parent.name
    mode = UploadMode(parts["mode"]) if parts["mode"] else None
    try:
        day = date.fromisoformat(parts["date"])
    except ValueError:
        return None
    return InboxEdition(name, path, publication.replace("_", " "), day, mode)


def _why_not(name: str, path: Path, edition: InboxEdition | None) -> str:
    if edition is not None and len(name) > LONGEST:
        return "its name is too long"
    if edition is not None:
        folders = ", ".join(shown(folder.name) for folder in passed_over([path]))
        return "there are no scans in it" + (f", only the folders {folders}" if folders else "")
    last = Path(name).name
    day = DATED.search(last)
    if day is not None and not _is_day(day["date"]):
        return f"there is no day {day['date']}"
    return "its name is neither Publication_YYYY-MM-DD nor Publication/YYYY-MM-DD"


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _fingerprint(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        status = file.stat()
        digest.update(os.fsencode(f"{file.name}\0{status.st_size}\0{status.st_mtime_ns}\n"))
    return digest.hexdigest()


def _known_folder(home: Installation, name: str) -> InboxFolderRow | None:
    with home.database.read() as session:
        return session.get(InboxFolderRow, name)


def _ingest(
    home: Installation,
    edition: InboxEdition,
    files: Sequence[Path],
    now: datetime,
    mode: UploadMode | None,
) -> Ingested:
    return ingest(
        home,
        _opened(files),
        publication=edition.publication,
        edition_date=edition.edition_date,
        now=now,
        mode=edition.mode or mode,
    )


def _opened(files: Sequence[Path]) -> Iterator[Incoming]:
    for path in files:
        with path.open("rb") as stream:
            yield Incoming(path.name, stream)


def _remember(home: Installation, name: str, fingerprint: str, edition_id: int) -> None:
    values = {"fingerprint": fingerprint, "edition_id": edition_id}
    with around(Failpoint.INBOX_REMEMBER), home.database.write() as session:
        session.execute(
            insert(session, InboxFolderRow)
            .values(name=name, **values)
            .on_conflict_do_update(index_elements=["name"], set_=values)
        )
