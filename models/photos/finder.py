"""Finds a page's photos: straightens the page, segments it, and refines the boxes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from presslens.models.geometry import Box, suppress
from presslens.models.photos.edges import FAR, edged, parted
from presslens.models.photos.second_look import SecondLook
from presslens.models.photos.sheet import sheet
from presslens.models.photos.skew import reduced, skew
from presslens.models.photos.straightening import Straightening
from presslens.models.recipe import PhotoRules
from presslens.models.vocabulary import Corners, Frame, Image, PageFrames
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

SAME = 0.5
"""Boxes that overlap by more than this, as intersection over union, are one photo."""

LARGE = 0.1
"""Photos of at least this share of the page are also looked for on a smaller page: there they are
as large as the photos that the segmenter bounds best."""

FILLING = 0.4
"""Where a photo of at least this share of the page seems to be and none is found, its edges are
looked for farther away."""

MIDDLING = 0.02
"""Photos of at least this share of the page that went unseen are taken from the smaller page, if
they are seen surely there and are smooth. Line engravings look like photos on the smaller page,
where their lines run together, but are not smooth."""

SURELY, LIKELY = 0.9, 0.75
"""Scores of the segmenter from which such a photo is seen surely, and from which it is taken if the
second look finds a photograph."""

SMOOTH = 0.9
"""Correlation of neighbouring pixels in such a photo; that of engravings is 0.6 to 0.88 on clean
pages, up to 0.95 on blurred scans."""

SCREENED = 0.5
"""Probability of a photograph at the second look from which it need not be smooth, nor seen surely:
photos printed through a coarse screen or copied in black and white are not smooth."""

AGREED = 0.85
"""Boxes on both pages that overlap by at least this, as intersection over union, are of one
frame."""

TWICE = 0.9
"""Boxes of the segmenter that overlap by more than this were seen twice: one is refined."""

INSIDE = 0.8
"""A box lies in another if this share of it does."""

INSET = 0.4
"""Photos laid over a larger one hide no more than this share of it."""

INSET_SCORE = 0.65
"""An inset that is no surer than this is part of the photo around it: a door, a flag, a face before
something plain have clear edges too, and insets are rare. Of 47 insets that were found on 26 pages
of the training composer, 46 are surer; of 9 frames found within photos without one, none.
``SURELY`` and ``SMOOTH`` were chosen on composed pages of seeds 301 to 308 and on real pages that
the segmenter was trained on."""

CROSSING = 0.2
"""Boxes that cross by more than this share of the smaller can't both be frames."""


