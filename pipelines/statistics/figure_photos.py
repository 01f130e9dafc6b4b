"""The figures in photos as they count: seen by the machine, and rejected or confirmed by people."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from presslens.models.faces.appearance import centrality
from presslens.models.faces.gallery import LEADER, Role
from presslens.models.geometry import Box
from presslens.models.message import Message
from presslens.models.vocabulary import Answer, ShotSize, Sighting
from presslens.pipelines.statistics.measure import FIGURE

OF_PLACE = ("leader_area", "leader_centrality")
"""The plain metrics of where the leader stands."""


@dataclass(frozen=True, slots=True)
class SeenFigure:
    """A figure in a photo: whether that is sure, and where the figure stands."""

    figure: str  # the figure's name
    probability: float  # that it is the figure, 0–1; 1 where people say so
    answer: Answer = Answer.YES  # whether that is sure
    # The body's share of the photo's area, 0–1; None where it is not known.
    area_share: float | None = None
    # 1 with the body in the middle of the photo, 0 at its edge; None likewise.
    centrality: float | None = None
    # How much of the figure the picture is framed to show; None where it can't be told.
    shot_size: ShotSize | None = None

    @classmethod
    def of(cls, sighting: Sighting) -> SeenFigure:
        """Return a figure as the machine has seen it."""
        seen = sighting.appearance
        place = (seen.area_share, seen.centrality, seen.shot_size) if seen else ()
        return cls(sighting.figure, sighting.probability, sighting.answer, *place)

    def confirmed(self, place: Box | None, frame: Box) -> SeenFigure:
        """Return the figure as people confirm it, at the place that they give, if they give one."""
        sure = replace(self, probability=1.0, answer=Answer.YES)
        if place is None:
            return sure
        share = place.intersection(frame) / frame.area if frame.area else 0.0
        return replace(sure, area_share=share, centrality=centrality(place, frame))


@dataclass(frozen=True, slots=True)
class FigurePhoto:
    """A photo, with the figures in it."""

    frame: Box
    seen: Sequence[SeenFigure] = ()  # the figures that the machine has seen in it
    # What people have settled, by measure.
    consensus: Mapping[str, bool] = field(default_factory=dict)
    # Where people say that somebody stands, by measure, in the pixels of the frame.
    places: Mapping[str, Box] = field(default_factory=dict)

    def figures(self, names: Collection[str]) -> dict[str, SeenFigure]:
        """Return the figures in the photo by name: none that people have rejected.

        Whom they have confirmed is surely there, also where the machine has seen nobody.

        Args:
            names: The figures that the photo was looked at for.
        """
        shown = {one.figure: one for one in self.seen if one.figure in names}
        for name in names:
            shows = self.consensus.get(f"{FIGURE}{name}")
            if shows:
                machine = shown.get(name) or SeenFigure(name, 1.0)
                shown[name] = machine.confirmed(self.places.get(f"{FIGURE}{name}"), self.frame)
            elif shows is False:
                shown.pop(name, None)
        return shown

    def leader(self, names: Collection[str]) -> SeenFigure | None:
        """Return the leader who is most surely in the photo; None if none is.

        Args:
            names: The figures whose role is leader.
        """
        consensus = self.consensus.get("leader")
        if consensus is False:
            return None
        # Of equals the first one seen, as the machine orders them.
        likeliest = max(self.figures(names).values(), key=lambda one: one.probability, default=None)
        if consensus is None:
            return likeliest
        return (likeliest or SeenFigure("", 1.0)).confirmed(self.places.get("leader"), self.frame)


@dataclass(frozen=True, slots=True)
class FigureNumbers:
    """How photos show figures."""

    leader_photos: int | None  # photos that surely show a leader; None where none was looked for
    leader_unsure: int | None  # photos that may show one; None likewise
    # Photos that surely show one of whom it is known where he stands: those that the two means are
    # of; None likewise.
    leader_placed: int | None
    # Mean share of the photo's area of the leader's body, 0–1, over these photos; None without any.
    leader_area: float | None
    leader_centrality: float | None  # mean centrality of the leader in the same photos, 0–1
    together_photos: int | None  # photos with two figures or more; None where fewer were looked for


def figure_numbers(
    photos: Sequence[FigurePhoto],
    figures: Mapping[str, Role],
    enrolled: Mapping[str, Role] | None = None,
) -> FigureNumbers:
    """Return how photos show figures.

    Args:
        figures: The role of each figure that they were looked at for, by name.
        enrolled: The role of every figure whom people may have confirmed in them; None: they can
            have confirmed no others.
    """
    every = {**(enrolled or {}), **figures}
    a_leader = LEADER in figures.values()
    names = [name for name, role in every.items() if role == LEADER]
    leaders = [leader for photo in photos if (leader := photo.leader(names)) is not None]
    sure = [one for one in leaders if one.answer is Answer.YES]
    areas = [one.area_share for one in sure if one.area_share is not None]
    middles = [one.centrality for one in sure if one.centrality is not None]
    together = sum(len(photo.figures(every)) > 1 for photo in photos)
    return FigureNumbers(
        leader_photos=len(sure) if a_leader else None,
        leader_unsure=len(leaders) - len(sure) if a_leader else None,
        leader_placed=len(areas) if a_leader else None,
        leader_area=mean(areas) if a_leader else None,
        leader_centrality=mean(middles) if a_leader else None,
        together_photos=together if len(figures) > 1 else None,
    )


def placed_note(placed: int, photos: int) -> str | None:
    """Return which of the photos of a leader a mean of ``OF_PLACE`` is of; None if of all.

    Args:
        placed: Photos that surely show a leader of whom it is known where he stands.
        photos: All photos that surely show one.
    """
    if placed >= photos:
        return None
    return Message(
        "of %(placed)s of the %(photos)s photos that surely show the leader: where he stands in"
        " the others is not known",
        placed=placed,
        photos=photos,
    )


def mean(values: Sequence[float]) -> float | None:
    """Return the mean of values; None without any."""
    return sum(values) / len(values) if values else None
