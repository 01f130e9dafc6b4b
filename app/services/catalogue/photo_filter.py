"""Filters and sorts photos: what they show, how a figure appears, and where they are printed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, or_, select

from app.db.figures import FigureRow
from app.db.queries import ANY_EDITION, EditionScope, Key
from app.db.superseded import superseded_editions
from app.db.tables import (
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
from models.recipe import Recipe
from models.vocabulary import Answer, Facing, Focus, ShotSize, Subject


class PhotoSort(StrEnum):
    """What a list of photos is sorted by; a minus puts the largest or latest first."""

    DATE = "date"
    DATE_DOWN = "-date"
    SIZE = "size"
    SIZE_DOWN = "-size"
    SCORE = "score"
    SCORE_DOWN = "-score"

    @property
    def descending(self) -> bool:
        """Whether the largest or latest come first."""
        return self.startswith("-")

    def keys(self) -> list[Key]:
        """Return the sort columns, which together are unique in a list of printed photos."""
        if self in (PhotoSort.DATE, PhotoSort.DATE_DOWN):
            return [
                Key(EditionRow.edition_date, date),
                Key(EditionRow.id, int),
                Key(PageRow.number, int),
                Key(PhotoRow.position, int),
            ]
        by_size = self in (PhotoSort.SIZE, PhotoSort.SIZE_DOWN)
        column = PhotoRow.area_share if by_size else PhotoRow.score
        return [Key(column, float), Key(PageRow.id, int), Key(PhotoRow.id, int)]


@dataclass(frozen=True, slots=True)
class AppearanceFilter:
    """How a figure appears in a photo; None means in any way.

    Attributes:
        shot_size: How much of the figure the picture is framed to show.
        facing: Where the figure turns the face.
        alone: Whether nobody else is in the photo.
        answer: Whether it is certain that it is the figure.
    """

    shot_size: ShotSize | None = None
    facing: Facing | None = None
    alone: bool | None = None
    answer: Answer | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions for a sighting."""
        if self.shot_size is not None:
            yield SightingRow.shot_size == self.shot_size
        if self.facing is not None:
            yield SightingRow.facing == self.facing
        if self.alone is not None:
            yield SightingRow.people_beside == 0 if self.alone else SightingRow.people_beside > 0
        if self.answer is not None:
            yield SightingRow.answer == self.answer


@dataclass(frozen=True, slots=True)
class PhotoFilter:
    """Criteria of photos; None means any.

    Attributes:
        scope: The editions that print them.
        page: Page number.
        subject: A subject with a probability of at least ``min_probability``.
        min_probability: Of ``subject`` and ``figures``, 0–1.
        figures: Names of figures in the photo together, each with ``min_probability`` at least.
        focus: What the photo is composed around.
        min_size: Smallest share of the page's area, 0–1.
        text: Contained in the caption, or in the headline above; letter case is ignored.
        label: Name of a label with a probability of at least the recipe's ``decision``.
        appearance: How each of ``figures`` appears; without figures, how some figure does.
        superseded: Those of superseded editions too; an edition that ``scope`` names has its
            photos whether it is superseded or not.
    """

    scope: EditionScope = ANY_EDITION
    page: int | None = None
    subject: Subject | None = None
    min_probability: float = 0.5
    figures: tuple[str, ...] = ()
    focus: Focus | None = None
    min_size: float | None = None
    text: str | None = None
    label: str | None = None
    appearance: AppearanceFilter = AppearanceFilter()
    superseded: bool = False

    def conditions(self, recipe: Recipe) -> list[ColumnElement[bool]]:
        """Return the conditions for printed photos joined with their interpretation."""
        return [*self.scope.conditions(), *self._places(recipe), *self._contents(recipe)]

    def _places(self, recipe: Recipe) -> Iterator[ColumnElement[bool]]:
        if not self.superseded and self.scope.edition is None:
            yield EditionRow.id.not_in(superseded_editions(recipe))
        if self.page is not None:
            yield PageRow.number == self.page
        if self.min_size is not None:
            yield PhotoRow.area_share >= self.min_size
        if self.text is not None:
            yield _has_text(self.text)

    def _contents(self, recipe: Recipe) -> Iterator[ColumnElement[bool]]:
        if self.focus is not None:
            yield InterpretationRow.verdict == self.focus
        if self.subject is not None:
            yield _has_subject(self.subject, self.min_probability)
        if self.label is not None:
            yield _has_label(self.label, recipe.aggregate.decision)
        for name in self.figures:
            yield self._has_figure(FigureRow.name == name)
        if not self.figures and self.appearance != AppearanceFilter():
            yield self._has_figure()

    def _has_figure(self, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        """Return the condition for photos with a figure that appears as the filter says."""
        return (
            select(SightingRow.photo_id)
            .join(FigureRow)
            .where(
                SightingRow.photo_id == InterpretationRow.photo_id,
                SightingRow.recipe_id == InterpretationRow.recipe_id,
                SightingRow.probability >= self.min_probability,
                *conditions,
                *self.appearance.conditions(),
            )
            .exists()
        )


def _has_text(text: str) -> ColumnElement[bool]:
    """Return the condition for photos with a text in their caption or the headline above."""
    caption = select(CaptionRow.photo_id).where(
        CaptionRow.photo_id == PhotoRow.id, CaptionRow.text.icontains(text, autoescape=True)
    )
    headline = (
        select(HeadlineRow.id)
        .join(HeadlinePhotoRow, HeadlinePhotoRow.headline_id == HeadlineRow.id)
        .where(
            HeadlineRow.outcome_id == PhotoRow.outcome_id,
            HeadlinePhotoRow.photo_position == PhotoRow.position,
            HeadlineRow.text.icontains(text, autoescape=True),
        )
    )
    return or_(caption.exists(), headline.exists())


def _has_subject(subject: Subject, probability: float) -> ColumnElement[bool]:
    return (
        select(SubjectReadingRow.photo_id)
        .where(
            SubjectReadingRow.photo_id == InterpretationRow.photo_id,
            SubjectReadingRow.recipe_id == InterpretationRow.recipe_id,
            SubjectReadingRow.subject == subject,
            SubjectReadingRow.probability >= probability,
        )
        .exists()
    )


def _has_label(label: str, probability: float) -> ColumnElement[bool]:
    return (
        select(LabelReadingRow.photo_id)
        .where(
            LabelReadingRow.photo_id == InterpretationRow.photo_id,
            LabelReadingRow.recipe_id == InterpretationRow.recipe_id,
            LabelReadingRow.label == label,
            LabelReadingRow.probability >= probability,
        )
        .exists()
    )
