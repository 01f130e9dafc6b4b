"""Flags: photos that a coder wants to talk about, and what others say to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field

from presslens.app.api.access import PermittedRoute, identity_of, needs
from presslens.app.api.coder import NamedCoder
from presslens.app.api.given import Given
from presslens.app.api.params import Home, Id
from presslens.app.api.photo_address import PhotoId
from presslens.app.platform import clock
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST, Name
from presslens.app.services.catalogue.photo_address import find_address
from presslens.app.services.reviews.flags import (
    LONGEST,
    PhotoFlag,
    add_flag,
    answer_flag,
    list_flags,
    settle_flag,
)
from presslens.pipelines.result import Served

router = APIRouter(tags=["reviews"], route_class=PermittedRoute)


class GivenTalker(Given):
    """Who says it."""

    coder: NamedCoder = Field(default_factory=str)


class GivenFlag(GivenTalker):
    """What is unclear about a photo."""

    note: str = Field(min_length=1, max_length=LONGEST, description="what is unclear")
    question: Name | None = Field(
        default=None, description="the question that it is about; null: the photo as such"
    )


class GivenFlagAnswer(GivenTalker):
    """What somebody says to a flag."""

    text: str = Field(min_length=1, max_length=LONGEST, description="what you say to it")


@dataclass(frozen=True, slots=True)
class FlagList(Served):
    """Flags, the open ones first."""

    flags: Sequence[PhotoFlag]


@router.get("/flags", operation_id="list_flags")
@needs(Permission.REVIEW)
def get_flags(
    home: Home,
    is_open: Annotated[
        bool | None, Query(alias="open", description="open flags alone, or settled ones")
    ] = None,
    photo: Annotated[
        int | None, Query(ge=1, le=MOST, description="address of the only photo")
    ] = None,
    sample: Annotated[int | None, Query(ge=1, le=MOST, description="id of the only sample")] = None,
) -> FlagList:
    """List the photos that coders want to talk about, and what was said."""
    row = None if photo is None else find_address(home, photo).photo_id
    return FlagList(list_flags(home, is_open=is_open, photo=row, sample=sample))


@router.post(
    "/photos/{photo_id}/flags", status_code=201, operation_id="flag_photo", max_body_size=2**16
)
@needs(Permission.REVIEW)
def post_flag(home: Home, photo_id: PhotoId, flag: GivenFlag) -> PhotoFlag:
    """Flag a photo to talk about; no answer changes by it."""
    return add_flag(home, photo_id, flag.coder, flag.note, question=flag.question, now=clock.now())


@router.post("/flags/{flag_id}/answers", operation_id="answer_flag", max_body_size=2**16)
@needs(Permission.REVIEW)
def post_flag_answer(home: Home, flag_id: Id, given: GivenFlagAnswer) -> PhotoFlag:
    """Say something to a flag."""
    return answer_flag(home, flag_id, given.coder, given.text, now=clock.now())


@router.post("/flags/{flag_id}/settle", operation_id="settle_flag", max_body_size=2**16)
@needs(Permission.REVIEW)
def post_settlement(home: Home, request: Request, flag_id: Id, given: GivenTalker) -> PhotoFlag:
    """Settle a flag: who has asked, an adjudicator, or an editor."""
    return settle_flag(home, flag_id, given.coder, leads=leads(request), now=clock.now())


def leads(request: Request) -> bool:
    """Return whether who asks may settle every flag."""
    return identity_of(request).may(Permission.IMPORT)
