"""Imports the new editions of an inbox."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from presslens.app.db.nightly import ImportDecision, InboxImportRow
from presslens.app.db.publications import InboxFolderRow
from presslens.app.db.upsert import insert
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.ingest.completeness import CompleteEditions, settle
from presslens.app.services.ingest.described import (
    IssueInput,
    described_profile,
    resolved_issue,
    store_description,
)
from presslens.app.services.ingest.import_records import (
    ImportedEditions,
    InboxFile,
    check_renamed,
    import_command,
    is_unreadable,
    new_files,
    read_files,
    take_each,
)
from presslens.app.services.ingest.inbox_editions import (
    UNNAMED,
    UNSAID,
    InboxEdition,
    InboxListing,
    find_editions,
)
from presslens.app.services.ingest.inbox_patterns import InboxPattern, load_patterns
from presslens.app.services.ingest.upload import (
    Incoming,
    check_any_scan,
    content_key,
    head_of,
    ingest,
    would_change,
)
from presslens.app.services.ingest.upload_mode import UploadMode
from presslens.app.services.ingest.upload_notes import ONE_PAGE
from presslens.models.message import Message
from presslens.pipelines.archives.bag import BagUnfit, CheckedBags, bag_around
from presslens.pipelines.archives.described_edition import DescribedEdition, DescriptionUnusable
from presslens.pipelines.archives.library_folder import READERS, described_edition
from presslens.pipelines.failpoints import Failpoint, around
from presslens.pipelines.result import Served
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.scans.scan import shown

OLD = timedelta(days=31)
"""Editions that are older when they come are a backfill: their pages wait for all others."""


@dataclass(frozen=True, slots=True)
class InboxImport(Served):
    """The result of importing an inbox."""

    SERVED: ClassVar[str] = """
        imported=new known=unchanged skipped=skipped_names skipped_because=skipped arriving
    """

    new: tuple[str, ...]  # names of the editions that were imported now
    unchanged: int  # number of the editions that were imported already
    # The reason for each name that is no edition, that holds nothing or too much, or of whose day
    # there is an edition already.
    skipped: Mapping[str, str]
    # The sub-folders in the folder of an edition, which are not read, by its name.
    passed_over: Mapping[str, Sequence[str]] = field(default_factory=dict)
    # The reason for each name that is not complete yet: the next run looks again.
    arriving: Mapping[str, str] = field(default_factory=dict)
    # What is missing in editions that libraries describe, or does not fit, by name.
    noted: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def skipped_names(self) -> list[str]:
        """The names that were skipped."""
        return list(self.skipped)

    def lines(self) -> list[str]:
        """Return a line for each name that was not taken in."""
        return [
            *(f"skipped {name}: {why}" for name, why in self.skipped.items()),
            *(f"still arriving {name}: {why}" for name, why in self.arriving.items()),
        ]


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
    pattern or the caller says what to do; it replaces an edition of which no page could be read.

    Args:
        inbox: The folder.
        mode: What is done with those whose day has an edition already; None: they are skipped.
        since: Leave editions of earlier days alone.
        run_id: The night, for the record.
        wait: Sleeps while files are still being written.

    Raises:
        InvalidRequest: The patterns of the settings can't be used.
    """
    visit = _Visit(home, inbox, now, since)
    listing, complete = visit.settle(wait)
    with ExitStack() as stack:
        importer = InboxImporter(home, now, mode, run_id, visit.names, since, stack)
        taken = take_each(complete.editions, importer.take)
    return _result(listing, complete, importer, taken)


def preview_inbox(
    home: Installation,
    inbox: Path,
    *,
    now: datetime,
    mode: UploadMode | None = None,
    since: date | None = None,
) -> tuple[InboxImport, list[Path]]:
    """Return what ``import_inbox`` would do now, and the files that it would store.

    Nothing is written, and files that are still being written are not waited for.

    Raises:
        InvalidRequest: The patterns of the settings can't be used.
    """
    visit = _Visit(home, inbox, now, since)
    listing, complete = visit.settle(lambda _: None)
    with ExitStack() as stack:
        importer = InboxImporter(home, now, mode, None, visit.names, since, stack)
        taken = take_each(complete.editions, importer.foresee)
    return _result(listing, complete, importer, taken), importer.foreseen


def _result(
    listing: InboxListing,
    complete: CompleteEditions,
    importer: InboxImporter,
    taken: ImportedEditions,
) -> InboxImport:
    return InboxImport(
        tuple(taken.new),
        taken.unchanged,
        {**listing.skipped, **taken.skipped},
        listing.passed_over,
        {**complete.arriving, **taken.arriving},
        importer.notes,
    )


