"""Names what edits are about, as far as it is still there, and who has made edits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.db.edits import Action, EditRow
from app.db.figures import FigureRow
from app.db.publications import PublicationRow
from app.db.reviews import ReviewRow
from app.db.samples import SampleRow
from app.db.tables import EditionRow, LabelRow, OutcomeRow, PageRow, PhotoRow
from app.installation import Installation
from app.services.edits.listing import EditFilter, EditState, matching
from models.geometry import Box
from pipelines.statistics.photo_matching import nearest_photo

Target = tuple[str, int]
"""The kind of a row that an edit is about, and its id."""

NAMES: Mapping[str, Select[*tuple[Any, ...]]] = {
    "photo": select(PhotoRow.id, PhotoRow.id).where(PhotoRow.outcome_id.is_not(None)),
    "page": select(PageRow.id, PageRow.number),
    "edition": select(EditionRow.id, EditionRow.edition_date),
    "publication": select(PublicationRow.id, PublicationRow.name),
    "figure": select(FigureRow.id, FigureRow.name),
    "label": select(LabelRow.id, LabelRow.name),
    "sample": select(SampleRow.id, SampleRow.name),
}
"""For each kind of row that has a page of its own, the query of ids and names."""


def target_names(home: Installation, targets: Iterable[Target]) -> dict[Target, Any]:
    """Return the names of rows that edits are about: a number, a day or a name.

    What is no longer there, or has no page of its own, has none.

    Args:
        home: The installation.
        targets: Few enough to be listed on a page.
    """
    asked: defaultdict[str, set[int]] = defaultdict(set)
    for kind, id_ in targets:
        asked[kind].add(id_)
    with home.database.read() as session:
        return {
            (kind, id_): name
            for kind, ids in asked.items()
            if kind in NAMES
            for id_, name in session.execute(
                NAMES[kind].where(NAMES[kind].selected_columns[0].in_(sorted(ids)))
            )
        }


def count_edits(home: Installation, criteria: EditFilter) -> int:
    """Return how many edits are selected."""
    with home.database.read() as session:
        query = select(func.count()).select_from(EditRow).where(*matching(criteria))
        return session.scalar(query) or 0


def list_coders(home: Installation) -> list[str]:
    """Return the names of all who have made edits, in order."""
    with home.database.read() as session:
        return list(session.scalars(select(EditRow.coder).distinct().order_by(EditRow.coder)))


def current_photos(home: Installation, edits: Iterable[EditState]) -> dict[int, int]:
    """Return the photos of today's recipe that reviews are about, by the id of their edit.

    A review moves with its photo to the scan that replaces its own, and is found by its place;
    the edit names the photo that there was when it was made.

    Args:
        home: The installation.
        edits: Few enough to be listed on a page.
    """
    ids = [edit.id for edit in edits if edit.target == "photo" and edit.action is Action.REVIEW]
    edges = ReviewRow.x0, ReviewRow.y0, ReviewRow.x1, ReviewRow.y1
    found: dict[int, int] = {}
    with home.database.read() as session:
        query = select(ReviewRow.edit_id, ReviewRow.scan_id, *edges)
        rows = session.execute(query.where(ReviewRow.edit_id.in_(ids))).all()
        photos = _photos(session, {row.scan_id for row in rows}, home.recipe.observation_id)
        for edit_id, scan_id, *box in rows:
            on_scan = photos.get(scan_id, [])
            index = nearest_photo(Box(*box), [place for _, place in on_scan])
            if edit_id is not None and index is not None:
                found[edit_id] = on_scan[index][0]
    return found


def _photos(
    session: Session, scan_ids: Collection[int], observation_id: str
) -> dict[int, list[tuple[int, Box]]]:
    """Return the photos of scans with their boxes in shares of the page, by scan."""
    query = (
        select(PhotoRow, OutcomeRow.scan_id, OutcomeRow.width, OutcomeRow.height)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .where(OutcomeRow.observation_id == observation_id, OutcomeRow.scan_id.in_(scan_ids))
        .order_by(PhotoRow.id)
    )
    photos: defaultdict[int, list[tuple[int, Box]]] = defaultdict(list)
    for photo, scan_id, width, height in session.execute(query):
        box = photo.box
        w, h = width or 1, height or 1
        photos[scan_id].append((photo.id, Box(box.x0 / w, box.y0 / h, box.x1 / w, box.y1 / h)))
    return photos
