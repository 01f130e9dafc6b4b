"""Counts of photos and pages of editions and periods, with the intervals of the finder's errors."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from presslens.models.message import Message
from presslens.models.photos.finder_errors import FinderErrors, Numbers, load_finder_errors
from presslens.pipelines.statistics.layout import PageType
from presslens.pipelines.statistics.photo_counts import (
    CountPosterior,
    FoundPage,
    FoundPages,
    Newspaper,
    finder_moments,
    page_counts,
    photo_areas,
    photo_counts,
)
from presslens.pipelines.statistics.summary import Summary
from presslens.pipelines.written_numbers import written_level

PAGE_KINDS: Mapping[str, tuple[PageType, ...]] = {
    "full_page_photo_pages": (PageType.FULL_PAGE,),
    "photo_pages": (PageType.FULL_PAGE, PageType.PHOTOS),
    "text_pages": (PageType.TEXT,),
}
"""The plain metrics that count pages by the photos on them."""

COUNTED_METRICS = ("photos", "photos_per_page", "photo_area_share", *PAGE_KINDS)
"""The plain metrics that the finder's errors change."""

EXACT = "counted by people on every page seen"


@dataclass(frozen=True, slots=True)
class PageCheck:
    """The statements of people about the photos of a page."""

    whole: bool  # the page was looked through, so that its count is exact
    drawn: bool  # chance chose the page, so that it tells of other pages too
    false: tuple[int, ...] = ()  # the cell of each found photo that is none
    # Photos beyond the found ones: missed ones, and those that a found one holds beyond the first.
    extra: int = 0
    # What people have drawn adds to the number of photos: it is counted with them already.
    applied: int = 0
    area: float = 0.0  # what they have counted and not drawn adds to the printed area, in pages

    @property
    def correction(self) -> int:
        """What it adds to the number of photos that the machine has found."""
        return self.extra - len(self.false)

    @property
    def change(self) -> int:
        """What it adds to the number of photos, those that people have drawn among them."""
        return self.correction - self.applied


@dataclass(frozen=True, slots=True)
class EditionDetections:
    """The counts of an edition by the machine, and what people said of its pages."""

    pages_seen: int  # pages that were analysed
    photos: int  # its photos: found ones, as people have corrected them
    photo_area: float  # their printed area, in pages
    page_types: Mapping[str, int]  # number of pages of each type
    found_pages: Sequence[FoundPage]  # what the machine has found on each page that was seen
    # What people said, by page number.
    checks: Mapping[int, PageCheck] = field(default_factory=dict)

    @classmethod
    def of(cls, summary: Summary, checks: Mapping[int, PageCheck]) -> EditionDetections:
        """Return the counts of a summary, and what people said of its pages."""
        return cls(
            summary.pages_seen,
            summary.photos,
            summary.photo_area,
            summary.page_types,
            summary.found_pages,
            checks,
        )

    @property
    def all_checked(self) -> bool:
        """Whether people have looked through every page that was seen."""
        whole = {number for number, check in self.checks.items() if check.whole}
        return bool(self.found_pages) and all(page[0] in whole for page in self.found_pages)

    def seen_checks(self) -> list[PageCheck]:
        """Return the statements of people about the pages that were seen."""
        if not self.checks:
            return []
        numbers = {page[0] for page in self.found_pages}
        return [check for number, check in self.checks.items() if number in numbers]

    def open_pages(self) -> Iterator[FoundPage]:
        """Yield the pages that nobody has looked through, without photos known to be none."""
        if not self.checks:
            yield from self.found_pages
            return
        for page in self.found_pages:
            check = self.checks.get(page[0])
            if check is None:
                yield page
            elif not check.whole:
                cells = list(page[2:])
                for cell in check.false:
                    cells[cell] -= 1
                yield (page[0], page[1], *cells)

    def certain(self) -> int:
        """Return the photos that are certain: those of checked pages, and added ones of others."""
        pages = {page[0]: page for page in self.found_pages}
        own = sum(sum(page[2:]) for page in self.found_pages if page[1] < 0
            and not (page[0] in self.checks and self.checks[page[0]].whole))  # fmt: skip
        return own + sum(
            check.extra + (sum(pages[number][2:]) - len(check.false) if check.whole else 0)
            for number, check in self.checks.items()
            if number in pages
        )


@dataclass(frozen=True, slots=True)
class CountEstimate:
    """A count, or a mean or share that follows from counts."""

    value: float | None  # what was found, corrected where people looked; None without a page seen
    # Of the printed number; None where people have counted everything.
    interval: tuple[float, float] | None
    method: str  # how the interval was made


