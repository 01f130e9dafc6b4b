"""The gallery: all photos that a query selects, their facets, those that look alike, a sheet."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, Path, Query, Response
from fastapi.responses import JSONResponse

from presslens.app.api.access import identity_of, needs
from presslens.app.api.params import Home, read_query
from presslens.app.installation import Installation
from presslens.app.platform.language import Language, language
from presslens.app.platform.permissions import Permission
from presslens.app.services.accounts.identity import Via
from presslens.app.services.catalogue.buckets import PhotoPage, photos_between, photos_of_bucket
from presslens.app.services.catalogue.facets import (
    FacetCounts,
    FacetOption,
    count_facets,
    facets_at_hand,
)
from presslens.app.services.catalogue.photo_address import find_address
from presslens.app.services.catalogue.photo_entry import COLUMNS
from presslens.app.services.catalogue.photo_filter import PhotoFilter
from presslens.app.services.catalogue.photo_glance import PhotoGlance
from presslens.app.services.catalogue.photo_query import GalleryQuery
from presslens.app.services.catalogue.photo_views import Display
from presslens.app.services.catalogue.photos import iterate_photos
from presslens.app.services.catalogue.publications import publication_names
from presslens.app.services.catalogue.similar import SimilarPhotos, similar_photos
from presslens.app.services.reviews.reviews import reviewable_measures
from presslens.app.web.addresses import Addresses
from presslens.app.web.alternatives import photo_in_words
from presslens.app.web.citation import citation
from presslens.app.web.metric_words import metric_name
from presslens.app.web.page_router import CITED, PageRouter, Render, Renderer, Rows
from presslens.app.web.static_files import build
from presslens.pipelines.statistics.measure import FIGURE

HEIGHTS = {Display.PICTURE: 200, Display.PHOTO: 200, Display.PAGE: 300, Display.FACE: 140}
"""Height of a row of pictures in pixels, before it is stretched to the width."""

FIELDS = {
    "publication": "radio", "zone": "radio", "page": "radio", "subject": "checkbox",
    "figure": "checkbox", "focus": "checkbox", "label": "checkbox", "size": "radio",
    "reviewed": "radio",
}  # fmt: skip
"""The kind of field of each facet in the form, in its order; dates are links."""

OPEN = 8
"""Options of a facet that are seen at once; the others are folded."""

router = PageRouter()

PAGE = 60
"""Photos of a page of the list that is read without JavaScript."""

MOST_SIMILAR = 60
"""Photos that look like one."""


def _resolved(home: Home, query: Annotated[GalleryQuery, read_query(GalleryQuery)]) -> GalleryQuery:
    return query.resolved(home)


GalleryParams = Annotated[GalleryQuery, Depends(_resolved)]

Key = Annotated[str, Path(max_length=32)]


@router.page("/gallery", twins=CITED)
@needs(Permission.READ)
def show_gallery(
    home: Home,
    render: Render,
    query: GalleryParams,
    part: Annotated[
        Literal["filter"] | None, Query(description="of the page, which it asks for when counted")
    ] = None,
) -> Response:
    """Show the photos that a query selects, or those that look like one.

    ``part`` is the form, for a page of a large archive whose photos were not counted yet.
    """
    spoken, to = language(render.code), Addresses(build())
    if query.like is not None:
        similar = similar_photos(home, find_address(home, query.like).photo_id, limit=MOST_SIMILAR)
        return _show_similar(home, render, similar, query)
    if part:
        count_facets(home, PhotoFilter())  # as pages wait for no other once all were counted
    page = photos_between(home, query.photos, query.sort, query.start, PAGE, query.view)
    shared = identity_of(render.request).via is Via.LINK
    return render(
        "gallery_filter.html" if part else "gallery.html",
        document=lambda: _document(home, query, page, shared=shared),
        table=lambda: Rows(
            COLUMNS,
            (photo.row() for photo in iterate_photos(home, query.photos, sort=query.sort)),
        ),
        section="gallery",
        selection=query,
        page=page,
        size=PAGE,
        height=HEIGHTS[query.view],
        tiles=tiles(page.photos, to, spoken, query.photos),
        chosen=query.parts(),
        publications=publication_names(home),
        is_counted=facets_at_hand(home),
        facets=lambda: facet_groups(count_facets(home, query.photos), query),
        questions=reviewable_measures(home),
        question=query.question,
        preview_address=to.api("photos/reviews/preview", **query.filter_params),
        answer_address=to.api("photos/reviews", **query.filter_params),
        cite=lambda: citation(home, render, spoken.text("photos"), home.recipe.id, spoken),
    )


@router.get("/gallery/tiles/{key}")
@needs(Permission.READ)
def get_tiles(home: Home, render: Render, query: GalleryParams, key: Key) -> JSONResponse:
    """Return the tiles of a bucket of the gallery, in the reader's language."""
    page = photos_of_bucket(home, query.photos, query.sort, key, query.view)
    shown = tiles(page.photos, Addresses(build()), language(render.code), query.photos)
    return JSONResponse({"version": page.version, "first": page.first, "tiles": shown})


