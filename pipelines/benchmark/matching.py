"""COCO's matches and average precision, in NumPy.

The figures equal those of pycocotools with ``maxDets`` at MOST_BOXES and all sizes of boxes; a test
compares them. Each picture can be weighted, as a bootstrap needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from presslens.pipelines.benchmark.folder import Boxes
from presslens.pipelines.benchmark.predictions import PredictedBoxes

THRESHOLDS = np.linspace(0.5, 0.95, 10)
"""Least intersections over unions of a match."""
RECALLS = np.linspace(0.0, 1.0, 101)
MOST_BOXES = 300
"""Boxes of a picture that count for the average precision, as COCO has it: the best so many."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class ImageMatches:
    """Which found boxes of a picture are right.

    Attributes:
        scores: Of the found boxes, falling, shape (n,).
        right: Whether each is right at each of THRESHOLDS, shape (10, n).
        ignored: Whether each counts neither as right nor as wrong, shape (10, n).
        there: How many boxes are to be found.
    """

    scores: NDArray[np.float64]
    right: Flags
    ignored: Flags
    there: int

    def best(self) -> ImageMatches:
        """Return those of the best MOST_BOXES; none of them depends on the others."""
        return replace(
            self,
            scores=self.scores[:MOST_BOXES],
            right=self.right[:, :MOST_BOXES],
            ignored=self.ignored[:, :MOST_BOXES],
        )


def match_image(found: PredictedBoxes, boxes: Boxes, ignored: Flags) -> ImageMatches:
    """Match found boxes, best first, each with the free box that it overlaps most.

    Args:
        found: The found boxes of a picture.
        boxes: Those that are there.
        ignored: Whether a box, if it is found, counts neither as right nor as wrong.
    """
    # Those to be found first, and of equal overlaps the last: pycocotools' order.
    order = np.argsort(ignored, kind="stable")
    ignored = ignored[order]
    ious = overlaps(found.boxes, boxes[order], ignored)
    limits = np.minimum(THRESHOLDS, 1 - 1e-10)
    right = np.zeros((len(limits), len(ious)), np.bool_)
    excused = np.zeros_like(right)
    taken = np.zeros((len(limits), len(ignored)), np.bool_)
    rows = np.arange(len(limits))
    for number, overlap in enumerate(ious):
        free = np.where(taken | ignored, -1.0, overlap)
        best, hit = _last_best(free, limits)
        right[:, number] = hit
        taken[rows[hit], best[hit]] = True
        _, over = _last_best(np.where(ignored, overlap, -1.0)[None].repeat(len(limits), 0), limits)
        excused[:, number] = ~hit & over
    return ImageMatches(found.scores, right, excused, int(np.count_nonzero(~ignored)))


def _last_best(
    overlap: NDArray[np.float64], limits: NDArray[np.float64]
) -> tuple[NDArray[np.intp], Flags]:
    """Return the place of the largest value of each row, and whether it reaches the row's limit."""
    if overlap.shape[1] == 0:
        return np.zeros(len(limits), np.intp), np.zeros(len(limits), np.bool_)
    best = overlap.shape[1] - 1 - np.argmax(overlap[:, ::-1], axis=1)
    return best, overlap[np.arange(len(limits)), best] >= limits


def overlaps(found: Boxes, boxes: Boxes, ignored: Flags) -> NDArray[np.float64]:
    """Return intersections over unions, 0–1, shape (len(found), len(boxes)).

    With an ignored box, the share of the found one that lies inside it.
    """
    low = np.maximum(found[:, None, :2], boxes[None, :, :2])
    high = np.minimum((found[:, :2] + found[:, 2:])[:, None], (boxes[:, :2] + boxes[:, 2:])[None])
    common = np.prod(np.maximum(high - low, 0), axis=2)
    area = np.prod(found[:, 2:], axis=1)[:, None]
    union = np.where(ignored, area, area + np.prod(boxes[:, 2:], axis=1) - common)
    return np.asarray(common / union)


def average_precisions(
    images: Sequence[ImageMatches], weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64] | None:
    """Return the average precision of the best MOST_BOXES at each of THRESHOLDS, 0–1.

    Args:
        images: The matches of all pictures, in the order of their ids.
        weights: How often each picture counts, shape (resamples, n); None: once.

    Returns:
        Shape (10,), or (resamples, 10) with weights; not a number where nothing is to be found.
        None where no picture has anything to find.
    """
    images = [image.best() for image in images]
    there = np.array([image.there for image in images], np.float64)
    if not there.sum():
        return None
    drawn = np.ones((1, len(images))) if weights is None else weights
    owner = np.repeat(np.arange(len(images)), [len(image.scores) for image in images])
    order = np.argsort(-np.concatenate([image.scores for image in images]), kind="mergesort")
    counts, to_find = drawn[:, owner[order]], drawn @ there
    right = np.concatenate([image.right for image in images], axis=1)[:, order]
    excused = np.concatenate([image.ignored for image in images], axis=1)[:, order]
    values = [
        _areas(counts * (hit & ~out), counts * ~(hit | out), to_find)
        for hit, out in zip(right, excused, strict=True)
    ]
    columns = np.stack(values, axis=1)
    return columns[0] if weights is None else columns


def _areas(
    right: NDArray[np.float64], wrong: NDArray[np.float64], to_find: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the area under each row's curve of precision at COCO's recalls, shape (resamples,)."""
    hits, misses = np.cumsum(right, axis=1), np.cumsum(wrong, axis=1)
    precision = hits / (hits + misses + np.spacing(1))
    envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    areas = np.full(len(right), np.nan)
    for row in np.flatnonzero(to_find):
        places = np.searchsorted(hits[row] / to_find[row], RECALLS, side="left")
        reached = places[places < envelope.shape[1]]
        areas[row] = envelope[row, reached].sum() / len(RECALLS)
    return areas
