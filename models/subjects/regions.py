"""Finds boxes around the parts of a photo where a map is likely."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.geometry import Box


def places(odds: NDArray[np.float32], frame: Box, *, least: float = 0.0) -> tuple[Box, ...]:
    """Return boxes around the connected places of a map, in the frame's pixels, largest first.

    Args:
        odds: Log odds, shape (rows, columns).
        frame: What the map covers.
        least: Places from these log odds on count; the best place always does.
    """
    if not odds.size:
        return ()
    rows, columns = odds.shape
    shown = (odds >= min(least, float(odds.max()))).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(shown, connectivity=8)
    width, height = frame.width / columns, frame.height / rows
    boxes = [
        Box(x * width, y * height, (x + w) * width, (y + h) * height).moved(frame.x0, frame.y0)
        for x, y, w, h, _ in stats[1:].tolist()
    ]
    return tuple(sorted(boxes, key=lambda box: -box.area))
