"""Pages, their compositions and their pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, File, Request, Response, UploadFile
from fastapi.responses import JSONResponse
from pydantic import Field

from presslens.app.api.access import PermittedRoute, needs
from presslens.app.api.coder import Coder, FormCoder, QueryCoder
from presslens.app.api.given import Given
from presslens.app.api.params import Home, Id
from presslens.app.api.picture_response import PICTURE, WidthParam, picture_response
from presslens.app.platform import clock
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST
from presslens.app.services.catalogue.descriptions import PageDescription, page_description
from presslens.app.services.catalogue.pages import AnalysedPage, find_page
from presslens.app.services.corrections.pages import change_page, remove_page
from presslens.app.services.corrections.scans import replace_scan
from presslens.app.services.ingest.upload import Incoming
from presslens.app.services.pictures.pictures import page_picture
from presslens.app.services.statistics.edition_composition import (
    PageComposition,
    page_composition_document,
)
from presslens.pipelines.scans.page_numbers import MOST_PAGES

router = APIRouter(prefix="/pages", tags=["pages"], route_class=PermittedRoute)


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedPageState(AnalysedPage):
    """A page with its photos, and what its library says of it; None where it says nothing."""

    description: PageDescription | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedPageState(AnalysedPage):
    """A page after a change."""

    edit: int | None  # id of the edit by which it is undone


@router.get("/{page_id}", operation_id="get_page")
@needs(Permission.READ)
def get_page(home: Home, page_id: Id) -> DescribedPageState:
    """Return a page with its photos and detections; boxes in pixels of the page.

    ``description`` is what its library says of it: the format, the number of lines of text, and the
    print space; null where there is none.
    """
    page = find_page(home, page_id)
    description = page_description(home, page_id, page.size)
    return DescribedPageState.from_attributes(page, description=description)


class ChangedPage(Given):
    """Where a page is to be: its number, and the edition that it is of."""

    number: Annotated[int, Field(ge=1, le=MOST_PAGES)] | None = None
    edition: Annotated[int, Field(ge=1, le=MOST)] | None = None
    coder: Coder = None


@router.patch("/{page_id}", operation_id="change_page", max_body_size=2**16)
@needs(Permission.IMPORT)
def patch_page(home: Home, page_id: Id, given: ChangedPage) -> ChangedPageState:
    """Give a page another number, or move it to another edition."""
    edit = change_page(
        home,
        page_id,
        number=given.number,
        edition_id=given.edition,
        coder=given.coder,
        now=clock.now(),
    )
    return ChangedPageState.from_attributes(find_page(home, page_id), edit=edit)


@router.delete("/{page_id}", status_code=204, operation_id="remove_page")
@needs(Permission.IMPORT)
def delete_page(
    home: Home,
    response: Response,
    page_id: Id,
    coder: QueryCoder = None,
) -> None:
    """Take a page out of its edition.

    The header `Presslens-Edit` has the id of the edit, by which it is undone.
    """
    edit = remove_page(home, page_id, coder=coder, now=clock.now())
    response.headers["Presslens-Edit"] = str(edit)


@router.post("/{page_id}/scan", status_code=202, operation_id="replace_scan")
@needs(Permission.IMPORT)
def post_scan(
    home: Home,
    page_id: Id,
    file: Annotated[UploadFile, File()],
    coder: FormCoder = None,
) -> ChangedPageState:
    """Replace the scan of a page by a file of one page; the page keeps its id and number.

    What people said of photos that are unchanged is carried over once the scan is analysed.
    """
    incoming = Incoming(file.filename or "", file.file)
    edit = replace_scan(home, page_id, incoming, coder=coder, now=clock.now())
    return ChangedPageState.from_attributes(find_page(home, page_id), edit=edit)


@router.get(
    "/{page_id}/composition",
    operation_id="get_page_composition",
    response_model=PageComposition,
)
@needs(Permission.READ)
def get_page_composition(home: Home, page_id: Id) -> Response:
    """Return the composition of a page."""
    return JSONResponse(page_composition_document(home, find_page(home, page_id)))


@router.get(
    "/{page_id}/image",
    operation_id="get_page_image",
    response_class=Response,
    responses=PICTURE,
)
@router.get(
    "/{page_id}/image.jpg",
    operation_id="get_page_image_file",
    response_class=Response,
    responses=PICTURE,
)
@needs(Permission.READ)
def get_page_image(home: Home, request: Request, page_id: Id, width: WidthParam = None) -> Response:
    """Return the picture of a page: re-encoded, without metadata.

    Without ``width`` it has the pixels of the page's boxes.
    """
    return picture_response(request, home, page_picture(home, page_id, width))
