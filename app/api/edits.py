"""Edits: what people have changed, by whom and when, and undoing it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field, model_validator

from app import clock
from app.api.csv_response import csv_response, wants_csv
from app.api.given import Given
from app.api.params import MOST, Cursor, Home, Id, Limit, Name
from app.db.edits import Action
from app.services.corrections.undo import undo_edit, undo_edits
from app.services.edits.listing import COLUMNS, EditFilter, find_edit, iterate_edits, list_edits
from app.services.reviews.given_answers import answer_edits

router = APIRouter(prefix="/edits", tags=["edits"])

MOST_AT_ONCE = 5000
"""Largest number of edits that are undone together."""


class GivenCoder(Given):
    """Who asks for it."""

    coder: Name | None = None


class EditsToUndo(Given):
    """The edits that are to be undone together: named, or one coder's answers to a sample."""

    edits: list[Annotated[int, Field(ge=1, le=MOST)]] = Field(
        default=[], max_length=MOST_AT_ONCE, description="ids of edits"
    )
    sample: Annotated[int, Field(ge=1, le=MOST)] | None = Field(
        default=None, description="id of the sample whose answers are taken back"
    )
    by: Name | None = Field(default=None, description="whose answers to the sample")
    coder: Name | None = Field(default=None, description="who undoes them")

    @model_validator(mode="after")
    def _names_edits(self) -> EditsToUndo:
        if (self.sample is None) != (self.by is None) or bool(self.edits) == bool(self.sample):
            raise ValueError("give either edits, or a sample and by, whose answers to it")
        return self


@router.get("", operation_id="list_edits")
@router.get(".csv", operation_id="list_edits_csv")
def get_edits(
    home: Home,
    request: Request,
    coder: Annotated[Name | None, Query(description="who made them")] = None,
    action: Annotated[Action | None, Query(description="what they did")] = None,
    edition: Annotated[
        int | None, Query(ge=1, le=MOST, description="id of the edition that they belong to")
    ] = None,
    target: Annotated[
        Name | None, Query(description="what they are about: photo, page, edition, …")
    ] = None,
    target_id: Annotated[int | None, Query(ge=1, le=MOST, description="the id of that")] = None,
    undone: Annotated[bool | None, Query(description="those that were undone, or not")] = None,
    limit: Limit = 50,
    cursor: Cursor | None = None,
) -> Any:
    """List what people have changed, the latest first. CSV holds all of it."""
    criteria = EditFilter(coder, action, edition, target, target_id, undone)
    if wants_csv(request):
        rows = (edit.to_json() for edit in iterate_edits(home, criteria))
        return csv_response(COLUMNS, rows, name="edits")
    listing = list_edits(home, criteria, limit=limit, start=cursor)
    return {"edits": [edit.to_json() for edit in listing.items], "next": listing.next_cursor}


@router.get("/{edit_id:id}", operation_id="get_edit")
def get_edit(home: Home, edit_id: Id) -> dict[str, Any]:
    """Return an edit."""
    return find_edit(home, edit_id).to_json()


@router.post("/undo", operation_id="undo_edits", max_body_size=2**18)
def post_undo_many(home: Home, given: EditsToUndo) -> dict[str, Any]:
    """Undo several edits, the latest first: all of them, or none.

    `sample` and `by` mean the answers in force that one coder has given to a sample since its
    draw. Where a later change stands in the way, `later_edit` of the 409 is the first such one.
    Undoing can't be undone.
    """
    ids = given.edits
    if given.sample is not None and given.by is not None:
        ids = list(answer_edits(home, given.sample, given.by))
    done = undo_edits(home, ids, coder=given.coder, now=clock.now())
    return {"edits": [edit.to_json() for edit in done]}


@router.post("/{edit_id}/undo", operation_id="undo_edit", max_body_size=2**16)
def post_undo(home: Home, edit_id: Id, given: GivenCoder | None = None) -> dict[str, Any]:
    """Undo an edit. It stays in the log, as undone; twice is the same as once."""
    coder = given.coder if given else None
    return undo_edit(home, edit_id, coder=coder, now=clock.now()).to_json()