def newspaper_of(editions: Sequence[EditionDetections], errors: FinderErrors) -> Newspaper:
    """Return the posterior of the factors of editions, by their pages drawn and looked through."""
    checked = [
        (page, check)
        for edition in editions
        for page in edition.found_pages
        if page[1] >= 0 and (check := edition.checks.get(page[0])) is not None
        if check.whole and check.drawn
    ]
    newspaper = Newspaper.unknown(errors)
    if not checked:
        return newspaper
    pages = FoundPages.of([[page for page, _ in checked]])
    false, missed = (
        np.array(numbers, np.int64)
        for numbers in ([len(c.false) for _, c in checked], [c.extra for _, c in checked])
    )
    return newspaper.updated(pages, false, missed)


def edition_counts(
    summary: Summary, checks: Mapping[int, PageCheck], *, confidence: float
) -> dict[str, CountEstimate]:
    """Return each metric of ``COUNTED_METRICS`` of an edition or a page by itself.

    Args:
        summary: Its plain numbers.
        checks: What people said of its pages, by page number.
    """
    edition = EditionDetections.of(summary, checks)
    newspaper = newspaper_of([edition], load_finder_errors())
    made = count_estimates([edition], [0], 1, newspaper, confidence=confidence)
    return {name: estimates[0] for name, estimates in made.items()}


def count_estimates(
    editions: Sequence[EditionDetections],
    group: Sequence[int],
    groups: int,
    newspaper: Newspaper,
    *,
    confidence: float,
    metrics: Collection[str] = COUNTED_METRICS,
) -> dict[str, list[CountEstimate]]:
    """Return metrics of ``COUNTED_METRICS`` over the pages seen of groups of editions.

    Args:
        group: The index of each edition's group: itself, or a period.
        newspaper: The factors that the editions share.
        confidence: Level of the intervals, 0.95 for instance.

    Returns:
        For each metric an estimate a group: totals, and for ``photos_per_page`` and
        ``photo_area_share`` the ratio of totals.
    """
    index = np.asarray(group, np.int64)

    def total(values: Sequence[float]) -> Numbers:
        return np.bincount(index, np.asarray(values, float), groups).astype(np.float64)

    open_pages: list[list[FoundPage]] = [[] for _ in range(groups)]
    for edition, i in zip(editions, group, strict=True):
        open_pages[i].extend(edition.open_pages())
    pages = FoundPages.of(open_pages)
    seen = total([edition.pages_seen for edition in editions])
    done = total([not edition.all_checked for edition in editions]) == 0
    changes = [[check.change for check in edition.seen_checks()] for edition in editions]
    photos = total([e.photos + sum(c) for e, c in zip(editions, changes, strict=True)])
    added = [sum(check.area for check in edition.seen_checks()) for edition in editions]
    area = total([e.photo_area + a for e, a in zip(editions, added, strict=True)])
    certain = total([edition.certain() for edition in editions])
    method = Message(
        "the machine's count; %(level)s %% interval for photos that it misses or makes up",
        level=written_level(confidence),
    )
    made = _Made(done, method)
    results: dict[str, list[CountEstimate]] = {}
    moments = finder_moments(pages, groups, newspaper)
    if {"photos", "photos_per_page"} & set(metrics):
        number = photo_counts(moments, counted=certain, confidence=confidence)
        results["photos"] = made.estimates(photos, number)
        results["photos_per_page"] = made.estimates(photos, number, by=seen)
    if "photo_area_share" in metrics:
        printed = photo_areas(moments, area=area, most=seen, confidence=confidence)
        results["photo_area_share"] = made.estimates(np.minimum(area, seen), printed, by=seen)
    for name in set(PAGE_KINDS) & set(metrics):
        types = PAGE_KINDS[name]
        taken = total([sum(e.page_types.get(t.value, 0) for t in types) for e in editions])
        kind = page_counts(name, taken, seen - taken, newspaper, confidence=confidence)
        results[name] = made.estimates(taken, kind)
    return {name: results[name] for name in COUNTED_METRICS if name in metrics}


@dataclass(frozen=True, slots=True, eq=False)
class _Made:
    """How estimates of groups are made: which of them people have counted, and the method else."""

    done: NDArray[np.bool_]
    method: str

    def estimates(
        self, value: Numbers, count: CountPosterior, *, by: Numbers | None = None
    ) -> list[CountEstimate]:
        """Return the estimates of numbers, divided by numbers of pages; None of no page."""
        pages = np.ones_like(value) if by is None else by
        shape = np.where(pages > 0, pages, np.nan)
        rows = zip(
            self.done.tolist(),
            (value / shape).tolist(),
            (np.minimum(count.low, value) / shape).tolist(),
            (np.maximum(count.high, value) / shape).tolist(),
            strict=True,
        )
        return [
            CountEstimate(None, None, "no page was seen")
            if math.isnan(v)
            else CountEstimate(v, None, EXACT)
            if done
            else CountEstimate(v, (lo, hi), self.method)
            for done, v, lo, hi in rows
        ]
