"""The page of a photo: its crop, what it shows and why, its place, reviews and history."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Annotated, Any

from fastapi import Query, Response

from presslens.app.api import links
from presslens.app.api.access import needs, shown_pages
from presslens.app.api.params import Home
from presslens.app.api.photo_address import PhotoId
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.app.platform.language import language
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST
from presslens.app.services.catalogue.editions import find_edition
from presslens.app.services.catalogue.neighbours import photos_beside, photos_in_order
from presslens.app.services.catalogue.photo_history import photo_histories
from presslens.app.services.catalogue.photos import PhotoDetails, find_photos
from presslens.app.services.edits.listing import EditFilter, count_edits
from presslens.app.services.figures.gallery import leaders_in, named_figures
from presslens.app.services.reviews.flags import list_flags
from presslens.app.services.reviews.model_answers import photo_model_answers
from presslens.app.services.reviews.reviews import reviewable_measures, reviews_by_photo
from presslens.app.services.shares.decisions import photo_decisions
from presslens.app.services.statistics.next_steps import withheld_step
from presslens.app.web.page_router import PageRouter, Render, Rows
from presslens.app.web.photo_view import COLUMNS, PhotoView
from presslens.pipelines.statistics.measure import LABEL

router = PageRouter()

PageParam = Annotated[int | None, Query(ge=1, le=MOST)]


@router.page("/photos/{photo_id:id}")
@needs(Permission.READ)
def show_photo(home: Home, render: Render, photo_id: PhotoId, page: PageParam = None) -> Response:
    """Show a photo; ``page`` is the id of a page that prints it, where several do."""
    only = shown_pages(render.request)
    values = render.read(photo_id, lambda ids: dict(_values(home, ids, page=page, only=only)))
    view: PhotoView = values["view"]
    spoken = language(render.code)
    words = view.in_words(spoken)
    review_words = view.reviews_in_words(spoken)
    return render(
        "photo.html",
        document=lambda: {
            **_document(values),
            "history": values["history"](),
            "focus_told": view.focus and view.focus.value,
            "focus_note": view.focus_note and spoken.say(view.focus_note),
            **words,
            "reviews_told": review_words,
            "places": view.places,
        },
        table=lambda: Rows(COLUMNS, view.rows()),
        in_words=words,
        reviews_told=review_words,
        section="gallery",
        **values,
    )


def _values(
    home: Installation, ids: Sequence[int], *, page: int | None, only: Container[int] | None
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield what the page of each photo reads in whatever language, with its id."""
    found = find_photos(home, ids, only=only)
    reviews = reviews_by_photo(home, ids)
    histories = cache(partial(photo_histories, home, ids))
    labels = [measure for measure in reviewable_measures(home) if measure.startswith(LABEL)]
    order = cache(partial(photos_in_order, home))
    with home.database.read() as session:
        figures = {figure.name: figure.id for figure in named_figures(session)}
    for photo_id in ids:
        details = found.get(photo_id)
        if details is None:
            raise NotFound.saying("there is no such photo")
        printed = _printed_on(home, details, page)
        if details.document is None:
            raise NotFound("this photo is not interpreted yet: a worker does so, look again later")
        document = details.to_json()
        on_page = next(one for one in details.pages if one.id == printed)
        edition = find_edition(home, on_page.edition_id).to_json()
        with home.database.read() as session:
            meanings = [details.photo.meaning]
            decided = photo_decisions(session, edition["publication"], home.recipe, meanings)
            leaders = sorted(leaders_in(session, edition["publication"]))
        answers = reviews[photo_id].to_json()
        before, after = photos_beside(order(on_page.edition_id), photo_id)
        edits = EditFilter(target="photo", target_id=details.photo.id)
        yield (
            photo_id,
            {
                "view": PhotoView(document, answers, decided, figures, labels),
                "photo": document,
                "number": 1 + [photo.row_id for photo in on_page.photos].index(photo_id),
                "page": on_page,
                "edition": edition,
                "leaders": leaders,
                "printed_before": details.printed_before,
                "printed_again": details.printed_again,
                "before": before,
                "after": after,
                "step": cache(
                    lambda paper=edition["publication"], doc=document: _step(home, paper, doc)
                ),
                "edit_count": cache(partial(count_edits, home, edits)),
                "model_answers": cache(lambda id_=photo_id: photo_model_answers(home, id_).answers),
                "flags": cache(lambda row=details.photo.row_id: list_flags(home, photo=row)),
                "history": cache(lambda id_=photo_id: [one.to_json() for one in histories()[id_]]),
            },
        )


def _printed_on(home: Installation, details: PhotoDetails, page_id: int | None) -> int:
    """Return the page asked for, else the first one in an edition that counts, else the first."""
    ids = [page.id for page in details.pages]
    if page_id is not None and page_id not in ids:
        raise NotFound("this photo is not printed on that page")
    if page_id is not None or len(ids) == 1:
        return page_id or ids[0]
    counted = (p.id for p in details.pages if not find_edition(home, p.edition_id).superseded)
    return next(counted, ids[0])


def _step(
    home: Installation, publication: str, document: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return what would bring the verdict about the focus of a photo in its newspaper."""
    helps = withheld_step(home, publication, f"focus_{document['focus']['verdict']}")
    return helps.to_json() if helps else None


def _document(values: Mapping[str, Any]) -> dict[str, Any]:
    view: PhotoView = values["view"]
    return {
        **view.document,
        "publication": values["edition"]["publication"],
        "date": values["edition"]["date"],
        "image": links.photo_image(view.document["id"]),
        "before": values["before"],
        "after": values["after"],
        "reviews": view.reviews,
    }
