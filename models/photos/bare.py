"""A bare photo that is given as a page: it has no paper around it, so it is laid on some.

A segmenter of pages looks for frames on paper, and finds none in an image that is itself one. With
a margin of paper around it, the image becomes what it looks for; a page of text doesn't.
"""

from __future__ import annotations

import cv2
import numpy as np

from presslens.models.geometry import Box
from presslens.models.photos.skew import reduced
from presslens.models.vocabulary import Frame, Image
from presslens.models.yolo import OnnxYolo

PAPER = (246, 244, 238)
"""Newsprint."""

MARGINS = (0.12, 0.3)
"""Widths of the margin, as shares of the image's longer side."""

RIM = 0.01
"""The rim of an image, as a share of its shorter side."""

TONE, EVEN = 24, 0.65
"""A page has one colour, give or take TONE of 255, on at least this share of its rim: a margin."""

LONGEST = 2048
"""The longer side of an image that is laid on paper, px: twice what the segmenter looks at."""

WHOLE = 0.7
"""Least intersection over union of a box with the image that it stands for."""


def bare_photo(image: Image, segmenter: OnnxYolo) -> Frame | None:
    """Return the frame of an image that is itself one photo, None for a page.

    Args:
        image: RGB pixels.
        segmenter: What finds photos on pages.
    """
    if _has_margin(image):
        return None
    # A page of 150 megapixels is not laid on paper at its full size.
    small = reduced(image, LONGEST)
    height, width = small.shape[:2]
    scores = [0.0]
    for margin in MARGINS:
        wide = round(margin * max(height, width))
        laid = cv2.copyMakeBorder(small, wide, wide, wide, wide, cv2.BORDER_CONSTANT, value=PAPER)
        whole = Box(wide, wide, wide + width, wide + height)
        candidates = segmenter.find(np.asarray(laid, np.uint8))
        scores += [frame.score for frame in candidates if frame.box.iou(whole) > WHOLE]
    if max(scores) == 0:
        return None
    return Frame(Box(0, 0, image.shape[1], image.shape[0]), max(scores))


def _has_margin(image: Image) -> bool:
    width = max(1, round(RIM * min(image.shape[:2])))
    sides = (image[:width], image[-width:], image[:, :width], image[:, -width:])
    rim = np.concatenate([side.reshape(-1, 3) for side in sides]).astype(np.int16)
    apart = np.abs(rim - np.median(rim, axis=0)).max(axis=1)
    return bool((apart <= TONE).mean() >= EVEN)
