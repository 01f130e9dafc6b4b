"""The gallery: all photos that a query selects, their facets, those that look alike, a sheet."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Path, Query, Response
from fastapi.responses import JSONResponse

from presslens.app.api.access import identity_of, needs
from presslens.app.api.params import Home, read_query
from presslens.app.installation import Installation
from presslens.app.platform.language import Language, language
from presslens.app.platform.permissions import Permission
from presslens.app.services.accounts.identity import Via
from presslens.app.services.catalogue.buckets import PhotoPage, photos_between, photos_of_bucket
from presslens.app.services.catalogue.facets import count_facets
from presslens.app.services.catalogue.photo_address import find_address
from presslens.app.services.catalogue.photo_entry import COLUMNS
from presslens.app.services.catalogue.photo_query import GalleryQuery
from presslens.app.services.catalogue.photos import iterate_photos
from presslens.app.services.catalogue.publications import publication_names
from presslens.app.services.catalogue.similar import SimilarPhotos, similar_photos
from presslens.app.services.reviews.reviews import reviewable_measures
from presslens.app.web.addresses import Addresses
from presslens.app.web.citation import citation
from presslens.app.web.gallery_facets import facet_groups
from presslens.app.web.gallery_tiles import HEIGHTS, tiles
from presslens.app.web.page_router import PageRouter, Render, Renderer, Rows
from presslens.app.web.static_files import build

router = PageRouter()

PAGE = 60
"""Photos of a page of the list that is read without JavaScript."""

MOST_SIMILAR = 60
"""Photos that look like one."""


def _known(home: Home, query: Annotated[GalleryQuery, read_query(GalleryQuery)]) -> GalleryQuery:
    return query.known(home)


Asked = Annotated[GalleryQuery, Depends(_known)]
Key = Annotated[str, Path(max_length=32)]


@router.page("/gallery")
@needs(Permission.READ)
def show_gallery(home: Home, render: Render, asked: Asked) -> Response:
    """Show the photos that a query selects, or those that look like one."""
    spoken, to = language(render.code), Addresses(build())
    if asked.like is not None:
        found = similar_photos(home, find_address(home, asked.like).photo_id, limit=MOST_SIMILAR)
        return _show_similar(home, render, found, asked)
    page = photos_between(home, asked.photos, asked.sort, asked.start, PAGE, asked.view)
    shared = identity_of(render.request).via is Via.LINK
    return render(
        "gallery.html",
        document=lambda: _document(home, asked, page, shared=shared),
        table=lambda: Rows(
            COLUMNS,
            (photo.row() for photo in iterate_photos(home, asked.photos, sort=asked.sort)),
        ),
        section="gallery",
        asked=asked,
        page=page,
        size=PAGE,
        height=HEIGHTS[asked.view],
        tiles=tiles(page.photos, to, spoken),
        chosen=asked.parts(),
        publications=publication_names(home),
        facets=lambda: facet_groups(count_facets(home, asked.photos), asked),
        questions=reviewable_measures(home),
        asked_about=asked.question,
        preview_address=to.api("photos/reviews/preview", **asked.filter_params),
        answer_address=to.api("photos/reviews", **asked.filter_params),
        citation=citation(render, spoken.text("photos"), home.recipe.id, spoken),
    )


@router.get("/gallery/tiles/{key}")
@needs(Permission.READ)
def get_tiles(home: Home, render: Render, asked: Asked, key: Key) -> JSONResponse:
    """Return the tiles of a bucket of the gallery, in the reader's language."""
    page = photos_of_bucket(home, asked.photos, asked.sort, key, asked.view)
    shown = tiles(page.photos, Addresses(build()), language(render.code))
    return JSONResponse({"version": page.version, "first": page.first, "tiles": shown})


@router.page("/gallery/sheet", twins=())
@needs(Permission.READ)
def show_sheet(
    home: Home,
    render: Render,
    asked: Asked,
    columns: Annotated[int, Query(ge=1, le=8)] = 4,
    rows: Annotated[int, Query(ge=1, le=12)] = 6,
) -> Response:
    """Show photos as a contact sheet, to be printed or saved."""
    spoken = language(render.code)
    page = photos_between(home, asked.photos, asked.sort, asked.start, columns * rows, asked.view)
    shown = tiles(page.photos, Addresses(build()), spoken)
    return render(
        "gallery_sheet.html",
        section="gallery",
        asked=asked,
        page=page,
        columns=columns,
        rows=rows,
        photos=list(zip(page.photos, shown, strict=True)),
        chosen=asked.parts(),
        citation=citation(render, spoken.text("contact sheet of photos"), home.recipe.id, spoken),
    )


def _show_similar(
    home: Installation, render: Renderer, found: SimilarPhotos, asked: GalleryQuery
) -> Response:
    spoken: Language = language(render.code)
    shown = tiles((one.photo for one in found.similar), Addresses(build()), spoken)
    return render(
        "gallery_similar.html",
        document=found.to_json(),
        table=lambda: Rows(
            ("id", "similarity", "reprint", "publication", "date", "page", "page_number"),
            (one.to_json() for one in found.similar),
        ),
        section="gallery",
        found=found,
        asked=asked,
        questions=reviewable_measures(home),
        asked_about=asked.question,
        preview_address=None,
        answer_address=None,
        photos=list(zip(found.similar, shown, strict=True)),
        citation=citation(
            render,
            spoken.text("photos like photo %(id)s", id=found.photo),
            home.recipe.id,
            spoken,
        ),
    )


def _document(
    home: Installation, asked: GalleryQuery, page: PhotoPage, *, shared: bool
) -> dict[str, Any]:
    """Return the data of the gallery; by a link without the facets, which tell of other photos."""
    counts = count_facets(home, asked.photos).to_json()
    after = page.first + len(page.photos)
    to = Addresses(build())
    return {
        **page.to_json(),
        "query": asked.params,
        "counts": {**counts, "facets": {}} if shared else counts,
        "next": to.gallery(**asked.changed(start=after)) if after < page.total else None,
    }
