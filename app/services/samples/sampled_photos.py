"""Updates the rows that say which photos are items of samples, and what coders made of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from presslens.app.db.samples import (
    IN_STRATUM,
    SampledPhotoRow,
    SampleItemRow,
    SampleRow,
    SampleStratumRow,
)
from presslens.app.db.tables import OutcomeRow, PhotoRow
from presslens.app.services.recipes.recipes import Provenance
from presslens.models.geometry import Box
from presslens.models.subjects.codebook import entry_version
from presslens.pipelines.statistics.consensus import CoderAnswer
from presslens.pipelines.statistics.photo_matching import nearest_photo
from presslens.pipelines.statistics.sample_item import item_status, relevant_answers


@dataclass(frozen=True, slots=True)
class TimedAnswer:
    """An answer of a coder, and when it was given."""

    answer: CoderAnswer
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DrawnPlace:
    """An item of a sample on a scan: its box in shares of the page, and what is asked there.

    Answers under another entry of the codebook than the sample's are none to its questions. Those
    of the second coder don't say how far the first has come.
    """

    item_id: int
    box: Box
    created_at: datetime
    codebook: str
    measures: tuple[str, ...]
    second_coder: str | None


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
    connection = session.connection()
    connection.execute(delete(SampledPhotoRow).where(SampledPhotoRow.photo_id.in_(ids)))
    boxes = [box for _, box in photos]
    rows: list[dict[str, object]] = []
    for place in places:
        index = nearest_photo(place.box, boxes)
        if index is None:
            continue
        given = answers.get(ids[index], ())
        rows += [_row(ids[index], place, measure, given) for measure in place.measures]
    if rows:
        connection.execute(insert(SampledPhotoRow), rows)


def _row(
    photo_id: int, place: DrawnPlace, measure: str, given: Sequence[TimedAnswer]
) -> dict[str, object]:
    given = [
        one
        for one in given
        if one.answer.codebook == entry_version(place.codebook, one.answer.measure)
    ]
    since = [
        one.answer
        for one in given
        if one.created_at >= place.created_at and one.answer.coder != place.second_coder
    ]
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
            SampleItemRow.x1, SampleItemRow.y1, SampleItemRow.second_coder, SampleRow,
        )
        .join(SampleRow, SampleRow.id == SampleItemRow.sample_id)
        .where(SampleItemRow.scan_id.in_(scan_ids))
        .order_by(SampleItemRow.id)
    )  # fmt: skip
    rows = session.execute(query).all()
    for scan_id, item_id, x0, y0, x1, y1, second, sample in rows:
        measures = tuple(one.measure for one in sample.measures)
        if measures:
            place = DrawnPlace(
                item_id,
                Box(x0, y0, x1, y1),
                sample.created_at,
                sample.codebook,
                measures,
                second,
            )
            places[scan_id].append(place)
    return places


def drawn_measures(session: Session, photo_ids: Collection[int]) -> dict[int, frozenset[str]]:
    """Return the measures that photos were drawn for, by photo."""
    measures: dict[int, set[str]] = defaultdict(set)
    query = select(SampledPhotoRow.photo_id, SampledPhotoRow.measure)
    for photo_id, measure in session.execute(query.where(SampledPhotoRow.photo_id.in_(photo_ids))):
        measures[photo_id].add(measure)
    return {photo_id: frozenset(names) for photo_id, names in measures.items()}


def recoding_weights(session: Session, recipe: Provenance) -> dict[int, dict[str, float]]:
    """Return 1 / the probability that a photo was drawn to be coded twice, by photo and measure.

    Where a sample names no share for a second coder, whoever codes twice does so as chance has it:
    all of its items count.
    """
    query = (
        select(
            SampledPhotoRow.photo_id,
            SampledPhotoRow.measure,
            SampleStratumRow.size,
            SampleStratumRow.drawn,
            SampleRow.second_share,
        )
        .join(SampleItemRow, SampleItemRow.id == SampledPhotoRow.item_id)
        .join(SampleRow, SampleRow.id == SampleItemRow.sample_id)
        .join(SampleStratumRow, IN_STRATUM)
        .join(PhotoRow, PhotoRow.id == SampledPhotoRow.photo_id)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .where(
            OutcomeRow.observation_id == recipe.observation_id,
            SampleItemRow.second | (SampleRow.second_share == 0),
        )
        .order_by(SampleRow.id)
    )
    weights: dict[int, dict[str, float]] = defaultdict(dict)
    for photo_id, measure, size, drawn, share in session.execute(query):
        weights[photo_id][measure] = size / drawn / (share or 1.0)
    return weights
