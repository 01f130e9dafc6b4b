"""The texts that libraries have of pages: stored by scan, and given to the captions of photos."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.descriptions import PageTextRow
from presslens.app.db.rows import caption_row, seen_caption
from presslens.app.db.tables import OutcomeRow, PhotoRow, ScanRow
from presslens.app.db.upsert import insert, insert_new
from presslens.models.captions.described import described_captions
from presslens.models.vocabulary import Caption
from presslens.pipelines.archives.page_text import PageMismatch, PageText

log = structlog.get_logger()


def store_page_texts(
    session: Session, texts: Mapping[str, PageText], *, observation_id: str
) -> None:
    """Store the texts of pages, and give them to captions of those that were analysed before.

    Args:
        session: A transaction that may write.
        texts: The text of a page by the sha256 of its file, which holds that page alone.
        observation_id: The observe part of the recipe, whose outcomes get the texts.
    """
    for sha256, text in texts.items():  # pages are analysed in the order of their scans
        insert_new(session, ScanRow, sha256=sha256, frame=0)
        scan_id = session.scalars(select(ScanRow.id).filter_by(sha256=sha256, frame=0)).one()
        values = {"source": text.source, "content": text.packed()}
        session.execute(
            insert(session, PageTextRow)
            .values(scan_id=scan_id, **values)
            .on_conflict_do_update(index_elements=["scan_id"], set_=values)
        )
        read_captions_of_scan(session, scan_id, observation_id)


def read_captions_of_scan(session: Session, scan_id: int, observation_id: str) -> None:
    """Give the captions of an analysed page the text that its library has of it, if it has one.

    Locks the scan: a text that is stored while its page is analysed is given to it by whoever is
    second.
    """
    session.execute(select(ScanRow.id).filter_by(id=scan_id).with_for_update(key_share=True))
    content = session.scalar(select(PageTextRow.content).filter_by(scan_id=scan_id))
    query = select(OutcomeRow).filter_by(scan_id=scan_id, observation_id=observation_id)
    outcome = session.scalars(query).one_or_none() if content else None
    if content is None or outcome is None or not (outcome.width and outcome.height):
        return
    try:
        text = PageText.unpacked(content).in_pixels(outcome.width, outcome.height)
    except PageMismatch as error:
        log.warning("the library's text is of another page", scan=scan_id, reason=str(error))
        return
    photos = session.scalars(
        select(PhotoRow).filter_by(outcome_id=outcome.id).order_by(PhotoRow.position)
    ).all()
    before = [seen_caption(photo.caption) for photo in photos]
    boxes = [photo.box for photo in photos]
    after = described_captions(boxes, before, text.blocks, text.source)
    for photo, caption in zip(photos, after, strict=True):
        _write(photo, caption)
    session.flush()


def _write(photo: PhotoRow, caption: Caption | None) -> None:
    if caption is None or caption == seen_caption(photo.caption):
        return
    if photo.caption is None:
        photo.caption = caption_row(caption)
        return
    photo.caption.text = caption.text
    photo.caption.source = caption.source
    photo.caption.confidence = caption.confidence
