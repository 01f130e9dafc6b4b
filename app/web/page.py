"""The page of a page: its scan with deep zoom, boxes by layer, its photos and texts as a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import Query, Response
from fastapi.responses import JSONResponse

from presslens.app.api import links
from presslens.app.api.access import check_permission, identity_of, needs
from presslens.app.api.params import Home, Id
from presslens.app.installation import Installation
from presslens.app.platform.language import language
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST
from presslens.app.services.catalogue.editions import find_edition
from presslens.app.services.catalogue.pages import AnalysedPage, find_page, page_ids
from presslens.app.services.edits.listing import EditFilter, count_edits
from presslens.app.services.samples.samples import find_sample
from presslens.app.services.statistics.edition_composition import page_composition_document
from presslens.app.web.page_boxes import COLUMNS, FIRST_LAYERS, LAYERS, named_boxes
from presslens.app.web.page_correct import Correcting, correcting_words
from presslens.app.web.page_router import PageRouter, Render, Renderer, Rows

router = PageRouter()

Layers = Annotated[list[str] | None, Query(max_length=20)]


@router.page("/pages/{page_id:id}")
@needs(Permission.READ)
def show_page(
    home: Home,
    render: Render,
    page_id: Id,
    layer: Layers = None,
    mode: Literal["correct"] | None = None,
    sample: Annotated[int | None, Query(ge=1, le=MOST)] = None,
    part: Literal["counts"] | None = None,
) -> Response:
    """Show a page; ``layer`` names the layers of boxes that are drawn.

    With ``mode``, its photos can be corrected; as a drawn page of a ``sample``, only what the
    machine has found is shown for that. The JSON of the ``part`` counts has the numbers of photos.
    """
    page = find_page(home, page_id)
    document = page.to_json()
    edition = find_edition(home, page.edition_id).to_json()
    if mode is not None and page.size is not None:
        check_permission(identity_of(render.request), Permission.REVIEW)
        correcting = Correcting(home, page, language(render.code), blind=sample is not None)
        if part is not None and render.format == "json":
            return JSONResponse({"counts": correcting.counts()})
        return _correct(correcting, render, document, edition, sample)
    boxes = named_boxes(document, language(render.code))
    rows = (box.row(page.recipe_id) for layer in boxes.values() for box in layer)
    return render(
        "page.html",
        document=lambda: page_document(home, page, document, edition),
        table=lambda: Rows(COLUMNS, rows),
        page=document,
        edition=edition,
        boxes=boxes,
        shown=shown_layers(layer),
        tiles=f"{links.iiif_image(page_id)}/info.json",
        beside=neighbours(page_ids(home, page.edition_id), page.number),
        composition=lambda: _composition(home, page),
        edit_count=lambda: count_edits(home, EditFilter(target="page", target_id=page_id)),
        section="editions",
    )


def _correct(
    correcting: Correcting,
    render: Renderer,
    document: dict[str, Any],
    edition: dict[str, Any],
    sample: int | None,
) -> Response:
    """Show a page so that its photos can be corrected."""
    home, page, spoken = correcting.home, correcting.page, correcting.spoken
    boxes = named_boxes(document, spoken)
    shown = correcting.to_json()
    return render(
        "page_correct.html",
        document={**document, "correcting": shown},
        table=lambda: Rows(COLUMNS, (b.row(page.recipe_id) for one in boxes.values() for b in one)),
        page=document,
        edition=edition,
        correcting=shown,
        words=correcting_words(spoken),
        sample=None if sample is None else find_sample(home, sample),
        tiles=f"{links.iiif_image(page.id)}/info.json",
        beside=neighbours(page_ids(home, page.edition_id), page.number),
        section="editions",
    )


def page_document(
    home: Installation, page: AnalysedPage, document: dict[str, Any], edition: dict[str, Any]
) -> dict[str, Any]:
    """Return what the page of a page shows: the page, its edition and its composition.

    Args:
        document: The page in the JSON contract.
        edition: Its edition in the JSON contract.
    """
    return {
        **document,
        "publication": edition["publication"],
        "date": edition["date"],
        "image": links.page_image(page.id),
        "iiif": links.iiif_image(page.id),
        "composition": _composition(home, page),
    }


def shown_layers(asked: Sequence[str] | None) -> tuple[str, ...]:
    """Return the layers that are drawn, in the order of ``LAYERS``.

    Args:
        asked: Layers of the address; None means those that are shown at first. Other words count
            as nothing: "none" asks for no layer.
    """
    wanted = FIRST_LAYERS if asked is None else asked
    return tuple(layer for layer in LAYERS if layer in wanted)


def neighbours(pages: Sequence[tuple[int, int]], number: int) -> dict[str, tuple[int, int] | None]:
    """Return the uploaded pages before and after a page, as (number, id).

    Args:
        pages: (number, id) of the pages of an edition.
        number: The page's own number.
    """
    return {
        "before": max((one for one in pages if one[0] < number), default=None),
        "after": min((one for one in pages if one[0] > number), default=None),
    }


def _composition(home: Installation, page: AnalysedPage) -> dict[str, Any] | None:
    """Return the numbers of a page; None for one that was not analysed."""
    return None if page.size is None else page_composition_document(home, page.id)
