"""Filters and sorts photos: what they show, how a figure appears, and where they are printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import CompoundSelect, select, union
from sqlalchemy.orm import Session

from presslens.app.db.queries import ANY_EDITION, EditionScope, RowQuery
from presslens.app.db.tables import CaptionRow, HeadlinePhotoRow, HeadlineRow, PhotoRow
from presslens.app.platform.errors import InvalidRequest
from presslens.models.recipe import Aggregate
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
    def is_met_by_answers(self) -> bool:
        """Whether people's word that a figure is there is enough: no more than that is asked."""
        nothing = self.shot_size is None and self.facing is None and self.alone is None
        return nothing and self.answer is not Answer.UNSURE


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


def photos_with_text(text: str) -> CompoundSelect[int]:
    """Return the query of the photos with a text in their caption or the headline above.

    Args:
        text: What the caption or the headline contains; letter case is ignored.
    """
    return union(*(one.with_only_columns(one.selected_columns[0]) for one in _texts(text)))


def matched_texts(session: Session, frames: Sequence[int], text: str) -> dict[int, str]:
    """Return the caption, or else the headline, with a text of each of some photos.

    Args:
        frames: The photos' addresses, see ``PhotoRow.frame_id``.
        text: What it contains; letter case is ignored.
    """
    rows = select(PhotoRow.id, PhotoRow.frame_id).where(PhotoRow.frame_id.in_(frames))
    addresses = dict(session.execute(rows).all())
    captions, headlines = (
        session.execute(one.where(one.selected_columns[0].in_(addresses))).all()
        for one in _texts(text)
    )
    return {addresses[photo]: written for photo, written in (*headlines, *captions)}


def _texts(text: str) -> tuple[RowQuery, RowQuery]:
    """Return the queries of photos with the caption, and with the headline, that has a text."""
    under = PhotoRow.__table__.alias("under")
    headline = (
        select(under.c.id, HeadlineRow.text)
        .select_from(HeadlineRow)
        .join(HeadlinePhotoRow, HeadlinePhotoRow.headline_id == HeadlineRow.id)
        .join(
            under,
            (under.c.outcome_id == HeadlineRow.outcome_id)
            & (under.c.position == HeadlinePhotoRow.photo_position),
        )
    )
    return (
        select(CaptionRow.photo_id, CaptionRow.text).where(
            CaptionRow.text.icontains(text, autoescape=True)
        ),
        headline.where(HeadlineRow.text.icontains(text, autoescape=True)),
    )
