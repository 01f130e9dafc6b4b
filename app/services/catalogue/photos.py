"""Lists photos, and returns single ones."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, joinedload

from presslens.app.db.queries import (
    BATCH,
    Listing,
    every,
    interpretation,
    is_listed,
    paginate,
    printed_photos,
)
from presslens.app.db.rows import seen_caption
from presslens.app.db.tables import EditionRow, InterpretationRow, OutcomeRow, PageRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.app.services.catalogue.page_records import interpretations_of
from presslens.app.services.catalogue.pages import (
    AnalysedPage,
    AnalysedPhoto,
    analysed_pages,
)
from presslens.app.services.catalogue.photo_entry import PhotoEntry
from presslens.app.services.catalogue.photo_filter import PhotoFilter, PhotoSort
from presslens.app.services.catalogue.reprints import OtherPrint, other_prints
from presslens.app.services.catalogue.settled_photos import settled_answers
from presslens.app.services.labels.label_set import label_set_version
from presslens.models.message import Message
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import PhotoInterpretation
from presslens.pipelines.statistics.measure import FIGURE


@dataclass(frozen=True, slots=True, eq=False)
class PhotoListing:
    """One page of a list of photos."""

    photos: Sequence[PhotoEntry]  # the photos, in the list's order
    next_cursor: str | None  # the cursor of the next page of the list; None after the last
    recipe_id: str  # the recipe that the photos were interpreted under
    label_set: str  # version of the labels that photos are read for now

    def to_json(self) -> dict[str, Any]:
        """Return the list as it is served."""
        return {
            "recipe": self.recipe_id,
            "label_set": self.label_set,
            "photos": [photo.to_json() for photo in self.photos],
            "next": self.next_cursor,
        }


@dataclass(frozen=True, slots=True, eq=False)
class PhotoDetails:
    """A photo, the pages that it is printed on, the first upload first, and its other prints."""

    photo: AnalysedPhoto
    pages: tuple[AnalysedPage, ...]
    recipe_id: str
    prints: tuple[OtherPrint, ...] = ()

    @property
    def printed_before(self) -> tuple[OtherPrint, ...]:
        """The earlier prints of its picture, the earliest first."""
        return tuple(one for one in self.prints if one.earlier)

    @property
    def printed_again(self) -> tuple[OtherPrint, ...]:
        """The later prints of its picture, the earliest first."""
        return tuple(one for one in self.prints if not one.earlier)

    def to_json(self) -> dict[str, Any]:
        """Return the photo as in the JSON contract, with its pages."""
        first = self.pages[0]
        width, height = first.size or (None, None)
        pages = [{"id": p.id, "number": p.number, "edition": p.edition_id} for p in self.pages]
        return {
            "id": self.photo.id,
            "recipe": self.recipe_id,
            **(first.listed_document(self.photo) or {}),
            "pages": pages,
            "page_width": width,
            "page_height": height,
            "reprint_of": next((one.id for one in self.printed_before), None),
        }


def list_photos(
    home: Installation,
    photo_filter: PhotoFilter,
    *,
    sort: PhotoSort = PhotoSort.DATE,
    limit: int,
    start: str | None = None,
) -> PhotoListing:
    """Return photos; one that is printed on two pages is listed twice.

    Those that people have drawn are listed before they are interpreted.

    Args:
        photo_filter: Selects the photos.
        sort: The order.
        limit: Largest number of photos.
        start: The cursor of the listing before.

    Raises:
        InvalidRequest: The cursor is not one of a list sorted like this.
    """
    listing = _entries(home, photo_filter, sort=sort, limit=limit, start=start)
    with home.database.read() as session:
        label_set = label_set_version(session)
    return PhotoListing(listing.items, listing.next_cursor, home.recipe.id, label_set)


def iterate_photos(
    home: Installation, photo_filter: PhotoFilter, *, sort: PhotoSort = PhotoSort.DATE
) -> Iterator[PhotoEntry]:
    """Yield all photos that a filter selects."""
    return every(lambda start: _entries(home, photo_filter, sort=sort, limit=BATCH, start=start))


def selected_pages(
    home: Installation,
    photo_filter: PhotoFilter,
    *,
    photo: int | None = None,
    page: int | None = None,
) -> frozenset[int]:
    """Return the ids of the pages on which a filter selects a photo, or any photo of a page."""
    recipe = home.recipe
    query = (
        printed_photos(recipe, PageRow.id)
        .outerjoin(InterpretationRow, interpretation(recipe.id))
        .where(is_listed(), *photo_filter.conditions(recipe))
    )
    if photo is not None:
        query = query.where(PhotoRow.id == photo)
    if page is not None:
        query = query.where(PageRow.id == page)
    with home.database.read() as session:
        return frozenset(row[0] for row in session.execute(query.distinct()))


def _entries(
    home: Installation, photo_filter: PhotoFilter, *, sort: PhotoSort, limit: int, start: str | None
) -> Listing[PhotoEntry]:
    recipe = home.recipe
    query = (
        printed_photos(recipe, PhotoRow, PageRow, EditionRow)
        .outerjoin(InterpretationRow, interpretation(recipe.id))
        .where(is_listed(), *photo_filter.conditions(recipe))
    )
    with home.database.read() as session:
        page = paginate(
            session,
            query,
            sort.keys(photo_filter),
            limit=limit,
            start=start,
            descending=sort.descending,
        )
        ids = [row.PhotoRow.id for row in page.items]
        meanings = interpretations_of(session, ids, recipe)
        settled = settled_answers(session, ids)
        photos = [
            _entry(row, meanings.get(row.PhotoRow.id), recipe, settled.get(row.PhotoRow.id, {}))
            for row in page.items
        ]
        return Listing(photos, page.next_cursor)


def _entry(
    row: Row[Any], meaning: PhotoInterpretation | None, recipe: Recipe, settled: Mapping[str, bool]
) -> PhotoEntry:
    photo, page, edition = row.PhotoRow, row.PageRow, row.EditionRow
    return PhotoEntry(
        id=photo.frame_id,
        row_id=photo.id,
        box=photo.box,
        score=photo.score,
        area_share=photo.area_share,
        above_fold=photo.above_fold,
        quadrant=photo.quadrant,
        lead=photo.is_lead,
        by_hand=photo.by_hand,
        page_id=page.id,
        page_number=page.number,
        edition_id=edition.id,
        publication=edition.publication.name,
        edition_date=edition.edition_date,
        meaning=meaning,
        caption=seen_caption(photo.caption),
        recipe=recipe,
        rejected=frozenset(
            name.removeprefix(FIGURE)
            for name, shows in settled.items()
            if name.startswith(FIGURE) and not shows
        ),
    )


def find_photo(
    home: Installation, photo_id: int, *, only: Container[int] | None = None
) -> PhotoDetails:
    """Return a photo, and the pages that it is printed on, the first upload first.

    Args:
        only: Ids of the pages that are told; None: all.

    Raises:
        NotFound: There is no photo with this id under the recipe.
    """
    with home.database.read() as session:
        pages = analysed_pages(
            session,
            [
                page
                for page in _pages_of(session, photo_id, home)
                if only is None or page.id in only
            ],
            home.recipe,
        )
        prints = tuple(other_prints(session, photo_id, home.recipe, only=only))
    for photo in pages[0].photos if pages else ():
        if photo.row_id == photo_id:
            return PhotoDetails(photo, tuple(pages), home.recipe.id, prints)
    raise NotFound(Message("there is no such photo"))


def _pages_of(session: Session, photo_id: int, home: Installation) -> list[PageRow]:
    query = (
        select(PageRow)
        .join(OutcomeRow, OutcomeRow.scan_id == PageRow.scan_id)
        .join(PhotoRow, PhotoRow.outcome_id == OutcomeRow.id)
        .where(PhotoRow.id == photo_id, OutcomeRow.observation_id == home.recipe.observation_id)
        .order_by(PageRow.id)
        .options(joinedload(PageRow.edition))
    )
    pages = list(session.scalars(query))
    if not pages:
        raise NotFound(Message("there is no such photo"))
    return pages