@router.page("/gallery/sheet", twins=())
@needs(Permission.READ)
def show_sheet(
    home: Home,
    render: Render,
    query: GalleryParams,
    columns: Annotated[int, Query(ge=1, le=8)] = 4,
    rows: Annotated[int, Query(ge=1, le=12)] = 6,
) -> Response:
    """Show photos as a contact sheet, to be printed or saved."""
    spoken = language(render.code)
    page = photos_between(home, query.photos, query.sort, query.start, columns * rows, query.view)
    shown = tiles(page.photos, Addresses(build()), spoken)
    return render(
        "gallery_sheet.html",
        section="gallery",
        selection=query,
        page=page,
        columns=columns,
        rows=rows,
        photos=list(zip(page.photos, shown, strict=True)),
        chosen=query.parts(),
        cite=lambda: citation(
            home, render, spoken.text("contact sheet of photos"), home.recipe.id, spoken
        ),
    )


def _show_similar(
    home: Installation, render: Renderer, similar: SimilarPhotos, query: GalleryQuery
) -> Response:
    spoken: Language = language(render.code)
    shown = tiles((one.photo for one in similar.similar), Addresses(build()), spoken)
    return render(
        "gallery_similar.html",
        document=similar.to_json(),
        table=lambda: Rows(
            ("id", "similarity", "reprint", "publication", "date", "page", "page_number"),
            (one.to_json() for one in similar.similar),
        ),
        section="gallery",
        similar=similar,
        selection=query,
        questions=reviewable_measures(home),
        question=query.question,
        preview_address=None,
        answer_address=None,
        photos=list(zip(similar.similar, shown, strict=True)),
        cite=lambda: citation(
            home,
            render,
            spoken.text("photos like photo %(id)s", id=similar.photo),
            home.recipe.id,
            spoken,
        ),
    )


def _document(
    home: Installation, query: GalleryQuery, page: PhotoPage, *, shared: bool
) -> dict[str, Any]:
    """Return the data of the gallery; by a link without the facets, which tell of other photos."""
    counts = count_facets(home, query.photos).to_json()
    after = page.first + len(page.photos)
    to = Addresses(build())
    return {
        **page.to_json(),
        "query": query.params,
        "counts": {**counts, "facets": {}} if shared else counts,
        "next": to.gallery(**query.changed(start=after)) if after < page.total else None,
    }


@dataclass(frozen=True, slots=True)
class FacetGroup:
    """A facet in the form."""

    name: str  # the parameter
    kind: str  # of its fields
    options: tuple[FacetOption, ...]  # those that are seen at once
    more: tuple[FacetOption, ...]  # those that are folded

    @property
    def any_chosen(self) -> bool:
        """Whether one of the options is chosen."""
        return any(option.chosen for option in (*self.options, *self.more))


@dataclass(frozen=True, slots=True)
class DatedOption:
    """A year or a month that photos can be narrowed to."""

    day: str  # its first day, ISO form
    count: int  # photos
    chosen: bool  # whether it is what the photos are narrowed to
    query: dict[str, Any]  # the parameters of the gallery of this period


def facet_groups(counts: FacetCounts, query: GalleryQuery) -> dict[str, Any]:
    """Return what the template of the form reads.

    Args:
        counts: The counts of the photos that are asked for.
    """
    groups = [_group(name, kind, counts.facets[name]) for name, kind in FIELDS.items()]
    return {
        "counts": counts,
        "groups": [group for group in groups if group.options],
        "years": [_period(option, query) for option in counts.facets["year"]],
        "months": _months(counts.facets["month"], query),
    }


