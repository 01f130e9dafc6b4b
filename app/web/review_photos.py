"""Photos beside the desk: examples of the codebook, and what a coder has answered so far."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from presslens.app.api.access import needs
from presslens.app.api.coder import FormCoder
from presslens.app.api.params import Home, Id
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.language import language
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST, Name
from presslens.app.services.catalogue.photo_address import find_address
from presslens.app.services.reviews.coding import WRITTEN_ANSWERS
from presslens.app.services.reviews.examples import BORDER, SettledExample, codebook_examples
from presslens.app.services.reviews.own_answers import answered_questions, own_answers
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.samples.questions import FOCUS
from presslens.app.services.samples.samples import find_sample
from presslens.app.web.addresses import Addresses
from presslens.app.web.page_router import PageRouter, Render, Rows
from presslens.app.web.preferences import coder_of, named_coder
from presslens.app.web.question_words import question_words
from presslens.app.web.static_files import build
from presslens.models.message import Message
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.measure import FOCUSES

router = PageRouter()

GROUPS = {
    "yes": Message("Counts: people have settled yes"),
    "no": Message("Does not count: people have settled no"),
    Focus.LEADER.value: Message("The leader"),
    Focus.FACILITY.value: Message("The facility"),
    Focus.NEITHER.value: Message("Neither"),
    BORDER: Message("At the border, and settled"),
}
EXAMPLE_COLUMNS = ("question", "group", "photo", "answer")
OWN_COLUMNS = ("photo", "publication", "date", "page_number", "answer", "review")
WIDTH = 480
TILES = 240
"""Tiles of a page."""

SHOWS = {answer: shows for shows, answer in WRITTEN_ANSWERS.items()}


@router.page("/review/{sample_id:id}/codebook")
@needs(Permission.REVIEW)
def show_codebook(home: Home, render: Render, sample_id: Id, coder: Name | None = None) -> Response:
    """Show what counts and what does not, with photos of the archive that people have settled."""
    sample = find_sample(home, sample_id)
    spoken = language(render.code)
    examples = codebook_examples(home, sample_id, coder or coder_of(render.request))

    def photo(one: SettledExample) -> dict[str, Any]:
        place = one.printed
        paper = spoken.newspaper(place.publication) if place else ""
        where = f"{paper}, {spoken.day(place.date)}" if place else ""
        answer = {"cant_tell": "can't tell"}.get(one.answer, one.answer)
        return {
            "photo": one.photo,
            "image": Addresses(build()).photo_image(one.photo, WIDTH),
            "place": f"{spoken.text(answer)}: {where}",
            "answer": one.answer,
        }

    entries: list[dict[str, Any]] = [
        {
            "name": one.name,
            "text": one.text,
            "hint": one.hint,
            "groups": [
                {"name": name, "text": spoken.say(GROUPS[name]), "photos": list(map(photo, found))}
                for name, found in examples.get(one.name, {}).items()
            ],
        }
        for one in question_words(sample.questions, spoken)
    ]
    rows = (
        {"question": entry["name"], "group": group["name"], **one}
        for entry in entries
        for group in entry["groups"]
        for one in group["photos"]
    )
    return render(
        "review_codebook.html",
        document={"sample": sample_id, "entries": entries},
        table=Rows(EXAMPLE_COLUMNS, rows),
        section="review",
        sample=sample.to_json(),
        entries=entries,
    )


@router.page("/review/mine")
@needs(Permission.REVIEW)
def show_mine(
    home: Home,
    render: Render,
    measure: Name | None = None,
    answer: Name | None = None,
    coder: Name | None = None,
    page: Annotated[int, Query(ge=1, le=1000)] = 1,
) -> Response:
    """Show the photos that a coder has answered a question about, yes by default."""
    who = coder or coder_of(render.request) or ""
    answered = answered_questions(home, who)
    measure = measure or next(iter(answered), None)
    asked = FOCUS if measure in FOCUSES else measure
    wished = answer or (measure or "").removeprefix("focus_") if asked == FOCUS else answer or "yes"
    found = own_answers(home, who, asked, answer=wished) if asked else []
    options = [one.value for one in Focus] if asked == FOCUS else list(SHOWS)
    return render(
        "review_mine.html",
        document=lambda: {
            "coder": who,
            "question": asked,
            "answer": wished,
            "answers": [one.to_json() for one in found],
        },
        table=lambda: Rows(OWN_COLUMNS, ({**d, **(d["printed"] or {})} for d in (
            one.to_json() for one in found))),
        section="review",
        answerer=who,
        measures=answered,
        asked=asked,
        wished=wished,
        options=options,
        found=found[TILES * (page - 1) : TILES * page],
        total=len(found),
        number=page,
        pages=-(-len(found) // TILES),
    )  # fmt: skip


@router.post("/review/mine")
@needs(Permission.REVIEW)
def change_mine(
    home: Home,
    request: Request,
    photo: Annotated[int, Form(ge=1, le=MOST)],
    question: Annotated[Name, Form()],
    answer: Annotated[Name, Form()],
    shown: Annotated[Name, Form()],
    coder: FormCoder = None,
) -> RedirectResponse:
    """Answer again about a photo; the answer that was given before no longer counts."""
    who = named_coder(request, coder)
    is_focus = question == FOCUS
    if answer not in (tuple(Focus) if is_focus else SHOWS):
        raise InvalidRequest(Message("that is no answer to this question"))
    review = NewReview(
        find_address(home, photo).photo_id,
        who,
        {} if is_focus else {question: SHOWS[answer]},
        focus=Focus(answer) if is_focus else None,
    )
    review_photo(home, review, now=clock.now())
    back = f"?measure={question}&answer={shown}#changed"
    return RedirectResponse(f"/review/mine{back}", status_code=303)
