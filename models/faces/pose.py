"""Where a face is turned, from its five landmarks."""

from __future__ import annotations

from collections.abc import Sequence


def yaw(landmarks: Sequence[tuple[float, float]]) -> float:
    """Return how far a face is turned to a side: -1 to the picture's left, 0 frontal, 1 right.

    It is where the tip of the nose lies between the eyes, along the axis of the eyes: at one of
    them, or beyond, it is turned fully.

    Args:
        landmarks: Eyes, nose and mouth corners as (x, y) in pixels, the left ones first.
    """
    if len(landmarks) < 3:
        return 0.0
    (x0, y0), (x1, y1), (x, y) = landmarks[:3]
    dx, dy = x1 - x0, y1 - y0
    span = dx * dx + dy * dy
    if span == 0:
        return 0.0
    along = ((x - x0) * dx + (y - y0) * dy) / span
    return min(1.0, max(-1.0, 2 * along - 1))
