"""Computes where and how a photo shows a person: pure functions of its boxes.

Everybody in a photo has a body, a face, or both. Which face belongs to which body is decided for
the whole photo at once, so that of two people who overlap each gets the right one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from presslens.models.faces.pose import yaw
from presslens.models.geometry import Box
from presslens.models.vocabulary import (
    Appearance,
    DepthRow,
    Face,
    Facing,
    PhotoObservation,
    ShotSize,
)

PERSON_SCORE = 0.35
"""Score from which a detection is one of the people here."""

FACE_SCORE = 0.5
"""Score from which a face without a body is one of the people here."""

ROWS_FROM = 6
"""Fewer people stand in no rows."""

CLOSE = 0.4
"""Head over the height that the frame has for its owner: from here on down to the chest at most.

Bordwell & Thompson, "Film art", part chest from waist and knees from the whole body. A standing
adult is about 7.5 heads high; the waist lies 3 heads below the crown, the knees 5.5. This is half
way between chest (2) and waist.
"""

LONG = 0.155
"""Below it the frame reaches beyond the knees, half way to the feet: 6.5 heads."""

FRONTAL = 0.4
"""A yaw up to this, either way, faces the camera: about 20 degrees."""

_INSIDE = 0.8
"""Share of a face that lies in the box of its body."""

_CROWN = 0.35
"""How far the crown lies above a face's box, in heights of it: the median of 186 people."""

_HAT = 0.5
"""The body's box begins no further above a face, unless an arm is raised."""

_SIDEWAYS = 2.0
"""What a width of the body that a face is off its middle weighs, against a height of the face."""

_BUILD = 1.0
"""What a body weighs that is e times too wide for the face, or too narrow: of two, the larger face
is the one in front.
"""

_MISFIT = 3.0
"""A face that fits a body worse is another person's."""

_SHOULDERS = 3.3
"""Width of a body in widths of its face: the median of the same people."""

_CHEST = 1.2
"""How far a body without a detection goes on below the chin, in heights of its face."""

_STEP = 0.5
"""Lines at the feet that differ by less, in heights of the head, are one row."""


@dataclass(frozen=True, slots=True)
class PersonInPhoto:
    """One of the people in a photo."""

    body: Box  # the visible part of the body, in page pixels
    detected: bool  # whether the body was; otherwise it is put by the face
    face: Face | None  # the face, where it is visible

    @property
    def crown(self) -> float:
        """The y of the top of the head, in page pixels."""
        if self.face is None:
            return self.body.y0
        top = self.face.box.y0 - (_HAT if self.detected else _CROWN) * self.face.box.height
        return min(max(self.body.y0, top), self.face.box.y0)

    @property
    def head(self) -> float | None:
        """Height of the head from crown to chin in pixels; None without a face."""
        return None if self.face is None else self.face.box.y1 - self.crown


def appearance(
    photo: PhotoObservation, box: Box, *, person_score: float = PERSON_SCORE
) -> Appearance:
    """Return where and how a photo shows a person.

    Args:
        box: One of its faces; without a face, one of its persons, or any box of the person.
        person_score: Detections below aren't people, 0–1.
    """
    people = everybody(photo, person_score=person_score, among=box)
    frame = photo.frame.box
    figure = _person_of(people, box)
    others = [person for person in people if person is not figure]
    return Appearance(
        body=figure.body,
        body_found=figure.detected,
        area_share=figure.body.intersection(frame) / frame.area if frame.area else 0.0,
        face_share=_face_share(figure),
        centrality=centrality(figure.body, frame),
        size_rank=1 + sum(person.body.area > figure.body.area for person in others),
        people_beside=len(others),
        row=_row(figure, others),
        shot_size=_shot_size(figure, frame),
        facing=_facing(figure.face),
    )


def everybody(
    photo: PhotoObservation, *, person_score: float = PERSON_SCORE, among: Box | None = None
) -> list[PersonInPhoto]:
    """Return the people of a photo: those detected, then faces without a body.

    Args:
        person_score: Detections below aren't people, 0–1.
        among: A face that counts whatever its score.
    """
    bodies = [d.box for d in photo.detections if d.label == "person" and d.score >= person_score]
    owners = _owners(photo.faces, bodies)
    faces = {body: photo.faces[face] for face, body in owners.items()}
    frame = photo.frame.box
    return [
        *(PersonInPhoto(body, True, faces.get(i)) for i, body in enumerate(bodies)),
        *(
            PersonInPhoto(_bust(face.box, frame), False, face)
            for i, face in enumerate(photo.faces)
            if i not in owners and (face.score >= FACE_SCORE or face.box == among)
        ),
    ]


def centrality(body: Box, frame: Box) -> float:
    """Return 1 for a body whose middle is the photo's, 0 for one whose middle is at an edge."""
    if frame.area == 0:
        return 0.0
    x, y = body.centre
    across = abs(2 * (x - frame.x0) / frame.width - 1)
    along = abs(2 * (y - frame.y0) / frame.height - 1)
    return max(0.0, 1 - max(across, along))


