"""Contact sheets of the pages on which photos were missed or falsely detected."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from presslens.lab.training.photos.evaluate import EvaluatedPage
from presslens.lab.training.photos.pages import REAL
from presslens.lab.training.photos.score import LOOSE, match
from presslens.models.geometry import Box
from presslens.models.vocabulary import Image

RIGHT, FALSE, MISSED = (0, 170, 60), (225, 20, 20), (20, 70, 235)
"""Colours, RGB, of true positives, false positives and false negatives."""

TILE = 760
"""A page is shown at most so many pixels high,"""
PIXELS = 24_000_000
"""and smaller where a sheet would have more pixels than this."""
SHAPE = 0.72
"""Width of a tile, share of its height."""
LABEL = 26
GROUND = 235


def contact_sheet(pages: Sequence[EvaluatedPage]) -> Image | None:
    """Return one picture of all pages with an error, or None if no page has one.

    Detected boxes are green where they match a photo and red where they don't; missed photos are
    blue. Ignored regions are not drawn.
    """
    wrong = [evaluated for evaluated in pages if not evaluated.score.faultless]
    if not wrong:
        return None
    across = min(len(wrong), max(1, round((len(wrong) * 2) ** 0.5)))
    down = -(-len(wrong) // across)
    height = int(min(TILE, (PIXELS / (across * down) / SHAPE) ** 0.5 - LABEL))
    width = int(height * SHAPE)
    sheet = np.full((down * (height + LABEL), across * width, 3), GROUND, np.uint8)
    for i, evaluated in enumerate(wrong):
        y, x = i // across * (height + LABEL), i % across * width
        sheet[y : y + LABEL, x : x + width] = _label(evaluated, width)
        tile = _tile(evaluated, width - 4, height)
        sheet[y + LABEL : y + LABEL + tile.shape[0], x : x + tile.shape[1]] = tile
    return sheet


def _label(evaluated: EvaluatedPage, width: int) -> Image:
    """Return a line with the page's name, its matched photos and its false detections."""
    page, score = evaluated.page, evaluated.score
    edition = page.group if page.condition == REAL else page.path.parent.name
    text = f"{edition} {page.path.stem}: {score.matched} of {score.labelled}"
    line = np.full((LABEL, width, 3), GROUND, np.uint8)
    text += f", {score.detected - score.matched} false"
    size = min(0.5, width / 700)
    cv2.putText(line, text, (4, 17), cv2.FONT_HERSHEY_SIMPLEX, size, (20, 20, 20), 1, cv2.LINE_AA)
    return line


def _tile(evaluated: EvaluatedPage, width: int, height: int) -> Image:
    """Return a page within a width and height in pixels, with its boxes."""
    page = evaluated.page.image()
    scale = min(height / page.shape[0], width / page.shape[1])
    size = max(1, int(page.shape[1] * scale)), max(1, int(page.shape[0] * scale))
    tile = np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA), np.uint8)
    boxes = [frame.box for frame in evaluated.detections]
    pairs = match(boxes, evaluated.page.photos, evaluated.page.ignored, iou=LOOSE)
    missed = [box for i, box in enumerate(evaluated.page.photos) if i not in pairs.hit]
    _outline(tile, missed, scale, MISSED)
    _outline(tile, [boxes[i] for i in pairs.right], scale, RIGHT)
    _outline(tile, [boxes[i] for i in pairs.wrong], scale, FALSE)
    return tile


def _outline(tile: Image, boxes: Sequence[Box], scale: float, colour: tuple[int, int, int]) -> None:
    for box in boxes:
        x0, y0, x1, y1 = box.scaled(scale).pixels()
        cv2.rectangle(tile, (x0, y0), (x1 - 1, y1 - 1), colour, 2)
