"""Finds photos by what they show, and cuts them out of the pictures of their pages."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from PIL import Image as Pillow
from sqlalchemy import ColumnElement, Row, or_, select
from sqlalchemy.orm import Session

from app.db.queries import (
    ANY_EDITION,
    BATCH,
    EditionScope,
    Key,
    Listing,
    Rows,
    every,
    interpretation,
    paginate,
    printed_photos,
)
from app.db.rows import seen_caption
from app.db.tables import (
    CaptionRow,
    EditionRow,
    FigureRow,
    HeadlinePhotoRow,
    HeadlineRow,
    InterpretationRow,
    LabelReadingRow,
    OutcomeRow,
    PageRow,
    PhotoRow,
    SightingRow,
    SubjectReadingRow,
)
from app.errors import NotFound
from app.installation import Installation
from app.services.catalogue.pages import SeenPage, SeenPhoto, meanings_of, page_view, seen_page
from models.geometry import Box
from models.recipe import Recipe
from models.vocabulary import (
    Answer,
    Caption,
    Facing,
    PhotoInterpretation,
    ShotSize,
    Subject,
    Verdict,
)
from pipelines.layout import Quadrant

QUALITY = 88


class PhotoSort(StrEnum):
    """What a list of photos is sorted by; a minus puts the largest or latest first."""

    DATE = "date"
    DATE_DOWN = "-date"
    SIZE = "size"
    SIZE_DOWN = "-size"
    SCORE = "score"
    SCORE_DOWN = "-score"


@dataclass(frozen=True, slots=True)
class ShownAs:
    """How a figure is to be shown; None means in any way.

    Attributes:
        shot_size: How much of him the picture is framed to show.
        facing: Where he turns his face.
        alone: Whether nobody else is in the photo.
        answer: Whether it is sure that it is he.
    """

    shot_size: ShotSize | None = None
    facing: Facing | None = None
    alone: bool | None = None
    answer: Answer | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield what must hold for a sighting."""
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
    """Which photos are wanted; None means any.

    Attributes:
        scope: The editions that print them.
        page: Page number.
        subject: What is shown, with at least ``min_probability``, 0–1.
        min_probability: See ``subject`` and ``figures``.
        figures: Names of figures that are seen together, each with at least ``min_probability``.
        focus: What the photo is composed around.
        min_size: Smallest share of the page's area, 0–1.
        label: Name of a label that is shown, with at least the recipe's ``decision``.
        text: What the caption, or the headline above, says somewhere, in capitals or not.
        shown: How each of ``figures`` is shown; without any, how some figure is.
    """

    scope: EditionScope = ANY_EDITION
    page: int | None = None
    subject: Subject | None = None
    min_probability: float = 0.5
    figures: tuple[str, ...] = ()
    focus: Verdict | None = None
    min_size: float | None = None
    text: str | None = None
    label: str | None = None
    shown: ShownAs = ShownAs()


@dataclass(frozen=True, slots=True, eq=False)
class FoundPhoto:
    """A photo in a list, with the page and the edition that it stands on."""

    id: int
    box: Box
    score: float
    area_share: float
    above_fold: bool
    quadrant: Quadrant
    lead: bool
    page_id: int
    page_number: int
    edition_id: int
    publication: str
    edition_date: date
    meaning: PhotoInterpretation
    caption: Caption | None


def list_photos(
    home: Installation,
    wanted: PhotoFilter,
    *,
    sort: PhotoSort = PhotoSort.DATE,
    limit: int,
    start: str | None = None,
) -> Listing[FoundPhoto]:
    """Return interpreted photos; one that is printed on two pages is there twice.

    Args:
        home: The installation.
        wanted: Which ones.
        sort: In what order.
        limit: At most so many.
        start: The cursor that the list before gave.

    Raises:
        InvalidRequest: The cursor is not one of a list sorted like this.
    """
    keys = _keys(sort)
    query = _filtered(wanted, home.recipe)
    with home.database.read() as session:
        page = paginate(
            session, query, keys, limit=limit, start=start, descending=sort.startswith("-")
        )
        meanings = meanings_of(session, [row.PhotoRow.id for row in page.items], home.recipe)
        photos = [_found(row, meanings[row.PhotoRow.id]) for row in page.items]
        return Listing(photos, page.next_cursor)


def iterate_photos(
    home: Installation, wanted: PhotoFilter, *, sort: PhotoSort = PhotoSort.DATE
) -> Iterator[FoundPhoto]:
    """Yield all interpreted photos that are wanted."""
    return every(lambda start: list_photos(home, wanted, sort=sort, limit=BATCH, start=start))


def _filtered(wanted: PhotoFilter, recipe: Recipe) -> Rows:
    query = printed_photos(recipe, PhotoRow, PageRow, EditionRow).join(
        InterpretationRow, interpretation(recipe.id)
    )
    if wanted.label is not None:
        query = query.where(_shows_label(wanted.label, recipe))
    return query.where(*wanted.scope.conditions(), *_conditions(wanted))


