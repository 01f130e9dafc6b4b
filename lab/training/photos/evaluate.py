"""Evaluation of photo detection on labelled pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from presslens.lab.training.average_precision import DetectedImage, average_precision
from presslens.lab.training.photos.pages import LabelledPage
from presslens.lab.training.photos.score import PageScore, SetScore, score_page
from presslens.models.accuracy import Measure
from presslens.models.vocabulary import Frame, Image

Detector: TypeAlias = Callable[[Image], list[Frame]]
"""Returns the photos of a page, boxes in page pixels, each with a score by which to rank it."""

FALSE, DISTRACTED = "false photos", "distractors found"


@dataclass(frozen=True, slots=True)
class EvaluatedPage:
    """A labelled page with its detections and its score."""

    page: LabelledPage
    detections: tuple[Frame, ...]
    score: PageScore


def evaluate_pages(pages: Iterable[LabelledPage], detect: Detector) -> list[EvaluatedPage]:
    """Return each labelled page with the photos detected on it, in order."""
    evaluated = []
    for page in pages:
        detections = tuple(detect(page.image()))
        boxes = [frame.box for frame in detections]
        score = score_page(boxes, page.photos, page.ignored, page.distractors)
        evaluated.append(EvaluatedPage(page, detections, score))
    return evaluated


def measures(name: str, pages: Sequence[EvaluatedPage], *, method: str) -> list[Measure]:
    """Return the metrics of a set of pages.

    Args:
        name: The set's name in reports.
        method: How the pages relate to the training data of the detector.
    """
    score = SetScore(tuple(evaluated.score for evaluated in pages))
    ap = average_precision(
        [DetectedImage(e.detections, e.page.photos, e.page.ignored) for e in pages]
    )
    metrics: list[tuple[str, float, tuple[float, float] | None]] = [
        ("F1 at IoU 0.5", score.f1, score.f1_interval()),
        ("F1 at IoU 0.75", score.f1_strictly, None),
        ("recall at IoU 0.5", score.recall, None),
        (FALSE, score.false, None),
        ("count error a page", score.count_error, None),
        ("merges per 100 photos", score.merges, None),
        ("splits per 100 photos", score.splits, None),
        (DISTRACTED, score.distracted, None),
    ]
    if ap is not None:
        metrics.append(("AP at IoU 0.5-0.95", ap, None))
    data = f"{name}, {len(pages)} pages"
    counted = {DISTRACTED: sum(len(evaluated.page.distractors) for evaluated in pages)}
    return [
        Measure("photos", what, data, counted.get(what, score.photos), value, interval, method)
        for what, value, interval in metrics
    ]
