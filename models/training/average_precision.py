"""Average precision of found photos, in the manner of COCO: 101 points, IoU 0.5 to 0.95."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.geometry import Box
from models.training.photos.score import excused, overlaps
from models.vocabulary import Frame

THRESHOLDS = tuple(round(0.5 + 0.05 * i, 2) for i in range(10))
RECALLS = np.linspace(0, 1, 101)


@dataclass(frozen=True, slots=True)
class Ranked:
    """The found frames of a page, with what is there."""

    found: Sequence[Frame]
    labelled: Sequence[Box]
    ignored: Sequence[Box] = ()


def average_precision(
    pages: Sequence[Ranked], thresholds: Sequence[float] = THRESHOLDS
) -> float | None:
    """Return the area under the precision-recall curve, 0–1, averaged over IoU thresholds.

    Frames of all pages are ranked by score. A frame takes the free photo that it overlaps most;
    one that takes none counts as false, unless it lies where it is ignored.

    Returns:
        None where there is no photo to find.
    """
    photos = sum(len(page.labelled) for page in pages)
    if photos == 0:
        return None
    seen = [_Page.look(page) for page in pages]
    return float(np.mean([_at(seen, photos, iou) for iou in thresholds]))


@dataclass(frozen=True, slots=True, eq=False)
class _Page:
    """Scores, best first, and for each of these frames its overlaps and whether it is excused."""

    scores: NDArray[np.float64]
    overlap: NDArray[np.float64]
    excused: NDArray[np.bool_]

    @classmethod
    def look(cls, page: Ranked) -> _Page:
        ranked = sorted(page.found, key=lambda frame: -frame.score)
        boxes = [frame.box for frame in ranked]
        return cls(
            np.array([frame.score for frame in ranked], dtype=np.float64),
            overlaps(boxes, page.labelled),
            np.array([excused(box, page.ignored) for box in boxes], dtype=np.bool_),
        )

    def hits(self, iou: float) -> NDArray[np.bool_]:
        """Return which frames take a photo."""
        free = np.ones(self.overlap.shape[1], dtype=np.bool_)
        hits = np.zeros(len(self.scores), dtype=np.bool_)
        for i, row in enumerate(self.overlap):
            candidates = np.where(free & (row >= iou), row, -1.0)
            if candidates.size and candidates.max() >= 0:
                free[candidates.argmax()] = False
                hits[i] = True
        return hits


def _at(pages: Sequence[_Page], photos: int, iou: float) -> float:
    """Return the average precision at one threshold."""
    hits = [page.hits(iou) for page in pages]
    counted = [hit | ~page.excused for hit, page in zip(hits, pages, strict=True)]
    scores = np.concatenate([p.scores[c] for p, c in zip(pages, counted, strict=True)])
    right = np.concatenate([h[c] for h, c in zip(hits, counted, strict=True)])
    right = right[np.argsort(-scores, kind="stable")].cumsum()
    if right.size == 0:
        return 0.0
    precision = right / np.arange(1, right.size + 1)
    # The best precision at this or any higher recall, as COCO interpolates.
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(right / photos, RECALLS, side="left")
    return float(np.where(at < right.size, envelope[np.minimum(at, right.size - 1)], 0.0).mean())
