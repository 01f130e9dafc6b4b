"""Finds the photos of a page: the layout model and the pixels propose, gutters divide."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from models.geometry import Box
from models.photos.gutters import PageEvidence
from models.photos.layout import LayoutModel
from models.photos.paper import Mask, ink_mask, solid_mask
from models.recipe import PhotoRules
from models.vocabulary import Frame, Image

STROKE = 0.01
"""Strokes of text are thinner than this share of the page width."""

FULL = 0.88
"""A frame fills its bounding box by at least this share; a fragment of a pale photo does not."""


@dataclass(frozen=True, slots=True)
class GridFinder:
    """Finds frames, also in dense grids: whatever is printed as one picture.

    Attributes:
        layout: Proposes pictures.
        rules: Sizes and thresholds.
    """

    layout: LayoutModel
    rules: PhotoRules

    def find(self, page: Image) -> list[Frame]:
        """Return the candidates of a page in reading order, boxes in page pixels."""
        ink = ink_mask(page)
        least = max(8, round(self.rules.min_side * page.shape[1]))
        evidence = PageEvidence.of(page, ink, least=least)
        solid = _solid_frames(ink, evidence)
        pictures = [
            Frame(part, picture.score)
            for picture in self.layout.pictures(page)
            for part in evidence.split(picture.box)
        ]
        return reading_order(_reconciled(solid, pictures))


@dataclass(frozen=True, slots=True)
class _Solid:
    """A frame by its pixels; ``fill`` is the share of its box that is solid ink."""

    box: Box
    fill: float


def _solid_frames(ink: Mask, evidence: PageEvidence) -> list[_Solid]:
    """Return the frames that stand out from the paper as solid ink."""
    solid = solid_mask(ink, max(4, round(STROKE * ink.shape[1])))
    count, _, stats, _ = cv2.connectedComponentsWithStats(solid.astype(np.uint8), connectivity=4)
    frames = []
    for i in range(1, count):
        x, y, w, h = (int(v) for v in stats[i, :4])
        if min(w, h) >= evidence.least:
            for part in evidence.split(Box(x, y, x + w, y + h)):
                x0, y0, x1, y1 = part.pixels()
                frames.append(_Solid(part, float(solid[y0:y1, x0:x1].mean())))
    return frames


def _reconciled(solid: list[_Solid], pictures: list[Frame]) -> list[Frame]:
    """Return one set of frames from what the pixels and what the layout model propose.

    Well-formed frames by pixels stand, and so does a picture that no such frame contradicts:
    then fragments inside it are parts of it.
    """
    formed = [s for s in solid if s.fill >= FULL]
    kept = [Frame(s.box, _support(s.box, pictures)) for s in formed]
    for picture in sorted(pictures, key=lambda p: -p.score):
        if not any(_rivals(picture.box, frame.box) for frame in kept):
            kept.append(picture)
    for fragment in solid:
        if fragment.fill < FULL and not any(_rivals(fragment.box, f.box) for f in kept):
            kept.append(Frame(fragment.box, fragment.fill / 2))
    return _outermost(kept)


def _support(box: Box, pictures: list[Frame]) -> float:
    """Return how sure a frame by pixels is: more so where the layout model agrees."""
    return max([0.5, *(p.score for p in pictures if p.box.iou(box) > 0.7)])


def _rivals(a: Box, b: Box) -> bool:
    return a.share_inside(b) > 0.3 or b.share_inside(a) > 0.3


def _outermost(frames: list[Frame]) -> list[Frame]:
    """Return the frames that lie in no other one."""
    return [
        f
        for f in frames
        if not any(
            f is not g and f.box.share_inside(g.box) > 0.8 and g.box.area > f.box.area
            for g in frames
        )
    ]


def reading_order(frames: list[Frame]) -> list[Frame]:
    """Return frames row by row from the top, each row from the left.

    A frame belongs to a row when its middle lies within the height of the row's first frame.
    """
    rows: list[list[Frame]] = []
    for frame in sorted(frames, key=lambda f: (f.box.y0, f.box.x0)):
        for row in rows:
            if row[0].box.y0 <= frame.box.centre[1] < row[0].box.y1:
                row.append(frame)
                break
        else:
            rows.append([frame])
    return [frame for row in rows for frame in sorted(row, key=lambda f: f.box.x0)]
