"""Ingests an edition, or pages of one: stores files, and adds them to the work that waits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from presslens.app.db.edits import Action, Author, add_edit
from presslens.app.db.publications import find_publication, publication_named
from presslens.app.db.statistics import EditionSummaryRow
from presslens.app.db.tables import EditionRow, PublicationRow, UploadFileRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, InvalidRequest, NoScans
from presslens.app.services.ingest.profile import checked_profile, fill_profile
from presslens.app.services.ingest.retry import look_again
from presslens.app.services.ingest.upload_mode import (
    UploadMode,
    chosen_edition,
    edition_exists,
    editions_of_day,
)
from presslens.app.services.ingest.upload_notes import StoredFile, notes_on_files, single_pages
from presslens.models.message import Message
from presslens.pipelines.counted import counted
from presslens.pipelines.failpoints import Failpoint, around
from presslens.pipelines.result import Served
from presslens.pipelines.scans.page_numbers import numbers_in_names, parse_page_numbers
from presslens.pipelines.scans.scan import HEAD_BYTES, refusal, shown, sniff
from presslens.pipelines.statistics.page import page_count

FIRST_DAY = date(1600, 1, 1)
"""The first newspapers are of 1605."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file to ingest: its name for people, and its bytes."""

    name: str
    stream: BinaryIO

    def head(self) -> bytes:
        """Return the first bytes of a stream that nobody has read yet."""
        head = self.stream.read(HEAD_BYTES)
        self.stream.seek(0)
        return head


def head_of(path: Path) -> bytes:
    """Return the first bytes of a file."""
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


@dataclass(frozen=True, slots=True)
class Ingested(Served):
    """The edition of ingested files, whether it was new, and the edit that says so.

    ``added`` is the number of files that were added to an edition. ``edit_id`` is None where
    nothing was changed, and where nobody is said to have asked for it.
    """

    SERVED: ClassVar[str] = "id=edition_id created added edit=edit_id notes"

    edition_id: int
    created: bool
    added: int = 0
    edit_id: int | None = None
    notes: Sequence[str] = ()  # sentences: what to know of its newspaper and page numbers


class Uploader(NamedTuple):
    """The person who uploads: the name, None for nobody's, and the codebook for the log."""

    coder: str | None
    codebook: str


def ingest(
    home: Installation,
    files: Iterable[Incoming],
    *,
    publication: str,
    edition_date: date,
    now: datetime,
    pages_expected: int | None = None,
    page_numbers: Sequence[int] | None = None,
    mode: UploadMode | None = None,
    edition: int | None = None,
    uploader: Uploader | None = None,
    backfill: bool = False,
    profile: Mapping[str, Any] | None = None,
) -> Ingested:
    """Store an edition; the same bytes of the same publication and date are the same edition.

    Given again, an edition gets the number of pages that is said of it then. Other bytes of a day
    that has an edition need a mode; two uploads of a day at one moment come one after the other.

    Args:
        files: In page order; read one after the other.
        publication: The newspaper; it is added when it is new.
        pages_expected: Number of pages that the edition had, uploaded or not; None: not known.
        page_numbers: Number of each uploaded page, in page order; None: the names of the files
            tell them, or their order.
        mode: What is done where the day has an edition already; None: its uploader is asked.
        edition: Which edition of the day pages are added to, or is replaced; None: the latest that
            counts.
        uploader: Who uploads, for the log; None: no person does, and nothing is logged but pages
            that are added and what becomes known of the newspaper.
        backfill: Its pages are looked at when no others wait.
        profile: The newspaper's languages, country and kind, as far as they are known; what is
            stated of a newspaper already stays.

    Raises:
        InvalidRequest: There is no file, no such newspaper, profile or day can be, or the pages of
            the edition have other numbers already.
        EditionExists: The day has an edition of other bytes, and there is no mode.
        Conflict: A page with that number is there already.
        LimitExceeded: A file is larger than the settings allow.
        DiskFull: Too little disk is free.
    """
    name = publication.strip()
    _check(name, edition_date, now)
    stated = checked_profile(profile or {})
    stored, written = [], []
    for file in files:
        with around(Failpoint.UPLOAD_FILE):
            blob = home.storage.put(file.stream, most=home.settings.file_bytes)
        written += [blob.sha256] if blob.written else []
        stored.append(StoredFile(shown(file.name) or "unnamed", blob.sha256, blob.size))
    if not stored:
        raise InvalidRequest.saying("an edition needs at least one file")
    key = content_key([file.sha256 for file in stored])
    with around(Failpoint.UPLOAD_EDITION), home.database.write() as session:
        look_again(session, written)
        is_new = find_publication(session, name) is None
        publication_id = publication_named(session, name)
        by = Author(*(uploader or Uploader(None, home.recipe.codebook)), now)
        notes = fill_profile(session, publication_id, stated, by)
        there = _locked_day(session, publication_id, edition_date)
        same = _same_edition(there, key, stored, mode)
        if same is not None:
            _describe(session, same, pages_expected, page_numbers)
            return Ingested(same.id, created=False, notes=notes)
        if there and mode is None:
            incoming = {"pages": single_pages(stored), "photos": None}
            raise edition_exists(session, home.recipe, there, incoming=incoming)
        target = chosen_edition(session, home.recipe, there, edition) if there or edition else None
        if target is not None and mode is UploadMode.ADD:
            added = _add_files(session, target, stored, pages_expected, page_numbers, by)
            return replace(added, notes=notes)
        row = EditionRow(
            publication_id=publication_id,
            edition_date=edition_date,
            content_key=key,
            created_at=now,
            pages_expected=pages_expected,
            page_numbers=list(page_numbers) if page_numbers else None,
            issue=_issue(there, target, mode),
            backfill=backfill,
            files=_file_rows(stored, 0),
        )
        session.add(row)
        session.flush()
        edit_id = None
        if uploader is not None:
            edit_id = _log_upload(session, by, row, target, mode, is_new=is_new)
        notes += notes_on_files(session, row, stored, numbered=bool(page_numbers))
        return Ingested(row.id, created=True, edit_id=edit_id, notes=notes)


