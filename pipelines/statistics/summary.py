"""The plain numbers of an edition: pages, photos, areas, and how the leader is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.faces.gallery import LEADER, Role
from models.vocabulary import Answer, Focus, Sighting
from pipelines.statistics.measure import Zone
from pipelines.statistics.page import CountedPhoto, PageRecord
from pipelines.statistics.photo_counts import FoundPage


@dataclass(frozen=True, slots=True)
class Summary:
    """The plain numbers of an edition, over the analysed pages.

    Attributes:
        pages: All pages that it had as far as is known, uploaded or not.
        pages_seen: Pages that were analysed.
        photos: Photographic frames.
        photo_area: Their printed area, in pages.
        largest_photo: Share of its page area of the largest photo, 0–1; 0 without photos.
        page_types: Number of pages of each ``PageType``.
        leader_photos: Photos that surely show a leader; None where none was looked for.
        leader_unsure: Photos that may show one; None likewise.
        leader_area: Mean share of the photo area of the leader's body, 0–1, over the photos that
            surely show a leader; None without any.
        leader_centrality: Mean centrality of the leader in the same photos, 0–1.
        together_photos: Photos with two figures or more; None where fewer were looked for.
        front_lead_focus: Focus of the front page's largest photo; None without a photo, or where
            no leader was looked for.
        found_pages: What was found on each analysed page, for the interval of the counts.
    """

    pages: int
    pages_seen: int
    photos: int
    photo_area: float
    largest_photo: float
    page_types: Mapping[str, int]
    leader_photos: int | None
    leader_unsure: int | None
    leader_area: float | None
    leader_centrality: float | None
    together_photos: int | None
    front_lead_focus: Focus | None
    found_pages: Sequence[FoundPage] = ()


def summarise(
    pages: Sequence[PageRecord],
    photos: Sequence[CountedPhoto],
    *,
    figures: Mapping[str, Role],
) -> Summary:
    """Return the plain numbers of an edition.

    Args:
        pages: Every page, seen or not.
        photos: Those of the pages that were seen, from ``counted_photos``.
        figures: The role of each figure that they were looked at for, by name.
    """
    seen = [page for page in pages if page.seen]
    a_leader = LEADER in figures.values()
    leaders = [sighting for photo in photos if (sighting := _leader(photo, figures)) is not None]
    sure = [sighting for sighting in leaders if sighting.answer is Answer.YES]
    shown = [sighting.appearance for sighting in sure if sighting.appearance is not None]
    return Summary(
        pages=len(pages),
        pages_seen=len(seen),
        photos=len(photos),
        photo_area=sum(photo.area for photo in photos),
        largest_photo=max((photo.area for photo in photos), default=0.0),
        page_types=dict(sorted(Counter(page.type.value for page in seen if page.type).items())),
        leader_photos=len(sure) if a_leader else None,
        leader_unsure=len(leaders) - len(sure) if a_leader else None,
        leader_area=_mean([one.area_share for one in shown]),
        leader_centrality=_mean([one.centrality for one in shown]),
        together_photos=_together(photos, figures) if len(figures) > 1 else None,
        front_lead_focus=_focus(photos) if a_leader else None,
        found_pages=[page.found for page in seen],
    )


def _leader(photo: CountedPhoto, figures: Mapping[str, Role]) -> Sighting | None:
    """Return the surest sighting of a leader in a photo."""
    sightings = [s for s in _sightings(photo) if figures.get(s.figure) == LEADER]
    return max(sightings, key=lambda s: s.probability, default=None)


def _together(photos: Sequence[CountedPhoto], figures: Mapping[str, Role]) -> int:
    return sum(
        len({s.figure for s in _sightings(photo) if s.figure in figures}) > 1 for photo in photos
    )


def _focus(photos: Sequence[CountedPhoto]) -> Focus | None:
    lead = (p for p in photos if {Zone.FRONT, Zone.LEAD} <= p.zones)
    meaning = next((photo.interpretation for photo in lead), None)
    return meaning.focus.verdict if meaning else None


def _sightings(photo: CountedPhoto) -> Sequence[Sighting]:
    return photo.interpretation.sightings if photo.interpretation else ()


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
