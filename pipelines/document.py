"""The JSON of a page and its photos: the command line and the API both serve it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from presslens.models.faces.explain import reasons_in_words as sighting_in_words
from presslens.models.focus.explain import reasons_in_words
from presslens.models.vocabulary import (
    Appearance,
    Caption,
    Detection,
    FocusReading,
    Folio,
    Headline,
    PhotoInterpretation,
    PhotoObservation,
    Sighting,
    SubjectReading,
)
from presslens.pipelines.statistics.layout import PageLayout, Place

SCHEMA = 1


def page_document(
    *,
    number: int,
    source: str,
    outcome: str,
    reason: str | None = None,
    size: tuple[int, int] | None = None,
    layout: PageLayout | None = None,
    photos: Sequence[dict[str, Any]] = (),
    headlines: Sequence[Headline] = (),
    folio: Folio | None = None,
    mismatches: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the JSON of a page.

    Args:
        number: From 1.
        source: The name of the file that the page came from.
        outcome: done, empty, rejected or failed (or queued, in the API).
        reason: Why it was rejected or failed.
        size: (width, height) in pixels; None for a page that was not observed.
        layout: The type, traits and warnings of the page; None for one that was not observed.
        photos: Results of ``photo_document``, in reading order.
        headlines: The headlines above its photos.
        folio: What it says of itself; None for one that was not observed.
        mismatches: Where that is not what its uploader says, as sentences.
    """
    width, height = size or (None, None)
    document: dict[str, Any] = {
        "number": number,
        "source": source,
        "width": width,
        "height": height,
        "outcome": outcome,
    }
    if reason is not None:
        document["reason"] = reason
    if layout is not None:
        document |= layout.document()
        document["warnings"] += mismatches
    return {
        **document,
        "photos": list(photos),
        "headlines": [_headline(h) for h in headlines],
        "folio": folio_document(folio),
    }


def photo_document(
    photo: PhotoObservation,
    interpretation: PhotoInterpretation,
    place: Place,
    *,
    page_area: float,
    cap: float | None = None,
) -> dict[str, Any]:
    """Return the JSON of a photo.

    Args:
        interpretation: Its subjects, labels, figures and focus.
        place: Where it lies on its page.
        page_area: Area of that page, in square pixels.
        cap: See ``interpretation_document``.
    """
    return {
        "box": photo.frame.box.to_list(),
        "score": round(photo.frame.score, 4),
        "area_share": round(photo.frame.box.area / page_area, 5) if page_area else 0.0,
        "place": _place(place),
        **interpretation_document(interpretation, lead=place.lead, cap=cap),
        "detections": [_detection(d) for d in photo.detections],
        "faces": len(photo.faces),
        "caption": caption_document(photo.caption),
    }


NOTHING_READ: dict[str, Any] = {"subjects": {}, "labels": {}, "figures": [], "focus": None}
"""What a photo shows of which nothing is known."""


def waiting_photo_document(
    photo: PhotoObservation, place: Place, *, page_area: float
) -> dict[str, Any]:
    """Return the JSON of a photo that a person has drawn: nothing is known yet of what it shows.

    Args:
        photo: Its box.
        place: Where it lies on its page.
        page_area: Area of that page, in square pixels.
    """
    return {
        "box": photo.frame.box.to_list(),
        "score": round(photo.frame.score, 4),
        "area_share": round(photo.frame.box.area / page_area, 5) if page_area else 0.0,
        "place": _place(place),
        **NOTHING_READ,
        "detections": [],
        "faces": 0,
        "caption": None,
    }


def caption_document(caption: Caption | None) -> dict[str, Any] | None:
    """Return a photo's caption; its text is null until it is read."""
    if caption is None:
        return None
    return {
        "text": caption.text,
        "place": caption.place.value,
        "box": caption.box.to_list(),
        "source": caption.source.value if caption.source else None,
        "confidence": caption.confidence
        if caption.confidence is None
        else round(caption.confidence, 3),
    }


def folio_document(folio: Folio | None) -> dict[str, Any] | None:
    """Return what a page says of itself; its text is null until it is read."""
    if folio is None:
        return None
    return {**asdict(folio), "day": folio.day and folio.day.isoformat()}


def _headline(headline: Headline) -> dict[str, Any]:
    """Return a headline; ``photos`` are indices of the page's photos."""
    return {
        "text": headline.text,
        "box": headline.box.to_list(),
        "photos": list(headline.photos),
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "above_fold": place.above_fold,
        "quadrant": place.quadrant.value,
        "lead": place.lead,
        "width_share": round(place.width_share, 4),
        "columns": place.columns,
    }


def interpretation_document(
    interpretation: PhotoInterpretation, *, lead: bool | None = None, cap: float | None = None
) -> dict[str, Any]:
    """Return the subjects, labels, figures and focus of a photo.

    Args:
        lead: Whether the photo is the lead of its page; each figure gets the key ``lead`` then.
        cap: Highest probability of a sighting by context alone, without a face, 0–1, in the recipe
            of the interpretation; None if that recipe is not at hand.
    """
    return {
        "subjects": {r.subject.value: _subject(r) for r in interpretation.subjects},
        "labels": {r.name: round(r.probability, 4) for r in interpretation.labels},
        "figures": [_sighting(s, lead, cap) for s in interpretation.sightings],
        "focus": _focus(interpretation.focus),
    }


def _subject(reading: SubjectReading) -> dict[str, Any]:
    document: dict[str, Any] = {"probability": round(reading.probability, 4)}
    if reading.count is not None:
        document["count"] = reading.count
    if reading.interval is not None:
        document["count_interval"] = list(reading.interval)
    if reading.where:
        document["where"] = [box.to_list() for box in reading.where]
    return document


def _detection(detection: Detection) -> dict[str, Any]:
    return {
        "label": detection.label,
        "box": detection.box.to_list(),
        "score": round(detection.score, 4),
    }


def _sighting(sighting: Sighting, lead: bool | None, cap: float | None) -> dict[str, Any]:
    appearance = sighting.appearance
    document: dict[str, Any] = {
        "name": sighting.figure,
        "probability": round(sighting.probability, 4),
        "box": sighting.box.to_list(),
        "answer": sighting.answer.value,
        "told_by": sighting.told_by.value,
        "reasons": [[name, round(value, 4)] for name, value in sighting.reasons],
        "reasons_text": sighting_in_words(sighting, cap=cap),
        "appearance": None if appearance is None else _appearance(appearance),
    }
    return document if lead is None else {**document, "lead": lead}


def _appearance(appearance: Appearance) -> dict[str, Any]:
    return {
        "body": appearance.body.to_list(),
        "body_found": appearance.body_found,
        "area_share": round(appearance.area_share, 4),
        "face_share": None if appearance.face_share is None else round(appearance.face_share, 4),
        "centrality": round(appearance.centrality, 4),
        "size_rank": appearance.size_rank,
        "people_beside": appearance.people_beside,
        "row": appearance.row,
        "shot_size": appearance.shot_size,
        "facing": appearance.facing,
    }


def _focus(focus: FocusReading) -> dict[str, Any]:
    return {
        "verdict": focus.verdict.value,
        "leader": round(focus.leader, 4),
        "facility": round(focus.facility, 4),
        "reasons": [[name, round(value, 4)] for name, value in focus.reasons],
        "reasons_text": reasons_in_words(focus),
    }
