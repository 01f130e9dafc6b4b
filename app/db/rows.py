"""Converts observations and interpretations into rows, and back."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presslens.app.db.columns import FaceColumns, Table
from presslens.app.db.folios import seen_folio
from presslens.app.db.placement import Placement, placements
from presslens.app.db.reprints import FingerprintRow
from presslens.app.db.tables import (
    CaptionRow,
    DetectionRow,
    FaceRow,
    HeadlinePhotoRow,
    HeadlineRow,
    InterpretationRow,
    LabelReadingRow,
    OutcomeRow,
    PhotoEncodingRow,
    PhotoFeaturesRow,
    PhotoRow,
    SightingRow,
    SubjectReadingRow,
)
from presslens.models.geometry import Box
from presslens.models.labels.vocabulary import in_order
from presslens.models.subjects.maps import MAPPED
from presslens.models.vocabulary import (
    Appearance,
    Caption,
    Detection,
    Encoding,
    Face,
    FocusReading,
    Frame,
    Headline,
    LabelReading,
    PageObservation,
    PageTraits,
    PhotoInterpretation,
    PhotoObservation,
    Sighting,
    Subject,
    SubjectReading,
    Transcript,
    Vector,
)

_ORDER = {subject: i for i, subject in enumerate(Subject)}
_BODY = ("body_x0", "body_y0", "body_x1", "body_y1")
_SHOWN = [field.name for field in fields(Appearance) if field.name != "body"]


def photo_rows(page: PageObservation) -> list[PhotoRow]:
    """Return the rows of the photos of a page, in reading order, with their placement."""
    boxes = [photo.frame.box for photo in page.photos]
    stored = placements(boxes, (page.width, page.height))
    return [
        photo_row(photo, position, placement)
        for position, (photo, placement) in enumerate(zip(page.photos, stored, strict=True))
    ]


def photo_row(photo: PhotoObservation, position: int, placement: Placement) -> PhotoRow:
    """Return the rows of a photo that is at ``position``, from 0, on its page."""
    return PhotoRow(
        position=position,
        score=float(photo.frame.score),
        **placement,
        **photo.frame.box.corners(),
        **seen_rows(photo),
    )


def seen_rows(photo: PhotoObservation) -> dict[str, Any]:
    """Return the rows below a photo of what was seen in it, by the attribute of ``PhotoRow``."""
    return {
        "features": PhotoFeaturesRow(
            vector=photo.features,
            objects=photo.objects,
            maps=photo.maps.ravel(),
            map_rows=photo.maps.shape[1],
            attention=photo.attention.ravel(),
            attention_rows=photo.attention.shape[1],
        ),
        "encodings": [encoding_row(photo.encoding)] if photo.encoding else [],
        "fingerprint": FingerprintRow(content=photo.fingerprint) if photo.fingerprint else None,
        "detections": [
            DetectionRow(
                position=i, label=d.label, score=float(d.score), child=d.child, **d.box.corners()
            )
            for i, d in enumerate(photo.detections)
        ],
        "faces": [FaceRow(position=i, **face_columns(f)) for i, f in enumerate(photo.faces)],
        "caption": caption_row(photo.caption),
    }


def encoding_row(encoding: Encoding) -> PhotoEncodingRow:
    """Return the row of a photo's encoding."""
    return PhotoEncodingRow(encoder=encoding.encoder, vector=encoding.vector)


def face_columns(face: Face) -> dict[str, Any]:
    """Return the columns of a face, but its key."""
    return {
        "score": float(face.score),
        "landmarks": [[float(x), float(y)] for x, y in face.landmarks],
        "child": float(face.child),
        "sharpness": face.sharpness,
        "embedding": face.embedding,
        **face.box.corners(),
    }


def seen_face(row: FaceColumns) -> Face:
    """Return a face."""
    marks = tuple((x, y) for x, y in row.landmarks)
    return Face(row.box, row.score, marks, row.child, row.embedding, row.sharpness)


def headline_row(headline: Headline, position: int, outcome_id: int) -> HeadlineRow:
    """Return the rows of a headline that is at ``position``, from 0, on its page."""
    return HeadlineRow(
        outcome_id=outcome_id,
        position=position,
        **headline.box.corners(),
        **transcript_columns(headline),
        under=[HeadlinePhotoRow(photo_position=i) for i in headline.photos],
    )


def caption_row(caption: Caption | None) -> CaptionRow | None:
    """Return the row of a photo's caption."""
    if caption is None:
        return None
    return CaptionRow(place=caption.place, **caption.box.corners(), **transcript_columns(caption))


def transcript_columns(printed: Transcript) -> dict[str, Any]:
    """Return the columns of a printed text: what it says, or why it is not read."""
    return {field.name: getattr(printed, field.name) for field in fields(Transcript)}


def seen_caption(row: CaptionRow | None) -> Caption | None:
    """Return a photo's caption."""
    if row is None:
        return None
    return Caption(row.box, row.place, **_transcript(row))


def _transcript(row: CaptionRow | HeadlineRow) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(Transcript)}


def seen_headlines(outcome: OutcomeRow) -> tuple[Headline, ...]:
    """Return the headlines above the photos of a page."""
    return tuple(
        Headline(row.box, tuple(photo.photo_position for photo in row.under), **_transcript(row))
        for row in outcome.headlines
    )