def check_any_scan(files: Iterable[tuple[str, bytes]]) -> None:
    """Check that one file at least begins as a scan does: no page comes of the others.

    Args:
        files: The name of each file, and its first bytes.

    Raises:
        NoScans: None does; the message names the first one.
    """
    refused: list[tuple[str, str]] = []
    for name, head in files:
        if sniff(head) is not None:
            return
        refused.append((shown(name) or "unnamed", refusal(name, head).detail))
    if refused:
        name, why = refused[0]
        message = Message(
            "no edition is made, as no file is a scan: %(file)s, %(why)s", file=name, why=why
        )
        raise NoScans(message, refused)


def would_change(
    home: Installation,
    digests: Sequence[str],
    *,
    publication: str,
    edition_date: date,
    now: datetime,
    mode: UploadMode | None,
) -> bool:
    """Return whether ``ingest`` would store anything that is new; nothing is written.

    Args:
        digests: The sha256 of the files, in page order.
        mode: What would be done where the day has an edition already.

    Raises:
        InvalidRequest: There can be no such newspaper or day.
        EditionExists: The day has an edition of other bytes, and there is no mode.
    """
    _check(publication.strip(), edition_date, now)
    stored = [StoredFile("", digest, 0) for digest in digests]
    with home.database.read() as session:
        newspaper = find_publication(session, publication.strip())
        there = [] if newspaper is None else editions_of_day(session, newspaper.id, edition_date)
        if _same_edition(there, content_key(digests), stored, mode) is not None:
            return False
        if there and mode is None:
            incoming = {"pages": None, "photos": None}
            raise edition_exists(session, home.recipe, there, incoming=incoming)
    return True


def _check(publication: str, edition_date: date, now: datetime) -> None:
    """Check that there can be such an edition."""
    if not publication:
        raise InvalidRequest.saying("an edition needs the name of its newspaper")
    check_edition_date(edition_date, now)


def check_edition_date(day: date, now: datetime) -> None:
    """Check that a newspaper can have an edition of a day.

    Raises:
        InvalidRequest: It can't.
    """
    if day < FIRST_DAY:
        raise InvalidRequest.saying(
            "there were no newspapers on %(day)s: the year is %(year)s", day=day, year=day.year
        )
    if day > now.date() + timedelta(days=1):
        raise InvalidRequest.saying(
            "%(day)s lies in the future: give the day that is printed on the scans", day=day
        )


def _locked_day(session: Session, publication_id: int, day: date) -> list[EditionRow]:
    """Return the editions of a day; no other one is added until the transaction ends."""
    session.execute(select(PublicationRow.id).filter_by(id=publication_id).with_for_update())
    return editions_of_day(session, publication_id, day)


def _same_edition(
    there: Sequence[EditionRow],
    key: str,
    stored: Sequence[StoredFile],
    mode: UploadMode | None,
) -> EditionRow | None:
    """Return the edition that the files are of already."""
    same = [edition for edition in there if edition.content_key == key]
    if not same and mode in (None, UploadMode.ADD):
        given = [file.sha256 for file in stored]
        same = [one for one in there if _has_all(one, given, ordered=mode is None)]
    return same[-1] if same else None


def _has_all(edition: EditionRow, given: Sequence[str], *, ordered: bool) -> bool:
    """Return whether an edition has files already, in the same order if that matters."""
    places = {file.sha256: file.position for file in reversed(edition.files)}
    order = [places[sha256] for sha256 in given if sha256 in places]
    return len(order) == len(given) and (not ordered or order == sorted(order))


