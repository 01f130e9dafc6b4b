"""Takes the editions of inboxes in one by one, and the record of what was taken from them."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from presslens.app.db.nightly import ImportDecision, InboxImportRow
from presslens.app.db.publications import is_named
from presslens.app.db.superseded import superseded_editions
from presslens.app.db.tables import EditionRow, OutcomeRow, PageRow, PublicationRow, UploadFileRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import (
    BeingRemoved,
    EditionExists,
    InvalidRequest,
    NoDatabase,
    StoreMissing,
)
from presslens.app.services.ingest.inbox_editions import UNSAID, InboxEdition, unreadable
from presslens.app.services.ingest.retry import REFUSED
from presslens.app.services.ingest.upload import content_key
from presslens.models.errors import PresslensError
from presslens.models.message import Message
from presslens.pipelines.result import Moment, Served
from presslens.pipelines.scans.scan import shown


@dataclass(frozen=True, slots=True)
class InboxFile(Served):
    """A file of an inbox as it was read: its name for people, its bytes, and their sha256."""

    SERVED: ClassVar[str] = "name=shown_name size sha256"

    path: Path
    size: int
    sha256: str

    @property
    def shown_name(self) -> str:
        """Its name, printable."""
        return shown(self.path.name)


@dataclass(frozen=True, slots=True)
class InboxRecord(Served):
    """An import that is on record."""

    SERVED: ClassVar[str] = """
        imported_at name publication date=edition_date edition=edition_id
        decision mode sha256=content_key files
    """

    imported_at: Moment  # when
    name: str
    publication: str  # the newspaper
    edition_date: date  # the day
    edition_id: int  # the edition that came of it, or that was there; it may be deleted by now
    decision: ImportDecision  # what was decided
    # What was to be done where the day had an edition already; None: nothing was said.
    mode: str | None
    content_key: str  # the hash of the files' sha256 in page order
    files: Sequence[dict[str, Any]]  # name, size and sha256 of each file, in page order


def read_files(paths: Sequence[Path]) -> list[InboxFile]:
    """Return files with their hashes.

    Raises:
        OSError: One can't be read.
    """
    files = []
    for path in paths:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256")
            files.append(InboxFile(path, stream.tell(), digest.hexdigest()))
    return files


def check_renamed(
    home: Installation, edition: InboxEdition, files: Sequence[InboxFile], names: Container[str]
) -> None:
    """Check that an edition was not imported under a name that is gone from the inbox since.

    A copy, whose first name is still there, is what it says that it is; so is what a library
    describes, whose day is not its name's.

    Args:
        names: All names in the inbox.

    Raises:
        InvalidRequest: It was, as one of another newspaper or day, or as one that was deleted.
    """
    key = content_key([file.sha256 for file in files])
    with home.database.read() as session:
        query = select(InboxImportRow).filter_by(content_key=key).order_by(InboxImportRow.id.desc())
        before = [row for row in session.scalars(query) if row.name not in names]
        if not before or _is_there(session, edition, key):
            return
        last = before[0]
        row = session.get(EditionRow, last.edition_id)
        if row is None:
            raise InvalidRequest(
                f"its edition was deleted, which was imported as {last.name}: `presslens import`"
                " takes it in again"
            )
        if edition.described:
            return
        newspaper = session.get_one(PublicationRow, row.publication_id).name
        raise InvalidRequest(
            f"its files were imported as {last.name}: they are edition {row.id}, {newspaper}"
            f" {row.edition_date}, and by its name it is of {edition.edition_date} now;"
            f" if the new name is right, `presslens editions change {row.id}`"
        )


def _is_there(session: Session, edition: InboxEdition, key: str) -> bool:
    """Return whether an edition of the same newspaper, day and files is there."""
    same = _of_day(edition.publication, edition.edition_date).where(EditionRow.content_key == key)
    return session.scalar(select(same.exists())) or False


def new_files(
    home: Installation, edition: InboxEdition, files: Sequence[InboxFile]
) -> list[tuple[InboxFile, int]]:
    """Return those files of an edition, with their page numbers, that its day hasn't yet."""
    of_day = _of_day(edition.publication, edition.edition_date)
    query = select(UploadFileRow.sha256).where(UploadFileRow.edition_id.in_(of_day))
    with home.database.read() as session:
        there = set(session.scalars(query))
    numbered = zip(files, edition.page_numbers or (), strict=True)
    return [(file, number) for file, number in numbered if file.sha256 not in there]


