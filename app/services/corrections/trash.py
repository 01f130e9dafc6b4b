"""Puts editions into the trash, and back: their rows become a document, and rows again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from presslens.app.db.columns import Table
from presslens.app.db.descriptions import EditionDescriptionRow, EditionIdentifierRow
from presslens.app.db.edits import UNNAMED, Action, Author, EditRow, add_edit
from presslens.app.db.in_the_way import blocked_by
from presslens.app.db.publications import (
    InboxFolderRow,
    PublicationRow,
    TrashedEditionRow,
    UnprintedScanRow,
)
from presslens.app.db.samples import SampleEditionRow, SampleRow
from presslens.app.db.statistics import (
    EditionFlagsRow,
    EditionMeasureRow,
    EditionShareRow,
    EditionSummaryRow,
)
from presslens.app.db.tables import EditionRow, PageRow, UploadFileRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, NotFound
from presslens.app.platform.settings import Settings
from presslens.app.services.analysis.summarise import refresh_editions
from presslens.app.services.catalogue.trash import missing_edition
from presslens.app.services.corrections.later_edits import (
    changes_edition,
    in_the_way,
    live_edits_after,
)
from presslens.app.services.corrections.row_document import row_document, row_of
from presslens.models.message import Message
from presslens.models.recipe import Recipe

_STORED: dict[str, type[Table]] = {
    "upload_file": UploadFileRow,
    "page": PageRow,
    "sample_edition": SampleEditionRow,
    "edition_description": EditionDescriptionRow,
    "edition_identifier": EditionIdentifierRow,
}
"""The rows of an edition that are in its document, beside its own."""

_DERIVED: tuple[type[Table], ...] = (
    EditionFlagsRow, EditionMeasureRow, EditionShareRow, EditionSummaryRow,
)  # fmt: skip
"""The rows of an edition that are made again."""


_OF_EDITIONS = (
    Action.ADD_PAGES, Action.CHANGE_EDITION, Action.DELETE_EDITION, Action.RESTORE_EDITION,
    Action.CHANGE_PAGE, Action.REPLACE_SCAN, Action.MERGE_NEWSPAPERS,
)  # fmt: skip
"""What is done to an edition, its files and its pages."""


def delete_edition(home: Installation, edition_id: int, *, coder: str | None, now: datetime) -> int:
    """Put an edition into the trash, and return the id of the edit.

    No number, list or export has it any more. What was observed of its scans, and what people
    said of them, stays with the scans until the trash is emptied.

    Args:
        coder: Who deletes it; None: nobody gave a name.

    Raises:
        NotFound: There is no such edition.
        Gone: It is in the trash already.
    """
    with home.database.write() as session:
        edition = locked_edition(session, edition_id)
        text = Message("deleted the edition of %(day)s", day=edition.edition_date.isoformat())
        by, target = Author(coder, home.recipe.codebook, now), ("edition", edition_id)
        # That it was there is known for good: claims say what was uploaded before they were frozen.
        known = {
            "publication": session.get_one(PublicationRow, edition.publication_id).name,
            "date": edition.edition_date.isoformat(),
            "uploaded_at": edition.created_at.isoformat(),
        }
        edit = add_edit(
            session, by, Action.DELETE_EDITION, target, text, known, edition_id=edition_id
        )
        put_into_trash(session, home.settings, edition, coder=coder, now=now)
        return edit.id


def restore_edition(
    home: Installation, edition_id: int, *, coder: str | None, now: datetime
) -> int:
    """Take an edition out of the trash, with the ids that it had; return the id of the edit.

    Its numbers follow at once; what is unusual in it is found out by a worker.

    Raises:
        NotFound: There is no such edition in the trash.
        Conflict: Another edition with the same bytes took its place.
    """
    with home.database.write() as session:
        edition = take_out_of_trash(session, home.recipe, edition_id)
        text = Message("restored the edition of %(day)s", day=edition.edition_date.isoformat())
        by, target = Author(coder, home.recipe.codebook, now), ("edition", edition_id)
        edit_id = add_edit(
            session, by, Action.RESTORE_EDITION, target, text, edition_id=edition_id
        ).id
    refresh_editions(home, [edition_id])
    return edit_id


def locked_edition(session: Session, edition_id: int) -> EditionRow:
    """Return an edition, locked until the transaction ends.

    Raises:
        NotFound: There is no such edition.
        Gone: It is in the trash.
    """
    query = select(EditionRow).filter_by(id=edition_id).with_for_update(of=EditionRow)
    edition = session.scalars(query).one_or_none()
    if edition is None:
        raise missing_edition(session, edition_id)
    return edition


def put_into_trash(
    session: Session, settings: Settings, edition: EditionRow, *, coder: str | None, now: datetime
) -> None:
    """Make the rows of an edition the document of a row of the trash."""
    due_at = emptied_at(settings, now)
    of_edition = {"edition_id": edition.id}
    stored = {
        name: list(session.scalars(select(table).filter_by(**of_edition)))
        for name, table in _STORED.items()
    }
    folders = session.scalars(select(InboxFolderRow.name).filter_by(**of_edition)).all()
    document: dict[str, Any] = {
        "edition": row_document(edition),
        "inbox_folder": sorted(folders),
        **{name: [row_document(row) for row in rows] for name, rows in stored.items()},
    }
    summaries = session.scalars(select(EditionSummaryRow).filter_by(**of_edition))
    document["edition_summary"] = [row_document(row) for row in summaries]
    scans = {page["scan_id"] for page in document["page"]} - {None}
    session.add(
        TrashedEditionRow(
            id=edition.id,
            publication_id=edition.publication_id,
            edition_date=edition.edition_date,
            pages=len(document["page"]),
            deleted_at=now,
            deleted_by=coder or UNNAMED,
            due_at=due_at,
            document=document,
        )
    )
    session.execute(update(InboxFolderRow).filter_by(**of_edition).values(edition_id=None))
    for table in (*_DERIVED, *_STORED.values()):
        session.execute(delete(table).filter_by(**of_edition))
    session.expire(edition)
    session.execute(delete(EditionRow).filter_by(id=edition.id))
    mark_unprinted(session, scans, due_at)


def take_out_of_trash(session: Session, recipe: Recipe, edition_id: int) -> EditionRow:
    """Make the document of an edition in the trash its rows again, with the same ids.

    The summary under today's recipe is outdated, for ``refresh_editions`` to make it again.

    Raises:
        NotFound: There is no such edition in the trash.
        Conflict: Another edition with the same bytes took its place.
    """
    query = select(TrashedEditionRow).filter_by(id=edition_id).with_for_update()
    trashed = session.scalars(query).one_or_none()
    if trashed is None:
        raise NotFound.saying(
            "there is no such edition in the trash: it was restored, or is gone for good"
        )
    document = trashed.document
    edition = row_of(EditionRow, document["edition"])
    # A newspaper that was merged into another one meanwhile: the trash knows which.
    edition.publication_id = trashed.publication_id
    same = select(EditionRow.id).filter_by(
        publication_id=edition.publication_id,
        edition_date=edition.edition_date,
        content_key=edition.content_key,
    )
    other = session.scalar(same)
    if other is not None:
        raise Conflict.saying(
            "edition %(edition)s has the same files: it took the place", edition=other
        )
    session.delete(trashed)
    session.add(edition)
    session.flush()
    for name, table in _STORED.items():
        rows = _without_lost_samples(session, name, document.get(name, []))
        session.add_all(row_of(table, row) for row in rows)
        session.flush()
    for row in document["edition_summary"]:
        if row["recipe_id"] == recipe.id:
            session.add(row_of(EditionSummaryRow, {**row, "outdated": True}))
    folders = update(InboxFolderRow).where(InboxFolderRow.name.in_(document["inbox_folder"]))
    session.execute(
        folders.where(InboxFolderRow.edition_id.is_(None)).values(edition_id=edition_id)
    )
    return edition


def _without_lost_samples(
    session: Session, name: str, rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the rows of a document without those whose sample was deleted meanwhile."""
    if name != "sample_edition":
        return rows
    samples = set(session.scalars(select(SampleRow.id)))
    return [row for row in rows if row["sample_id"] in samples]


