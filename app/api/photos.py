"""Photos: filtered lists and their exports, single photos, and their pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from presslens.app.api.access import PermittedRoute, needs, shown_pages
from presslens.app.api.csv_response import csv_response, wants_csv
from presslens.app.api.exports import send_file
from presslens.app.api.params import Cursor, Home, Id, Limit, read_query
from presslens.app.api.photo_address import PhotoId
from presslens.app.api.picture_response import (
    CACHING,
    PICTURE,
    REVALIDATED,
    WidthParam,
    picture_response,
)
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST
from presslens.app.services.catalogue.buckets import (
    BucketList,
    PhotoPage,
    list_buckets,
    photos_of_bucket,
)
from presslens.app.services.catalogue.facets import FacetCounts, count_facets
from presslens.app.services.catalogue.photo_entry import COLUMNS
from presslens.app.services.catalogue.photo_filter import PhotoFilter, PhotoSort
from presslens.app.services.catalogue.photo_query import PhotoQuery
from presslens.app.services.catalogue.photo_views import Display
from presslens.app.services.catalogue.photos import (
    PhotoDetails,
    PhotoListing,
    find_photo,
    iterate_photos,
    list_photos,
)
from presslens.app.services.catalogue.similar import SimilarPhotos, similar_photos
from presslens.app.services.exports.photo_package import (
    ExportedPhotos,
    export_photo_package,
    export_photos,
)
from presslens.app.services.exports.table_writer import TableFormat
from presslens.app.services.pictures.pictures import figure_picture, photo_picture
from presslens.app.services.reviews.documents import Consensus
from presslens.app.services.reviews.reviews import photo_reviews

router = APIRouter(prefix="/photos", tags=["photos"], route_class=PermittedRoute)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReviewedPhoto(PhotoDetails):
    """A photo, the pages that print it, and what people have settled about it."""

    reviews: Consensus


def photo_filter_of(
    home: Home, query: Annotated[PhotoQuery, read_query(PhotoQuery)]
) -> PhotoFilter:
    """Return the filter that a query asks for.

    Raises:
        InvalidRequest: There is no such newspaper, or photos are not read for one of the labels.
    """
    return query.resolved(home).photos


Filtered = Annotated[PhotoFilter, Depends(photo_filter_of)]
Sorted = Annotated[
    PhotoSort,
    Query(description="probability: of the first subject, else label, else figure asked for"),
]
Shown = Annotated[
    Display,
    Query(
        description="the photos, their pictures (prints of one together), pages, or figures' faces"
    ),
]


@router.get("", operation_id="list_photos", response_model=PhotoListing)
@router.get(".csv", operation_id="list_photos_csv")
@needs(Permission.READ)
def get_photos(
    home: Home,
    request: Request,
    photo_filter: Filtered,
    sort: Sorted = PhotoSort.DATE,
    limit: Limit = 50,
    cursor: Cursor | None = None,
) -> Any:
    """List photos that are interpreted. CSV holds all of them.

    Filters by subject, focus, label and figure follow what people have settled about a photo, and
    the machine where they have settled nothing. What is listed of a photo is the machine's.

    Of several uploads of one day, photos of the one that counts in statistics are listed.
    """
    if wants_csv(request):
        rows = (photo.row() for photo in iterate_photos(home, photo_filter, sort=sort))
        return csv_response(COLUMNS, rows, name="photos")
    listing = list_photos(home, photo_filter, sort=sort, limit=limit, start=cursor)
    return listing


@router.get("/facets", operation_id="count_photos")
@needs(Permission.READ)
def get_facets(home: Home, photo_filter: Filtered) -> FacetCounts:
    """Count the photos that a filter selects, and those that each further option would.

    Subjects, labels and figures are added to those that are chosen; newspaper, dates, zone, page,
    focus, size and reviewed take the place of the one that is. Photos count once their edition is
    analysed.
    """
    return count_facets(home, photo_filter)


@router.get("/buckets", operation_id="list_photo_buckets")
@needs(Permission.READ)
def get_buckets(
    home: Home,
    photo_filter: Filtered,
    sort: Sorted = PhotoSort.DATE,
    view: Shown = Display.PHOTO,
) -> BucketList:
    """Return how many photos there are, in buckets, and the shape of each.

    ``aspects`` is base64: one byte a photo, which is ``2 ** ((byte - middle) / steps)`` times as
    wide as high. A list of a million can be laid out by it before a picture is loaded. ``version``
    is equal as long as nothing has changed.
    """
    return list_buckets(home, photo_filter, sort, view)


@router.get("/buckets/{key}", operation_id="get_photo_bucket")
@needs(Permission.READ)
def get_bucket(
    home: Home,
    photo_filter: Filtered,
    key: Annotated[str, Path(max_length=32)],
    sort: Sorted = PhotoSort.DATE,
    view: Shown = Display.PHOTO,
) -> PhotoPage:
    """Return the photos of a bucket at a glance; filter and sort are those of the list."""
    return photos_of_bucket(home, photo_filter, sort, key, view)


@router.get("/{photo_id:id}", operation_id="get_photo")
@needs(Permission.READ)
def get_photo(home: Home, request: Request, photo_id: PhotoId) -> ReviewedPhoto:
    """Return a photo with its detections and interpretation, and the pages that print it.

    ``reprint_of`` is the earliest photo that it is a reprint of; null of a first print.
    What people have settled stands in ``reviews``; all else is the machine's.
    """
    only = shown_pages(request)
    photo = find_photo(home, photo_id, only=only)
    return ReviewedPhoto.from_attributes(photo, reviews=photo_reviews(home, photo_id).consensus)


@router.get(
    "/{photo_id}/image",
    operation_id="get_photo_image",
    response_class=Response,
    responses=PICTURE,
)
@needs(Permission.READ)
def get_photo_image(
    home: Home,
    request: Request,
    photo_id: PhotoId,
    width: WidthParam = None,
    version: Annotated[
        int | None, Query(ge=1, le=MOST, description="id of the box: its picture never changes")
    ] = None,
) -> Response:
    """Return the crop of a photo from the picture of its page."""
    picture = photo_picture(home, photo_id, width)
    caching = CACHING if version == photo_id else REVALIDATED
    return picture_response(request, home, picture, caching)


@router.get(
    "/{photo_id}/figures/{figure_id}/image",
    operation_id="get_sighting_image",
    response_class=Response,
    responses=PICTURE,
)
@needs(Permission.READ)
def get_sighting_image(
    home: Home, request: Request, photo_id: PhotoId, figure_id: Id, width: WidthParam = None
) -> Response:
    """Return the face of an enrolled figure that was seen in a photo.

    Other faces have no pictures, and neither has one that looks like a child's.
    """
    picture = figure_picture(home, photo_id, figure_id, width)
    return picture_response(request, home, picture, REVALIDATED)


@router.get("/{photo_id}/similar", operation_id="list_similar_photos")
@needs(Permission.READ)
def get_similar(
    home: Home, photo_id: PhotoId, limit: Limit = 24, cursor: Cursor | None = None
) -> SimilarPhotos:
    """List the other prints of a photo's picture, and the photos that look most like it.

    ``reprints`` are all other prints, the earliest first, each with the ``probability`` that it is
    one, the ``places`` that agree, the ``likeness`` of the two laid on each other, and whether it
    is ``earlier``; null: not known, for none was found and this photo was not compared. Then come
    photos by ``similarity``, the cosine of their image features; ``reprint`` marks those that are
    other prints.
    """
    return similar_photos(home, photo_id, limit=limit, start=cursor)


def _selection(request: Request, chosen: Filtered, sort: PhotoSort) -> ExportedPhotos:
    query = request.url.query
    path = f"{request.url.path}{'?' if query else ''}{query}"
    return ExportedPhotos(chosen, sort, path, clock.now().date())


@router.get(".ndjson", operation_id="export_photos_json", response_class=StreamingResponse)
@needs(Permission.EXPORT)
async def get_photos_json(
    home: Home, request: Request, photo_filter: Filtered, sort: Sorted = PhotoSort.DATE
) -> Response:
    """Return all photos that a filter selects as JSON Lines: one object a line."""
    chosen = _selection(request, photo_filter, sort)
    return await _photos(home, request, chosen, TableFormat.JSON)


@router.get(".parquet", operation_id="export_photos_parquet", response_class=StreamingResponse)
@needs(Permission.EXPORT)
async def get_photos_parquet(
    home: Home, request: Request, photo_filter: Filtered, sort: Sorted = PhotoSort.DATE
) -> Response:
    """Return all photos that a filter selects as one Parquet file."""
    chosen = _selection(request, photo_filter, sort)
    return await _photos(home, request, chosen, TableFormat.PARQUET)


@router.get(".zip", operation_id="export_photos_package", response_class=StreamingResponse)
@needs(Permission.EXPORT)
async def get_photos_package(
    home: Home, request: Request, photo_filter: Filtered, sort: Sorted = PhotoSort.DATE
) -> Response:
    """Return all photos that a filter selects as a ZIP file.

    It holds the photos as CSV, a data package that says what each column means, and a README with
    the query in words and how to cite it.
    """
    chosen = _selection(request, photo_filter, sort)
    return await send_file(
        home,
        request,
        lambda then, folder, report: export_photo_package(then, chosen, folder, progress=report),
    )


async def _photos(
    home: Installation, request: Request, chosen: ExportedPhotos, table_format: TableFormat
) -> Response:
    return await send_file(
        home,
        request,
        lambda then, folder, report: export_photos(
            then, chosen, table_format, folder, progress=report
        ),
    )