def _group(name: str, kind: str, options: tuple[FacetOption, ...]) -> FacetGroup:
    shown = options
    if name in ("publication", "figure", "label"):
        shown = tuple(sorted(options, key=lambda one: (not one.chosen, -one.count)))
    if len(shown) <= OPEN + 1:
        return FacetGroup(name, kind, shown, ())
    return FacetGroup(name, kind, shown[:OPEN], shown[OPEN:])


def _months(options: tuple[FacetOption, ...], query: GalleryQuery) -> list[DatedOption]:
    """Return the months of the years that are asked for; none if these are more than one."""
    scope = query.photos.scope
    if scope.first is None or scope.last is None or scope.first.year != scope.last.year:
        years = {str(option.value)[:4] for option in options}
        if len(years) > 1:
            return []
    else:
        years = {str(scope.first.year)}
    return [_period(one, query) for one in options if str(one.value)[:4] in years]


def _period(option: FacetOption, query: GalleryQuery) -> DatedOption:
    year, _, month = str(option.value).partition("-")
    if not month:
        first, last = f"{year}-01-01", f"{year}-12-31"
    else:
        days = calendar.monthrange(int(year), int(month))[1]
        first, last = f"{year}-{month}-01", f"{year}-{month}-{days}"
    return DatedOption(
        first, option.count, option.chosen, query.changed(**{"from": first, "to": last})
    )


def tiles(
    photos: Iterable[PhotoGlance],
    to: Addresses,
    spoken: Language,
    photo_filter: PhotoFilter | None = None,
) -> list[dict[str, Any]]:
    """Return the tiles of photos at a glance: addresses, alternative text and notes.

    Args:
        photos: What is shown.
        photo_filter: Selects the photos; what it asks for first is named with its probability.
    """
    measure = photo_filter.measure if photo_filter and photo_filter.has_measure else None
    return [_tile(photo, to, spoken, measure) for photo in photos]


def _tile(
    photo: PhotoGlance, to: Addresses, spoken: Language, measure: str | None
) -> dict[str, Any]:
    day = spoken.day(photo.day)
    view = Display.PHOTO
    where = {"page": photo.page_number, "day": day}
    if photo.selected is not None:
        view = Display.PAGE
        href, image = to.page(photo.page), to.page_image(photo.page)
        words = spoken.plural(
            "Page %(page)s of %(paper)s, %(day)s: %(n)s of its photos is selected",
            "Page %(page)s of %(paper)s, %(day)s: %(n)s of its photos are selected",
            photo.selected,
            paper=spoken.newspaper(photo.publication),
            **where,
        )
    elif photo.face is not None:
        view = Display.FACE
        name = next((one["name"] for one in photo.figures if one["id"] == photo.face), "")
        href = to.photo(photo.id)
        image = to.api(f"photos/{photo.id}/figures/{photo.face}/image")
        words = spoken.text("Face of %(name)s, page %(page)s, %(day)s", name=name, **where)
    else:
        href, image = to.photo(photo.id), to.photo_image(photo.id)
        shown = photo_in_words(photo.to_json(), photo.settled, spoken=spoken)
        words = spoken.text("Photo on page %(page)s, %(day)s: %(words)s", words=shown, **where)
    note = spoken.text(
        "p. %(page)s · %(day)s", page=where["page"], day=spoken.day(photo.day, "medium")
    )
    return {
        "id": photo.id,
        "href": href,
        "image": image,
        "alt": words,
        "note": note,
        "notes": [
            spoken.newspaper(photo.publication),
            spoken.day(photo.day, "medium"),
            *_probability(photo, spoken, measure),
            spoken.text("p. %(page)s", page=where["page"]),
        ],
        "prints": spoken.text("%(n)s prints", n=photo.prints) if (photo.prints or 0) > 1 else None,
        "alike": to.gallery(like=photo.id),
        "people": spoken.text("people say") if photo.settled and view is Display.PHOTO else None,
        "width": max(1, round(HEIGHTS[view] * photo.aspect)),
        "height": HEIGHTS[view],
    }


def _probability(photo: PhotoGlance, spoken: Language, measure: str | None) -> Iterator[str]:
    """Yield what the machine's probability of a subject or a figure is; of a label, nothing."""
    if measure is None:
        return
    by_measure = {f"{FIGURE}{one['name']}": one["probability"] for one in photo.figures}
    by_measure |= {name: one["probability"] for name, one in photo.subjects.items()}
    if measure in by_measure:
        yield f"{metric_name(measure, spoken)} {spoken.percent(by_measure[measure])}"