def emptied_at(settings: Settings, now: datetime) -> datetime | None:
    """Return when what is deleted now goes for good; None: never by itself."""
    return now + timedelta(days=settings.trash_days) if settings.trash_days else None


def mark_unprinted(session: Session, scan_ids: Iterable[int], due_at: datetime | None) -> None:
    """Note that scans are taken off a page, and when they go for good if no other one prints them.

    What was said before of when a scan goes holds where it is later.
    """
    session.flush()
    for scan_id in sorted(scan_ids):
        row = session.get(UnprintedScanRow, scan_id)
        if row is None:
            session.add(UnprintedScanRow(scan_id=scan_id, due_at=due_at))
        elif row.due_at is not None:
            row.due_at = None if due_at is None else max(row.due_at, due_at)
    session.flush()


def undo_deletion(
    home: Installation,
    session: Session,
    edit: EditRow,
    now: datetime,  # noqa: ARG001
) -> Collection[int]:
    """Take the edition of an edit out of the trash."""
    _check_last(session, edit, (Action.DELETE_EDITION, Action.RESTORE_EDITION))
    try:
        return [take_out_of_trash(session, home.recipe, edit.target_id).id]
    except NotFound:
        if session.get(EditionRow, edit.target_id) is not None:
            raise in_the_way(session, edit) from None
        raise Conflict.saying("the edition is gone for good: the trash was emptied") from None


def undo_arrival(
    home: Installation,
    session: Session,
    edit: EditRow,
    now: datetime,
) -> Collection[int]:
    """Put the edition of an upload, or one that was restored, into the trash.

    What was done to it since is undone first: in the trash it could not be, and a page that was
    moved to it from another edition would go with it.
    """
    _check_last(session, edit, _OF_EDITIONS)
    edition = session.get(EditionRow, edit.target_id)
    if edition is None:
        raise in_the_way(session, edit)
    put_into_trash(session, home.settings, edition, coder=edit.undone_by, now=now)
    return ()


def _check_last(session: Session, edit: EditRow, actions: Collection[Action]) -> None:
    # A page may have been changed in another edition, and be here since that move was undone.
    pages = set(session.scalars(select(PageRow.id).filter_by(edition_id=edit.target_id)))
    for later in live_edits_after(session, edit, *actions):
        on_page = later.target == "page" and later.target_id in pages
        if on_page or changes_edition(later, edit.target_id):
            raise blocked_by(later)
