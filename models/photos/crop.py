"""Cuts the photos out of a page, along their own edges where they lie askew."""

from __future__ import annotations

import cv2
import numpy as np

from presslens.models.vocabulary import Frame, Image

FRACTIONS = 4
"""Binary digits of the corners' fractions of a pixel."""


def cut_out(page: Image, frame: Frame) -> Image:
    """Return the pixels of a photo's box.

    A photo that lies askew doesn't fill its box: what lies beside it is replaced by its own mean
    colour, so that no sliver of a neighbour is taken for a part of it.

    Args:
        page: RGB, shape (height, width, 3).
        frame: In pixels of the page.
    """
    x0, y0, x1, y1 = frame.box.pixels()
    pixels = page[y0:y1, x0:x1]
    if frame.corners is None or not pixels.size:
        return pixels
    corners = (np.array(frame.corners) - (x0, y0)) * 2**FRACTIONS
    inside = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, corners.round().astype(np.int32), 1, shift=FRACTIONS)
    mean = cv2.mean(np.ascontiguousarray(pixels), inside)[:3]
    return np.where(inside[:, :, None] > 0, pixels, np.round(mean).astype(np.uint8))
