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

OVERLAP = 0.02
"""Boxes of two frames overlap by less than this share of the smaller one."""

HALF = 0.6
"""A box that holds one pale photo is solid ink by at least this share; with text, by less."""

INSIDE = 0.9
"""A box lies in another if this share of it does."""

TILED = 0.85
"""Frames that cover this share of a picture are a group of photos."""

BETWEEN = 0.55
"""Least share of ink between the pieces of one picture; text has about 0.3."""

RIM = 0.85
"""Least share of ink along the sides of one picture, whatever is pale inside it."""

FLAT = 6.0
"""A block of one colour, the bar of a chart for instance, varies less than this, of 255."""


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
        frames = _reconciled(solid, pictures, ink)
        return reading_order([f for f in frames if not _is_flat(f.box, evidence)])


@dataclass(frozen=True, slots=True)
class _Solid:
    """A frame by its pixels; ``fill`` is the share of its box that is solid ink."""

    box: Box
    fill: float


def _solid_frames(ink: Mask, evidence: PageEvidence) -> list[_Solid]:
    """Return the frames that stand out from the paper as solid ink."""
    solid = solid_mask(ink, max(4, round(STROKE * ink.shape[1])))
    count, _, stats, _ = cv2.connectedComponentsWithStats(solid.astype(np.uint8), connectivity=4)
    parts: list[Box] = []
    for i in range(1, count):
        x, y, w, h = (int(v) for v in stats[i, :4])
        if min(w, h) >= evidence.least:
            parts += evidence.split(Box(x, y, x + w, y + h))
    frames = []
    for part in _joined(parts):
        x0, y0, x1, y1 = part.pixels()
        frames.append(_Solid(part, float(solid[y0:y1, x0:x1].mean())))
    return frames


def _joined(parts: list[Box]) -> list[Box]:
    """Return the parts, those that overlap as one: no two frames do, but pieces of one may."""
    joined: list[Box] = []
    for part in sorted(parts, key=lambda box: -box.area):
        while True:
            other = next((box for box in joined if _overlap(box, part)), None)
            if other is None:
                break
            joined.remove(other)
            part = part.union(other)
        joined.append(part)
    return joined


def _overlap(a: Box, b: Box) -> bool:
    return a.intersection(b) > OVERLAP * min(a.area, b.area)


def _reconciled(solid: list[_Solid], pictures: list[Frame], ink: Mask) -> list[Frame]:
    """Return one set of frames from what the pixels and what the layout model propose.

    Well-formed frames by pixels stand, unless they are pieces of one picture. A picture stands
    where no frame contradicts it, and then other fragments inside it are parts of it.
    """
    formed = [s.box for s in solid if s.fill >= FULL]
    whole = [p for p in pictures if _in_pieces(p.box, formed, ink)]
    formed = [b for b in formed if not any(b.share_inside(w.box) > 0.8 for w in whole)]
    kept = [*whole, *(Frame(box, _support(box, pictures)) for box in formed)]
    for picture in sorted(pictures, key=lambda p: -p.score):
        picture = _completed(picture, solid)
        if not any(_rivals(picture.box, frame.box) for frame in kept):
            kept.append(picture)
    for fragment in solid:
        if fragment.fill < FULL and not any(_rivals(fragment.box, f.box) for f in kept):
            kept.append(Frame(fragment.box, fragment.fill / 2))
    return _outermost(kept)


def _completed(picture: Frame, solid: list[_Solid]) -> Frame:
    """Return a picture with what its box cut off of the frame that it lies in."""
    around = [s.box for s in solid if s.fill >= HALF and picture.box.share_inside(s.box) > INSIDE]
    box = min(around, key=lambda box: box.area, default=picture.box)
    return Frame(box.union(picture.box), picture.score)


def _in_pieces(picture: Box, formed: list[Box], ink: Mask) -> bool:
    """Tell whether frames inside a picture are but pieces of it.

    No gutter crosses the picture, or it would have been cut there. Pieces don't tile it, and
    there is ink between them, as in a night sky full of sparks, or all around, as in a close view
    of a white cup; text and paper would be lighter.
    """
    inside = [box for box in formed if box.share_inside(picture) > 0.8]
    covered = sum(box.area for box in inside) / max(picture.area, 1.0)
    if not inside or covered >= TILED:
        return False
    x0, y0, x1, y1 = picture.pixels()
    region = ink[y0:y1, x0:x1]
    sides = np.concatenate([region[0], region[-1], region[:, 0], region[:, -1]])
    rest = region.astype(np.float32)
    for box in inside:
        a0, b0, a1, b1 = box.moved(-x0, -y0).clipped(x1 - x0, y1 - y0).pixels()
        rest[b0:b1, a0:a1] = np.nan
    return bool(sides.mean() >= RIM or np.nanmean(rest) >= BETWEEN)


def _is_flat(box: Box, evidence: PageEvidence) -> bool:
    x0, y0, x1, y1 = box.pixels()
    return float(evidence.tone[y0:y1, x0:x1].std()) < FLAT


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
