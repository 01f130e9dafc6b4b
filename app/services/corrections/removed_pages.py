"""Lists the pages that people have taken out of an edition and that can be put back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_

from presslens.app.db.edits import Action, EditRow
from presslens.app.db.tables import ScanRow
from presslens.app.installation import Installation


@dataclass(frozen=True, slots=True)
class RemovedPage:
    """A page that is out of its edition; undoing ``edit_id`` puts it back."""

    edit_id: int  # the edit that took it out
    number: int  # the number that it had
    source: str  # the file that it came from
    coder: str  # who took it out
    removed_at: datetime  # when that was


def removed_pages(home: Installation, edition_id: int) -> list[RemovedPage]:
    """Return the pages that are out of an edition, by number; not those whose scans are gone."""
    query = (
        select(EditRow)
        .where(
            EditRow.edition_id == edition_id,
            EditRow.action == Action.CHANGE_PAGE,
            EditRow.undone_at.is_(None),
        )
        .order_by(EditRow.id)
    )
    with home.database.read() as session:
        edits = [edit for edit in session.scalars(query) if "removed" in edit.change]
        names = {tuple(scan) for edit in edits if (scan := edit.change["removed"]["scan"])}
        if not edits:
            return []
        scans = select(ScanRow.sha256, ScanRow.frame).where(
            tuple_(ScanRow.sha256, ScanRow.frame).in_(names)
        )
        there = {(sha256, frame) for sha256, frame in session.execute(scans)}
    pages = [
        RemovedPage(edit.id, page["number"], page["source"], edit.coder, edit.created_at)
        for edit in edits
        if (page := edit.change["removed"])["scan"] is None or tuple(page["scan"]) in there
    ]
    return sorted(pages, key=lambda page: page.number)
