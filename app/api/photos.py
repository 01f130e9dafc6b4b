"""Photos: found by what they show, one by one, and as pictures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from app.api.csv_response import csv_response, wants_csv
from app.api.pages import JPEG, PICTURE
from app.api.params import MOST, Cursor, Day, Home, Id, Limit, Name, Share
from app.db.queries import EditionScope
from app.services.catalogue.photos import (
    FoundPhoto,
    PhotoFilter,
    PhotoSort,
    ShownAs,
    find_photo,
    iterate_photos,
    list_photos,
    photo_image,
)
from app.services.labels.label_set import label_set_version
from app.services.labels.labels import check_label
from app.services.reviews.reviews import photo_reviews
from models.recipe import Recipe
from models.vocabulary import Answer, Facing, ShotSize, Subject, Verdict
from pipelines.document import caption_document, meaning_document

router = APIRouter(prefix="/photos", tags=["photos"])
SHOWN = ("area_share", "face_share", "centrality", "size_rank", "people_beside", "row", "shot_size",
    "facing")  # fmt: skip
TOLD = ("probability", "answer", "told_by")
COUNTED = (Subject.PEOPLE, Subject.CROWD, Subject.CHILDREN)
COLUMNS = (
    "id", "publication", "date", "edition", "page", "page_number", "x0", "y0", "x1", "y1",
    "score", "area_share", "above_fold", "quadrant", "lead",
    *(s.value for s in Subject), *(f"{s.value}_count" for s in COUNTED),
    "figures", *(f"figures_{name}" for name in (*TOLD, *SHOWN)),
    "focus", "focus_leader", "focus_facility", "labels", "caption", "recipe", "label_set",
)  # fmt: skip


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
    min_probability: Share = 0.5,
    figure: Annotated[
        list[Name] | None, Query(max_length=20, description="seen; several: seen together")
    ] = None,
    focus: Verdict | None = None,
    min_size: Share | None = None,
    text: Annotated[Name | None, Query(description="in the caption or the headline")] = None,
    label: Annotated[Name | None, Query(description="shown, by the recipe's decision")] = None,
    shot_size: Annotated[ShotSize | None, Query(description="of the figure, or of any")] = None,
    facing: Annotated[Facing | None, Query(description="as the figure, or any, does")] = None,
    alone: Annotated[bool | None, Query(description="the figure, or any, is by himself")] = None,
    answer: Annotated[Answer | None, Query(description="whether it surely is the figure")] = None,
    sort: PhotoSort = PhotoSort.DATE,
    limit: Limit = 50,
    cursor: Cursor | None = None,
) -> Any:
    """List photos that are interpreted. CSV holds all of them."""
    if label is not None:
        check_label(home, label)
    wanted = PhotoFilter(
        EditionScope(publication, first, last, edition), page, subject, min_probability,
        tuple(figure or ()), focus, min_size, text, label,
        ShownAs(shot_size, facing, alone, answer),
    )  # fmt: skip
    if wants_csv(request):
        rows = (_row(photo, home.recipe) for photo in iterate_photos(home, wanted, sort=sort))
        return csv_response(COLUMNS, rows, name="photos")
    found = list_photos(home, wanted, sort=sort, limit=limit, start=cursor)
    with home.database.read() as session:
        label_set = label_set_version(session)
    return {
        "recipe": home.recipe.id,
        "label_set": label_set,
        "photos": [_document(photo, home.recipe.interpret.context) for photo in found.items],
        "next": found.next_cursor,
    }


@router.get("/{photo_id}", operation_id="get_photo")
def get_photo(home: Home, photo_id: Id) -> dict[str, Any]:
    """Return a photo with all that was seen in it, and the pages that it is printed on.

    What people have settled stands in ``reviews``; all else is the machine's.
    """
    photo, pages = find_photo(home, photo_id)
    document: dict[str, Any] = {"id": photo.id, "recipe": home.recipe.id}
    document |= pages[0].photo_document(photo) or {}
    document["pages"] = [
        {"id": page.id, "number": page.number, "edition": page.edition_id} for page in pages
    ]
    document["page_width"], document["page_height"] = pages[0].size or (None, None)
    document["reviews"] = photo_reviews(home, photo_id).consensus_json()
    return document


@router.get(
    "/{photo_id}/image",
    operation_id="get_photo_image",
    response_class=Response,
    responses=PICTURE,
)
def get_photo_image(home: Home, photo_id: Id) -> Response:
    """Return a photo, cut out of the picture of its page."""
    return Response(photo_image(home, photo_id), media_type=JPEG)


def _document(photo: FoundPhoto, cap: float) -> dict[str, Any]:
    return {
        "id": photo.id,
        "publication": photo.publication,
        "date": photo.edition_date.isoformat(),
        "edition": photo.edition_id,
        "page": photo.page_id,
        "page_number": photo.page_number,
        "box": photo.box.to_list(),
        "score": round(photo.score, 4),
        "area_share": round(photo.area_share, 5),
        "above_fold": photo.above_fold,
        "quadrant": photo.quadrant.value,
        "lead": photo.lead,
        **meaning_document(photo.meaning, lead=photo.lead, cap=cap),
        "label_set": photo.meaning.label_set,
        "caption": caption_document(photo.caption),
    }


def _row(photo: FoundPhoto, recipe: Recipe) -> dict[str, Any]:
    document = _document(photo, recipe.interpret.context)
    subjects, focus = document["subjects"], document["focus"]
    return {
        **document,
        **dict(zip(("x0", "y0", "x1", "y1"), document["box"], strict=True)),
        **{name: subject["probability"] for name, subject in subjects.items()},
        **{f"{name}_count": subject.get("count") for name, subject in subjects.items()},
        "figures": "; ".join(figure["name"] for figure in document["figures"]),
        **_figure_cells(document["figures"]),
        "labels": "; ".join(
            name for name, p in document["labels"].items() if p >= recipe.aggregate.decision
        ),
        "focus": focus["verdict"],
        "focus_leader": focus["leader"],
        "focus_facility": focus["facility"],
        "caption": photo.caption.text if photo.caption else None,
        "recipe": recipe.id,
    }


def _figure_cells(figures: list[dict[str, Any]]) -> dict[str, str]:
    """Return what is known of each figure, in their order; "" where something isn't known."""
    shown = [figure["appearance"] or {} for figure in figures]
    return {
        **{f"figures_{name}": _listed(figure[name] for figure in figures) for name in TOLD},
        **{f"figures_{name}": _listed(look.get(name) for look in shown) for name in SHOWN},
    }


def _listed(values: Iterable[Any]) -> str:
    return "; ".join("" if value is None else str(value) for value in values)