def _issue(there: Sequence[EditionRow], target: EditionRow | None, mode: UploadMode | None) -> int:
    if target is None:
        return 1
    if mode is UploadMode.SEPARATE:
        return max(edition.issue for edition in there) + 1
    return target.issue


def _file_rows(
    stored: Sequence[StoredFile], start: int, edit_id: int | None = None
) -> list[UploadFileRow]:
    return [
        UploadFileRow(
            position=position,
            sha256=file.sha256,
            size=file.size,
            name=file.name,
            edit_id=edit_id,
        )
        for position, file in enumerate(stored, start)
    ]


def _log_upload(
    session: Session,
    by: Author,
    row: EditionRow,
    target: EditionRow | None,
    mode: UploadMode | None,
    *,
    is_new: bool,
) -> int:
    values = {"day": row.edition_date.isoformat(), "files": counted(len(row.files), "file")}
    text = Message("uploaded the edition of %(day)s, %(files)s", **values)
    if target is not None and mode is UploadMode.REPLACE:
        text = Message(
            "uploaded the edition of %(day)s, %(files)s, in place of edition %(edition)s",
            **values,
            edition=target.id,
        )
    if target is not None and mode is UploadMode.SEPARATE:
        text = Message("uploaded another edition of %(day)s, %(files)s", **values)
    change = {
        "mode": mode.value if mode and target else None,
        "new_newspaper": row.publication_id if is_new else None,
    }
    about = "edition", row.id
    return add_edit(session, by, Action.UPLOAD, about, text, change, edition_id=row.id).id


def _add_files(
    session: Session,
    edition: EditionRow,
    stored: Sequence[StoredFile],
    pages_expected: int | None,
    page_numbers: Sequence[int] | None,
    by: Author,
) -> Ingested:
    """Add files to an edition; the worker finds their pages."""
    there = {file.sha256 for file in edition.files}
    new = [file for file in dict.fromkeys(stored) if file.sha256 not in there]
    _check_free(edition, [file.name for file in new], page_numbers)
    change = {
        "page_numbers": list(page_numbers) if page_numbers else None,
        "unpacked_at": edition.unpacked_at.isoformat() if edition.unpacked_at else None,
        "pages_expected": [edition.pages_expected, pages_expected or edition.pages_expected],
    }
    text = Message(
        "added %(files)s to the edition of %(day)s",
        files=counted(len(new), "file"),
        day=edition.edition_date.isoformat(),
    )
    target = "edition", edition.id
    edit = add_edit(session, by, Action.ADD_PAGES, target, text, change, edition_id=edition.id)
    start = max(file.position for file in edition.files) + 1 if edition.files else 0
    edition.files.extend(_file_rows(new, start, edit.id))
    edition.unpacked_at = None
    edition.pages_expected = pages_expected or edition.pages_expected
    return Ingested(edition.id, created=False, added=len(new), edit_id=edit.id)


def _check_free(
    edition: EditionRow, names: Sequence[str], page_numbers: Sequence[int] | None
) -> None:
    """Check that the numbers are free that were given for added pages, or that names tell."""
    numbers = page_numbers or numbers_in_names(names) or ()
    taken = sorted({page.number for page in edition.pages}.intersection(numbers))
    if taken:
        pages = ", ".join(str(number) for number in taken)
        raise Conflict.saying(
            "edition %(edition)s has a page %(pages)s already: give page numbers that are free,"
            " or replace the scan of that page",
            edition=edition.id,
            pages=pages,
        )


def read_page_numbers(text: str) -> list[int]:
    """Return the page numbers of a list that somebody has typed.

    Raises:
        InvalidRequest: It is no such list; the message says what to write.
    """
    try:
        return parse_page_numbers(text)
    except ValueError as error:
        raise InvalidRequest(str(error)) from error


def _describe(
    session: Session,
    edition: EditionRow,
    pages_expected: int | None,
    page_numbers: Sequence[int] | None,
) -> None:
    """Store the description of the pages of an edition."""
    numbers = list(page_numbers) if page_numbers else None
    if numbers and edition.unpacked_at is not None and numbers != edition.page_numbers:
        raise InvalidRequest.saying(
            "edition %(edition_id)s is there already, and its pages are numbered:"
            " give the same numbers, or none",
            edition_id=edition.id,
        )
    edition.page_numbers = numbers or edition.page_numbers
    if pages_expected in (None, edition.pages_expected):
        return
    edition.pages_expected = pages_expected
    number = [page.number for page in edition.pages]
    pages = page_count(len(number), max(number, default=0), pages_expected)
    of_edition = update(EditionSummaryRow).filter_by(edition_id=edition.id)
    session.execute(of_edition.values(pages=pages))


def content_key(digests: Sequence[str]) -> str:
    """Return the hash that identifies an edition: of its files' sha256 in page order."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()
