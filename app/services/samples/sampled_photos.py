"""Keeps the rows that say which photos are items of samples, and what coders made of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.db.samples import SampledPhotoRow, SampleItemRow, SampleMeasureRow, SampleRow
from models.geometry import Box
from pipelines.statistics.consensus import CoderAnswer
from pipelines.statistics.photo_matching import nearest_photo
from pipelines.statistics.sample_item import item_status, relevant_answers


@dataclass(frozen=True, slots=True)
class TimedAnswer:
    """An answer of a coder, and when it was given."""

    answer: CoderAnswer
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DrawnPlace:
    """An item of a sample on a scan: its box in shares of the page, and what is asked there."""

    item_id: int
    box: Box
    created_at: datetime
    measures: tuple[str, ...]


def update_sampled_photos(
    session: Session,
    photos: Sequence[tuple[int, Box]],
    places: Sequence[DrawnPlace],
    answers: Mapping[int, Sequence[TimedAnswer]],
) -> None:
    """Update the rows of the photos of one scan under one recipe.

    Args:
        session: An open transaction that writes.
        photos: All photos of the scan: id, and box in shares of the page.
        places: The items on the scan, from ``drawn_places``.
        answers: The answers that are not withdrawn, by photo.
    """
    ids = [photo_id for photo_id, _ in photos]
    session.execute(delete(SampledPhotoRow).where(SampledPhotoRow.photo_id.in_(ids)))
    boxes = [box for _, box in photos]
    rows = []
    for place in places:
        index = nearest_photo(place.box, boxes)
        if index is None:
            continue
        given = answers.get(ids[index], ())
        rows += [_row(ids[index], place, measure, given) for measure in place.measures]
    if rows:
        session.execute(insert(SampledPhotoRow), rows)


def _row(
    photo_id: int, place: DrawnPlace, measure: str, given: Sequence[TimedAnswer]
) -> dict[str, object]:
    since = [one.answer for one in given if one.created_at >= place.created_at]
    return {
        "photo_id": photo_id,
        "item_id": place.item_id,
        "measure": measure,
        "status": item_status([one.answer for one in given], measure),
        "coded_since": bool(relevant_answers(since, measure)),
    }


def drawn_places(session: Session, scan_ids: Sequence[int]) -> dict[int, list[DrawnPlace]]:
    """Return the drawn photos of scans, by scan; drawn pages are omitted."""
    places: dict[int, list[DrawnPlace]] = defaultdict(list)
    query = (
        select(
            SampleItemRow.scan_id, SampleItemRow.id, SampleItemRow.x0, SampleItemRow.y0,
            SampleItemRow.x1, SampleItemRow.y1, SampleRow.id, SampleRow.created_at,
        )
        .join(SampleRow, SampleRow.id == SampleItemRow.sample_id)
        .where(SampleItemRow.scan_id.in_(scan_ids))
        .order_by(SampleItemRow.id)
    )  # fmt: skip
    rows = session.execute(query).all()
    measures = sample_measures(session, {row[6] for row in rows}) if rows else {}
    for scan_id, item_id, x0, y0, x1, y1, sample_id, created_at in rows:
        asked = measures.get(sample_id, ())
        if asked:
            place = DrawnPlace(item_id, Box(x0, y0, x1, y1), created_at, asked)
            places[scan_id].append(place)
    return places


def sample_measures(session: Session, sample_ids: set[int]) -> dict[int, tuple[str, ...]]:
    """Return the measures of samples in their order, by sample; none for samples of pages."""
    query = (
        select(SampleMeasureRow.sample_id, SampleMeasureRow.measure)
        .where(SampleMeasureRow.sample_id.in_(sample_ids))
        .order_by(SampleMeasureRow.position)
    )
    measures: dict[int, tuple[str, ...]] = {}
    for sample_id, measure in session.execute(query):
        measures[sample_id] = (*measures.get(sample_id, ()), measure)
    return measures
