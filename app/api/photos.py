"""Photos: filtered lists, single photos, and their pictures."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from app.api.csv_response import csv_response, wants_csv
from app.api.params import MOST, Cursor, Day, Home, Id, Limit, Name, ShareParam
from app.api.picture_response import PICTURE, WidthParam, picture_response
from app.db.queries import EditionScope
from app.services.catalogue.photo_entry import COLUMNS
from app.services.catalogue.photo_filter import AppearanceFilter, PhotoFilter, PhotoSort
from app.services.catalogue.photos import find_photo, iterate_photos, list_photos
from app.services.labels.labels import check_label
from app.services.pictures.pictures import figure_picture, photo_picture
from app.services.reviews.reviews import photo_reviews
from models.vocabulary import Answer, Facing, Focus, ShotSize, Subject

router = APIRouter(prefix="/photos", tags=["photos"])


@router.get("", operation_id="list_photos")
@router.get(".csv", operation_id="list_photos_csv")
def get_photos(
    home: Home,
    request: Request,
    publication: Annotated[Name | None, Query()] = None,
    first: Annotated[Day | None, Query(alias="from")] = None,
    last: Annotated[Day | None, Query(alias="to")] = None,
    edition: Annotated[int | None, Query(ge=1, le=MOST)] = None,
    page: Annotated[int | None, Query(ge=1, le=MOST)] = None,
    subject: Subject | None = None,
    min_probability: ShareParam = 0.5,
    figure: Annotated[
        list[Name] | None, Query(max_length=20, description="seen; several: seen together")
    ] = None,
    focus: Focus | None = None,
    min_size: ShareParam | None = None,
    text: Annotated[Name | None, Query(description="in the caption or the headline")] = None,
    label: Annotated[Name | None, Query(description="shown, by the recipe's decision")] = None,
    shot_size: Annotated[ShotSize | None, Query(description="of the figure, or of any")] = None,
    facing: Annotated[Facing | None, Query(description="as the figure, or any, does")] = None,
    alone: Annotated[bool | None, Query(description="the figure, or any, is by himself")] = None,
    answer: Annotated[Answer | None, Query(description="whether it surely is the figure")] = None,
    superseded: Annotated[
        bool, Query(description="also of editions that a later upload of their day stands in for")
    ] = False,
    sort: PhotoSort = PhotoSort.DATE,
    limit: Limit = 50,
    cursor: Cursor | None = None,
) -> Any:
    """List photos that are interpreted. CSV holds all of them."""
    if label is not None:
        check_label(home, label)
    photo_filter = PhotoFilter(
        EditionScope(publication, first, last, edition),
        page=page,
        subject=subject,
        min_probability=min_probability,
        figures=tuple(figure or ()),
        focus=focus,
        min_size=min_size,
        text=text,
        label=label,
        appearance=AppearanceFilter(shot_size, facing, alone, answer),
        superseded=superseded,
    )
    if wants_csv(request):
        rows = (photo.row() for photo in iterate_photos(home, photo_filter, sort=sort))
        return csv_response(COLUMNS, rows, name="photos")
    return list_photos(home, photo_filter, sort=sort, limit=limit, start=cursor).to_json()


@router.get("/{photo_id}", operation_id="get_photo")
def get_photo(home: Home, photo_id: Id) -> dict[str, Any]:
    """Return a photo with its detections and interpretation, and the pages that print it.

    What people have settled stands in ``reviews``; all else is the machine's.
    """
    photo = find_photo(home, photo_id)
    return {**photo.to_json(), "reviews": photo_reviews(home, photo_id).consensus_json()}


@router.get(
    "/{photo_id}/image",
    operation_id="get_photo_image",
    response_class=Response,
    responses=PICTURE,
)
def get_photo_image(
    home: Home, request: Request, photo_id: Id, width: WidthParam = None
) -> Response:
    """Return the crop of a photo from the picture of its page."""
    return picture_response(request, home, photo_picture(home, photo_id, width))


@router.get(
    "/{photo_id}/figures/{figure_id}/image",
    operation_id="get_sighting_image",
    response_class=Response,
    responses=PICTURE,
)
def get_sighting_image(
    home: Home, request: Request, photo_id: Id, figure_id: Id, width: WidthParam = None
) -> Response:
    """Return the face of an enrolled figure that was seen in a photo.

    Other faces have no pictures, and neither has one that looks like a child's.
    """
    return picture_response(request, home, figure_picture(home, photo_id, figure_id, width))