@dataclass(frozen=True, slots=True)
class SegmentingFinder:
    """Finds photos with the page segmenter."""

    segmenter: OnnxYolo  # proposes frames, from the recipe's candidate score on
    rules: PhotoRules  # sizes and thresholds
    # Tells photographs from other pictures; None: all that is found is a photo.
    second_look: SecondLook | None = None

    def find(self, page: Image) -> PageFrames:
        """Return the photos of a page in reading order, boxes in page pixels, and its skew."""
        height, width = page.shape[:2]
        straight = sheet(page)
        photographed = straight is not None
        whole = None if photographed else bare_photo(page, self.segmenter)
        if whole is not None and self._is_photograph(whole, page):
            return PageFrames((whole,))
        flat = page if straight is None else straight.applied(page)
        angle = skew(flat)
        if angle:
            turned = Straightening.of_skew(angle, *flat.shape[1::-1])
            straight = turned if straight is None else straight.then(turned)
            flat = straight.applied(page)
        frames = [f for f in self._upright(flat) if self._is_photograph(f, flat)]
        if straight is not None:
            frames = [
                replace(f, box=straight.around(f.box, width, height), corners=_corners(straight, f))
                for f in frames
            ]
        angle = 0.0 if straight is None else straight.turn
        return PageFrames(tuple(frames), angle, photographed)

    def _is_photograph(self, frame: Frame, page: Image) -> bool:
        return self.second_look is None or self._likely(frame, page) >= self.rules.photograph

    def _likely(self, frame: Frame, page: Image) -> float:
        x0, y0, x1, y1 = frame.box.pixels()
        return 1.0 if self.second_look is None else self.second_look.probability(
            page[y0:y1, x0:x1])  # fmt: skip

    def _upright(self, flat: Image) -> list[Frame]:
        """Return the photos of an upright page in reading order."""
        height, width = flat.shape[:2]
        least = self.rules.min_side * width
        coarse = self.segmenter.find(flat, size=self.rules.coarse_size)
        large = [f for f in coarse if f.box.area >= LARGE * width * height]
        candidates = _agreed(_once([*self.segmenter.find(flat), *large]), coarse)
        seen = [(f, part) for f in candidates for part in refined(f, flat, least=least)]
        unsure = [Frame(part.box, f.score) for f, part in seen if part.score < self.rules.score]
        whole_again = list(united(unsure, width=width, height=height))
        seen += [(f, part) for f in whole_again for part in refined(f, flat, least=least)]
        sure = [part for _, part in seen if part.score >= self.rules.score]
        sure += self._filling(sure, coarse, flat)
        photos = distinct([f for f in sure if not is_flat(f.box, flat)])
        return reading_order([*photos, *self._unseen(photos, coarse, flat, least=least)])

    def _filling(self, sure: Sequence[Frame], coarse: Sequence[Frame], page: Image) -> list[Frame]:
        """Return pictures that take much of the page, their sides looked for farther away."""
        area = FILLING * page.shape[0] * page.shape[1]
        plain = [f for f in coarse if f.box.area >= area and not _meets(f, sure)]
        exact = [(f, edged(f.box, page, large=FAR)) for f in plain]
        frames = [Frame(e.box, math.sqrt(f.score * e.clarity)) for f, e in exact]
        return [f for f in frames if f.score >= self.rules.score]

    def _unseen(
        self, photos: Sequence[Frame], coarse: Sequence[Frame], page: Image, *, least: float
    ) -> list[Frame]:
        """Return photos in plain view on the smaller page where the larger shows none."""
        area = MIDDLING * page.shape[0] * page.shape[1]
        plain = [f for f in coarse if f.score >= LIKELY and f.box.area >= area]
        parts = [
            (f, part)
            for f in plain
            if not _meets(f, photos)
            for part in refined(f, page, least=least)
            if part.score >= self.rules.score and not _meets(part, photos)
        ]
        return distinct([part for f, part in parts if self._is_plain(f.score, part, page)])

    def _is_plain(self, score: float, frame: Frame, page: Image) -> bool:
        """Return whether a frame with a score on the smaller page is a photo in plain view."""
        if score >= SURELY and smoothness(frame.box, page) >= SMOOTH:
            return True
        return self.second_look is not None and self._likely(frame, page) >= SCREENED


def _corners(straight: Straightening, frame: Frame) -> Corners:
    a, b, c, d = ((float(x), float(y)) for x, y in straight.corners(frame.box))
    return a, b, c, d


def _meets(frame: Frame, others: Sequence[Frame]) -> bool:
    return any(_crossing(frame.box, other.box) > CROSSING for other in others)


def _agreed(frames: Sequence[Frame], coarse: Sequence[Frame]) -> list[Frame]:
    """Return the frames, each as sure as on the page, large or small, that shows it better.

    What holds two others is left as it is: on the smaller page, photos that touch are one.
    """
    return [
        Frame(f.box, max([f.score, *(k.score for k in coarse if k.box.iou(f.box) >= AGREED)]))
        if sum(k.box.share_inside(f.box) > INSIDE for k in frames if k.box.iou(f.box) < AGREED) < 2
        else f
        for f in frames
    ]


def _once(frames: Sequence[Frame]) -> list[Frame]:
    """Return the frames without those that the segmenter saw twice, which need no refining."""
    best = suppress([f.box for f in frames], [f.score for f in frames], TWICE)
    return [frames[i] for i in best]


def refined(frame: Frame, page: Image, *, least: float) -> list[Frame]:
    """Return the frames that a box of the segmenter stands for, with exact edges.

    What spans a gutter is parted there. A frame is as sure as the segmenter and its least clear
    edge together: the geometric mean of both.

    Args:
        frame: As the segmenter saw it, in page pixels.
        page: The page turned upright, RGB.
        least: Frames have no side below this many pixels.
    """
    frames = []
    whole = edged(frame.box, page)
    for part in parted(whole.box, page, least=least):
        exact = whole if part == whole.box else edged(part, page)
        if min(exact.box.width, exact.box.height) >= least:
            frames.append(Frame(exact.box, math.sqrt(frame.score * exact.clarity)))
    return frames


