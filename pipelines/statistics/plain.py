"""The plain metrics of an edition: one number each, without an interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from presslens.pipelines.statistics.layout import PageType
from presslens.pipelines.statistics.summary import Summary


class Unseen(Enum):
    """The effect of pages that were not analysed on a plain metric of their edition."""

    NONE = auto()
    """The metric is known without them."""

    OPEN_COUNT = auto()
    """Each of them may add any number."""

    PAGE_COUNT = auto()
    """Each of them may add one."""

    PART = auto()
    """Any of them may raise the metric to 1."""

    MEAN_PER_PAGE = auto()
    """It is a number a page: each of them may have any number."""

    PART_PER_PAGE = auto()
    """It is a part of the pages' area: each of them may be without, or full of it."""

    MEAN_PER_PHOTO = auto()
    """It is a mean over photos, 0–1: any number of photos on them may move it anywhere."""

    def bounds(self, low: float, high: float, *, seen: int, unseen: int) -> tuple[float, float]:
        """Return the bounds of a metric of the whole edition, whatever its unseen pages hold.

        Args:
            low: Lower bound of the metric over the pages that were analysed.
            high: Upper bound of the same.
            seen: Number of pages that were analysed.
            unseen: Number of pages that were not, at least 1.
        """
        part = seen / (seen + unseen)
        bounds = {
            Unseen.NONE: (low, high),
            Unseen.OPEN_COUNT: (low, float("inf")),
            Unseen.PAGE_COUNT: (low, high + unseen),
            Unseen.PART: (low, 1.0),
            Unseen.MEAN_PER_PAGE: (low * part, float("inf")),
            Unseen.PART_PER_PAGE: (low * part, high * part + 1.0 - part),
            Unseen.MEAN_PER_PHOTO: (0.0, 1.0),
        }
        return bounds[self]


class Enrolment(Enum):
    """The figures that must be enrolled before a plain metric means anything."""

    NONE = auto()
    LEADER = auto()
    TWO_FIGURES = auto()


class EvidenceKind(Enum):
    """The evidence of a claim on a plain metric."""

    PAGES = auto()
    LEADER_PHOTOS = auto()
    LARGEST_PHOTOS = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainMetric:
    """A plain metric; no attribute has a default, so that none is forgotten."""

    name: str  # its name in claims, in the API and on the command line
    meaning: str  # the definition that the API lists
    words: str  # its name in sentences for readers
    heading: str | None  # its heading in tables of compositions; None: it is not in them
    in_percent: bool  # it is a part of a whole, 0–1, which readers see in percent
    summed: bool  # compositions of several editions have its total
    unseen: Unseen  # the effect of pages that were not analysed
    enrolment: Enrolment  # the figures that must be enrolled
    evidence: EvidenceKind  # the evidence of a claim on it
    # Computes it from a summary; None where there is nothing to measure.
    value: Callable[[Summary], float | None]

    @property
    def whole(self) -> bool:
        """Whether it is a count."""
        return self.unseen in (Unseen.NONE, Unseen.OPEN_COUNT, Unseen.PAGE_COUNT)


def plain_metrics(summary: Summary) -> dict[str, float | None]:
    """Return each plain metric of a summary by name."""
    return {name: metric.value(summary) for name, metric in PLAIN.items()}


def _pages_of(summary: Summary, *types: PageType) -> int:
    return sum(summary.page_types.get(type_.value, 0) for type_ in types)


def _photos_per_page(summary: Summary) -> float | None:
    return summary.photos / summary.pages_seen if summary.pages_seen else None


def _photo_area_share(summary: Summary) -> float | None:
    return min(1.0, summary.photo_area / summary.pages_seen) if summary.pages_seen else None


