"""Imports the new editions of an inbox."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from app.db.nightly import ImportDecision, InboxImportRow
from app.db.publications import InboxFolderRow
from app.db.upsert import insert
from app.errors import Conflict, DiskFull, EditionExists, InvalidRequest, LimitExceeded
from app.installation import Installation
from app.services.ingest.described import GivenIssue, settled_issue, store_description
from app.services.ingest.import_records import check_renamed, new_files, read_files
from app.services.ingest.inbox_editions import (
    UNSAID,
    InboxEdition,
    InboxListing,
    find_editions,
)
from app.services.ingest.inbox_patterns import load_patterns
from app.services.ingest.settling import settle
from app.services.ingest.upload import ONE_PAGE, Incoming, content_key, ingest
from app.services.ingest.upload_mode import UploadMode
from pipelines.archives.described_edition import DescribedEdition, DescriptionUnusable
from pipelines.archives.library_folder import READERS, described_edition
from pipelines.failpoints import Failpoint, around
from pipelines.scans.sandbox import Sandbox
from pipelines.scans.scan import shown

BY_HAND = "`presslens import FOLDER --publication NAME --date DAY`"


@dataclass(frozen=True, slots=True)
class InboxImport:
    """The result of importing an inbox.

    Attributes:
        new: Names of the editions that were imported now.
        unchanged: Number of the editions that were imported already.
        skipped: The reason for each name that is no edition, that holds nothing or too much, or of
            whose day there is an edition already.
        passed_over: The sub-folders in the folder of an edition, which are not read, by its name.
        arriving: The reason for each name that is not complete yet: the next run looks again.
        noted: What is missing in editions that libraries describe, or does not fit, by name.
    """

    new: tuple[str, ...]
    unchanged: int
    skipped: Mapping[str, str]
    passed_over: Mapping[str, Sequence[str]] = field(default_factory=dict)
    arriving: Mapping[str, str] = field(default_factory=dict)
    noted: Mapping[str, Sequence[str]] = field(default_factory=dict)


def import_inbox(
    home: Installation,
    inbox: Path,
    *,
    now: datetime,
    mode: UploadMode | None = None,
    since: date | None = None,
    run_id: int | None = None,
    wait: Callable[[float], object] = time.sleep,
) -> InboxImport:
    """Import what is new and complete in an inbox.

    An edition that looks as it did when it was imported is not read again, nor is one that was
    deleted. One whose day has an edition of other bytes is left where it is, unless its name, its
    pattern or the caller says what to do.

    Args:
        home: The installation.
        inbox: The folder.
        now: The time.
        mode: What is done with those whose day has an edition already; None: they are skipped.
        since: Leave editions of earlier days alone.
        run_id: The night, for the record.
        wait: Sleeps while files are still being written.

    Raises:
        InvalidRequest: The patterns of the settings can't be used.
    """
    patterns, names = load_patterns(home.settings), set[str]()

    def find() -> InboxListing:
        listing = find_editions(inbox, patterns)
        names.update((*(one.name for one in listing.editions), *listing.skipped, *listing.arriving))
        if since is not None:
            listing.editions = [one for one in listing.editions if one.edition_date >= since]
        return listing

    listing, settled = settle(
        find,
        lambda edition: not _is_known(home, edition),
        seconds=home.settings.settle_seconds,
        now=now,
        wait=wait,
    )
    new: list[str] = []
    skipped = dict(listing.skipped)
    unchanged = 0
    with ExitStack() as stack:
        importer = _Importer(home, now, mode, run_id, names, stack)
        for edition in settled.editions:
            try:
                decision = importer.take(edition)
            except EditionExists as error:
                skipped[edition.name] = f"{error}: {BY_HAND} --mode add, replace or separate"
            except (Conflict, InvalidRequest, LimitExceeded, DiskFull) as error:
                skipped[edition.name] = str(error)
            except OSError as error:
                skipped[edition.name] = f"it can't be read: {error.strerror}"
            else:
                new += [edition.name] if decision is not ImportDecision.KNOWN else []
                unchanged += decision is ImportDecision.KNOWN
    return InboxImport(
        tuple(new), unchanged, skipped, listing.passed_over, settled.arriving, importer.notes
    )


class _Importer:
    def __init__(
        self,
        home: Installation,
        now: datetime,
        mode: UploadMode | None,
        run_id: int | None,
        names: Collection[str],
        stack: ExitStack,
    ) -> None:
        self._home = home
        self._now = now
        self._mode = mode
        self._run_id = run_id
        self._names = names
        self._stack = stack
        self._sandbox: Sandbox | None = None
        self.notes: dict[str, Sequence[str]] = {}

    def take(self, edition: InboxEdition) -> ImportDecision:
        """Import an edition; return what was decided.

        Raises:
            InvalidRequest: It was deleted or renamed, or a file that stands for a page holds
                several.
            OSError: It can't be read.
            PresslensError: See ``ingest``.
        """
        fingerprint = _fingerprint(edition.files)
        known = _known_folder(self._home, edition.name)
        if known is not None and known.fingerprint == fingerprint:
            return ImportDecision.KNOWN
        if known is not None and known.edition_id is None:
            raise InvalidRequest(f"its edition was deleted: {BY_HAND} takes it in again")
        description = self._description(edition)
        if description is not None:
            edition = _as_described(edition, description)
        files = read_files(edition.files)
        check_renamed(self._home, edition, files, self._names)
        if edition.page_numbers is not None:
            self._check_single(edition)
        mode = edition.mode or self._mode
        given, numbers = list(files), edition.page_numbers
        if mode is UploadMode.ADD and numbers is not None:
            added = new_files(self._home, edition, files)
            # If nothing is new, the edition is known again by all of its files.
            given = [file for file, _ in added] or given
            numbers = [number for _, number in added] or numbers
        ingested = ingest(
            self._home,
            _opened([file.path for file in given]),
            publication=edition.publication,
            edition_date=edition.edition_date,
            now=self._now,
            mode=mode,
            page_numbers=numbers,
            pages_expected=description.pages_described if description else None,
        )
        if description is not None:
            digests = {file.path: file.sha256 for file in files}
            store_description(self._home, ingested.edition_id, description, digests)
        decision = ImportDecision.ADDED if ingested.added else ImportDecision.KNOWN
        decision = ImportDecision.IMPORTED if ingested.created else decision
        row = InboxImportRow(
            run_id=self._run_id,
            imported_at=self._now,
            name=edition.name,
            publication=edition.publication,
            edition_date=edition.edition_date,
            content_key=content_key([file.sha256 for file in files]),
            files=[file.to_json() for file in files],
            edition_id=ingested.edition_id,
            decision=decision,
            mode=mode,
        )
        _remember(self._home, fingerprint, row)
        return decision

    def _description(self, edition: InboxEdition) -> DescribedEdition | None:
        """Read the description of an edition that has one, and note what does not fit.

        Raises:
            InvalidRequest: It can't be read.
        """
        if not edition.described or edition.folder is None:
            return None
        try:
            description = described_edition(edition.folder, self._opened_sandbox())
        except DescriptionUnusable as error:
            raise InvalidRequest(str(error)) from None
        if description is None:
            raise InvalidRequest("what describes it is gone")
        if description.notes:
            self.notes[edition.name] = description.notes
        return description

    def _opened_sandbox(self) -> Sandbox:
        if self._sandbox is None:
            sandbox = Sandbox(self._home.settings.limits, modules=READERS)
            self._sandbox = self._stack.enter_context(sandbox)
        return self._sandbox

    def _check_single(self, edition: InboxEdition) -> None:
        """Check that each file whose name says the number of a page holds one page."""
        for path in edition.files:
            if path.suffix.lower() in ONE_PAGE:
                continue
            with TemporaryDirectory() as folder:
                pages = len(self._opened_sandbox().unpack(path, path.name, Path(folder)))
            if pages != 1:
                raise InvalidRequest(
                    f"by its name {shown(path.name)} is one page, but it holds {pages}"
                )


def _as_described(edition: InboxEdition, description: DescribedEdition) -> InboxEdition:
    """Return an edition as its description has it.

    Raises:
        InvalidRequest: The newspaper or the day is not said, or its name says another day.
    """
    day = None if edition.edition_date == UNSAID else edition.edition_date
    given = GivenIssue(edition.publication or None, day, f"the name {edition.name}")
    publication, edition_date = settled_issue(description, given)
    return replace(
        edition,
        publication=publication,
        edition_date=edition_date,
        files=[page.image for page in description.pages],
        page_numbers=[page.number for page in description.pages],
    )


def _is_known(home: Installation, edition: InboxEdition) -> bool:
    """Return whether an edition looks as it did when it was imported."""
    known = _known_folder(home, edition.name)
    try:
        return known is not None and known.fingerprint == _fingerprint(edition.files)
    except OSError:  # it is gone by now
        return False


def _fingerprint(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        status = file.stat()
        digest.update(os.fsencode(f"{file.name}\0{status.st_size}\0{status.st_mtime_ns}\n"))
    return digest.hexdigest()


def _known_folder(home: Installation, name: str) -> InboxFolderRow | None:
    with home.database.read() as session:
        return session.get(InboxFolderRow, name)


def _opened(files: Sequence[Path]) -> Iterator[Incoming]:
    for path in files:
        with path.open("rb") as stream:
            yield Incoming(path.name, stream)


def _remember(home: Installation, fingerprint: str, row: InboxImportRow) -> None:
    """Put an import on record, and store what the edition looks like in the inbox."""
    values = {"fingerprint": fingerprint, "edition_id": row.edition_id}
    with around(Failpoint.INBOX_REMEMBER), home.database.write() as session:
        session.add(row)
        session.execute(
            insert(session, InboxFolderRow)
            .values(name=row.name, **values)
            .on_conflict_do_update(index_elements=["name"], set_=values)
        )