def _conditions(wanted: PhotoFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.page is not None:
        yield PageRow.number == wanted.page
    if wanted.text is not None:
        yield _says(wanted.text)
    yield from _meaning_conditions(wanted)


def _meaning_conditions(wanted: PhotoFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.focus is not None:
        yield InterpretationRow.verdict == wanted.focus
    if wanted.min_size is not None:
        yield PhotoRow.area_share >= wanted.min_size
    if wanted.subject is not None:
        yield _shows_subject(wanted)
    for name in wanted.figures:
        yield _shows_figure(wanted, name)
    if not wanted.figures and wanted.shown != ShownAs():
        yield _shows_figure(wanted)


def _says(text: str) -> ColumnElement[bool]:
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


def _shows_subject(wanted: PhotoFilter) -> ColumnElement[bool]:
    return (
        select(SubjectReadingRow.photo_id)
        .where(
            SubjectReadingRow.photo_id == InterpretationRow.photo_id,
            SubjectReadingRow.recipe_id == InterpretationRow.recipe_id,
            SubjectReadingRow.subject == wanted.subject,
            SubjectReadingRow.probability >= wanted.min_probability,
        )
        .exists()
    )


def _shows_label(label: str, recipe: Recipe) -> ColumnElement[bool]:
    return (
        select(LabelReadingRow.photo_id)
        .where(
            LabelReadingRow.photo_id == InterpretationRow.photo_id,
            LabelReadingRow.recipe_id == InterpretationRow.recipe_id,
            LabelReadingRow.label == label,
            LabelReadingRow.probability >= recipe.aggregate.decision,
        )
        .exists()
    )


def _shows_figure(wanted: PhotoFilter, name: str | None = None) -> ColumnElement[bool]:
    """Return the condition for photos that show a figure as is wanted; without a name, any."""
    named = () if name is None else (FigureRow.name == name,)
    return (
        select(SightingRow.photo_id)
        .join(FigureRow)
        .where(
            SightingRow.photo_id == InterpretationRow.photo_id,
            SightingRow.recipe_id == InterpretationRow.recipe_id,
            SightingRow.probability >= wanted.min_probability,
            *named,
            *wanted.shown.conditions(),
        )
        .exists()
    )


def _keys(sort: PhotoSort) -> list[Key]:
    if sort in (PhotoSort.DATE, PhotoSort.DATE_DOWN):
        return [
            Key(EditionRow.edition_date, date),
            Key(EditionRow.id, int),
            Key(PageRow.number, int),
            Key(PhotoRow.position, int),
        ]
    by = PhotoRow.area_share if sort in (PhotoSort.SIZE, PhotoSort.SIZE_DOWN) else PhotoRow.score
    return [Key(by, float), Key(PageRow.id, int), Key(PhotoRow.id, int)]


def _found(row: Row[Any], meaning: PhotoInterpretation) -> FoundPhoto:
    photo, page, edition = row.PhotoRow, row.PageRow, row.EditionRow
    return FoundPhoto(
        id=photo.id,
        box=photo.box,
        score=photo.score,
        area_share=photo.area_share,
        above_fold=photo.above_fold,
        quadrant=photo.quadrant,
        lead=photo.is_lead,
        page_id=page.id,
        page_number=page.number,
        edition_id=edition.id,
        publication=edition.publication.name,
        edition_date=edition.edition_date,
        meaning=meaning,
        caption=seen_caption(photo.caption),
    )


def find_photo(home: Installation, photo_id: int) -> tuple[SeenPhoto, list[SeenPage]]:
    """Return a photo, and the pages that it is printed on, the first upload first.

    Raises:
        NotFound: There is no photo with this id under the recipe.
    """
    with home.database.read() as session:
        pages = [
            seen_page(session, page, home.recipe) for page in _pages_of(session, photo_id, home)
        ]
    for photo in pages[0].photos:
        if photo.id == photo_id:
            return photo, pages
    raise NotFound("there is no such photo")


def photo_image(home: Installation, photo_id: int) -> bytes:
    """Return a photo as a JPEG, cut out of the picture of its page.

    Raises:
        NotFound: There is no such photo, or no picture of its page.
    """
    with home.database.read() as session:
        page = _pages_of(session, photo_id, home)[0]
        box = session.get_one(PhotoRow, photo_id).box
        page_id = page.id
    with Pillow.open(page_view(home, page_id), formats=("JPEG",)) as view:
        width, height = view.size
        crop = view.crop(box.clipped(width, height).pixels())
        if 0 in crop.size:
            raise NotFound("the box of this photo is empty")
        out = io.BytesIO()
        crop.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _pages_of(session: Session, photo_id: int, home: Installation) -> list[PageRow]:
    query = (
        select(PageRow)
        .join(OutcomeRow, OutcomeRow.scan_id == PageRow.scan_id)
        .join(PhotoRow, PhotoRow.outcome_id == OutcomeRow.id)
        .where(PhotoRow.id == photo_id, OutcomeRow.observation_id == home.recipe.observation_id)
        .order_by(PageRow.id)
    )
    pages = list(session.scalars(query))
    if not pages:
        raise NotFound("there is no such photo")
    return pages
