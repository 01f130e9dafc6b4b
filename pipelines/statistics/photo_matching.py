"""Which photos of a page two recipes both have found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from models.geometry import Box

SAME = 0.5
"""IoU from which two boxes are of one photo, as where photos are measured."""


def matched(old: Sequence[Box], new: Sequence[Box]) -> list[tuple[int, int]]:
    """Return the (old, new) indices of boxes that are of one photo, none of them twice.

    Those pairs are taken whose overlaps add up to the most.

    Args:
        old: What one recipe has found.
        new: What the other has found, in the same coordinates.
    """
    overlaps = np.array([[a.iou(b) for b in new] for a in old]).reshape(len(old), len(new))
    # Overlaps that are too small must not draw a box away from its own photo.
    overlaps[overlaps < SAME] = 0.0
    rows, columns = linear_sum_assignment(overlaps, maximize=True)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return [(i, j) for i, j in pairs if overlaps[i, j] >= SAME]
