"""What a share link reaches: the page that it opens, and what that page is made of.

Everything that is not named here is refused, so that a new route is closed to links.
"""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from urllib.parse import parse_qsl, urlencode

from fastapi import Request
from fastapi.dependencies.utils import get_dependant, solve_dependencies
from starlette.concurrency import run_in_threadpool

from presslens.app.api.params import query_fields
from presslens.app.api.photos import photo_filter_of
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest, NotFound, NotPermitted, Replaced
from presslens.app.platform.questions import MOST
from presslens.app.services.accounts.identity import Identity
from presslens.app.services.accounts.share_links import EDITION, PLACES
from presslens.app.services.catalogue.pages import find_page
from presslens.app.services.catalogue.photo_address import find_address
from presslens.app.services.catalogue.photo_filter import PhotoFilter
from presslens.app.services.catalogue.photo_views import Display
from presslens.app.services.catalogue.photos import find_photo, selected_pages
from presslens.models.message import Message

_THING = re.compile(r"(/api/v1)?/(editions|pages|photos|iiif)/([1-9][0-9]{0,9})((?:[./].*)?)")
_TWINS = r"|\.json|\.csv|\.bib|\.ris|\.csl\.json"
_PHOTO_PARTS = r"|/image|/figures/[0-9]+/image"
_OF_EDITION = {
    "editions": re.compile(r"|/(?:composition|events|ruler|ruler\.csv|ruler\.jpg|manifest\.json)"),
    "pages": re.compile(r"|/(?:composition|image|image\.jpg|annotations\.json)"),
    "photos": re.compile(_PHOTO_PARTS),
    "iiif": re.compile(r"|/.+"),
}
"""What the API has of the edition, of one of its pages and of one of its photos."""

_LISTS = re.compile(
    rf"/gallery(?:{_TWINS}|/sheet|/tiles/[^/]+)"
    r"|/api/v1/photos(?:|\.csv|/buckets|/buckets/[^/]+)"
)
"""Lists of the photos that a query selects. Facets tell of others, so they are none."""

_FILTER = get_dependant(path="/photos", call=photo_filter_of)
_FILTER_NAMES = {name for name, _ in query_fields(_FILTER)}


async def check_link(request: Request, who: Identity) -> None:
    """Check that a request stays within what the link of who asks opens.

    What asks for a photo is told the pages that it may be shown on; see ``access.shown_pages``.

    Raises:
        NotPermitted: It does not.
    """
    target = who.target or ""
    edition = EDITION.fullmatch(target)
    if request.method not in ("GET", "HEAD"):
        allowed = False
    elif edition:
        allowed = await run_in_threadpool(_is_of_edition, request, int(edition[1]))
    else:
        allowed = await _is_of_query(request, target)
    if not allowed:
        raise NotPermitted(
            Message("the link that was shared with you opens one page alone, not this one")
        )


def _is_of_edition(request: Request, edition_id: int) -> bool:
    home: Installation = request.app.state.home
    place = _THING.fullmatch(request.url.path)
    if place is None or int(place[3]) > MOST:
        return False
    api, kind, thing, part = bool(place[1]), place[2], int(place[3]), place[4]
    if api:
        matches = _OF_EDITION[kind].fullmatch(part) is not None
    else:
        matches = kind != "iiif" and re.fullmatch(_TWINS, part) is not None
        matches = matches and set(request.query_params) <= {"lang"}
    if not matches:
        return False
    try:
        match kind:
            case "editions":
                return thing == edition_id
            case "photos":
                pages = find_photo(home, find_address(home, thing).photo_id).pages
                shown = frozenset(page.id for page in pages if page.edition_id == edition_id)
                request.state.shown_pages = shown
                return bool(shown)
            case _:
                return find_page(home, thing).edition_id == edition_id
    except (NotFound, Replaced):
        return False


async def _is_of_query(request: Request, target: str) -> bool:
    shared = await _read_query(request, target.partition("?")[2])
    if shared is None:
        return False
    photos, view = shared
    path = request.url.path
    if _LISTS.fullmatch(path):
        # What the route reads: request.url.query ends at a raw "#", and the route's does not.
        query = request.scope["query_string"].decode("latin-1")
        return await _read_query(request, query) == shared
    place = _THING.fullmatch(path)
    if place is None or int(place[3]) > MOST:
        return False
    home: Installation = request.app.state.home
    api, kind, thing, part = bool(place[1]), place[2], int(place[3]), place[4]
    if kind == "photos":
        part_matches = re.fullmatch(_PHOTO_PARTS if api else _TWINS, part)
        query_matches = api or set(request.query_params) <= {"lang"}
        if not (part_matches and query_matches):
            return False
        shown = await run_in_threadpool(_pages_of_photo, home, photos, thing)
        request.state.shown_pages = shown
        return bool(shown)
    pages_are_shown = view == "page" and api and kind == "pages"
    return (
        pages_are_shown
        and part in ("/image", "/image.jpg")
        and bool(await run_in_threadpool(selected_pages, home, photos, page=thing))
    )


def _pages_of_photo(home: Installation, photos: PhotoFilter, address: int) -> frozenset[int]:
    try:
        photo_id = find_address(home, address).photo_id
    except (NotFound, Replaced):
        return frozenset()
    return selected_pages(home, photos, photo=photo_id)


async def _read_query(request: Request, query: str) -> tuple[PhotoFilter, str] | None:
    """Return the photos and the view that a query asks for; None if it is none of the gallery."""
    given = [(name, value) for name, value in parse_qsl(query) if name not in PLACES]
    views = [value for name, value in given if name == "view"]
    filters = [(name, value) for name, value in given if name != "view"]
    if len(views) > 1 or not {name for name, _ in filters} <= _FILTER_NAMES:
        return None
    async with AsyncExitStack() as stack:
        scope = {
            **request.scope,
            "query_string": urlencode(filters).encode(),
            "fastapi_inner_astack": stack,
            "fastapi_function_astack": stack,
        }
        solved = await solve_dependencies(
            request=Request(scope), dependant=_FILTER, async_exit_stack=stack,
            embed_body_fields=False,
        )  # fmt: skip
        if solved.errors:
            return None
        try:
            photos = await run_in_threadpool(photo_filter_of, **solved.values)
        except InvalidRequest:  # its message names other newspapers and labels
            return None
    # Prints of one picture lie together or apart: the photos are the same.
    view = views[0] if views and views[0] != Display.PICTURE else Display.PHOTO
    return photos, view
