"""An edition's use of the enrolled figures: number, size, place and company of their photos."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from presslens.models.faces.gallery import Role
from presslens.models.vocabulary import Answer, ShotSize
from presslens.pipelines.result import Rounded, Served
from presslens.pipelines.statistics.composition import Share
from presslens.pipelines.statistics.figure_photos import SeenFigure, mean
from presslens.pipelines.statistics.measure import FIGURE
from presslens.pipelines.statistics.page import PageRecord


@dataclass(frozen=True, slots=True)
class Tally(Served):
    """The numbers of photos that surely, and that perhaps, show something."""

    sure: int = 0  # photos that surely show it
    unsure: int = 0  # photos that may show it

    @classmethod
    def of(cls, answers: Iterable[Answer]) -> Tally:
        """Count the answers of some photos."""
        listed = list(answers)
        return cls(listed.count(Answer.YES), listed.count(Answer.UNSURE))


@dataclass(frozen=True, slots=True)
class FigureUse(Served):
    """The use of one figure in an edition."""

    SERVED: ClassVar[str] = """
        name role photos share area_share centrality shot_sizes front_page
        lead_photos together companions
    """

    name: str  # the figure's name
    role: Role  # what the figure is to the paper
    photos: Tally  # photos that show him
    # Their expected share of all photos of the pages that were seen; a photo without a sighting of
    # him counts with probability 0.
    share: Share
    # Mean of his body's share of a photo, 0–1, over the photos that surely show him and where he
    # stands is known; None without any.
    area_share: Rounded | None
    centrality: Rounded | None  # the same of his centrality, 0–1
    # Photos of each ``ShotSize`` of the figure; photos of unknown size count in none.
    shot_sizes: dict[ShotSize, Tally]
    front_page: Tally | None  # photos of him on the front page; None if page 1 was not seen
    lead_photos: Tally  # photos of him that are the largest of their page
    together: Tally  # photos that show another enrolled figure too, surely if both are sure
    companions: dict[str, Tally]  # the same by the other's name, those seen most often first


def figure_uses(
    pages: Sequence[PageRecord],
    share: Callable[[str], Share],
    *,
    figures: Mapping[str, Role],
    enrolled: Mapping[str, Role] | None = None,
) -> tuple[FigureUse, ...]:
    """Count the photos of each enrolled figure.

    A sighting that people have rejected is none; whom they have confirmed is surely there, also
    where nobody was seen.

    Args:
        pages: Every page, seen or not, in any order.
        share: Returns the share of a measure of the same pages: ``Composition.share``.
        figures: The role of each figure that photos were looked at for, by name.
        enrolled: The role of every figure whom people may have confirmed; those who weren't looked
            for are counted where people have confirmed them. None: there are no others.

    Returns:
        One for each figure, leaders first, then by name; also for who was looked for and is in no
        photo.
    """
    every = {**(enrolled or {}), **figures}
    photos = list(_photos(pages, every))
    counted = figures.keys() | {name for photo in photos for name in photo.seen}
    front_seen = any(page.is_front and page.seen for page in pages)
    order = list(Role)
    names = sorted(counted, key=lambda name: (order.index(every[name]), name))
    return tuple(
        replace(use, front_page=use.front_page if front_seen else None)
        for use in (_use(name, every[name], photos, share(f"{FIGURE}{name}")) for name in names)
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Photo:
    """A printed photo, with the sighting of each figure."""

    front: bool
    lead: bool
    seen: Mapping[str, SeenFigure]

    def answer(self, *names: str) -> Answer | None:
        """Return whether all these figures are in the photo; None if one is not."""
        if not all(name in self.seen for name in names):
            return None
        sure = all(self.seen[name].answer is Answer.YES for name in names)
        return Answer.YES if sure else Answer.UNSURE


def _photos(pages: Sequence[PageRecord], figures: Mapping[str, Role]) -> Iterator[_Photo]:
    for page in pages:
        for i, photo in enumerate(page.figures if page.seen else ()):
            yield _Photo(page.is_front, i == page.lead, photo.figures(figures))


def _use(name: str, role: Role, photos: Sequence[_Photo], share: Share) -> FigureUse:
    of_figure = [photo for photo in photos if name in photo.seen]
    sizes = [photo.seen[name].shot_size for photo in of_figure]
    sure = [one for photo in of_figure if (one := photo.seen[name]).answer is Answer.YES]
    companions = _companions(name, of_figure)
    return FigureUse(
        name=name,
        role=role,
        photos=_tally(of_figure, name),
        share=share,
        area_share=mean([one.area_share for one in sure if one.area_share is not None]),
        centrality=mean([one.centrality for one in sure if one.centrality is not None]),
        shot_sizes={
            size: _tally([p for p, s in zip(of_figure, sizes, strict=True) if s is size], name)
            for size in ShotSize
        },
        front_page=_tally([photo for photo in of_figure if photo.front], name),
        lead_photos=_tally([photo for photo in of_figure if photo.lead], name),
        together=Tally.of(
            _surest(photo, name, companions) for photo in of_figure if len(photo.seen) > 1
        ),
        companions=companions,
    )


def _tally(photos: Sequence[_Photo], *names: str) -> Tally:
    """Count the photos that show all these figures."""
    return Tally.of(answer for photo in photos if (answer := photo.answer(*names)) is not None)


def _companions(name: str, photos: Sequence[_Photo]) -> dict[str, Tally]:
    others = {other for photo in photos for other in photo.seen if other != name}
    counts = {other: _tally(photos, name, other) for other in others}
    return dict(sorted(counts.items(), key=lambda item: (-item[1].sure, -item[1].unsure, item[0])))


def _surest(photo: _Photo, name: str, others: Iterable[str]) -> Answer:
    """Return whether a figure is surely in a photo with another one."""
    sure = any(photo.answer(name, other) is Answer.YES for other in others)
    return Answer.YES if sure else Answer.UNSURE
