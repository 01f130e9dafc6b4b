"""Measures how well photos are found on labelled pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from models.accuracy import Measure
from models.training.average_precision import DetectedImage, average_precision
from models.training.photos.pages import LabelledPage
from models.training.photos.score import PageScore, SetScore, score_page
from models.vocabulary import Frame, Image

Finding: TypeAlias = Callable[[Image], list[Frame]]
"""Finds the photos of a page, boxes in page pixels, each with a score by which to rank it."""

FALSE, DISTRACTED = "false photos", "distractors found"


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A labelled page, what was found on it, and how they compare."""

    page: LabelledPage
    found: tuple[Frame, ...]
    score: PageScore


def find_photos(pages: Iterable[LabelledPage], find: Finding) -> list[FoundPage]:
    """Look at labelled pages, one after the other."""
    seen = []
    for page in pages:
        found = tuple(find(page.image()))
        boxes = [frame.box for frame in found]
        score = score_page(boxes, page.photos, page.ignored, page.distractors)
        seen.append(FoundPage(page, found, score))
    return seen


def measures(name: str, pages: Sequence[FoundPage], *, method: str) -> list[Measure]:
    """Return the figures of a set of pages.

    Args:
        name: What the set is called.
        pages: Its pages.
        method: How the pages relate to what the finder was made with.
    """
    score = SetScore(tuple(seen.score for seen in pages))
    ap = average_precision([DetectedImage(s.found, s.page.photos, s.page.ignored) for s in pages])
    figures: list[tuple[str, float, tuple[float, float] | None]] = [
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
        figures.append(("AP at IoU 0.5-0.95", ap, None))
    data = f"{name}, {len(pages)} pages"
    counted = {DISTRACTED: sum(len(seen.page.distractors) for seen in pages)}
    return [
        Measure("photos", what, data, counted.get(what, score.photos), value, interval, method)
        for what, value, interval in figures
    ]
