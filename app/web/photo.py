"""The page of a photo: its crop, what it shows and why, its place, reviews and history."""

from __future__ import annotations

from functools import cache
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
from presslens.app.services.catalogue.neighbours import photos_beside
from presslens.app.services.catalogue.photo_history import photo_history
from presslens.app.services.catalogue.photos import PhotoDetails, find_photo
from presslens.app.services.edits.listing import EditFilter, count_edits
from presslens.app.services.figures.gallery import leaders_in, named_figures
from presslens.app.services.reviews.model_answers import photo_model_answers
from presslens.app.services.reviews.reviews import photo_reviews, reviewable_measures
from presslens.app.services.shares.decisions import photo_decisions
from presslens.app.web.page_router import PageRouter, Render, Rows
from presslens.app.web.photo_view import COLUMNS, PhotoView
from presslens.pipelines.statistics.measure import LABEL

router = PageRouter()

PageParam = Annotated[int | None, Query(ge=1, le=MOST)]


@router.page("/photos/{photo_id:id}")
@needs(Permission.READ)
def show_photo(home: Home, render: Render, photo_id: PhotoId, page: PageParam = None) -> Response:
    """Show a photo; ``page`` is the id of a page that prints it, where several do."""
    details = find_photo(home, photo_id, only=shown_pages(render.request))
    printed = _printed_on(home, details, page)
    if details.document is None:
        raise NotFound("this photo is not interpreted yet: a worker does so, look again later")
    document = details.to_json()
    reviews = photo_reviews(home, photo_id).to_json()
    with home.database.read() as session:
        figures = {figure.name: figure.id for figure in named_figures(session)}
    labels = [measure for measure in reviewable_measures(home) if measure.startswith(LABEL)]
    on_page = next(one for one in details.pages if one.id == printed)
    edition = find_edition(home, on_page.edition_id).to_json()
    with home.database.read() as session:
        meanings = [details.photo.meaning]
        decided = photo_decisions(session, edition["publication"], home.recipe, meanings)
        leaders = sorted(leaders_in(session, edition["publication"]))
    view = PhotoView(document, reviews, decided, figures, labels)
    history = cache(lambda: [reading.to_json() for reading in photo_history(home, photo_id)])
    before, after = photos_beside(home, on_page.edition_id, photo_id)
    spoken = language(render.code)
    words = view.in_words(spoken)
    review_words = view.reviews_in_words(spoken)
    return render(
        "photo.html",
        document=lambda: {
            **_document(details, view, edition, before, after),
            "history": history(),
            "focus_told": view.focus and view.focus.value,
            "focus_note": view.focus_note and spoken.say(view.focus_note),
            **words,
            "reviews_told": review_words,
            "places": view.places,
        },
        table=lambda: Rows(COLUMNS, view.rows()),
        view=view,
        photo=document,
        in_words=words,
        reviews_told=review_words,
        number=1 + [photo.row_id for photo in on_page.photos].index(photo_id),
        page=on_page,
        edition=edition,
        leaders=leaders,
        printed_before=details.printed_before,
        printed_again=details.printed_again,
        before=before,
        after=after,
        edit_count=lambda: count_edits(
            home, EditFilter(target="photo", target_id=details.photo.id)
        ),
        model_answers=lambda: photo_model_answers(home, photo_id).answers,
        history=history,
        section="gallery",
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


def _document(
    details: PhotoDetails,
    view: PhotoView,
    edition: dict[str, Any],
    before: int | None,
    after: int | None,
) -> dict[str, Any]:
    return {
        **view.document,
        "publication": edition["publication"],
        "date": edition["date"],
        "image": links.photo_image(details.photo.id),
        "before": before,
        "after": after,
        "reviews": view.reviews,
    }
