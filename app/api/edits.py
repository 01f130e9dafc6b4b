"""Edits: what people have changed, by whom and when, and undoing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field, model_validator

from presslens.app.api.access import PermittedRoute, check_permission, identity_of, needs
from presslens.app.api.coder import Coder, GivenCoder, name_in
from presslens.app.api.csv_response import csv_response, table_of, wants_csv
from presslens.app.api.given import Given
from presslens.app.api.params import Cursor, Home, Id, Limit, read_query
from presslens.app.db.edits import Action
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST, Name
from presslens.app.services.accounts.identity import Identity
from presslens.app.services.corrections.undo import undo_edit, undo_edits
from presslens.app.services.edits.listing import (
    EditFilter,
    EditState,
    actions_of,
    find_edit,
    iterate_edits,
    list_edits,
)
from presslens.app.services.reviews.sample_reviews import answer_edits
from presslens.pipelines.result import Served

router = APIRouter(prefix="/edits", tags=["edits"], route_class=PermittedRoute)

ASKING: dict[Action, Permission] = {
    Action.UPLOAD: Permission.IMPORT,
    Action.ADD_PAGES: Permission.IMPORT,
    Action.CHANGE_EDITION: Permission.IMPORT,
    Action.DELETE_EDITION: Permission.IMPORT,
    Action.RESTORE_EDITION: Permission.IMPORT,
    Action.CHANGE_PAGE: Permission.IMPORT,
    Action.REPLACE_SCAN: Permission.IMPORT,
    Action.CHANGE_NEWSPAPER: Permission.IMPORT,
    Action.MERGE_NEWSPAPERS: Permission.IMPORT,
    Action.ENROL: Permission.ENROL,
    Action.ADD_REFERENCE: Permission.ENROL,
    Action.REMOVE_REFERENCE: Permission.ENROL,
    Action.VOUCH: Permission.ENROL,
    Action.CHANGE_FIGURE: Permission.ENROL,
}
"""What undoing asks for, as doing it does; other edits ask for REVIEW."""

MOST_AT_ONCE = 5000
"""Largest number of edits that are undone together."""


class EditsToUndo(Given):
    """The edits that are to be undone together: named, or one coder's answers to a sample."""

    edits: list[Annotated[int, Field(ge=1, le=MOST)]] = Field(
        default=[], max_length=MOST_AT_ONCE, description="ids of edits"
    )
    sample: Annotated[int, Field(ge=1, le=MOST)] | None = Field(
        default=None, description="id of the sample whose answers are taken back"
    )
    by: Name | None = Field(default=None, description="whose answers to the sample")
    coder: Coder = Field(default=None, description="who undoes them")

    @model_validator(mode="after")
    def _names_edits(self) -> EditsToUndo:
        if (self.sample is None) != (self.by is None) or bool(self.edits) == bool(self.sample):
            raise ValueError("give either edits, or a sample and by, whose answers to it")
        return self


@dataclass(frozen=True, slots=True)
class EditList(Served):
    """Edits; ``next`` is the cursor of those that follow."""

    edits: Sequence[EditState]
    next: str | None


@dataclass(frozen=True, slots=True)
class UndoneEdits(Served):
    """Edits that were undone together."""

    edits: Sequence[EditState]


@router.get("", operation_id="list_edits", response_model=EditList)
@router.get(".csv", operation_id="list_edits_csv")
@needs(Permission.READ)
def get_edits(
    home: Home,
    request: Request,
    criteria: Annotated[EditFilter, read_query(EditFilter)],
    limit: Limit = 50,
    cursor: Cursor | None = None,
) -> Any:
    """List what people have changed, the latest first. CSV holds all of it."""
    if wants_csv(request):
        return csv_response(*table_of(EditState, iterate_edits(home, criteria)), name="edits")
    listing = list_edits(home, criteria, limit=limit, start=cursor)
    return EditList(listing.items, listing.next_cursor)


@router.get("/{edit_id:id}", operation_id="get_edit")
@needs(Permission.READ)
def get_edit(home: Home, edit_id: Id) -> EditState:
    """Return an edit."""
    return find_edit(home, edit_id)


@router.post("/undo", operation_id="undo_edits", max_body_size=2**18)
@needs(Permission.REVIEW)
def post_undo_many(home: Home, request: Request, given: EditsToUndo) -> UndoneEdits:
    """Undo several edits, the latest first: all of them, or none.

    `sample` and `by` mean the answers in force that one coder has given to a sample since its
    draw. Where a later change stands in the way, `later_edit` of the 409 is the first such one.
    Undoing can't be undone.
    """
    ids = given.edits
    if given.sample is not None and given.by is not None:
        ids = list(answer_edits(home, given.sample, given.by))
    _check_undo(home, request, ids)
    return UndoneEdits(undo_edits(home, ids, coder=given.coder, now=clock.now()))


@router.post("/{edit_id}/undo", operation_id="undo_edit", max_body_size=2**16)
@needs(Permission.REVIEW)
def post_undo(
    home: Home, request: Request, edit_id: Id, given: GivenCoder | None = None
) -> EditState:
    """Undo an edit. It stays in the log, as undone; twice is the same as once."""
    coder = name_in(given)
    _check_undo(home, request, [edit_id])
    return undo_edit(home, edit_id, coder=coder, now=clock.now())


def _check_undo(home: Installation, request: Request, ids: Sequence[int]) -> None:
    """Check that somebody may undo edits: as they may have made them.

    Raises:
        NotPermitted: They may not undo one of them.
    """
    who = identity_of(request)
    for action in actions_of(home, ids):
        if not may_undo(who, action):
            check_permission(who, _needed(action))


def may_undo(who: Identity, action: Action) -> bool:
    """Return whether somebody may undo edits of a kind."""
    return who.may(Permission.ADMIN) or who.may(_needed(action))


def _needed(action: Action) -> Permission:
    return ASKING.get(action, Permission.REVIEW)
