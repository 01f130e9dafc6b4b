"""Finds captions that are printed on a photo: on a plain strip along its lower or upper edge.

Letters straight on the picture are left alone: rather no caption than a wrong one.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.captions.lines import marks
from presslens.models.geometry import Box
from presslens.models.photos.paper import Mask
from presslens.models.vocabulary import Image

EDGE = 3
"""Pixels at the rim of a photo that may be its neighbour's, or a rule."""

LOWEST, HIGHEST = 1.3, 6.0
"""Height of the strip in letter heights of the page."""

PLAIN = 0.55
"""So much of each row of the strip has the strip's own tone; letters cover the rest."""

TONE, CONTRAST = 14, 55
"""How far pixels of the strip may be from its tone, and letters must be, in grey levels."""

FEWEST = 5
"""So many marks are text."""


def find_inside(page: Image, photo: Box, letter: float) -> Box | None:
    """Return the box of the text on the strip at a photo's lower or upper edge, or None.

    Args:
        page: The page, RGB.
        photo: The photo, in page pixels.
        letter: Height of the page's usual letters, px.
    """
    x0, y0, x1, y1 = photo.padded(-EDGE).clipped(page.shape[1], page.shape[0]).pixels()
    if x1 - x0 < 8 * letter or y1 - y0 < 2 * HIGHEST * letter:
        return None
    crop = np.ascontiguousarray(page[y0:y1, x0:x1])
    grey = np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), np.uint8)
    for from_edge in (grey[::-1], grey):
        strip = _strip(from_edge, letter)
        if strip is None:
            continue
        text = _text(strip, letter)
        if text is None:
            continue
        if from_edge is grey:
            return text.moved(x0, y0)
        # The lower strip was searched upside down.
        return Box(text.x0 + x0, y1 - text.y1, text.x1 + x0, y1 - text.y0)
    return None


def _strip(grey: NDArray[np.uint8], letter: float) -> NDArray[np.int16] | None:
    """Return the strip at the top of an image as differences from its tone, or None."""
    most = round(HIGHEST * letter)
    top = grey[: most + 1].astype(np.int16)
    rim = grey[: max(2, round(0.15 * letter))]
    tone = int(np.bincount(rim.ravel(), minlength=256).argmax())
    plain = (np.abs(top - tone) <= TONE).mean(axis=1) >= PLAIN
    height = len(plain) if plain.all() else int(plain.argmin())
    # A plain area without an end is the sky or the ground.
    return top[:height] - tone if LOWEST * letter <= height <= most else None


def _text(strip: NDArray[np.int16], letter: float) -> Box | None:
    """Return the box of the letters on a strip: lines with blank rows above and below."""
    mask: Mask = np.abs(strip) >= CONTRAST
    _, stats = marks(mask.astype(np.uint8))
    high = stats[:, cv2.CC_STAT_HEIGHT]
    stats = stats[(high >= 0.25 * letter) & (high <= LOWEST * letter)]
    if len(stats) < FEWEST or mask[:1].any() or mask[-1:].any():
        return None
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    box = Box(int(left.min()), int(top.min()), int(right.max()), int(bottom.max()))
    # Everything that stands out must be letters, and they must make up a line.
    x0, y0, x1, y1 = box.pixels()
    inside = int(mask[y0:y1, x0:x1].sum())
    is_line = box.width >= 3 * letter and box.height >= 0.6 * letter
    all_letters = inside >= 0.95 * int(mask.sum()) and 0.05 <= inside / box.area <= 0.5
    return box if is_line and all_letters else None
