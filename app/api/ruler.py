"""The ruler of an edition: its photos from most leader-centred to most facility-centred."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from app.api.csv_response import csv_response, wants_csv
from app.api.pages import JPEG, PICTURE
from app.api.params import Home, Id
from app.services.catalogue.ruler import EditionRuler, edition_ruler
from app.web.ruler_strip import ruler_strip
from models.focus.explain import reasons_in_words
from pipelines.document import SCHEMA
from pipelines.statistics.ruler import RulerPlace

router = APIRouter(prefix="/editions", tags=["editions"])
PREFIX = "/api/v1"
COLUMNS = (
    "rank", "id", "publication", "date", "edition", "page", "page_number", "photo", "position",
    "strength", "leader", "facility", "verdict", "unsure", "front_lead", "reasons", "image",
    "recipe",
)  # fmt: skip


@router.get("/{edition_id}/ruler", operation_id="get_ruler")
@router.get("/{edition_id}/ruler.csv", operation_id="get_ruler_csv")
def get_ruler(home: Home, request: Request, edition_id: Id) -> Any:
    """Rank an edition's photos, of the pages that are analysed so far."""
    found = edition_ruler(home, edition_id)
    document = found.ruler.to_json()
    document["places"] = [
        _place(found, place, written)
        for place, written in zip(found.ruler.places, document["places"], strict=True)
    ]
    edition = {
        "edition": found.edition.id,
        "publication": found.edition.publication,
        "date": found.edition.edition_date.isoformat(),
    }
    if wants_csv(request):
        constant = {**edition, "recipe": home.recipe.id}
        rows = ({**constant, **_cells(place)} for place in document["places"])
        return csv_response(COLUMNS, rows, name=f"ruler_{edition_id}")
    strip = f"{PREFIX}/editions/{edition_id}/ruler.jpg"
    return {"schema": SCHEMA, "recipe": home.recipe.id, **edition, "strip": strip, **document}


@router.get(
    "/{edition_id}/ruler.jpg",
    operation_id="get_ruler_strip",
    response_class=Response,
    responses=PICTURE,
)
def get_ruler_strip(home: Home, edition_id: Id) -> Response:
    """Return the ruler as a picture: a strip of crops, and an axis with all photos."""
    return Response(ruler_strip(home, edition_id), media_type=JPEG)


def _place(found: EditionRuler, place: RulerPlace, written: dict[str, Any]) -> dict[str, Any]:
    photo, page = found.photo(place), found.pages[place.page]
    return {
        "rank": written["rank"],
        "id": photo.id,
        "page": page.id,
        **written,
        "reasons_text": reasons_in_words(photo.meaning.focus) if photo.meaning else [],
        "address": f"{PREFIX}/photos/{photo.id}",
        "image": f"{PREFIX}/photos/{photo.id}/image",
        "page_image": f"{PREFIX}/pages/{page.id}/image",
    }


def _cells(place: dict[str, Any]) -> dict[str, Any]:
    return {**place, "reasons": "; ".join(place["reasons_text"])}
