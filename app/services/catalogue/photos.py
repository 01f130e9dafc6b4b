"""Lists photos, and returns single ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Row

from presslens.app.db.queries import BATCH, printed_photos
from presslens.app.db.rows import seen_caption
from presslens.app.db.tables import EditionRow, PageRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.app.services.catalogue.page_records import interpretations_of
from presslens.app.services.catalogue.pages import AnalysedPage, AnalysedPhoto, find_page
from presslens.app.services.catalogue.photo_entry import PhotoEntry
from presslens.app.services.catalogue.photo_filter import PhotoFilter, PhotoSort
from presslens.app.services.catalogue.photo_index import photo_index
from presslens.app.services.catalogue.reprints import OtherPrint, other_prints
from presslens.app.services.labels.label_set import label_set_version
from presslens.app.services.shares.consensus_photos import load_consensus
from presslens.app.services.shares.decisions import photo_decisions
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import PhotoInterpretation
from presslens.pipelines.document import PhotoDocument
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.decision import Decisions


@dataclass(frozen=True, slots=True, eq=False)
class PhotoListing(Served):
    """One page of a list of photos."""

    SERVED: ClassVar[str] = "recipe=recipe_id label_set photos next=next_cursor"

    photos: Sequence[PhotoEntry]  # the photos, in the list's order
    next_cursor: str | None  # the cursor of the next page of the list; None after the last
    recipe_id: str  # the recipe that the photos were interpreted under
    label_set: str  # version of the labels that photos are read for now


@dataclass(frozen=True, slots=True, eq=False)
class PhotoDetails(Served):
    """A photo, the pages that it is printed on, the first upload first, and its other prints."""

    SERVED: ClassVar[str] = """
        id=photo.id recipe=recipe_id *document? by_hand=photo.by_hand
        label_set=photo.meaning.label_set pages=printed_on page_width page_height reprint_of
    """

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

    @property
    def document(self) -> PhotoDocument | None:
        """The photo on its first page; None until it is interpreted."""
        return next((one for one in self.pages[0].shown if one.photo is self.photo), None)

    @property
    def printed_on(self) -> list[dict[str, int]]:
        """The id, number and edition of each page that prints it."""
        return [{"id": p.id, "number": p.number, "edition": p.edition_id} for p in self.pages]

    @property
    def page_width(self) -> int | None:
        """Width of its first page, in pixels."""
        return self.pages[0].width

    @property
    def page_height(self) -> int | None:
        """Height of its first page, in pixels."""
        return self.pages[0].height

    @property
    def reprint_of(self) -> int | None:
        """The earliest photo that it is a reprint of."""
        return next((one.id for one in self.printed_before), None)


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
        start: The cursor of the listing before.

    Raises:
        InvalidRequest: The cursor is not one of a list sorted like this.
    """
    index = photo_index(home)
    places, following = index.part(photo_filter, sort, limit=limit, start=start)
    photos = _entries(home, index.ids(places))
    with home.database.read() as session:
        label_set = label_set_version(session)
    return PhotoListing(photos, following, home.recipe.id, label_set)


def iterate_photos(
    home: Installation, photo_filter: PhotoFilter, *, sort: PhotoSort = PhotoSort.DATE
) -> Iterator[PhotoEntry]:
    """Return all photos that a filter selects, those of one moment.

    Raises:
        InvalidRequest: They can't be sorted by probability.
    """
    index = photo_index(home)
    places = index.select(photo_filter, sort)
    starts = range(0, len(places), BATCH)
    return (one for i in starts for one in _entries(home, index.ids(places[i : i + BATCH])))


def selected_pages(
    home: Installation,
    photo_filter: PhotoFilter,
    *,
    photo: int | None = None,
    page: int | None = None,
) -> frozenset[int]:
    """Return the ids of the pages on which a filter selects a photo, or any photo of a page."""
    index = photo_index(home)
    columns, places = index.columns, index.select(photo_filter)
    if photo is not None:
        places = places[columns.photos[columns.photo[places]] == photo]
    if page is not None:
        places = places[columns.page[places] == page]
    return frozenset(columns.page[places].tolist())


def _entries(home: Installation, printed: Sequence[tuple[int, int]]) -> list[PhotoEntry]:
    """Return printed photos in this order, without those that are gone.

    Args:
        printed: Ids of each photo and of its page.
    """
    recipe, ids = home.recipe, [photo_id for photo_id, _ in printed]
    query = printed_photos(recipe, PhotoRow, PageRow, EditionRow).where(
        PhotoRow.id.in_(ids), PageRow.id.in_({page_id for _, page_id in printed})
    )
    with home.database.read() as session:
        rows = {(row.PhotoRow.id, row.PageRow.id): row for row in session.execute(query)}
        meanings = interpretations_of(session, ids, recipe)
        consensus = load_consensus(session, ids)
        names = {row.EditionRow.publication.name for row in rows.values()}
        decided = {
            name: photo_decisions(session, name, recipe, meanings.values()) for name in names
        }
        return [
            _entry(rows[one], meanings.get(one[0]), recipe, consensus.get(one[0], {}), decided)
            for one in printed
            if one in rows
        ]


def _entry(
    row: Row[Any],
    meaning: PhotoInterpretation | None,
    recipe: Recipe,
    answers: Mapping[str, bool],
    decided: Mapping[str, Decisions],
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
        decisions=decided[edition.publication.name],
        settled=answers,
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
    details = find_photos(home, [photo_id], only=only)
    if photo_id not in details:
        raise NotFound.saying("there is no such photo")
    return details[photo_id]


def find_photos(
    home: Installation, photo_ids: Collection[int], *, only: Container[int] | None = None
) -> dict[int, PhotoDetails]:
    """Return photos as ``find_photo`` does, by id; those that are not there are omitted."""
    query = printed_photos(home.recipe, PhotoRow.id, PageRow.id).where(PhotoRow.id.in_(photo_ids))
    printed: dict[int, set[int]] = defaultdict(set)
    with home.database.read() as session:
        for photo_id, page_id in session.execute(query):
            if only is None or page_id in only:
                printed[photo_id].add(page_id)
        prints = other_prints(session, list(printed), home.recipe, only=only) if printed else {}
    details = {}
    for photo_id, ids in printed.items():
        pages = tuple(find_page(home, page) for page in sorted(ids))
        for photo in pages[0].photos:
            if photo.row_id == photo_id:
                others = tuple(prints[photo_id])
                details[photo_id] = PhotoDetails(photo, pages, home.recipe.id, others)
    return details
