"""What the focus of a photo is told by: named numbers that a person can check by looking."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from models.geometry import Box
from models.vocabulary import Detection, PhotoObservation, Sighting, Subject, SubjectReading

NAMES = (
    "leader_probability",  # that a leader is seen, 0–1
    "leader_face_height",  # share of the photo's height
    "leader_area_share",  # of the photo, taken by the person whose face it is
    "leader_centrality",  # 1 in the middle of the photo's width, 0 at its edges
    "leader_face_rank",  # height of the leader's face over that of the largest face
    "people_count",  # logarithm of 1 + persons
    "crowd_probability",
    "largest_person_share",  # of the photo's area
    "people_cover",  # share of the photo that lies inside the boxes of persons
    "buildings_probability",
    "facility_scene",  # probability that the whole photo looks like a plant, shop, hall or site
)
"""The features, in the order of the columns; those of the leader are 0 where none is seen."""

PERSON = 0.35
"""Score from which a detection is one of the persons here."""

_GRID = 64
"""Cells a side in which the cover is counted."""


def describe(
    photo: PhotoObservation,
    subjects: Sequence[SubjectReading],
    sightings: Sequence[Sighting],
    *,
    leaders: Collection[str],
    scene: float,
) -> NDArray[np.float64]:
    """Return the features of one photo, shape (len(NAMES),).

    Args:
        photo: What was seen in it.
        subjects: What it shows.
        sightings: Which enrolled figures it shows.
        leaders: Names of the figures who are leaders.
        scene: Probability that the whole photo looks like a facility, 0–1.
    """
    frame = photo.frame.box
    boxes = [d.box for d in persons(photo)]
    shares = [box.intersection(frame) / frame.area for box in boxes] if frame.area else []
    readings = {reading.subject: reading for reading in subjects}
    people = readings.get(Subject.PEOPLE)
    count = people.count if people is not None and people.count is not None else len(boxes)
    return np.array(
        [
            *_leader(photo, sightings, leaders),
            np.log1p(count),
            _probability(readings.get(Subject.CROWD)),
            max(shares, default=0.0),
            cover(boxes, frame),
            _probability(readings.get(Subject.BUILDINGS)),
            scene,
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
        x0, x1 = (np.clip(x / frame.width, 0, 1) * _GRID for x in (moved.x0, moved.x1))
        y0, y1 = (np.clip(y / frame.height, 0, 1) * _GRID for y in (moved.y0, moved.y1))
        covered[round(y0) : round(y1), round(x0) : round(x1)] = True
    return float(covered.mean())


def _leader(
    photo: PhotoObservation, sightings: Sequence[Sighting], leaders: Collection[str]
) -> tuple[float, float, float, float, float]:
    seen = [s for s in sightings if s.figure in leaders]
    frame = photo.frame.box
    if not seen or frame.area == 0:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    best = max(seen, key=lambda s: s.probability)
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


def _probability(reading: SubjectReading | None) -> float:
    return reading.probability if reading is not None else 0.0
