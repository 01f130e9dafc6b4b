"""Measures how well photos are found: matches of found with labelled frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from models.geometry import Box
from models.instruments import FeatureExtractor, PhotoFinder
from models.measure import Measure
from models.photos.pages import labelled_pages
from models.photos.train import TrainingSet, crop


@dataclass(frozen=True, slots=True)
class PageScore:
    """How the found frames of a page compare with its labelled ones."""

    labelled: int
    found: int
    matched: int
    mean_iou: float

    @property
    def count_error(self) -> int:
        """Absolute difference of the numbers of photos."""
        return abs(self.found - self.labelled)


def score_page(
    found: Sequence[Box], labelled: Sequence[Box], ignored: Sequence[Box] = (), *, iou: float = 0.5
) -> PageScore:
    """Match found frames with labelled ones, one to one, so that most are matched.

    Args:
        found: Boxes that were found.
        labelled: Boxes that are there.
        ignored: Where a found box that matches nothing is not counted.
        iou: Least intersection over union of a match, 0–1.
    """
    overlap = np.array([[f.iou(t) for t in labelled] for f in found]).reshape(
        len(found), len(labelled)
    )
    rows, columns = linear_sum_assignment(-np.where(overlap >= iou, 1 + overlap, 0))
    pairs = [(r, c) for r, c in zip(rows, columns, strict=True) if overlap[r, c] >= iou]
    matched = {r for r, _ in pairs}
    excused = sum(
        i not in matched and any(box.share_inside(area) > 0.5 for area in ignored)
        for i, box in enumerate(found)
    )
    mean = float(np.mean([overlap[r, c] for r, c in pairs])) if pairs else 0.0
    return PageScore(len(labelled), len(found) - excused, len(pairs), mean)


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
        """Harmonic mean of precision and recall over all pages, 0–1."""
        total = sum(p.labelled + p.found for p in self.pages)
        return 2 * sum(p.matched for p in self.pages) / total if total else 1.0

    @property
    def recall(self) -> float:
        """Share of labelled photos that were found, 0–1."""
        return sum(p.matched for p in self.pages) / self.photos if self.photos else 1.0

    @property
    def false(self) -> int:
        """Found frames that match no photo."""
        return sum(p.found - p.matched for p in self.pages)

    @property
    def count_error(self) -> float:
        """Mean absolute count error a page."""
        return float(np.mean([p.count_error for p in self.pages])) if self.pages else 0.0


def cross_validated(
    data: Path, finder: PhotoFinder, features: FeatureExtractor, *, threshold: float
) -> list[Measure]:
    """Measure the whole station on real pages, each edition with a test that never saw it."""
    examples = TrainingSet.gather(data, finder, features)
    pages = list(labelled_pages(data))
    tests = {group: examples.without(group) for group in {page.group for page in pages}}
    scores: dict[str, list[PageScore]] = {}
    for page in pages:
        image = page.image()
        boxes = [frame.box for frame in finder.find(image)]
        seen = features.extract([crop(image, box) for box in boxes])
        p = tests[page.group].predict_proba(seen)[:, 1] if boxes else np.empty(0)
        kept = [box for box, value in zip(boxes, p, strict=True) if value >= threshold]
        scores.setdefault(page.group, []).append(score_page(kept, page.photos, page.ignored))
    return measures({name: SetScore(tuple(pages)) for name, pages in scores.items()})


def measures(scores: Mapping[str, SetScore]) -> list[Measure]:
    """Return the figures of each set of pages."""
    method = (
        "photographic test refitted without the edition; "
        "the gutter rules were drawn up with these pages in sight"
    )
    rows = []
    for name, score in scores.items():
        data = f"{name}, {len(score.pages)} pages"
        figures = {
            "F1 at IoU 0.5": score.f1,
            "recall at IoU 0.5": score.recall,
            "false photos": float(score.false),
            "count error a page": score.count_error,
        }
        rows += [
            Measure("photos", what, data, score.photos, value, None, method)
            for what, value in figures.items()
        ]
    return rows
