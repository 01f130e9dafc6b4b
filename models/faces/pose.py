"""Which way a face looks, from its five landmarks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def yaw(landmarks: Sequence[tuple[float, float]]) -> float:
    """Return how far a face is turned: -1 (to the picture's left) to 1, and 0 if it faces us.

    It is where the nose tip lies between the eyes, along the line from one to the other: halfway
    in a frontal face, at an eye or beyond in a profile.

    Args:
        landmarks: Eyes, nose tip and mouth corners (x, y), those on the picture's left first.
    """
    left, right, nose = np.asarray(landmarks[:3], np.float64)
    axis = right - left
    length = float(axis @ axis)
    if length == 0:
        return 0.0
    return float(np.clip(2 * ((nose - (left + right) / 2) @ axis) / length, -1, 1))
