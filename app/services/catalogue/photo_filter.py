"""Filters and sorts photos: what they show, how a figure appears, and where they are printed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, CompoundSelect, Select, func, literal, or_, select, union

from presslens.app.db.figures import FigureRow
from presslens.app.db.queries import ANY_EDITION, EditionScope, Key, in_zone
from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.superseded import superseded_editions
from presslens.app.db.tables import (
    CaptionRow,
    EditionRow,
    HeadlinePhotoRow,
    HeadlineRow,
    InterpretationRow,
    LabelReadingRow,
    PageRow,
    PhotoRow,
    SightingRow,
    SubjectReadingRow,
)
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.catalogue.settled_photos import composed_around, shown
from presslens.models.recipe import Aggregate, Recipe
from presslens.models.vocabulary import Answer, Facing, Focus, ShotSize, Subject
from presslens.pipelines.statistics.measure import FIGURE, LABEL, Zone


class PhotoSort(StrEnum):
    """What a list of photos is sorted by; a minus puts the largest or latest first."""

    DATE = "date"
    DATE_DOWN = "-date"
    SIZE = "size"
    SIZE_DOWN = "-size"
    SCORE = "score"
    SCORE_DOWN = "-score"
    PROBABILITY = "probability"
    PROBABILITY_DOWN = "-probability"

    @property
    def descending(self) -> bool:
        """Whether the largest or latest come first."""
        return self.startswith("-")

    @property
    def by_date(self) -> bool:
        """Whether photos are sorted by the date of their edition."""
        return self in (PhotoSort.DATE, PhotoSort.DATE_DOWN)

    @property
    def by_probability(self) -> bool:
        """Whether photos are sorted by the probability of what the filter asks for first."""
        return self in (PhotoSort.PROBABILITY, PhotoSort.PROBABILITY_DOWN)

    def keys(self, photo_filter: PhotoFilter) -> list[Key]:
        """Return the sort columns, which together are unique in a list of printed photos.

        Raises:
            InvalidRequest: Probabilities can't be sorted by, as the filter asks for nothing that
                has one.
        """
        if self.by_date:
            return [
                Key(EditionRow.edition_date, date),
                Key(EditionRow.id, int),
                Key(PageRow.number, int),
                Key(PhotoRow.position, int),
            ]
        if self.by_probability:
            column: object = photo_filter.probability()
        else:
            by_size = self in (PhotoSort.SIZE, PhotoSort.SIZE_DOWN)
            column = PhotoRow.area_share if by_size else PhotoRow.score
        return [Key(column, float), Key(PageRow.id, int), Key(PhotoRow.id, int)]


class SizeClass(StrEnum):
    """How much of its page a photo takes, in four classes."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    FULL_PAGE = "full_page"


MEDIUM, LARGE = 0.05, 0.15
"""Shares of the page's area from which on a photo is medium-sized, and large."""


def size_bounds(rules: Aggregate) -> dict[SizeClass, tuple[float, float]]:
    """Return the smallest share of a page that a class of size holds, and the first it does not."""
    edges = (0.0, MEDIUM, LARGE, rules.full_page, float("inf"))
    return {one: (edges[i], edges[i + 1]) for i, one in enumerate(SizeClass)}


