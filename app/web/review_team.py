"""The team that codes: how far each coder is, who gets which photos, and what to talk about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from presslens.app.api.access import needs
from presslens.app.api.coder import FormCoder
from presslens.app.api.flags import FlagList, leads
from presslens.app.api.params import Home, Id
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST, Name
from presslens.app.platform.text import LONGEST_NAME
from presslens.app.services.reviews.agreement import constancy_cells
from presslens.app.services.reviews.assignment import MOST_PARTS, assign_items
from presslens.app.services.reviews.coder_names import coder_names
from presslens.app.services.reviews.flags import (
    LONGEST,
    PhotoFlag,
    add_flag,
    answer_flag,
    list_flags,
    settle_flag,
)
from presslens.app.services.reviews.sample_progress import sample_overviews
from presslens.app.services.reviews.training import ITEMS, MOST_ITEMS, list_trainings
from presslens.app.web.page_router import PageRouter, Render, Rows
from presslens.app.web.preferences import coder_of, named_coder, own_path
from presslens.models.message import Message

router = PageRouter()

TEAM_COLUMNS = (
    "coder", "items", "assigned", "open", "seconds", "pace", "days_left", "constancy",
    "constancy_low", "constancy_high", "constancy_n",
)  # fmt: skip
FLAG_COLUMNS = (
    "id", "photo", "publication", "date", "page_number", "question", "coder", "note", "created_at",
    "answers", "settled_at", "settled_by",
)  # fmt: skip
SPARE = 2
"""Rows of the form for coders who are not named yet."""

Names = Annotated[list[Annotated[str, Form(max_length=LONGEST_NAME)]], Form(alias="name")]
Parts = Annotated[list[str], Form(alias="parts")]


@router.page("/review/{sample_id:id}/team")
@needs(Permission.REVIEW)
def show_team(home: Home, render: Render, sample_id: Id) -> Response:
    """Show how far each coder of a sample is, and the form that assigns what is open."""
    (overview,) = sample_overviews(home, coder_of(render.request), sample_id=sample_id)
    document = overview.to_json()

    def rows() -> Iterator[dict[str, Any]]:
        for name, one in document["coded"]["coders"].items():
            same = one["constancy"]
            yield {"coder": name, **one, **(constancy_cells(same) if same else {})}

    return render(
        "review_team.html",
        document=document,
        table=lambda: Rows(TEAM_COLUMNS, rows()),
        section="review",
        sample=document,
        rows=list(rows()),
        names=lambda: coder_names(home),
        flags=lambda: list_flags(home, is_open=True, sample=sample_id),
        trainings=lambda: list_trainings(home, sample=sample_id),
        training_items=ITEMS,
        most_items=MOST_ITEMS,
        spare=SPARE,
        most_parts=MOST_PARTS,
    )


@router.post("/review/{sample_id:id}/assign")
@needs(Permission.REVIEW)
def assign(
    home: Home,
    sample_id: Id,
    names: Names,
    parts: Parts,
    of: Annotated[str, Form(max_length=LONGEST_NAME)] = "",
    coder: FormCoder = None,
) -> RedirectResponse:
    """Assign the open items of a sample to coders, in turn by their parts."""
    given: dict[str, int] = {}
    for name, part in zip(names, parts, strict=False):
        if name.strip() and part.strip():
            if not part.strip().isdecimal():
                raise InvalidRequest(Message("parts are whole numbers: 0, 1, 2"))
            given[name.strip()] = given.get(name.strip(), 0) + int(part)
    assign_items(home, sample_id, given, of=of or None, coder=coder, now=clock.now())
    return RedirectResponse(f"/review/{sample_id}/team", status_code=303)


@router.page("/review/talk")
@needs(Permission.REVIEW)
def show_flags(home: Home, render: Render) -> Response:
    """Show the photos that coders want to talk about, the open ones first."""
    flags = list_flags(home)
    return render(
        "review_talk.html",
        document=lambda: FlagList(flags),
        table=lambda: Rows(FLAG_COLUMNS, map(_flag_row, flags)),
        section="review",
        open_flags=[one for one in flags if one.settled_at is None],
        settled_flags=[one for one in flags if one.settled_at is not None],
        longest=LONGEST,
    )


@router.post("/review/talk", max_body_size=2**16)
@needs(Permission.REVIEW)
def talk(
    home: Home,
    request: Request,
    coder: FormCoder = None,
    photo: Annotated[int, Form(ge=0, le=MOST)] = 0,
    flag: Annotated[int, Form(ge=0, le=MOST)] = 0,
    text: Annotated[str, Form(max_length=LONGEST)] = "",
    question: Annotated[Name | None, Form()] = None,
    settled: Annotated[bool, Form()] = False,
    back: Annotated[str, Form(max_length=4000)] = "/review/talk",
) -> RedirectResponse:
    """Flag a photo, say something to a flag, or settle it; then return to where it was said."""
    now, who = clock.now(), named_coder(request, coder)
    if photo:
        add_flag(home, photo, who, text, question=question, now=now)
    if flag and text.strip():
        answer_flag(home, flag, who, text, now=now)
    if flag and settled:
        settle_flag(home, flag, who, leads=leads(request), now=now)
    return RedirectResponse(own_path(back), status_code=303)


def _flag_row(one: PhotoFlag) -> dict[str, Any]:
    document = one.to_json()
    place = document.pop("printed") or {}
    said = "; ".join(f"{answer.coder}: {answer.text}" for answer in one.answers)
    return {**document, **place, "answers": said}
