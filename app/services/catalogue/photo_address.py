"""Finds what an address of a photo stands for now, through corrections and new recipes.

An address is that of a frame: ``PhotoRow.frame_id``. What has replaced a frame that is on its page
no more is read off the page as it is now, so that it follows each later correction and its undoing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import Session, lazyload

from presslens.app.db.publications import ReplacedScanRow
from presslens.app.db.tables import OutcomeRow, PageRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound, Replaced
from presslens.app.services.catalogue.corrected_page import CorrectedPage, load_page
from presslens.models.geometry import Box
from presslens.models.message import Message
from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.page_places import EffectivePhoto, same_box
from presslens.pipelines.statistics.photo_matching import replaces


@dataclass(frozen=True, slots=True)
class PhotoAddress:
    """The photo that has an address: its id, and the address that it is listed with."""

    photo_id: int
    frame_id: int


def find_address(home: Installation, photo_id: int) -> PhotoAddress:
    """Return the photo that has an address under the installation's recipe; see ``photo_there``."""

    def read() -> PhotoAddress:
        with home.database.read() as session:
            return photo_there(session, home.recipe, photo_id)

    return home.database.views.in_request(("photo", photo_id), read)


def photo_to_change(home: Installation, photo_id: int) -> int:
    """Return the id of the photo that has an address; an id that is replaced stays as it is.

    Whoever changes a photo reads more of one that is gone: who has changed it.
    """
    try:
        return find_address(home, photo_id).photo_id
    except Replaced:
        return photo_id


def photo_there(session: Session, recipe: Recipe, photo_id: int) -> PhotoAddress:
    """Return the photo that has an address under a recipe.

    Args:
        photo_id: An address, or the id of any photo of the frame.

    Raises:
        NotFound: There was never such a photo, or its page waits for the recipe.
        Replaced: The photo is on its page no more; the error has what is there instead.
    """
    of_frame = select(PhotoRow.frame_id).where(PhotoRow.id == photo_id)
    frame_id = session.scalar(of_frame) or photo_id
    query = (
        select(PhotoRow, OutcomeRow)
        .join(
            OutcomeRow,
            OutcomeRow.id == func.coalesce(PhotoRow.outcome_id, PhotoRow.removed_from_id),
        )
        .where(or_(PhotoRow.id == frame_id, PhotoRow.earlier_id == frame_id))
        .order_by(PhotoRow.id)
        .options(lazyload("*"))
    )
    frame = session.execute(query).all()
    if not frame:
        raise NotFound.saying("there is no such photo")
    scan_id = _printed_scan(session, frame[0][1].scan_id)
    if scan_id is None:
        raise Replaced(
            Message(
                "photo %(photo)s is printed no more: its edition or page was deleted",
                photo=frame_id,
            )
        )
    now = session.scalars(
        select(OutcomeRow)
        .filter_by(scan_id=scan_id, observation_id=recipe.observation_id)
        .options(lazyload("*"))
    ).one_or_none()
    if now is None or now.width is None:
        raise NotFound.saying("the page of this photo waits to be analysed: look again later")
    for photo, _ in frame:
        if photo.outcome_id == now.id:
            return PhotoAddress(photo.id, frame_id)
    heirs = tuple(heir.frame_id for heir in _heirs(session, load_page(session, now), frame))
    words = (
        Message("photo %(photo)s was split, joined with others, or drawn anew", photo=frame_id)
        if heirs
        else Message("photo %(photo)s was removed from its page", photo=frame_id)
    )
    raise Replaced(
        words, heirs, session.scalar(select(func.min(PageRow.id)).filter_by(scan_id=scan_id))
    )


def frame_ids(session: Session, photo_ids: Collection[int]) -> dict[int, int]:
    """Return the addresses of photos, by id."""
    moved = select(PhotoRow.id, PhotoRow.frame_id).where(
        PhotoRow.id.in_(set(photo_ids)), PhotoRow.earlier_id.is_not(None)
    )
    return {photo_id: photo_id for photo_id in photo_ids} | dict(session.execute(moved).all())


def _printed_scan(session: Session, scan_id: int) -> int | None:
    """Return a scan that a page prints, or the one that has replaced it; None: no page does."""
    seen: set[int] = set()
    while scan_id not in seen:
        if session.scalar(select(PageRow.id).filter_by(scan_id=scan_id).limit(1)) is not None:
            return scan_id
        seen.add(scan_id)
        newer = select(ReplacedScanRow.new_scan_id).filter_by(old_scan_id=scan_id)
        later = session.scalar(newer.order_by(ReplacedScanRow.edit_id.desc()).limit(1))
        if later is None:
            return None
        scan_id = later
    return None


def _heirs(
    session: Session, page: CorrectedPage, frame: Sequence[Row[PhotoRow, OutcomeRow]]
) -> list[PhotoRow]:
    """Return the photos on a page that stand where a frame was, in reading order."""
    standing = [(row, page.photo_of(row), page.in_shares(row.box)) for row in page.standing]
    own = [photo for photo, outcome in frame if outcome.id == page.outcome.id]
    if own:
        detections = {page.detected.index(row) for row in own if not row.by_hand}
        drawn = [
            row for row, photo, _ in standing if photo and photo.place
            and detections.intersection(photo.place.detected)
        ]  # fmt: skip
        if drawn:
            return drawn
        statement, box = _statement(page, own[-1]), page.in_shares(own[-1].box)
        return [
            row
            for row, photo, there in standing
            if replaces(there, box) and (row.by_hand or _is_of_statement(photo, statement))
        ]
    photo, outcome = max(frame, key=lambda one: (one[0].outcome_id is not None, one[0].id))
    other = load_page(session, outcome)
    box = other.in_shares(photo.box)
    beside = {row.frame_id for row in other.standing} if _same_scan(page, other) else set()
    return [row for row, _, there in standing if replaces(there, box)
            and row.frame_id not in beside]  # fmt: skip


def _same_scan(page: CorrectedPage, other: CorrectedPage) -> bool:
    return page.outcome.scan_id == other.outcome.scan_id


def _statement(page: CorrectedPage, row: PhotoRow) -> int | None:
    """Return the statement that has decided of a photo's place; None: there is none."""
    box: Box = page.in_shares(row.box)
    index = None if row.by_hand else page.detected.index(row)
    for place in page.places:
        if index in place.detected or (row.by_hand and same_box(place.box, box)):
            return place.statement
    return None


def _is_of_statement(photo: EffectivePhoto | None, statement: int | None) -> bool:
    """Return whether a statement has said of a photo that it stands there."""
    place = photo.place if photo else None
    return bool(place and place.boxes and statement is not None and place.statement == statement)