def is_unreadable(home: Installation, edition: InboxEdition) -> bool:
    """Return whether the day's one edition that counts has pages, and all of them were refused."""
    of_day = _of_day(edition.publication, edition.edition_date).where(
        EditionRow.id.not_in(superseded_editions(home.recipe))
    )
    of_scan = (OutcomeRow.scan_id == PageRow.scan_id) & (
        OutcomeRow.observation_id == home.recipe.observation_id
    )
    pages = select(func.coalesce(PageRow.status, OutcomeRow.status)).outerjoin(OutcomeRow, of_scan)
    with home.database.read() as session:
        ids = session.scalars(of_day).all()
        statuses = session.scalars(pages.where(PageRow.edition_id.in_(ids))).all()
    return len(ids) == 1 and bool(statuses) and all(status in REFUSED for status in statuses)


def _of_day(publication: str, day: date) -> Any:
    """Return the query of the ids of the editions of a newspaper and day."""
    query = select(EditionRow.id).join(
        PublicationRow, PublicationRow.id == EditionRow.publication_id
    )
    return query.where(is_named(publication), EditionRow.edition_date == day)


def list_imports(session: Session, run_id: int) -> list[InboxRecord]:
    """Return what a night has imported, in order."""
    query = select(InboxImportRow).filter_by(run_id=run_id).order_by(InboxImportRow.id)
    return [InboxRecord.from_attributes(row) for row in session.scalars(query)]


log = structlog.get_logger()

LONGEST_PATH = 4096
"""Characters of a path, at most."""


def import_command(edition: InboxEdition, *options: str) -> str:
    """Return the command that takes an edition in by hand, in backticks, with its own names."""
    paths = [edition.folder] if edition.folder is not None else edition.files
    words = ["presslens", "import", *(shown(str(path), LONGEST_PATH) for path in paths)]
    if edition.publication:
        words += ["--publication", edition.publication]
    if edition.edition_date != UNSAID:
        words += ["--date", edition.edition_date.isoformat()]
    if edition.folder is None and edition.page_numbers is not None:
        words += ["--page-numbers", ",".join(map(str, edition.page_numbers))]
    return f"`{shlex.join([*words, *options])}`"


class ImportedEditions(NamedTuple):
    """The import of some editions."""

    new: list[str]  # the names of those that were taken in
    unchanged: int  # number of those that are known
    skipped: dict[str, str]  # why, by name, the others were not
    arriving: dict[str, str]  # why others could not be at this moment: the next run takes them


def take_each(
    editions: Iterable[InboxEdition], take: Callable[[InboxEdition], ImportDecision]
) -> ImportedEditions:
    """Take editions in; whatever is wrong with one of them, the others are taken.

    Raises:
        NoDatabase, StoreMissing, OperationalError, InterfaceError: The installation can't be used.
    """
    new: list[str] = []
    skipped: dict[str, str] = {}
    arriving: dict[str, str] = {}
    unchanged = 0
    for edition in editions:
        try:
            decision = take(edition)
        except EditionExists as error:
            skipped[edition.name] = Message(
                "%(why)s: %(command)s",
                why=error.args[0],
                command=import_command(edition, "--mode", "MODE"),
            )
        except OSError as error:
            skipped[edition.name] = unreadable(error)
        except BeingRemoved as error:
            arriving[edition.name] = error.args[0]
        except (NoDatabase, StoreMissing, OperationalError, InterfaceError):
            raise
        except PresslensError as error:
            skipped[edition.name] = error.args[0] if len(error.args) == 1 else str(error)
        except Exception as error:
            log.exception("an edition could not be taken in", edition=edition.name)
            skipped[edition.name] = Message(
                "it can't be taken in, see the log: %(kind)s", kind=type(error).__name__
            )
        else:
            new += [edition.name] if decision is not ImportDecision.KNOWN else []
            unchanged += decision is ImportDecision.KNOWN
    return ImportedEditions(new, unchanged, skipped, arriving)