@dataclass(frozen=True, slots=True)
class _Visit:
    """One look at an inbox."""

    home: Installation
    inbox: Path
    now: datetime
    since: date | None  # editions of earlier days are left alone; None: none are
    names: set[str] = field(default_factory=set)  # all names in the inbox

    def settle(self, wait: Callable[[float], object]) -> tuple[InboxListing, CompleteEditions]:
        """Return what lies in the inbox, and which of it is complete."""
        patterns = load_patterns(self.home.settings)
        return settle(
            lambda: self._find(patterns),
            lambda edition: not _is_recorded(self.home, edition),
            seconds=self.home.settings.settle_seconds,
            now=self.now,
            wait=wait,
        )

    def _find(self, patterns: Sequence[InboxPattern]) -> InboxListing:
        listing = find_editions(self.inbox, patterns)
        editions = listing.editions
        self.names.update((*(e.name for e in editions), *listing.skipped, *listing.arriving))
        since = self.since or date.min
        listing.editions = [one for one in editions if one.edition_date >= since]
        return listing


@dataclass(frozen=True, slots=True)
class _InboxUpload:
    """An edition as it is described, its files, and those of them that are given to its upload."""

    edition: InboxEdition
    description: DescribedEdition | None
    fingerprint: str
    files: Sequence[InboxFile]
    given: Sequence[InboxFile]
    page_numbers: Sequence[int] | None
    mode: UploadMode | None


