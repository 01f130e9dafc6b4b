"""Scores of detected against labelled photos: matches, merges, splits, detected distractors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from presslens.models.geometry import Box

LOOSE, STRICT = 0.5, 0.75
"""Least intersection over union of a match."""

COVERED = 0.6
"""A detected box covers a photo, or lies inside one, from this share on, 0–1."""

EXCUSED = 0.5
"""An unmatched box is not counted if more than this share of it is ignored, 0–1."""

RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Matches:
    """One-to-one matches of detected with labelled photos of a page.

    Attributes:
        right: Indices of detected boxes that match a photo.
        hit: Indices of labelled photos that are matched.
        wrong: Indices of detected boxes that match nothing and aren't excused.
    """

    right: tuple[int, ...]
    hit: tuple[int, ...]
    wrong: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PageScore:
    """Counts of the detected and labelled photos of a page.

    Attributes:
        labelled: Labelled photos.
        detected: Detected photos without the excused ones.
        matched: Matches at LOOSE.
        detected_strictly: As ``detected``, where a match needs STRICT.
        matched_strictly: Matches at STRICT.
        merged: Detected boxes that cover several photos.
        split: Unmatched photos in which several detected boxes lie.
        distracted: Distractors that were detected as photos.
    """

    labelled: int
    detected: int
    matched: int
    detected_strictly: int = 0
    matched_strictly: int = 0
    merged: int = 0
    split: int = 0
    distracted: int = 0

    @property
    def count_error(self) -> int:
        """Absolute difference of the numbers of photos."""
        return abs(self.detected - self.labelled)

    @property
    def faultless(self) -> bool:
        """Whether every photo was detected and nothing else."""
        return self.matched == self.labelled == self.detected


def match(
    detected: Sequence[Box], labelled: Sequence[Box], ignored: Sequence[Box] = (), *, iou: float
) -> Matches:
    """Match detected with labelled photos, one to one, so that as many as possible match.

    Args:
        labelled: Boxes of the photos.
        ignored: Regions in which an unmatched box is not counted.
        iou: Least intersection over union of a match, 0–1.
    """
    overlap = overlaps(detected, labelled)
    rows, columns = linear_sum_assignment(-np.where(overlap >= iou, 1 + overlap, 0))
    pairs = [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if overlap[r, c] >= iou]
    right = {r for r, _ in pairs}
    wrong = [i for i, box in enumerate(detected) if i not in right and not excused(box, ignored)]
    return Matches(tuple(sorted(right)), tuple(sorted(c for _, c in pairs)), tuple(wrong))


def overlaps(detected: Sequence[Box], labelled: Sequence[Box]) -> NDArray[np.float64]:
    """Return all intersections over unions, 0–1, shape (len(detected), len(labelled))."""
    values = np.array([[f.iou(t) for t in labelled] for f in detected], dtype=np.float64)
    return values.reshape(len(detected), len(labelled))


def excused(box: Box, ignored: Sequence[Box]) -> bool:
    """Return whether an unmatched box counts neither as right nor as wrong."""
    return any(box.share_inside(area) > EXCUSED for area in ignored)


def score_page(
    detected: Sequence[Box],
    labelled: Sequence[Box],
    ignored: Sequence[Box] = (),
    distractors: Sequence[Box] = (),
) -> PageScore:
    """Return the score of the boxes detected on a page.

    Args:
        labelled: Boxes of the photos.
        ignored: Regions in which an unmatched box is not counted.
        distractors: Boxes of pictures that are not photos but resemble them.
    """
    loose, strict = (match(detected, labelled, ignored, iou=iou) for iou in (LOOSE, STRICT))
    unmatched = [detected[i] for i in loose.wrong]
    return PageScore(
        labelled=len(labelled),
        detected=len(loose.right) + len(loose.wrong),
        matched=len(loose.hit),
        detected_strictly=len(strict.right) + len(strict.wrong),
        matched_strictly=len(strict.hit),
        merged=sum(_merges(box, labelled) for box in detected),
        split=sum(_is_split(t, unmatched) for i, t in enumerate(labelled) if i not in loose.hit),
        distracted=sum(any(_takes(box, d) for box in unmatched) for d in distractors),
    )


def _merges(box: Box, labelled: Sequence[Box]) -> bool:
    """Return whether a box covers several photos; a photo inside another one doesn't count."""
    covered = [t for t in labelled if t.share_inside(box) >= COVERED]
    apart = [
        t
        for t in covered
        if not any(o is not t and o.area > t.area and t.share_inside(o) >= COVERED for o in covered)
    ]
    return len(apart) > 1


def _is_split(photo: Box, unmatched: Sequence[Box]) -> bool:
    return sum(box.share_inside(photo) >= COVERED for box in unmatched) > 1


def _takes(box: Box, distractor: Box) -> bool:
    return box.iou(distractor) >= LOOSE or box.share_inside(distractor) >= COVERED


@dataclass(frozen=True, slots=True)
class SetScore:
    """The scores of the pages of a set, added up."""

    pages: tuple[PageScore, ...]

    @property
    def photos(self) -> int:
        """Labelled photos."""
        return sum(p.labelled for p in self.pages)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall at LOOSE over all pages, 0–1."""
        total = sum(p.labelled + p.detected for p in self.pages)
        return 2 * sum(p.matched for p in self.pages) / total if total else 1.0

    @property
    def f1_strictly(self) -> float:
        """Harmonic mean of precision and recall at STRICT over all pages, 0–1."""
        total = sum(p.labelled + p.detected_strictly for p in self.pages)
        return 2 * sum(p.matched_strictly for p in self.pages) / total if total else 1.0

    @property
    def recall(self) -> float:
        """Share of labelled photos that were detected, 0–1."""
        return sum(p.matched for p in self.pages) / self.photos if self.photos else 1.0

    @property
    def false(self) -> int:
        """Detected photos that match no labelled one."""
        return sum(p.detected - p.matched for p in self.pages)

    @property
    def count_error(self) -> float:
        """Mean absolute count error a page."""
        return float(np.mean([p.count_error for p in self.pages])) if self.pages else 0.0

    @property
    def merges(self) -> float:
        """Detected boxes that cover several photos, per 100 labelled photos."""
        return 100 * sum(p.merged for p in self.pages) / max(1, self.photos)

    @property
    def splits(self) -> float:
        """Photos detected in pieces, per 100 labelled photos."""
        return 100 * sum(p.split for p in self.pages) / max(1, self.photos)

    @property
    def distracted(self) -> int:
        """Distractors that were detected as photos."""
        return sum(p.distracted for p in self.pages)

    def f1_interval(self) -> tuple[float, float] | None:
        """Return the 95 % bootstrap interval of ``f1`` over pages; None for a single page."""
        if len(self.pages) < 2:
            return None
        rng = np.random.default_rng(0)  # the same interval every time
        drawn = rng.integers(len(self.pages), size=(RESAMPLES, len(self.pages)))
        matched = np.array([p.matched for p in self.pages])[drawn].sum(axis=1)
        total = np.array([p.labelled + p.detected for p in self.pages])[drawn].sum(axis=1)
        f1 = np.where(total > 0, 2 * matched / np.maximum(total, 1), 1.0)
        low, high = np.quantile(f1, [0.025, 0.975])
        return float(low), float(high)