def photo_observation(row: PhotoRow) -> PhotoObservation:
    """Return the observation of a photo; one of a snapshot has no image features."""
    features = row.features or PhotoFeaturesRow(vector=_nothing())
    return PhotoObservation(
        frame=Frame(row.box, row.score),
        detections=tuple(Detection(d.label, d.box, d.score, d.child) for d in row.detections),
        faces=tuple(seen_face(face) for face in row.faces),
        features=features.vector,
        objects=_nothing() if features.objects is None else features.objects,
        maps=_grids(features.maps, features.map_rows, len(MAPPED)),
        attention=_grids(features.attention, features.attention_rows, 2),
        caption=seen_caption(row.caption),
    )


def _grids(flat: Vector | None, rows: int | None, count: int) -> NDArray[np.float32]:
    """Return grids that are stored flat, shape (count, rows, columns)."""
    if flat is None or not flat.size:
        return np.zeros((count, 0, 0), np.float32)
    return flat.reshape(count, rows or 1, -1)


def _nothing() -> Vector:
    return np.zeros(0, np.float32)


def page_observation(outcome: OutcomeRow) -> PageObservation:
    """Return the observation of a page that is done or empty."""
    photos = tuple(photo_observation(photo) for photo in outcome.photos)
    return PageObservation(
        outcome.width or 0,
        outcome.height or 0,
        photos,
        page_traits(outcome),
        seen_headlines(outcome),
        seen_folio(outcome.folio),
    )


def page_traits(outcome: OutcomeRow) -> PageTraits | None:
    """Return the traits of a page; None for one that was observed as a photo, or without."""
    values = {field.name: getattr(outcome, field.name) for field in fields(PageTraits)}
    return None if values["skew"] is None else PageTraits(**values)


def interpretation_values(
    meaning: PhotoInterpretation, key: tuple[int, str], figures: dict[str, int]
) -> dict[type[Table], list[dict[str, Any]]]:
    """Return the columns of the rows below an interpretation, by table.

    Args:
        meaning: The photo's interpretation.
        key: The id of the photo and that of the recipe.
        figures: Ids of the figures by name.
    """
    ids = {"photo_id": key[0], "recipe_id": key[1]}
    return {
        SubjectReadingRow: [
            ids
            | {
                "subject": r.subject,
                "probability": float(r.probability),
                "count": r.count,
                "count_low": None if r.interval is None else r.interval[0],
                "count_high": None if r.interval is None else r.interval[1],
                "places": [box.to_list() for box in r.where],
            }
            for r in meaning.subjects
        ],
        LabelReadingRow: [
            ids | {"label": label.name, "probability": float(label.probability)}
            for label in meaning.labels
        ],
        SightingRow: [
            ids
            | {
                "figure_id": figures[s.figure],
                "probability": float(s.probability),
                "answer": s.answer,
                "told_by": s.told_by,
                "reasons": [[name, float(value)] for name, value in s.reasons],
                **s.box.corners(),
                **_shown(s.appearance),
            }
            for s in meaning.sightings
        ],
    }


def focus_reasons(focus: FocusReading) -> list[list[Any]]:
    """Return the reasons of a focus as a row stores them, each with its level if it has one."""
    levels = [[float(v)] for v in focus.levels] or [[]] * len(focus.reasons)
    return [
        [name, float(value), *level]
        for (name, value), level in zip(focus.reasons, levels, strict=True)
    ]


def photo_interpretation(row: InterpretationRow) -> PhotoInterpretation:
    """Return the interpretation of a photo."""
    readings = sorted(row.readings, key=lambda r: _ORDER[r.subject])
    labels = {label.label: label.probability for label in row.labels}
    sightings = sorted(row.sightings, key=lambda s: (-s.probability, s.figure.name))
    return PhotoInterpretation(
        subjects=tuple(_reading(row) for row in readings),
        sightings=tuple(_sighting(s) for s in sightings),
        focus=FocusReading(
            row.verdict,
            row.leader,
            row.facility,
            tuple((name, value) for name, value, *_ in row.reasons),
            tuple(level for _, _, *levels in row.reasons for level in levels),
        ),
        labels=tuple(LabelReading(name, labels[name]) for name in in_order(list(labels))),
        label_set=row.label_set,
        doubts=tuple((name, probability) for name, probability in row.doubts or ()),
    )


def _sighting(row: SightingRow) -> Sighting:
    return Sighting(
        row.figure.name,
        row.probability,
        row.box,
        _appearance(row),
        row.answer,
        row.told_by,
        tuple((name, value) for name, value in row.reasons),
    )


def _reading(row: SubjectReadingRow) -> SubjectReading:
    bounded = row.count_low is not None and row.count_high is not None
    return SubjectReading(
        row.subject,
        row.probability,
        row.count,
        (row.count_low, row.count_high) if bounded else None,  # type: ignore[arg-type]
        tuple(Box(*corners) for corners in row.places or ()),
    )


def _shown(appearance: Appearance | None) -> dict[str, Any]:
    if appearance is None:
        return dict.fromkeys((*_BODY, *_SHOWN))
    corners = dict(zip(_BODY, appearance.body.corners().values(), strict=True))
    return corners | {name: getattr(appearance, name) for name in _SHOWN}


def _appearance(row: SightingRow) -> Appearance | None:
    """Return the appearance of a sighting; None for one that was stored without."""
    corners = (row.body_x0, row.body_y0, row.body_x1, row.body_y1)
    values = {name: getattr(row, name) for name in _SHOWN}
    if None in corners:
        return None
    return Appearance(Box(*corners), **values)  # type: ignore[arg-type]
