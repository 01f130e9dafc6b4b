"""The files of the store that rows name, and those that have to be there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.columns import Status
from presslens.app.db.figures import DiscardedFileRow, ReferenceRow
from presslens.app.db.publications import (
    PublicationRow,
    ReplacedScanRow,
    TrashedEditionRow,
    UnprintedScanRow,
)
from presslens.app.db.tables import LabelExampleRow, OutcomeRow, PageRow, ScanRow, UploadFileRow
from presslens.app.storage.storage import view_key


@dataclass(frozen=True, slots=True)
class NamedFiles:
    """The files that a database names."""

    # What each needed file of ``scans/`` is, by its sha256: an upload, a page, a reference photo,
    # an example of a label, a masthead.
    scans: dict[str, str]
    # The sha256 of files that may be there or not: pages that came with a snapshot, discarded files
    # that are not deleted yet.
    spare: frozenset[str]
    # Keys of the pictures of observed pages in the store, and the scan that each shows.
    views: dict[str, str]

    def names(self, path: str) -> bool:
        """Return whether a key of the store is that of a named file."""
        kind, _, rest = path.partition("/")
        sha256 = rest.replace("/", "", 1)
        if kind == "views":
            sha256 = sha256[:64] if path.endswith(".jpg") else ""
        return sha256 in self.scans or sha256 in self.spare


def named_files(session: Session) -> NamedFiles:
    """Return the files that the rows of a database name."""
    needed: dict[str, str] = {}
    for sha256, what in _needed(session):
        needed.setdefault(sha256, what)
    named = {
        *session.scalars(select(ScanRow.sha256)),
        *session.scalars(select(DiscardedFileRow.sha256)),
    }
    observed = select(ScanRow.sha256, ScanRow.frame, OutcomeRow.observation_id).join(
        OutcomeRow, OutcomeRow.scan_id == ScanRow.id
    )
    decoded = OutcomeRow.status.in_([Status.DONE, Status.EMPTY])
    views = {
        view_key(sha256, frame, observation): sha256
        for sha256, frame, observation in session.execute(observed.where(decoded))
        if sha256 in needed
    }
    return NamedFiles(needed, frozenset(named - needed.keys()), views)


def _needed(session: Session) -> Iterator[tuple[str, str]]:
    """Yield the sha256 of each file that rows can't do without, and what it is."""
    queries = {
        "an upload of edition": select(UploadFileRow.sha256, UploadFileRow.edition_id),
        "a page of edition": select(ScanRow.sha256, PageRow.edition_id)
        .join(PageRow, PageRow.scan_id == ScanRow.id)
        .where(PageRow.edition_id.in_(select(UploadFileRow.edition_id))),
        "a reference of figure": select(ReferenceRow.sha256, ReferenceRow.figure_id),
        "an example of label": select(LabelExampleRow.sha256, LabelExampleRow.label_id),
        "the masthead of newspaper": select(
            PublicationRow.masthead_sha256, PublicationRow.id
        ).where(PublicationRow.masthead_sha256.is_not(None)),
    }
    for what, query in queries.items():
        for sha256, of in session.execute(query):
            yield str(sha256), f"{what} {of}"
    yield from _taken_away(session)


def _taken_away(session: Session) -> Iterator[tuple[str, str]]:
    """Yield the files of what people took out of editions, and may put back."""
    for edition, document in session.execute(
        select(TrashedEditionRow.id, TrashedEditionRow.document)
    ):
        uploads: list[dict[str, Any]] = document.get("upload_file", [])
        for upload in uploads:
            yield upload["sha256"], f"an upload of edition {edition}, in the trash"
        if uploads:
            scans = [page["scan_id"] for page in document.get("page", []) if page["scan_id"]]
            for sha256 in session.scalars(select(ScanRow.sha256).where(ScanRow.id.in_(scans))):
                yield sha256, f"a page of edition {edition}, in the trash"
    for query in (
        select(ScanRow.sha256).join(UnprintedScanRow, UnprintedScanRow.scan_id == ScanRow.id),
        select(ScanRow.sha256).join(ReplacedScanRow, ReplacedScanRow.old_scan_id == ScanRow.id),
    ):
        for sha256 in session.scalars(query):
            yield sha256, "a page that was taken out of its edition or replaced"
