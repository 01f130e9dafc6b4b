"""Training at the desk: one photo with a known answer after the other, and how it went."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from presslens.app.api.access import needs
from presslens.app.api.coder import FormCoder
from presslens.app.api.params import Home, Id
from presslens.app.platform import clock
from presslens.app.platform.language import language
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import Name
from presslens.app.services.reviews.training import (
    ITEMS,
    MOST_ITEMS,
    answer_training,
    answers_to,
    find_training,
    make_training,
)
from presslens.app.services.samples.samples import find_sample
from presslens.app.web.page_router import PageRouter, Render, Rows
from presslens.app.web.preferences import coder_of, named_coder
from presslens.app.web.question_words import question_words

router = PageRouter()

COLUMNS = ("place", "question", "photo", "publication", "date", "page_number", "answer", "known")


@router.page("/review/training/{round_id:id}")
@needs(Permission.REVIEW)
def show_training(
    home: Home,
    render: Render,
    round_id: Id,
    place: Annotated[int | None, Query(ge=0, le=MOST_ITEMS)] = None,
) -> Response:
    """Show the next question of a training, an answered one with what is known, or the end."""
    training = find_training(home, round_id)
    asked = next((one for one in training.items if one.place == place), training.next)
    words = question_words(training.questions, language(render.code))
    return render(
        "review_training.html",
        document=training,
        table=lambda: Rows(COLUMNS, (
            {**one.to_json(), **(one.printed.to_json() if one.printed else {})}
            for one in training.items)),
        section="review",
        sample=find_sample(home, training.sample).to_json(),
        training=training,
        accuracy={name: one.to_json() for name, one in training.accuracy.items()},
        asked=asked,
        options=answers_to(asked.question) if asked else (),
        words={one.name: one for one in words},
        is_own=coder_of(render.request) == training.coder,
    )  # fmt: skip


@router.post("/review/training/{round_id:id}")
@needs(Permission.REVIEW)
def answer(
    home: Home,
    request: Request,
    round_id: Id,
    place: Annotated[int, Form(ge=0, le=MOST_ITEMS)],
    answer: Annotated[Name, Form()],
    coder: FormCoder = None,
) -> RedirectResponse:
    """Take in an answer, and show what is known."""
    who = named_coder(request, coder)
    answer_training(home, round_id, who, place, answer, now=clock.now())
    return RedirectResponse(f"/review/training/{round_id}?place={place}", status_code=303)


@router.post("/review/{sample_id:id}/training")
@needs(Permission.REVIEW)
def make(
    home: Home,
    request: Request,
    sample_id: Id,
    name: Annotated[Name, Form()],
    items: Annotated[int, Form(ge=1, le=MOST_ITEMS)] = ITEMS,
    coder: FormCoder = None,
) -> RedirectResponse:
    """Make a training round for a coder, from what is known of a sample's questions."""
    by = named_coder(request, coder)
    training = make_training(home, sample_id, name.strip(), by, items=items, now=clock.now())
    to = f"training/{training.id}" if training.coder == by else f"{sample_id}/team#training"
    return RedirectResponse(f"/review/{to}", status_code=303)