@dataclass(slots=True)
class InboxImporter:
    """Takes in one edition after the other."""

    home: Installation
    now: datetime
    mode: (
        UploadMode | None
    )  # what is done where the day has an edition already; None: it is skipped
    run_id: int | None  # the night, for the record
    names: Container[str]  # all names in the inbox
    since: date | None  # editions of earlier days are left alone; None: none are
    stack: ExitStack  # closes the sandbox
    bags: CheckedBags = field(default_factory=CheckedBags)  # checks bags before what is in them
    publication: str = ""  # the newspaper of editions whose description names none
    # What is missing in editions that libraries describe, or does not fit, by name.
    notes: dict[str, Sequence[str]] = field(default_factory=dict)
    noted: set[str] = field(default_factory=set)  # of the editions so far, as they were uploaded
    foreseen: list[Path] = field(default_factory=list)  # the files that ``foresee`` would store
    sandbox: Sandbox | None = None  # opens files, once one is to be opened
    unusable: set[str] = field(default_factory=set)  # names whose description could not be used

    def take(self, edition: InboxEdition) -> ImportDecision:
        """Import an edition; return what was decided.

        Raises:
            InvalidRequest: It was deleted or renamed, or a file that stands for a page holds
                several.
            OSError: It can't be read.
            PresslensError: See ``ingest``.
        """
        upload = self._prepare(edition)
        if upload is None:
            return ImportDecision.KNOWN
        edition, described = upload.edition, upload.description
        check_any_scan((file.path.name, head_of(file.path)) for file in upload.given)
        ingested = ingest(
            self.home,
            _opened([file.path for file in upload.given]),
            publication=edition.publication,
            edition_date=edition.edition_date,
            now=self.now,
            mode=upload.mode,
            backfill=self.now.date() - edition.edition_date > OLD,
            page_numbers=upload.page_numbers,
            pages_expected=described.pages_described if described else None,
            profile=described_profile(described) if described else None,
        )
        if described is not None:
            digests = {file.path: file.sha256 for file in upload.files}
            store_description(self.home, ingested.edition_id, described, digests)
        self._note(edition.name, ingested.notes)
        decision = ImportDecision.ADDED if ingested.added else ImportDecision.KNOWN
        decision = ImportDecision.IMPORTED if ingested.created else decision
        row = InboxImportRow(
            run_id=self.run_id,
            imported_at=self.now,
            name=edition.name,
            publication=edition.publication,
            edition_date=edition.edition_date,
            content_key=content_key([file.sha256 for file in upload.files]),
            files=[file.to_json() for file in upload.files],
            edition_id=ingested.edition_id,
            decision=decision,
            mode=upload.mode,
        )
        _remember(self.home, upload.fingerprint, row)
        return decision

    def _note(self, name: str, notes: Sequence[str]) -> None:
        """Add notes on an upload; those on its newspaper are the same each time, and said once."""
        if new := [note for note in notes if note not in self.noted]:
            self.notes[name] = (*self.notes.get(name, ()), *new)
            self.noted.update(new)

    def foresee(self, edition: InboxEdition) -> ImportDecision:
        """Return what ``take`` would decide, as far as it can be known before; nothing is written.

        Raises:
            InvalidRequest, OSError, PresslensError: See ``take``.
        """
        upload = self._prepare(edition)
        if upload is None or not would_change(
            self.home,
            [file.sha256 for file in upload.given],
            publication=upload.edition.publication,
            edition_date=upload.edition.edition_date,
            now=self.now,
            mode=upload.mode,
        ):
            return ImportDecision.KNOWN
        self.foreseen += [file.path for file in upload.given]
        return ImportDecision.IMPORTED

    def _prepare(self, edition: InboxEdition) -> _InboxUpload | None:
        """Return what is to be uploaded of an edition; None: it is as it was when it came in.

        Raises:
            InvalidRequest, OSError: See ``take``.
        """
        fingerprint = _fingerprint(edition.files)
        folder = _recorded_folder(self.home, edition.name)
        if folder is not None and folder.fingerprint == fingerprint:
            return None
        if folder is not None and folder.edition_id is None:
            raise InvalidRequest.saying(
                "its edition was deleted: %(command)s takes it in again",
                command=import_command(edition),
            )
        self._check_bag(edition)
        description = self._description(edition)
        if description is not None:
            edition = self._as_described(edition, description)
        elif not edition.publication:
            edition = replace(edition, publication=edition.newspaper("", self.publication))
            if not edition.publication:
                raise InvalidRequest(UNNAMED)
        if self.since is not None and edition.edition_date < self.since:
            return None
        files = read_files(edition.files)
        check_renamed(self.home, edition, files, self.names)
        if edition.page_numbers is not None:
            self._check_single(edition)
        mode = edition.mode or self.mode
        if mode is None and is_unreadable(self.home, edition):
            mode = UploadMode.REPLACE  # nothing can be lost
        given, numbers = files, edition.page_numbers
        if mode is UploadMode.ADD and numbers is not None:
            added = new_files(self.home, edition, files)
            # If nothing is new, the edition is known again by all of its files.
            given = [file for file, _ in added] or files
            numbers = [number for _, number in added] or numbers
        return _InboxUpload(edition, description, fingerprint, files, given, numbers, mode)

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
            self.unusable.add(edition.name)
            raise InvalidRequest(error.args[0]) from None
        if description is None:
            raise InvalidRequest("what describes it is gone")
        if description.notes:
            self.notes[edition.name] = description.notes
        return description

    def _as_described(self, edition: InboxEdition, description: DescribedEdition) -> InboxEdition:
        """Return an edition as its description has it.

        A newspaper that a description names goes before the one of the edition's name. One that is
        said nowhere is the importer's, or that of the folder around.

        Raises:
            InvalidRequest: The newspaper or the day is not said, or its name says another day.
            Conflict: Libraries tell its newspaper apart from the one of its name.
        """
        day = None if edition.edition_date == UNSAID else edition.edition_date
        said_by = f"the name {edition.name}"
        title = shown(description.title)
        named = edition.newspaper(title, self.publication)
        self._note(edition.name, list(_other_name(edition, title, named)))
        given = IssueInput(named or None, day, said_by, by_person=False)
        publication, edition_date, notes = resolved_issue(self.home, description, given)
        self._note(edition.name, notes)
        return replace(
            edition,
            publication=publication,
            edition_date=edition_date,
            files=[page.image for page in description.pages],
            page_numbers=[page.number for page in description.pages],
        )

    def _check_bag(self, edition: InboxEdition) -> None:
        """Check the bag that an edition lies in, if it lies in one.

        Raises:
            InvalidRequest: The bag is not what its checksums say.
        """
        places = [edition.folder, *(file.parent for file in edition.files[:1])]
        bag = next((bag_around(place) for place in places if place), None)
        if bag is None:
            return
        try:
            self.bags.check(bag)
        except BagUnfit as error:
            raise InvalidRequest(error.args[0]) from None

    def _opened_sandbox(self) -> Sandbox:
        if self.sandbox is None:
            sandbox = Sandbox(self.home.settings.limits, modules=READERS)
            self.sandbox = self.stack.enter_context(sandbox)
        return self.sandbox

    def _check_single(self, edition: InboxEdition) -> None:
        """Check that each file whose name says the number of a page holds one page."""
        for path in edition.files:
            if path.suffix.lower() in ONE_PAGE:
                continue
            with TemporaryDirectory() as folder:
                pages = len(self._opened_sandbox().unpack(path, path.name, Path(folder)))
            if pages != 1:
                raise InvalidRequest.saying(
                    "by its name %(file)s is one page, but it contains %(pages)s",
                    file=shown(path.name),
                    pages=pages,
                )


def _other_name(edition: InboxEdition, title: str, named: str) -> Iterator[Message]:
    """Yield that an edition's newspaper is another one than its name says, or why it is this."""
    if not title and named and named != edition.publication:
        yield Message(
            "nothing names the newspaper: it is called %(newspaper)s, after the folder around"
            " or --publication",
            newspaper=named,
        )
    elif (
        title == named
        and edition.by_name
        and edition.publication.casefold() not in {"", title.casefold()}
    ):
        yield Message(
            "the newspaper is %(newspaper)s, as the description says, not %(name)s, as the folder"
            " is named",
            newspaper=title,
            name=edition.publication,
        )


def _is_recorded(home: Installation, edition: InboxEdition) -> bool:
    """Return whether an edition looks as it did when it was imported."""
    folder = _recorded_folder(home, edition.name)
    try:
        return folder is not None and folder.fingerprint == _fingerprint(edition.files)
    except OSError:  # it is gone by now
        return False


def _fingerprint(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        status = file.stat()
        digest.update(os.fsencode(f"{file.name}\0{status.st_size}\0{status.st_mtime_ns}\n"))
    return digest.hexdigest()


def _recorded_folder(home: Installation, name: str) -> InboxFolderRow | None:
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
