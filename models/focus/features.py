"""Computes the features of a photo's focus: named numbers that a person can check by eye."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from presslens.models.faces.appearance import appearance
from presslens.models.focus.attention import SALIENCY, SHARPNESS, share_inside
from presslens.models.geometry import Box
from presslens.models.subjects.objects import BUILDING
from presslens.models.vocabulary import Detection, PhotoObservation, Sighting

SCENES = ("facility", "plant_interior", "machinery", "products")
"""What a whole photo may look like: composed around a facility, or three of the built-in labels."""

NAMES = (
    "leader_probability",  # that a leader is seen, 0–1
    "leader_face_height",  # share of the photo's height
    "leader_area_share",  # of the photo, taken by the person whose face it is
    "leader_centrality",  # 1 in the middle of the photo's width, 0 at its edges
    "leader_face_rank",  # height of the leader's face over that of the largest face
    "leader_attention",  # share of the photo's saliency inside the leader's body, 0–1
    "leader_face_share",  # height of the head over that of all that is visible of the leader
    "leader_alone",  # 1 with nobody beside the leader, a half with one, and so on
    "leader_doubt",  # probability that a leader is there whose face was not matched, 0–1
    "people_count",  # logarithm of 1 + boxes of persons
    "largest_person_share",  # of the photo's area
    "people_cover",  # share of the photo that lies inside the boxes of persons
    "people_attention",  # share of the saliency inside the boxes of persons
    "people_sharpness",  # share of the fine detail there
    "building_score",  # of the surest box of a building, 0–1
    "buildings_attention",  # share of the saliency inside buildings
    "building_cover",  # share of the photo there
    *(f"{name}_scene" for name in SCENES),  # probabilities by the objects of the whole photo
)
"""The features, in the order of the columns; those of the leader are 0 where none is seen."""

PERSON = 0.35
"""Score from which a detection is one of the persons here."""

DRAWN = 0.25
"""Score from which a detection is one of the buildings here."""

_GRID = 64
"""Cells a side in which the cover is counted."""


def describe(
    photo: PhotoObservation,
    sightings: Sequence[Sighting],
    *,
    leaders: Collection[str],
    doubt: float,
    scenes: Sequence[float],
) -> NDArray[np.float64]:
    """Return the features of one photo, shape (len(NAMES),).

    Args:
        sightings: Which enrolled figures it shows.
        leaders: Names of the figures who are leaders.
        doubt: Probability that it shows a leader who has no sighting, 0–1.
        scenes: Probability that the whole photo looks like each of ``SCENES``, 0–1.
    """
    frame = photo.frame.box
    boxes = [d.box for d in persons(photo)]
    shares = [box.intersection(frame) / frame.area for box in boxes] if frame.area else []
    buildings = [d for d in photo.detections if d.label == BUILDING]
    built = [d.box for d in buildings if d.score >= DRAWN]
    salient, sharp = photo.attention[SALIENCY], photo.attention[SHARPNESS]
    return np.array(
        [
            *_leader(photo, sightings, leaders),
            *_leader_shown(photo, sightings, leaders),
            doubt,
            np.log1p(len(boxes)),
            max(shares, default=0.0),
            cover(boxes, frame),
            share_inside(salient, boxes, frame),
            share_inside(sharp, boxes, frame),
            max((d.score for d in buildings), default=0.0),
            share_inside(salient, built, frame),
            cover(built, frame),
            *scenes,
        ]
    )


def persons(photo: PhotoObservation) -> list[Detection]:
    """Return the detections that count as persons here."""
    return [d for d in photo.detections if d.label == "person" and d.score >= PERSON]


def cover(boxes: Sequence[Box], frame: Box) -> float:
    """Return the share of ``frame`` that lies inside any of the boxes, 0–1, to about 2 %."""
    covered = np.zeros((_GRID, _GRID), bool)
    if frame.area == 0:
        return 0.0
    for box in boxes:
        moved = box.clipped(frame.x1, frame.y1).moved(-frame.x0, -frame.y0)
        x0, x1 = (_share(x / frame.width) * _GRID for x in (moved.x0, moved.x1))
        y0, y1 = (_share(y / frame.height) * _GRID for y in (moved.y0, moved.y1))
        covered[round(y0) : round(y1), round(x0) : round(x1)] = True
    return float(covered.mean())


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def _leader_shown(
    photo: PhotoObservation, sightings: Sequence[Sighting], leaders: Collection[str]
) -> tuple[float, float, float]:
    best = _best(sightings, leaders)
    if best is None:
        return 0.0, 0.0, 0.0
    shown = best.appearance or appearance(photo, best.box, person_score=PERSON)
    return (
        share_inside(photo.attention[SALIENCY], [shown.body], photo.frame.box),
        shown.face_share or 0.0,
        1 / (1 + shown.people_beside),
    )


def _best(sightings: Sequence[Sighting], leaders: Collection[str]) -> Sighting | None:
    """Return the surest sighting of a leader."""
    seen = (s for s in sightings if s.figure in leaders)
    return max(seen, key=lambda s: s.probability, default=None)


def _leader(
    photo: PhotoObservation, sightings: Sequence[Sighting], leaders: Collection[str]
) -> tuple[float, float, float, float, float]:
    best = _best(sightings, leaders)
    frame = photo.frame.box
    if best is None or frame.area == 0:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    face = best.box
    bodies = [
        d.box.intersection(frame) / frame.area
        for d in persons(photo)
        if face.share_inside(d.box) > 0.8
    ]
    tallest = max((f.box.height for f in photo.faces), default=face.height)
    x = (face.centre[0] - frame.x0) / frame.width
    return (
        best.probability,
        face.height / frame.height,
        min(bodies, default=face.area / frame.area),
        1 - abs(2 * x - 1),
        face.height / max(tallest, face.height, 1e-9),
    )
