"""Compares found with labelled photos: matches, merges, splits, distractors taken for photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from models.geometry import Box

LOOSE, STRICT = 0.5, 0.75
"""Least intersection over union of a match."""

COVERED = 0.6
"""A found box covers a photo, or lies inside one, from this share on."""

EXCUSED = 0.5
"""A found box that matches nothing isn't counted where more of it is ignored."""

RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Matches:
    """One-to-one matches of found with labelled photos of a page.

    Attributes:
        right: Indices of found boxes that match a photo.
        hit: Indices of labelled photos that are matched.
        wrong: Indices of found boxes that match nothing and aren't excused.
    """

    right: tuple[int, ...]
    hit: tuple[int, ...]
    wrong: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PageScore:
    """How the found photos of a page compare with its labelled ones.

    Attributes:
        labelled: Photos that are there.
        found: Photos that were found, without what is excused.
        matched: Matches at LOOSE.
        found_strictly: As ``found``, where a match needs STRICT.
        matched_strictly: Matches at STRICT.
        merged: Found boxes that cover several photos.
        split: Photos without a match that several found boxes lie in.
        distracted: Distractors that were found as photos.
    """

    labelled: int
    found: int
    matched: int
    found_strictly: int = 0
    matched_strictly: int = 0
    merged: int = 0
    split: int = 0
    distracted: int = 0

    @property
    def count_error(self) -> int:
        """Absolute difference of the numbers of photos."""
        return abs(self.found - self.labelled)

    @property
    def faultless(self) -> bool:
        """Whether every photo was found and nothing else."""
        return self.matched == self.labelled == self.found


def match(
    found: Sequence[Box], labelled: Sequence[Box], ignored: Sequence[Box] = (), *, iou: float
) -> Matches:
    """Match found with labelled photos, one to one, so that most are matched.

    Args:
        found: Boxes that were found.
        labelled: Boxes that are there.
        ignored: Where a found box that matches nothing is not counted.
        iou: Least intersection over union of a match, 0–1.
    """
    overlap = overlaps(found, labelled)
    rows, columns = linear_sum_assignment(-np.where(overlap >= iou, 1 + overlap, 0))
    pairs = [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if overlap[r, c] >= iou]
    right = {r for r, _ in pairs}
    wrong = [i for i, box in enumerate(found) if i not in right and not excused(box, ignored)]
    return Matches(tuple(sorted(right)), tuple(sorted(c for _, c in pairs)), tuple(wrong))


def overlaps(found: Sequence[Box], labelled: Sequence[Box]) -> NDArray[np.float64]:
    """Return all intersections over unions, 0–1, shape (len(found), len(labelled))."""
    values = np.array([[f.iou(t) for t in labelled] for f in found], dtype=np.float64)
    return values.reshape(len(found), len(labelled))


def excused(box: Box, ignored: Sequence[Box]) -> bool:
    """Say whether a box that matches nothing is neither right nor wrong."""
    return any(box.share_inside(area) > EXCUSED for area in ignored)


def score_page(
    found: Sequence[Box],
    labelled: Sequence[Box],
    ignored: Sequence[Box] = (),
    distractors: Sequence[Box] = (),
) -> PageScore:
    """Compare the boxes found on a page with the boxes that are there.

    Args:
        found: Boxes that were found.
        labelled: Photos that are there.
        ignored: Where a found box that matches nothing is not counted.
        distractors: What is no photo and might be taken for one.
    """
    loose, strict = (match(found, labelled, ignored, iou=iou) for iou in (LOOSE, STRICT))
    unmatched = [found[i] for i in loose.wrong]
    return PageScore(
        labelled=len(labelled),
        found=len(loose.right) + len(loose.wrong),
        matched=len(loose.hit),
        found_strictly=len(strict.right) + len(strict.wrong),
        matched_strictly=len(strict.hit),
        merged=sum(_merges(box, labelled) for box in found),
        split=sum(_is_split(t, unmatched) for i, t in enumerate(labelled) if i not in loose.hit),
        distracted=sum(any(_takes(box, d) for box in unmatched) for d in distractors),
    )


def _merges(box: Box, labelled: Sequence[Box]) -> bool:
    """Say whether a box covers several photos; one that is printed inside another isn't merged."""
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
    """Pages of one set, added up."""

    pages: tuple[PageScore, ...]

    @property
    def photos(self) -> int:
        """Labelled photos."""
        return sum(p.labelled for p in self.pages)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall at LOOSE over all pages, 0–1."""
        total = sum(p.labelled + p.found for p in self.pages)
        return 2 * sum(p.matched for p in self.pages) / total if total else 1.0

    @property
    def f1_strictly(self) -> float:
        """The same at STRICT, 0–1."""
        total = sum(p.labelled + p.found_strictly for p in self.pages)
        return 2 * sum(p.matched_strictly for p in self.pages) / total if total else 1.0

    @property
    def recall(self) -> float:
        """Share of labelled photos that were found, 0–1."""
        return sum(p.matched for p in self.pages) / self.photos if self.photos else 1.0

    @property
    def false(self) -> int:
        """Found photos that match no labelled one."""
        return sum(p.found - p.matched for p in self.pages)

    @property
    def count_error(self) -> float:
        """Mean absolute count error a page."""
        return float(np.mean([p.count_error for p in self.pages])) if self.pages else 0.0

    @property
    def merges(self) -> float:
        """Found boxes that cover several photos, per 100 labelled photos."""
        return 100 * sum(p.merged for p in self.pages) / max(1, self.photos)

    @property
    def splits(self) -> float:
        """Photos found in pieces, per 100 labelled photos."""
        return 100 * sum(p.split for p in self.pages) / max(1, self.photos)

    @property
    def distracted(self) -> int:
        """Distractors that were found as photos."""
        return sum(p.distracted for p in self.pages)

    def f1_interval(self) -> tuple[float, float] | None:
        """Return the 95 % interval of ``f1``: pages are drawn again with replacement.

        None for a single page, which says nothing about others.
        """
        if len(self.pages) < 2:
            return None
        rng = np.random.default_rng(0)  # the same figures every time
        drawn = rng.integers(len(self.pages), size=(RESAMPLES, len(self.pages)))
        matched = np.array([p.matched for p in self.pages])[drawn].sum(axis=1)
        total = np.array([p.labelled + p.found for p in self.pages])[drawn].sum(axis=1)
        f1 = np.where(total > 0, 2 * matched / np.maximum(total, 1), 1.0)
        low, high = np.quantile(f1, [0.025, 0.975])
        return float(low), float(high)
