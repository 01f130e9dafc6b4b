"""The composition of an edition: what its pages and photos add up to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from models.recipe import Aggregate
from models.vocabulary import Frame, PhotoInterpretation, Subject, Verdict
from pipelines.statistics.interval import POISSON_BINOMIAL, detector_interval


@dataclass(frozen=True, slots=True)
class PageRecord:
    """What statistics need of a page.

    Attributes:
        number: From 1.
        seen: The page was looked at; a refused, failed or waiting page was not.
        area: Of the page, in square pixels; 0 if it was not seen.
        photos: Its photos: where, and what they mean.
    """

    number: int
    seen: bool
    area: float
    photos: tuple[tuple[Frame, PhotoInterpretation], ...]

    @property
    def lead(self) -> int | None:
        """Index of its largest photo, the first of equals; None without photos."""
        areas = [frame.box.area for frame, _ in self.photos]
        return areas.index(max(areas)) if areas else None


@dataclass(frozen=True, slots=True)
class Share:
    """The share of photos that show something.

    Attributes:
        share: Expected share, the mean of the probabilities, 0–1; None without photos.
        decided: How many photos are decided to show it (probability at or above the threshold).
        n: The denominator: all photos of the pages that were seen.
        interval: Detector-error interval of the share; None without photos.
        method: How the interval was made.
    """

    share: float | None
    decided: int
    n: int
    interval: tuple[float, float] | None
    method: str

    @classmethod
    def of(cls, probabilities: Sequence[float], rules: Aggregate) -> Share:
        """Return the share of photos, given the probability of each that it shows it."""
        n = len(probabilities)
        return cls(
            share=sum(probabilities) / n if n else None,
            decided=sum(p >= rules.decision for p in probabilities),
            n=n,
            interval=detector_interval(probabilities, rules.confidence),
            method=f"{POISSON_BINOMIAL}, {rules.confidence:.0%}",
        )

    def to_json(self) -> dict[str, Any]:
        """Return the share as in the JSON contract."""
        return {
            "share": rounded(self.share),
            "decided": self.decided,
            "n": self.n,
            "interval": [rounded(v) for v in self.interval] if self.interval else None,
            "method": self.method,
        }


@dataclass(frozen=True, slots=True)
class Composition:
    """An edition's statistics.

    Attributes:
        pages: All pages of the edition.
        pages_seen: Those that were looked at; the numbers below are about these.
        photos: Photographic frames found.
        photos_per_page: Photos by pages seen; None if none was seen.
        photo_area_share: Area of the photos by area of the pages seen, 0–1.
        full_page_photo_pages: Pages of which one photo takes nearly all.
        shares: By subject, then "leader" (a leader is seen), then "focus_leader" and
            "focus_facility".
        labels: The same by label, built-in ones first; ``n`` are the photos read for it.
    """

    pages: int
    pages_seen: int
    photos: int
    photos_per_page: float | None
    photo_area_share: float | None
    full_page_photo_pages: int
    shares: dict[str, Share]
    labels: dict[str, Share]

    def to_json(self) -> dict[str, Any]:
        """Return the composition as in the JSON contract."""
        return {
            "pages": self.pages,
            "pages_seen": self.pages_seen,
            "coverage": rounded(self.pages_seen / self.pages if self.pages else None),
            "photos": self.photos,
            "photos_per_page": rounded(self.photos_per_page),
            "photo_area_share": rounded(self.photo_area_share),
            "full_page_photo_pages": self.full_page_photo_pages,
            "shares": {name: share.to_json() for name, share in self.shares.items()},
            "labels": {name: share.to_json() for name, share in self.labels.items()},
        }


def compose(
    pages: Sequence[PageRecord],
    rules: Aggregate,
    *,
    leaders: frozenset[str] = frozenset(),
    labels: Sequence[str] = (),
) -> Composition:
    """Add up the pages of an edition.

    Args:
        pages: Every page, seen or not.
        rules: Thresholds and level.
        leaders: Names of the enrolled figures whose role is leader.
        labels: Names of the labels that photos are read for, in the order in which they are shown.
    """
    seen = [page for page in pages if page.seen]
    photos = [photo for page in seen for photo in page.photos]
    readings = [interpretation for _, interpretation in photos]
    area = sum(page.area for page in seen)
    photo_area = sum(frame.box.area for frame, _ in photos)
    return Composition(
        pages=len(pages),
        pages_seen=len(seen),
        photos=len(photos),
        photos_per_page=len(photos) / len(seen) if seen else None,
        photo_area_share=min(1.0, photo_area / area) if area else None,
        full_page_photo_pages=sum(_is_photo_page(page, rules.full_page) for page in seen),
        shares=_shares(readings, rules, leaders),
        labels=_labels(readings, rules, labels),
    )


def _labels(
    readings: Sequence[PhotoInterpretation], rules: Aggregate, names: Sequence[str]
) -> dict[str, Share]:
    """Return a share for each label; photos that were not read for it yet are not in its n."""
    found: dict[str, list[float]] = {name: [] for name in names}
    for label in (label for photo in readings for label in photo.labels):
        found.setdefault(label.name, []).append(label.probability)
    return {name: Share.of(probabilities, rules) for name, probabilities in found.items()}


def _shares(
    readings: Sequence[PhotoInterpretation], rules: Aggregate, leaders: frozenset[str]
) -> dict[str, Share]:
    measures: dict[str, Callable[[PhotoInterpretation], float]] = {
        **{subject.value: _subject(subject) for subject in Subject},
        "leader": lambda photo: max(
            (p for name, p in photo.presences.items() if name in leaders), default=0.0
        ),
        "focus_leader": lambda photo: photo.focus.leader,
        "focus_facility": lambda photo: photo.focus.facility,
    }
    shares = {
        name: Share.of([measure(photo) for photo in readings], rules)
        for name, measure in measures.items()
    }
    # Who is not seen is not decided to be there, however strong the doubt.
    seen = sum(
        any(s.figure in leaders and s.probability >= rules.decision for s in photo.sightings)
        for photo in readings
    )
    shares["leader"] = replace(shares["leader"], decided=seen)
    for verdict in (Verdict.LEADER, Verdict.FACILITY):
        decided = sum(photo.focus.verdict is verdict for photo in readings)
        name = f"focus_{verdict}"
        shares[name] = replace(shares[name], decided=decided)
    return shares


def _subject(subject: Subject) -> Callable[[PhotoInterpretation], float]:
    def probability(photo: PhotoInterpretation) -> float:
        return next(r.probability for r in photo.subjects if r.subject is subject)

    return probability


def _is_photo_page(page: PageRecord, least: float) -> bool:
    return any(frame.box.area >= least * page.area for frame, _ in page.photos)


def rounded(value: float | None) -> float | None:
    """Return a number as it is served, to four digits."""
    return None if value is None else round(value, 4)