@dataclass(frozen=True, slots=True)
class AppearanceFilter:
    """How a figure appears in a photo; None means in any way."""

    shot_size: ShotSize | None = None  # how much of the figure the picture is framed to show
    facing: Facing | None = None  # where the figure turns the face
    alone: bool | None = None  # whether nobody else is in the photo
    answer: Answer | None = None  # whether it is certain that it is the figure

    @property
    def is_told_by_people(self) -> bool:
        """Whether people's word that a figure is there is enough: no more than that is asked."""
        nothing = self.shot_size is None and self.facing is None and self.alone is None
        return nothing and self.answer is not Answer.UNSURE

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions for a sighting, joined with its figure.

        One that people have rejected is none.
        """
        yield ~people_say(shows=False)
        if self.shot_size is not None:
            yield SightingRow.shot_size == self.shot_size
        if self.facing is not None:
            yield SightingRow.facing == self.facing
        if self.alone is not None:
            yield SightingRow.people_beside == 0 if self.alone else SightingRow.people_beside > 0
        if self.answer is not None:
            sure = or_(SightingRow.answer == Answer.YES, people_say(shows=True))
            yield sure if self.answer is Answer.YES else ~sure


@dataclass(frozen=True, slots=True)
class PhotoFilter:
    """Criteria of photos; None, and an empty tuple, mean any.

    What people have settled about subjects, focus, labels and figures counts before what the
    machine says: a photo that they say shows children is one of children.
    """

    scope: EditionScope = ANY_EDITION  # the editions that print them
    page: int | None = None  # page number
    zone: Zone = Zone.ALL  # the part of the edition that prints them
    # Subjects in the photo together, each with ``min_probability`` at least.
    subjects: tuple[Subject, ...] = ()
    min_probability: float = 0.5  # of ``subjects`` and ``figures``, 0–1
    # Names of figures in the photo together, each with ``min_probability`` at least.
    figures: tuple[str, ...] = ()
    focuses: tuple[Focus, ...] = ()  # what the photo is composed around: one of these
    min_size: float | None = None  # smallest share of the page's area, 0–1
    size: SizeClass | None = None  # how much of its page it takes
    # Contained in the caption, or in the headline above; letter case is ignored.
    text: str | None = None
    # Names of labels shown together, each with the recipe's ``decision`` at least.
    labels: tuple[str, ...] = ()
    # How each of ``figures`` appears; without figures, how some figure does.
    appearance: AppearanceFilter = AppearanceFilter()
    reviewed: bool | None = None  # whether coders have settled a question about it
    # Photos of uploads that another upload of the same day has superseded are among them. Those of
    # an edition that is asked for by its id always are.
    superseded: bool = False

    @property
    def drops_superseded(self) -> bool:
        """Whether photos of superseded uploads are left out."""
        return not self.superseded and self.scope.edition is None

    @property
    def has_measure(self) -> bool:
        """Whether the filter asks for something whose probabilities can be sorted by."""
        return bool(self.subjects or self.labels or self.figures)

    @property
    def measure(self) -> str:
        """The measure whose probabilities can be sorted by: what is asked for first.

        Raises:
            InvalidRequest: The filter asks for no subject, label or figure.
        """
        if self.subjects:
            return self.subjects[0].value
        if self.labels:
            return f"{LABEL}{self.labels[0]}"
        if self.figures:
            return f"{FIGURE}{self.figures[0]}"
        raise InvalidRequest("to sort by probability, choose a subject, a label or a figure")

    def probability(self) -> ColumnElement[float]:
        """Return the probability of ``measure`` of a photo; 0 where it has none.

        People can see what the machine has no probability for.

        Raises:
            InvalidRequest: The filter asks for no subject, label or figure.
        """
        measure = self.measure
        if self.subjects:
            readings = _readings(SubjectReadingRow).where(
                SubjectReadingRow.subject == self.subjects[0]
            )
            return _or_zero(readings.with_only_columns(SubjectReadingRow.probability))
        if self.labels:
            labels = _readings(LabelReadingRow).where(LabelReadingRow.label == self.labels[0])
            return _or_zero(labels.with_only_columns(LabelReadingRow.probability))
        sightings = _readings(SightingRow).join(FigureRow)
        sightings = sightings.where(FigureRow.name == measure.removeprefix(FIGURE))
        return _or_zero(sightings.with_only_columns(SightingRow.probability))

    def conditions(self, recipe: Recipe) -> list[ColumnElement[bool]]:
        """Return the conditions for printed photos outer-joined with their interpretation."""
        return [*self.scope.conditions(), *self._places(recipe), *self._contents(recipe)]

    def _places(self, recipe: Recipe) -> Iterator[ColumnElement[bool]]:
        if self.drops_superseded:
            yield EditionRow.id.not_in(superseded_editions(recipe))
        if self.page is not None:
            yield PageRow.number == self.page
        if self.zone is not Zone.ALL:
            yield in_zone(self.zone)
        if self.min_size is not None:
            yield PhotoRow.area_share >= self.min_size
        if self.size is not None:
            low, high = size_bounds(recipe.aggregate)[self.size]
            yield PhotoRow.area_share >= low
            if self.size is not SizeClass.FULL_PAGE:
                yield PhotoRow.area_share < high
        if self.text is not None:
            yield PhotoRow.id.in_(photos_with_text(self.text))
        if self.reviewed is not None:
            reviewed = PhotoRow.id.in_(select(SettledAnswerRow.photo_id))
            yield reviewed if self.reviewed else ~reviewed

    def _contents(self, recipe: Recipe) -> Iterator[ColumnElement[bool]]:
        if self.focuses:
            yield composed_around(self.focuses)
        for subject in self.subjects:
            likely = _readings(SubjectReadingRow).where(
                SubjectReadingRow.subject == subject,
                SubjectReadingRow.probability >= self.min_probability,
            )
            yield shown(subject.value, likely.exists())
        for label in self.labels:
            decided = _readings(LabelReadingRow).where(
                LabelReadingRow.label == label,
                LabelReadingRow.probability >= recipe.aggregate.decision,
            )
            yield shown(f"{LABEL}{label}", decided.exists())
        for name in self.figures:
            yield self._has_figure(name)
        if not self.figures and self.appearance != AppearanceFilter():
            yield self._has_figure()

    def _has_figure(self, name: str | None = None) -> ColumnElement[bool]:
        """Return the condition for photos with a figure that appears as the filter says."""
        named = [] if name is None else [FigureRow.name == name]
        likely = SightingRow.probability >= self.min_probability
        seen = (
            _readings(SightingRow)
            .join(FigureRow)
            .where(
                or_(likely, people_say(shows=True)),
                *named,
                *self.appearance.conditions(),
            )
            .exists()
        )
        if not self.appearance.is_told_by_people:
            return seen
        measure = SettledAnswerRow.measure
        told = select(SettledAnswerRow.photo_id).where(
            SettledAnswerRow.photo_id == PhotoRow.id,
            measure.startswith(FIGURE) if name is None else measure == f"{FIGURE}{name}",
            SettledAnswerRow.shows,
        )
        return or_(seen, told.correlate(PhotoRow).exists())


def people_say(*, shows: bool) -> ColumnElement[bool]:
    """Return the condition that people have settled whether a sighting is its figure's.

    Args:
        shows: That it is, or that it is not.
    """
    return (
        select(SettledAnswerRow.photo_id)
        .where(
            SettledAnswerRow.photo_id == SightingRow.photo_id,
            SettledAnswerRow.measure == literal(FIGURE).concat(FigureRow.name),
            SettledAnswerRow.shows == shows,
        )
        .correlate(SightingRow, FigureRow)
        .exists()
    )


def photos_with_text(text: str) -> CompoundSelect[int]:
    """Return the query of the photos with a text in their caption or the headline above.

    Args:
        text: What the caption or the headline contains; letter case is ignored.
    """
    caption = select(CaptionRow.photo_id).where(CaptionRow.text.icontains(text, autoescape=True))
    under = PhotoRow.__table__.alias("under")
    headline = (
        select(under.c.id)
        .select_from(HeadlineRow)
        .join(HeadlinePhotoRow, HeadlinePhotoRow.headline_id == HeadlineRow.id)
        .join(
            under,
            (under.c.outcome_id == HeadlineRow.outcome_id)
            & (under.c.position == HeadlinePhotoRow.photo_position),
        )
        .where(HeadlineRow.text.icontains(text, autoescape=True))
    )
    return union(caption, headline)


def _or_zero(query: Select[float]) -> ColumnElement[float]:
    """Return the value of a query that has one row at most, as a column."""
    return func.coalesce(query.scalar_subquery(), 0.0)


def _readings(
    table: type[SubjectReadingRow | LabelReadingRow | SightingRow],
) -> Select[int]:
    """Return the query of a photo's readings or sightings under its interpretation's recipe."""
    return (
        select(table.photo_id)
        .where(
            table.photo_id == InterpretationRow.photo_id,
            table.recipe_id == InterpretationRow.recipe_id,
        )
        .correlate(InterpretationRow)
    )