def distinct(frames: Sequence[Frame]) -> list[Frame]:
    """Return the frames that can stand side by side, the surest first.

    Of two that are one photo, the surer stays. A frame inside another stays only as an inset: a
    small photo laid over a large one. A frame around others stays only if they are insets of it,
    not when it is the group that they make up.
    """
    photos: list[Frame] = []
    for frame in sorted(frames, key=lambda f: -f.score):
        within = [k for k in photos if k.box.share_inside(frame.box) > INSIDE]
        around = [k for k in photos if frame.box.share_inside(k.box) > INSIDE]
        if any(frame.box.iou(k.box) > SAME for k in photos):
            continue
        if _covered(frame.box, within) > INSET:
            continue
        if any(frame.box.area > INSET * k.box.area for k in around):
            continue
        if around and frame.score < INSET_SCORE:
            continue
        beside = [k for k in photos if k not in within and k not in around]
        if _meets(frame, beside):
            continue
        photos.append(frame)
    return photos


def _covered(box: Box, parts: Sequence[Frame]) -> float:
    return sum(box.intersection(part.box) for part in parts) / max(box.area, 1.0)


def _crossing(a: Box, b: Box) -> float:
    return a.intersection(b) / max(min(a.area, b.area), 1.0)


def reading_order(frames: Sequence[Frame]) -> list[Frame]:
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


SHARE = 0.03
"""Pieces take at least this share of the page: small photos are seen whole."""

ALIKE = 0.01
"""Edges are the same if they differ by no more than this share of the page's longer side."""


def united(pieces: Sequence[Frame], *, width: int, height: int) -> Iterator[Frame]:
    """Yield what overlapping pieces with two edges in common make up together.

    Args:
        pieces: Boxes that are no frames by themselves, with the segmenter's scores; their edges
            are the edges in the pixels.
        width: Of the page, in pixels.
        height: Of the page, in pixels.

    Yields:
        A frame around two pieces or more, with the best of their scores.
    """
    large = [piece for piece in pieces if piece.box.area >= SHARE * width * height]
    near = ALIKE * max(width, height)
    for same, first in ((_rows, "x0"), (_columns, "y0")):
        rest = sorted(large, key=lambda piece: getattr(piece.box, first))
        while rest:
            group = [rest.pop(0)]
            for piece in list(rest):
                if any(same(piece.box, other.box, near) for other in group):
                    group.append(piece)
                    rest.remove(piece)
            if len(group) > 1:
                yield _around(group)


def _rows(a: Box, b: Box, near: float) -> bool:
    """Return whether two boxes overlap side by side between the same upper and lower edges."""
    level = abs(a.y0 - b.y0) <= near and abs(a.y1 - b.y1) <= near
    return level and min(a.x1, b.x1) > max(a.x0, b.x0)


def _columns(a: Box, b: Box, near: float) -> bool:
    """Return whether two boxes overlap, one above the other, with the same left and right edges."""
    plumb = abs(a.x0 - b.x0) <= near and abs(a.x1 - b.x1) <= near
    return plumb and min(a.y1, b.y1) > max(a.y0, b.y0)


def _around(group: Sequence[Frame]) -> Frame:
    box = group[0].box
    for piece in group[1:]:
        box = box.union(piece.box)
    return Frame(box, max(piece.score for piece in group))


FLAT = 6.0
"""A picture of one colour varies less than this in each channel, of 255."""

SAMPLES = 60
"""So many pixels along the shorter side of a box tell whether it is flat."""


def is_flat(box: Box, page: Image) -> bool:
    """Return whether a box holds one colour only, as a panel, a bar or a black border does."""
    x0, y0, x1, y1 = box.pixels()
    step = max(1, round(min(box.width, box.height) / SAMPLES))
    inner = page[y0:y1:step, x0:x1:step]
    return float(inner.std(axis=(0, 1)).max()) < FLAT


def smoothness(box: Box, page: Image) -> float:
    """Return how alike neighbouring pixels of a box are: their correlation, -1 to 1.

    Of the two directions, the less smooth one. Photos have 0.9 and more, line engravings and what
    is printed through a coarse screen less. What has one tone, or is less than 3 pixels wide or
    high, has none: 0.

    Args:
        box: In page pixels.
        page: RGB.
    """
    x0, y0, x1, y1 = box.pixels()
    grey = page[y0:y1, x0:x1].mean(axis=2)
    if min(grey.shape) < 3 or grey.std() < FLAT:
        return 0.0
    pairs = ((grey[:, :-1], grey[:, 1:]), (grey[:-1], grey[1:]))
    return min(float(np.corrcoef(a.ravel(), b.ravel())[0, 1]) for a, b in pairs)


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
