"""A ruler of photos: from the one most about the leader to the one most about the facility."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from presslens.models.vocabulary import Focus
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.page import PageRecord

DIGITS = 4
"""Of the scores as they are served, which photos are ranked by: what reads as equal is equal."""

FEWEST = 3
"""Both ends and the lead photo."""


@dataclass(frozen=True, slots=True)
class RulerPlace(Served):
    """The place of a photo on the ruler."""

    SERVED: ClassVar[str] = """
        page_number=page photo position strength leader facility verdict
        unsure front_lead
    """

    page: int  # number of its page, from 1
    photo: int  # its index in the reading order of the page, from 0
    leader: float  # score that the leader is the focus, 0–1
    facility: float  # score that the facility is the focus, 0–1
    verdict: Focus | None  # by people or else the machine; None: that decides nothing there
    front_lead: bool = False  # it is the lead photo of the front page, its largest

    @property
    def unsure(self) -> bool:
        """Whether the best score leads by less than the recipe's margin."""
        return self.verdict is Focus.UNSURE

    @property
    def position(self) -> float:
        """Facility's score less the leader's: -1 wholly the leader, 1 wholly the facility."""
        # Adding zero makes 0 of -0, which would be served as "-0.0".
        return round(self.facility - self.leader, DIGITS) + 0.0

    @property
    def strength(self) -> float:
        """Sum of both scores, 0–1, never less than the distance of the position from 0.

        In the middle of the ruler it tells a photo that is about neither (near 0) from one that
        is about both alike (near 1).
        """
        return min(1.0, round(self.facility + self.leader, DIGITS))


@dataclass(frozen=True, slots=True)
class RankedPlace(Served):
    """The place of a photo, and its rank from most leader-centred, from 1."""

    SERVED: ClassVar[str] = "rank *place"

    rank: int
    place: RulerPlace


@dataclass(frozen=True, slots=True)
class Ruler(Served):
    """The photos of an edition from most leader-centred to most facility-centred."""

    # One for each photo of the pages that were seen, in order of position; of equal positions the
    # earlier page comes first, then the earlier photo.
    SERVED: ClassVar[str] = "pages pages_seen leaders n places=ranked_places"

    places: tuple[RulerPlace, ...]
    # Names of the enrolled leaders; without one no photo can lie on the leader's side.
    leaders: tuple[str, ...]
    pages: int  # all pages of the edition
    pages_seen: int  # pages that were analysed

    @property
    def n(self) -> int:
        """Number of its photos."""
        return len(self.places)

    @property
    def ranked_places(self) -> list[RankedPlace]:
        """The photos in order, each with its rank."""
        return [RankedPlace(rank, place) for rank, place in enumerate(self.places, 1)]


def rule(pages: Sequence[PageRecord], *, leaders: frozenset[str] = frozenset()) -> Ruler:
    """Rank the photos of an edition.

    Args:
        pages: Every page, seen or not, in any order.
        leaders: Names of the enrolled figures whose role is leader.
    """
    places = [place for page in pages if page.seen for place in _places(page)]
    return Ruler(
        tuple(sorted(places, key=lambda place: (place.position, place.page, place.photo))),
        tuple(sorted(leaders)),
        len(pages),
        sum(page.seen for page in pages),
    )


def spread(places: Sequence[RulerPlace], most: int) -> list[RulerPlace]:
    """Return at most so many places, evenly through the ranks.

    Both ends are always among them, and the lead photo of the front page, which takes the place
    of the nearest other one.

    Args:
        places: In the order of the ruler.
        most: At least ``FEWEST``.

    Raises:
        ValueError: ``most`` is less than that.
    """
    if most < FEWEST:
        raise ValueError(f"a ruler shows {FEWEST} photos or more, not {most}")
    if len(places) <= most:
        return list(places)
    last = len(places) - 1
    ranks = [round(i * last / (most - 1)) for i in range(most)]
    lead = next((i for i, place in enumerate(places) if place.front_lead), None)
    if lead is not None and lead not in ranks:
        nearest = min(range(1, most - 1), key=lambda i: abs(ranks[i] - lead))
        ranks[nearest] = lead
    return [places[rank] for rank in sorted(ranks)]


def signed(position: float) -> str:
    """Return a position for readers: two digits and a sign, "0.00" without one."""
    text = f"{position:+.2f}".replace("-", "−")
    return text[1:] if text.endswith("0.00") else text


def _places(page: PageRecord) -> Iterator[RulerPlace]:
    lead = page.lead if page.is_front else None
    for i, (_, interpretation) in enumerate(page.photos):
        if interpretation is None:
            continue  # nobody has looked at it yet: it stands nowhere between leader and facility
        focus = interpretation.focus
        leader, facility = round(focus.leader, DIGITS), round(focus.facility, DIGITS)
        yield RulerPlace(page.number, i, leader, facility, focus.verdict, i == lead)
