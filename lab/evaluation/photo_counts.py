"""Coverage of the intervals of photo counts, on labelled pages that the errors were not learned on.

Each real set and each seed of composed editions is left out in turn: the finder's errors are
learned on the others, and the pages and editions left out are counted with them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from presslens.lab.training.photos.finder_errors import CountedPage, PageKinds, learn_finder_errors
from presslens.lab.training.photos.pages import REAL, LabelledPage
from presslens.models.accuracy import Measure, wilson
from presslens.models.geometry import Box
from presslens.models.photos.finder import SegmentingFinder
from presslens.models.photos.finder_errors import Numbers, finder_errors
from presslens.models.photos.traits import traits
from presslens.models.vocabulary import PageTraits
from presslens.pipelines.statistics.photo_counts import (
    FoundPages,
    Newspaper,
    finder_moments,
    photo_areas,
    photo_counts,
)

Record: TypeAlias = dict[str, Any]
"""A labelled page with what was found on it, as it is stored between two runs."""

LEFT_OUT = "each real set and each seed of composed editions left out of what the errors learn from"
SURPASSED = 100
"""The count of photos that ``more than`` is asked for: the claim that analysts made."""


@dataclass(frozen=True, slots=True)
class CountedGroup:
    """The count of a page or an edition, and its interval.

    Attributes:
        what: "page" or "edition".
        shown_as: The composed condition, or "real".
        printed: Its labelled photos.
        detected: Its found photos.
        interval: Of the count.
        area: Printed area of its photos, in pages.
        area_interval: Of the area.
    """

    what: str
    shown_as: str
    printed: int
    detected: int
    interval: tuple[float, float]
    area: float
    area_interval: tuple[float, float]


def find_on_pages(pages: Iterable[LabelledPage], finder: SegmentingFinder, height_mm: float,
    names: Callable[[LabelledPage], tuple[str, str, str]]) -> list[Record]:  # fmt: skip
    """Return what the finder finds on labelled pages.

    Args:
        finder: The photo finder.
        height_mm: Height of the printed page that the resolution is estimated from.
        names: Gives the newspaper, the edition and the source of a page.
    """
    records = []
    for page in pages:
        image = page.image()
        frames = finder.find(image)
        records.append(
            {
                "names": [*names(page), page.condition],
                "size": [image.shape[1], image.shape[0]],
                "found": [_corners(frame.box) for frame in frames.frames],
                "scores": [frame.score for frame in frames.frames],
                "photos": [_corners(box) for box in page.photos],
                "ignored": [_corners(box) for box in page.ignored],
                "traits": asdict(traits(image, frames, height_mm)),
            }
        )
    return records


def cached(file: Path, make: Callable[[], list[Record]]) -> list[Record]:
    """Return the records of a file, made and written if it is not there."""
    if not file.is_file():
        records = make()
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        part.write_text(json.dumps(records), encoding="utf-8")
        part.replace(file)
    records = json.loads(file.read_text(encoding="utf-8"))
    return list(records)


def counted_page(record: Record) -> CountedPage:
    """Return a record as errors are learned from it."""
    newspaper, edition, source, shown_as = record["names"]
    width, height = record["size"]
    detected, photos, ignored = (
        [Box(*box) for box in record[name]] for name in ("found", "photos", "ignored")
    )
    names = (newspaper, edition, source, shown_as)
    size, traits = (width, height), PageTraits(**record["traits"])
    return CountedPage.of(names, size, detected, record["scores"], (photos, ignored), traits)


def left_out_counts(
    pages: Sequence[CountedPage], kinds: PageKinds, *, confidence: float
) -> list[CountedGroup]:
    """Return the count of each page and each edition by errors learned on other sources.

    Args:
        pages: Pages of several sources.
        kinds: What counts as a page with a full-page photo, and as a photo page.
        confidence: Level of the intervals.
    """
    groups: list[CountedGroup] = []
    for source in sorted({page.source for page in pages}):
        others = [page for page in pages if page.source != source]
        newspaper = Newspaper.unknown(finder_errors(learn_finder_errors(others, kinds)))
        out = [page for page in pages if page.source == source]
        groups += _counted("page", [[page] for page in out], newspaper, confidence)
        editions = [
            [page for page in out if page.edition == name]
            for name in sorted({page.edition for page in out})
        ]
        groups += _counted("edition", editions, newspaper, confidence)
    return groups


def _counted(
    what: str, groups: Sequence[Sequence[CountedPage]], newspaper: Newspaper, confidence: float
) -> Iterator[CountedGroup]:
    rows = [[(0, p.condition, *p.detected.tolist()) for p in some] for some in groups]
    detections = FoundPages.of(rows)
    moments = finder_moments(detections, len(groups), newspaper)
    count = photo_counts(moments, confidence=confidence)
    area = photo_areas(
        moments,
        area=_total([[sum(page.detected_areas) for page in some] for some in groups]),
        most=_total([[1.0 for _ in some] for some in groups]),
        confidence=confidence,
    )
    for i, some in enumerate(groups):
        yield CountedGroup(
            what,
            some[0].shown_as,
            int(sum(page.photos.sum() for page in some)),
            int(sum(page.detected.sum() for page in some)),
            (float(count.low[i]), float(count.high[i])),
            sum(sum(page.areas) for page in some),
            (float(area.low[i]), float(area.high[i])),
        )


def _total(groups: Sequence[Sequence[float]]) -> Numbers:
    return np.array([sum(some) for some in groups])


def measure_counts(groups: Sequence[CountedGroup]) -> list[Measure]:
    """Return coverage and width of the intervals of counts and areas, by condition."""
    rows = []
    for what in ("page", "edition"):
        conditions = sorted({group.shown_as for group in groups}, key=lambda c: (c == REAL, c))
        for shown_as in ("all", *conditions):
            some = [g for g in groups if g.what == what and shown_as in ("all", g.shown_as)]
            rows += _measures(f"{what}s, {shown_as}", some)
    return rows


def _measures(data: str, groups: Sequence[CountedGroup]) -> list[Measure]:
    n = len(groups)
    inside = np.mean([g.interval[0] <= g.printed <= g.interval[1] for g in groups])
    areas = np.mean([g.area_interval[0] <= g.area + 1e-9 and g.area - 1e-9 <= g.area_interval[1]
        for g in groups])  # fmt: skip
    values = {
        "photos inside the interval": inside,
        "mean width, photos": np.mean([g.interval[1] - g.interval[0] for g in groups]),
        "mean printed photos": np.mean([g.printed for g in groups]),
        "found as many as printed": np.mean([g.detected == g.printed for g in groups]),
        "area inside the interval": areas,
    }
    intervals = {what: wilson(float(values[what]), n) for what in values if "inside" in what}
    return [
        Measure("photo counts", what, data, n, float(value), intervals.get(what), LEFT_OUT)
        for what, value in values.items()
    ]


def verdicts_on(groups: Sequence[CountedGroup]) -> dict[str, int]:
    """Return the verdicts on ``photos > 100`` of the editions near it: right, wrong, undecided."""
    verdicts = {"right": 0, "wrong": 0, "undecided": 0}
    for group in groups:
        if group.what == "edition" and group.printed > SURPASSED / 2:
            low, high = group.interval
            decided = low > SURPASSED or high <= SURPASSED
            right = (low > SURPASSED) == (group.printed > SURPASSED)
            verdicts["undecided" if not decided else "right" if right else "wrong"] += 1
    return verdicts


def _corners(box: Box) -> list[float]:
    return [box.x0, box.y0, box.x1, box.y1]
