"""Estimates which way a face is turned, from its five landmarks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def yaw(landmarks: Sequence[tuple[float, float]]) -> float:
    """Return how far a face is turned: -1 fully to the picture's left, 0 frontal, 1 to its right.

    It is how far the tip of the nose lies from the middle between the eyes, along the line through
    them, in halves of the eyes' distance (as Gee and Cipolla, Image and Vision Computing 12, 1994,
    read the gaze from eyes, nose and mouth). A head that leans or nods stays at 0. By the
    proportions of a head it is about the tangent of the angle: 0.5 is near 27°, and from 45° on,
    the nose above an eye or beyond it, a face counts as turned fully.

    Args:
        landmarks: Eyes, nose tip and mouth corners as (x, y), those on the left of the picture
            first. Fewer than three, or points that all coincide, say nothing: frontal.
    """
    if len(landmarks) < 3:
        return 0.0
    left, right, nose = np.asarray(landmarks[:3], np.float64)
    axis = right - left
    length = float(axis @ axis)
    aside = float((nose - (left + right) / 2) @ axis)
    if length == 0:
        return 0.0
    return float(np.clip(2 * aside / length, -1, 1))
