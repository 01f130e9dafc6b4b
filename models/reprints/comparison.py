"""The comparison of two photos: whether they agree in places, and in what lies between these.

Two photos of one hall, or two announcements in one frame, agree in many places. Prints of one
picture agree everywhere: with one laid on the other as these places say, their small pictures
are alike.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.reprints.decision import PrintAgreement
from presslens.models.reprints.stored import THUMBNAIL, Fingerprint

_SECOND = 0.85
"""A place is like another if the next best one is farther away by more than this ratio."""

_OFF = 3.75
"""How far a place may lie off where it should, pixels of the photo as it is compared."""

_TURN = 20.0
"""How far one print may be turned against the other, degrees."""

_SCALE = 2.5
"""How many times larger than in the other print the picture may be, as photos are compared."""

_LEAST = 3
"""Places without which nothing is compared: two alone always agree."""

_OVERLAP = 0.3
"""Share of the smaller photo that must lie on the other one."""

NONE = PrintAgreement(0, 0.0)
"""The agreement of photos that can't be laid on each other."""


def compare(a: Fingerprint, b: Fingerprint) -> PrintAgreement:
    """Return how two photos agree; it makes no difference which comes first.

    They lie as one picture does in two prints: moved, scaled and turned a little; never mirrored.
    """
    a, b = sorted((a, b), key=Fingerprint.to_bytes)
    i, j = _pairs(a.descriptors.astype(np.float32), b.descriptors.astype(np.float32))
    if len(i) < _LEAST:
        return NONE
    from_, to = (p.astype(np.float32) / 4 for p in (a.places[i], b.places[j]))
    cv2.setRNGSeed(0)
    moved, agree = cv2.estimateAffinePartial2D(
        from_, to, ransacReprojThreshold=_OFF, maxIters=500, confidence=0.99
    )
    if moved is None:
        return NONE
    scale, turn = math.hypot(*moved[:, 0]), math.degrees(math.atan2(moved[1, 0], moved[0, 0]))
    if not 1 / _SCALE < scale < _SCALE or abs(turn) > _TURN:
        return NONE
    return PrintAgreement(
        int(agree.sum()), _likeness(a.thumbnail, b.thumbnail, np.asarray(moved, np.float64))
    )


def _pairs(
    a: NDArray[np.float32], b: NDArray[np.float32]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the places that are most like each other, and like no other: indices in a and b."""
    none = np.zeros(0, np.intp)
    if min(len(a), len(b)) <= _LEAST:
        return none, none
    far = np.square(a).sum(1)[:, None] + np.square(b).sum(1)[None] - 2 * a @ b.T
    nearest = np.argpartition(far, 1, axis=1)[:, :2]
    i = np.arange(len(a))
    first, second = far[i, nearest[:, 0]], far[i, nearest[:, 1]]
    best = np.where(first <= second, nearest[:, 0], nearest[:, 1])
    low, high = np.minimum(first, second), np.maximum(first, second)
    clear = (low < _SECOND**2 * high) & (far.argmin(0)[best] == i)
    return i[clear], best[clear]


def _likeness(a: NDArray[np.uint8], b: NDArray[np.uint8], moved: NDArray[np.float64]) -> float:
    """Return the correlation of two thumbnails where the moved first one lies on the second."""
    small = moved.copy()
    # The middle of a pixel of a thumbnail is that of a square of the photo.
    middle = (THUMBNAIL - 1) / 2
    small[:, 2] = (moved[:, 2] + moved[:, :2].sum(1) * middle - middle) / THUMBNAIL
    size = b.shape[::-1]
    laid = cv2.warpAffine(a, small, size, flags=cv2.INTER_LINEAR)
    inside = cv2.warpAffine(np.full_like(a, 255), small, size, flags=cv2.INTER_LINEAR) > 250
    smaller = min(a.size * abs(float(np.linalg.det(small[:, :2]))), b.size)
    if inside.sum() < max(_OVERLAP * smaller, 2):
        return 0.0
    x, y = (values[inside].astype(np.float64) for values in (laid, b))
    x, y = x - x.mean(), y - y.mean()
    length = math.sqrt(float(x @ x) * float(y @ y))
    return float(x @ y) / length if length else 0.0