_METRICS = (
    PlainMetric(
        name="pages",
        meaning="pages of the edition",
        words="pages",
        heading="pages",
        in_percent=False,
        summed=True,
        unseen=Unseen.NONE,
        enrolment=Enrolment.NONE,
        evidence=EvidenceKind.PAGES,
        value=lambda summary: summary.pages,
    ),
    PlainMetric(
        name="photos",
        meaning="photos found on the pages that were seen",
        words="photos",
        heading="photos",
        in_percent=False,
        summed=True,
        unseen=Unseen.OPEN_COUNT,
        enrolment=Enrolment.NONE,
        evidence=EvidenceKind.PAGES,
        value=lambda summary: summary.photos,
    ),
    PlainMetric(
        name="photos_per_page",
        meaning="photos by pages seen",
        words="photos a page",
        heading="photos a page",
        in_percent=False,
        summed=False,
        unseen=Unseen.MEAN_PER_PAGE,
        enrolment=Enrolment.NONE,
        evidence=EvidenceKind.PAGES,
        value=_photos_per_page,
    ),
    PlainMetric(
        name="photo_area_share",
        meaning="share of the area of the pages seen that photos take, 0–1",
        words="share of the pages that photos take",
        heading="share of page area",
        in_percent=True,
        summed=False,
        unseen=Unseen.PART_PER_PAGE,
        enrolment=Enrolment.NONE,
        evidence=EvidenceKind.LARGEST_PHOTOS,
        value=_photo_area_share,
    ),
    PlainMetric(
        name="full_page_photo_pages",
        meaning="pages that one photo takes nearly all of",
        words="pages with a full-page photo",
        heading="full-page photo pages",
        in_percent=False,
        summed=True,
        unseen=Unseen.PAGE_COUNT,
        enrolment=Enrolment.NONE,
        evidence=EvidenceKind.LARGEST_PHOTOS,
        value=lambda summary: _pages_of(summary, PageType.FULL_PAGE),
    ),
    PlainMetric(
        name="photo_pages",
        meaning="pages that photos take half of or more, full-page photos among them",
        words="photo pages",
        heading=None,
        in_percent=False,
        summed=True,
        unseen=Unseen.PAGE_COUNT,
        enrolment=Enrolment.NONE,
        evidence=EvidenceKind.LARGEST_PHOTOS,
        value=lambda summary: _pages_of(summary, PageType.FULL_PAGE, PageType.PHOTOS),
    ),
    PlainMetric(
        name="text_pages",
        meaning="pages without photos, blank ones not among them",
        words="pages without photos",
        heading=None,
        in_percent=False,
        summed=True,
        unseen=Unseen.PAGE_COUNT,
        enrolment=Enrolment.NONE,
        evidence=EvidenceKind.PAGES,
        value=lambda summary: _pages_of(summary, PageType.TEXT),
    ),
    PlainMetric(
        name="largest_photo",
        meaning="share of its page that the largest photo takes, 0–1",
        words="largest photo, of its page",
        heading=None,
        in_percent=True,
        summed=False,
        unseen=Unseen.PART,
        enrolment=Enrolment.NONE,
        evidence=EvidenceKind.LARGEST_PHOTOS,
        value=lambda summary: summary.largest_photo,
    ),
    PlainMetric(
        name="leader_photos",
        meaning="photos that surely show a leader",
        words="photos of the leader",
        heading=None,
        in_percent=False,
        summed=True,
        unseen=Unseen.OPEN_COUNT,
        enrolment=Enrolment.LEADER,
        evidence=EvidenceKind.LEADER_PHOTOS,
        value=lambda summary: summary.leader_photos,
    ),
    PlainMetric(
        name="leader_area",
        meaning="mean share of such a photo that the leader's body takes, 0–1",
        words="size of the leader in his photos",
        heading=None,
        in_percent=True,
        summed=False,
        unseen=Unseen.MEAN_PER_PHOTO,
        enrolment=Enrolment.LEADER,
        evidence=EvidenceKind.LEADER_PHOTOS,
        value=lambda summary: summary.leader_area,
    ),
    PlainMetric(
        name="leader_centrality",
        meaning="mean closeness of his body to the middle of such a photo, 0–1",
        words="closeness of the leader to the middle",
        heading=None,
        in_percent=True,
        summed=False,
        unseen=Unseen.MEAN_PER_PHOTO,
        enrolment=Enrolment.LEADER,
        evidence=EvidenceKind.LEADER_PHOTOS,
        value=lambda summary: summary.leader_centrality,
    ),
    PlainMetric(
        name="together_photos",
        meaning="photos that show two enrolled figures or more",
        words="photos of several figures",
        heading=None,
        in_percent=False,
        summed=False,
        unseen=Unseen.OPEN_COUNT,
        enrolment=Enrolment.TWO_FIGURES,
        evidence=EvidenceKind.PAGES,
        value=lambda summary: summary.together_photos,
    ),
)

PLAIN: Mapping[str, PlainMetric] = {metric.name: metric for metric in _METRICS}
"""The plain metrics by name, in the order in which they are shown."""