def _owners(faces: Sequence[Face], bodies: Sequence[Box]) -> dict[int, int]:
    """Return which body (index) each face (index) belongs to: the best fits first, each once."""
    if not faces or not bodies:
        return {}
    misfit = _misfits(_rows([face.box for face in faces]), _rows(bodies))
    owners: dict[int, int] = {}
    taken: set[int] = set()
    for flat in np.argsort(misfit, axis=None, kind="stable"):
        face, body = divmod(int(flat), len(bodies))
        if misfit[face, body] > _MISFIT:
            break
        if face not in owners and body not in taken:
            owners[face] = body
            taken.add(body)
    return owners


def _misfits(faces: NDArray[np.float64], bodies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how badly each face sits at the top middle of each body, inf outside of it."""
    f, b = faces[:, None], bodies[None]
    sides = np.minimum(f[..., 2:], b[..., 2:]) - np.maximum(f[..., :2], b[..., :2])
    area = (faces[:, 2:] - faces[:, :2]).prod(1)[:, None]
    inside = sides.clip(0).prod(-1) >= _INSIDE * np.maximum(area, 1e-9)
    height = np.maximum(f[..., 3] - f[..., 1], 1e-9)
    width = np.maximum(b[..., 2] - b[..., 0], 1e-9)
    down = np.abs((f[..., 1] - b[..., 1]) / height - _CROWN)
    off = np.abs(f[..., 0] + f[..., 2] - b[..., 0] - b[..., 2]) / 2 / width
    build = np.abs(np.log(width / np.maximum(f[..., 2] - f[..., 0], 1e-9) / _SHOULDERS))
    return np.where(inside, down + _SIDEWAYS * off + _BUILD * build, np.inf)


def _rows(boxes: Sequence[Box]) -> NDArray[np.float64]:
    return np.array([(box.x0, box.y0, box.x1, box.y1) for box in boxes], np.float64)


def _bust(face: Box, frame: Box) -> Box:
    """Return head and shoulders around a face, as far as the photo shows them."""
    x, half = face.centre[0], face.width * _SHOULDERS / 2
    top, bottom = face.y0 - _CROWN * face.height, face.y1 + _CHEST * face.height
    x0, x1 = max(x - half, frame.x0), min(x + half, frame.x1)
    return Box(x0, max(top, frame.y0), x1, min(bottom, frame.y1))


def _person_of(people: Sequence[PersonInPhoto], box: Box) -> PersonInPhoto:
    by_face = [s for s in people if s.face is not None and s.face.box == box]
    by_body = [s for s in people if s.body == box]
    return next(iter([*by_face, *by_body]), PersonInPhoto(box, False, None))


def _face_share(figure: PersonInPhoto) -> float | None:
    """Return the face-ism of Archer, Iritani, Kimes & Barrios (1983), 0–1."""
    visible = figure.body.y1 - figure.crown
    if figure.head is None or not figure.detected or visible <= 0:
        return None
    return min(1.0, figure.head / visible)


def _shot_size(figure: PersonInPhoto, frame: Box) -> ShotSize | None:
    """Return the shot by how much of the figure the frame has room for, below the crown.

    Where the frame cuts the figure off that is its face-ism. A speaker behind a desk far away is
    not close, although only the head is visible.
    """
    room = frame.y1 - figure.crown
    if figure.head is None or room <= 0:
        return None
    share = figure.head / room
    if share >= CLOSE:
        return ShotSize.CLOSE
    return ShotSize.MEDIUM if share >= LONG else ShotSize.LONG


def _row(figure: PersonInPhoto, others: Sequence[PersonInPhoto]) -> DepthRow | None:
    """Return the third that a figure stands in: whoever is lower in the picture is nearer.

    The lowest visible point counts: of rows behind, those in front hide the feet.
    """
    if 1 + len(others) < ROWS_FROM:
        return None
    step = _STEP * (figure.head or figure.body.height / 6)
    nearer = sum(s.body.y1 > figure.body.y1 + step for s in others)
    farther = sum(s.body.y1 < figure.body.y1 - step for s in others)
    level = len(others) - nearer - farther
    if level > 2 / 3 * len(others):
        return None
    depth = (nearer + level / 2) / len(others)
    return DepthRow.FRONT if depth < 1 / 3 else DepthRow.MIDDLE if depth <= 2 / 3 else DepthRow.BACK


def _facing(face: Face | None) -> Facing | None:
    if face is None or len(face.landmarks) < 3:
        return None
    turned = yaw(face.landmarks)
    if abs(turned) <= FRONTAL:
        return Facing.CAMERA
    return Facing.LEFT if turned < 0 else Facing.RIGHT
