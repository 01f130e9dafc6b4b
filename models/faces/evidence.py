"""Computes the evidence that a face is a figure's: likeness to references, and setting.

The likeness to the references is the first part. The second, the setting, is for the leader
alone: state media put the leader in front and in the middle, so where a face is too small to
decide by itself its place is evidence.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from presslens.models.faces.cohort import Resemblance
from presslens.models.faces.pose import yaw
from presslens.models.geometry import Box
from presslens.models.vocabulary import Face

LIKENESS = (
    "distance",  # by dlib's network, to the nearest references, beyond typical strangers'
    "cosine",  # by faceres, whitened, beyond theirs too
    "size",  # logarithm of the face's side: small faces say less
    "distance_by_size",
    "cosine_by_size",
    "distance_lead",  # by how much it is nearer than any other face of the photo
    "cosine_lead",
    "turned",  # 0 facing the camera, 1 in profile
    "cosine_by_turn",
)
"""The features of a face by itself and beside the other faces of its photo."""

SETTING = (
    "centrality",  # 1 in the middle of the photo's width, 0 at its edges
    "centrality_in_group",  # the same, the more faces the more
    "relative_size",  # logarithm of its height over the median face's
    "size_rank",  # logarithm of its rank by height
    "faces",  # logarithm of their number
    "height_in_photo",  # 0 top, 1 bottom
    "front_and_centre",  # 1 for the face nearest to the middle of a group's front row, 1/2, 1/3
)
"""The features of a face's place among the others."""

SIDES = (8.0, 64.0)
"""Range that the side of a face is clipped to, in pixels."""

_DISTANCE_LEAD, _COSINE_LEAD = (-0.3, 0.15), (-0.4, 0.3)
"""Ranges that the leads of distance and of cosine are clipped to."""

_LOWEST = 1e-9
"""Faces without a height count as so high, px: they are lower than any other."""

_GROUP = 12
"""With fewer faces there are no rows."""


def likeness(
    faces: Sequence[Face], figure: Resemblance, strangers: Resemblance, typical: Resemblance
) -> NDArray[np.float64]:
    """Return a row of ``LIKENESS`` for each face, shape (n, 9).

    Args:
        faces: Those faces of one photo that are embedded.
        figure: How like each is to a figure's nearest references.
        strangers: How like each is to typical strangers.
        typical: How like the figure's references are to them, shape (k,).
    """
    distance = figure.distance - (strangers.distance + typical.distance.mean()) / 2
    cosine = figure.cosine - (strangers.cosine + typical.cosine.mean()) / 2
    size = np.log2(np.clip([side(face) for face in faces], *SIDES))
    turned = np.abs([yaw(face.landmarks) for face in faces])
    return np.column_stack(
        [
            distance,
            cosine,
            size,
            distance * size,
            cosine * size,
            np.clip(_lead(-distance), *_DISTANCE_LEAD),
            np.clip(_lead(cosine), *_COSINE_LEAD),
            turned,
            cosine * turned,
        ]
    )


def setting(faces: Sequence[Face], frame: Box) -> NDArray[np.float64]:
    """Return a row of ``SETTING`` for each face, shape (n, 7).

    Args:
        faces: All faces of one photo, embedded or not.
        frame: The photo's box, in the same pixels.
    """
    boxes = [face.box for face in faces]
    heights = np.maximum([box.height for box in boxes], _LOWEST)
    x = np.array([(box.centre[0] - frame.x0) / max(frame.width, 1) for box in boxes])
    y = np.array([(box.centre[1] - frame.y0) / max(frame.height, 1) for box in boxes])
    central = 1 - np.abs(2 * x - 1)
    number = np.full(len(faces), np.log2(len(faces)))
    return np.column_stack(
        [
            central,
            central * number,
            np.log2(heights / float(np.median(heights))),
            np.log2(1 + _rank(-heights)),
            number,
            y,
            _front_and_centre(x, y, frame.width / max(frame.height, 1)),
        ]
    )


def side(face: Face) -> float:
    """Return the side of a square as large as the face, in pixels."""
    return float(np.sqrt(face.box.area))


def _lead(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return by how much each value leads the best of the others; below 0 if it doesn't.

    A face that is alone in its photo has no rivals, and leads by nothing.
    """
    if len(values) == 1:
        return np.zeros(1)
    best, second = np.sort(values)[::-1][:2]
    lead: NDArray[np.float64] = values - best
    lead[int(np.argmax(values))] = best - second
    return lead


def _front_and_centre(
    x: NDArray[np.float64], y: NDArray[np.float64], aspect: float
) -> NDArray[np.float64]:
    """Return 1 over the rank by distance from the middle of the front row; 0 in small groups."""
    if len(x) < _GROUP:
        return np.zeros(len(x))
    middle = float(np.quantile(x, [0.02, 0.98]).mean())
    behind = np.maximum(0, np.quantile(y, 0.9) - y)
    return 1 / (1 + _rank(np.hypot((x - middle) * aspect, 2 * behind)))


def _rank(values: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the rank of each value, the smallest 0."""
    return np.argsort(np.argsort(values, kind="stable"), kind="stable")
