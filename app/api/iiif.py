"""IIIF Presentation and Content Search: manifests, collections, annotations, search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from presslens.app.api.access import PermittedRoute, needs
from presslens.app.api.export_links import ExportLinks
from presslens.app.api.exports import Scoped
from presslens.app.api.params import Home, Id
from presslens.app.db.queries import EditionScope
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.permissions import Permission
from presslens.app.services.exports.iiif import CONTEXT, CanvasOf
from presslens.app.services.exports.iiif_annotations import edition_annotations, page_annotations
from presslens.app.services.exports.iiif_documents import edition_collection, edition_manifest
from presslens.app.services.exports.iiif_manifest import SEARCH_CONTEXT, SEARCH_CONTEXT_1
from presslens.app.services.exports.iiif_search import (
    Address,
    SearchRequest,
    as_annotation_list,
    search_edition,
    suggest_terms,
)

router = APIRouter(tags=["exports"], route_class=PermittedRoute)

LONGEST_SEARCH = 1000

Terms = Annotated[
    str,
    Query(max_length=LONGEST_SEARCH, description="terms, all of which occur; phrases in quotes"),
]
Motivation = Annotated[
    str,
    Query(max_length=LONGEST_SEARCH, description="supplementing: printed texts; tagging: photos"),
]
AnswerPage = Annotated[
    int, Query(alias="page", ge=1, le=10_000, description="page of the answer, from 1")
]
Unused = Annotated[str | None, Query(max_length=LONGEST_SEARCH, description="changes nothing")]


@router.get("/exports/iiif", operation_id="export_iiif")
@needs(Permission.READ)
def get_iiif(home: Home, request: Request, scope: Scoped) -> JSONResponse:
    """Return the IIIF manifest of an edition, or a collection of editions."""
    if scope.edition is None:
        return _document(edition_collection(home, scope, _links(request)))
    if scope != EditionScope(edition=scope.edition):
        raise InvalidRequest("a manifest is of one edition: give edition alone")
    return _document(edition_manifest(home, scope.edition, _links(request)))


@router.get("/editions/{edition_id}/manifest.json", operation_id="get_manifest")
@needs(Permission.READ)
def get_manifest(home: Home, request: Request, edition_id: Id) -> JSONResponse:
    """Return the IIIF Presentation 3 manifest of an edition, with annotations."""
    return _document(edition_manifest(home, edition_id, _links(request)))


@router.get("/pages/{page_id}/annotations.json", operation_id="get_page_annotations")
@needs(Permission.READ)
def get_annotations(
    home: Home, request: Request, page_id: Id, on: CanvasOf = CanvasOf.HERE
) -> JSONResponse:
    """Return the photos and figures on a page as W3C annotations."""
    return _document(page_annotations(home, page_id, _links(request), on))


@router.get("/editions/{edition_id}/annotations.json", operation_id="get_edition_annotations")
@needs(Permission.READ)
def get_edition_annotations(
    home: Home, request: Request, edition_id: Id, on: CanvasOf = CanvasOf.HERE
) -> JSONResponse:
    """Return the collection of the annotations of an edition, page by page, as W3C has it.

    It names the pages that are left out, as they have no canvas of their library.
    """
    return _document(edition_annotations(home, edition_id, _links(request), on))


@router.get("/editions/{edition_id}/search.json", operation_id="search_edition")
@needs(Permission.READ)
def get_search(
    home: Home,
    request: Request,
    edition_id: Id,
    q: Terms = "",
    motivation: Motivation = "",
    date: Unused = None,
    user: Unused = None,
    number: AnswerPage = 1,
) -> JSONResponse:
    """Return where captions, headlines and photos of an edition have some terms.

    It is a service of IIIF Content Search 2, which the edition's manifest names.
    """
    links = _links(request)
    search = SearchRequest(q, motivation, _ignored(date=date, user=user))
    address = _address(f"{links.search(edition_id)}/search.json", q=q, motivation=motivation)
    response = search_edition(home, edition_id, search, page=number, links=links, address=address)
    return _document(response, SEARCH_CONTEXT)


@router.get("/editions/{edition_id}/search-1.json", operation_id="search_edition_by_version_1")
@needs(Permission.READ)
def get_older_search(
    home: Home,
    request: Request,
    edition_id: Id,
    q: Terms = "",
    motivation: Unused = None,
    date: Unused = None,
    user: Unused = None,
    number: AnswerPage = 1,
) -> JSONResponse:
    """Return the same by version 1 of IIIF Content Search, which most viewers ask."""
    links = _links(request)
    search = SearchRequest(q, "", _ignored(motivation=motivation, date=date, user=user))
    address = _address(f"{links.search(edition_id)}/search-1.json", q=q)
    response = search_edition(home, edition_id, search, page=number, links=links, address=address)
    return _document(as_annotation_list(response), SEARCH_CONTEXT_1)


@router.get("/editions/{edition_id}/autocomplete.json", operation_id="suggest_terms")
@needs(Permission.READ)
def get_terms(
    home: Home,
    request: Request,
    edition_id: Id,
    q: Terms = "",
    motivation: Motivation = "",
    date: Unused = None,
    user: Unused = None,
    least: Annotated[
        int, Query(alias="min", ge=1, le=10_000, description="in how many annotations at least")
    ] = 1,
) -> JSONResponse:
    """Return the terms of an edition that begin like some text, the most frequent first."""
    links = _links(request)
    search = SearchRequest(q, motivation, _ignored(date=date, user=user))
    suggestions = _address(
        f"{links.search(edition_id)}/autocomplete.json", q=q, motivation=motivation
    )
    searches = _address(f"{links.search(edition_id)}/search.json", motivation=motivation)

    def address(changes: Mapping[str, str | int]) -> str:
        return searches(changes) if changes else suggestions(changes)

    response = suggest_terms(home, edition_id, search, least=least, links=links, address=address)
    return _document(response, SEARCH_CONTEXT)


def _ignored(**unsupported: str | None) -> tuple[str, ...]:
    return tuple(name for name, value in unsupported.items() if value is not None)


def _address(path: str, **params: str) -> Address:
    def address(changes: Mapping[str, str | int]) -> str:
        query = {name: value for name, value in (params | dict(changes)).items() if value != ""}
        return path + (f"?{urlencode(query)}" if query else "")

    return address


def _links(request: Request) -> ExportLinks:
    return ExportLinks(str(request.base_url))


def _document(document: dict[str, Any], context: str = CONTEXT) -> JSONResponse:
    return JSONResponse(document, media_type=f'application/ld+json;profile="{context}"')
