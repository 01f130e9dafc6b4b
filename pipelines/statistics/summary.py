"""The plain numbers of an edition: pages, photos, areas, and how the leader is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from presslens.models.faces.gallery import LEADER, Role
from presslens.models.vocabulary import Focus
from presslens.pipelines.result import DIGITS, Rounded, Served
from presslens.pipelines.statistics.consensus import focus_is_settled, focus_of
from presslens.pipelines.statistics.figure_photos import figure_numbers
from presslens.pipelines.statistics.measure import Zone
from presslens.pipelines.statistics.page import CountedPhoto, PageRecord
from presslens.pipelines.statistics.photo_counts import FoundPage

REVIEWED_NUMBERS = (
    "leader_photos", "leader_unsure", "leader_area", "leader_centrality", "together_photos",
    "front_lead_focus",
)  # fmt: skip
"""The numbers of a summary that follow what people have settled of photos."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The plain numbers of an edition, over the analysed pages.

    Those of figures and of the focus follow what people have settled of the photos, if their
    records hold that.
    """

    pages: int  # all pages that it had as far as is known, uploaded or not
    pages_seen: int  # pages that were analysed
    photos: int  # photographic frames
    photo_area: float  # their printed area, in pages
    largest_photo: float  # share of its page area of the largest photo, 0–1; 0 without photos
    page_types: Mapping[str, int]  # number of pages of each ``PageType``
    leader_photos: int | None  # photos that surely show a leader; None where none was looked for
    leader_unsure: int | None  # photos that may show one; None likewise
    # Mean share of the photo area of the leader's body, 0–1, over the photos that surely show a
    # leader and where he stands is known; None without any.
    leader_area: float | None
    leader_centrality: float | None  # mean centrality of the leader in the same photos, 0–1
    together_photos: int | None  # photos with two figures or more; None where fewer were looked for
    # Focus of the front page's largest photo; None without a photo, or where no leader was looked
    # for.
    front_lead_focus: Focus | None
    # What was found on each analysed page, for the interval of the counts.
    found_pages: Sequence[FoundPage] = ()


@dataclass(frozen=True, slots=True)
class MachineNumbers(Served):
    """The numbers that follow people's answers, by the machine alone."""

    SERVED: ClassVar[str] = " ".join(
        ("photos", *(f"{name}=summary.{name}:{DIGITS}" for name in REVIEWED_NUMBERS))
    )

    summary: Summary
    photos: Rounded | None  # the number of photos, where nobody has gone through a page


def summarise(
    pages: Sequence[PageRecord],
    photos: Sequence[CountedPhoto],
    *,
    figures: Mapping[str, Role],
    enrolled: Mapping[str, Role] | None = None,
) -> Summary:
    """Return the plain numbers of an edition.

    Args:
        pages: Every page, seen or not.
        photos: Those of the pages that were seen, from ``counted_photos``.
        figures: The role of each figure that they were looked at for, by name.
        enrolled: The role of every figure whom people may have confirmed; see ``figure_numbers``.
    """
    seen = [page for page in pages if page.seen]
    shown = figure_numbers([photo.figures for photo in photos], figures, enrolled)
    return Summary(
        pages=len(pages),
        pages_seen=len(seen),
        photos=len(photos),
        photo_area=sum(photo.area for photo in photos),
        largest_photo=max((photo.area for photo in photos), default=0.0),
        page_types=dict(sorted(Counter(page.type.value for page in seen if page.type).items())),
        leader_photos=shown.leader_photos,
        leader_unsure=shown.leader_unsure,
        leader_area=shown.leader_area,
        leader_centrality=shown.leader_centrality,
        together_photos=shown.together_photos,
        front_lead_focus=_focus(photos) if LEADER in figures.values() else None,
        found_pages=[page.detected_cells for page in seen],
    )


def by_machine(photos: Sequence[CountedPhoto]) -> list[CountedPhoto]:
    """Return photos without what people have settled of them."""
    return [
        replace(photo, consensus={}, figures=replace(photo.figures, consensus={}, places={}))
        for photo in photos
    ]


def lead_is_settled(photos: Sequence[CountedPhoto]) -> bool:
    """Return whether people have settled the focus of the front page's largest photo."""
    return any(focus_is_settled(*one) for one in _front_lead(photos))


def _focus(photos: Sequence[CountedPhoto]) -> Focus | None:
    return next((focus_of(*one) for one in _front_lead(photos)), None)


def _front_lead(
    photos: Sequence[CountedPhoto],
) -> Iterator[tuple[Mapping[str, bool], Focus | None]]:
    """Yield people's answers for the front page's largest photo, and the machine's verdict."""
    for photo in photos:
        if {Zone.FRONT, Zone.LEAD} <= photo.zones:
            seen = photo.interpretation
            yield photo.consensus, seen.focus.verdict if seen else None
