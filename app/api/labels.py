"""Labels beyond the subjects, and the metrics of each; those that people teach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from presslens.app.api.access import PermittedRoute, needs
from presslens.app.api.coder import Coder, GivenCoder, name_in
from presslens.app.api.given import Given
from presslens.app.api.params import Home, Limit
from presslens.app.platform import clock
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import Name
from presslens.app.services.labels.labels import LabelList, list_labels
from presslens.app.services.labels.teaching import (
    BorderlinePhoto,
    ask_to_learn,
    borderline_photos,
    make_label,
)
from presslens.pipelines.result import Served

router = APIRouter(prefix="/labels", tags=["labels"], route_class=PermittedRoute)

LabelName = Annotated[Name, Path(description="the label that was made")]


class NewLabel(Given):
    """A label to be taught by answers about photos."""

    name: Name = Field(description="lowercase letters, digits and underscores")
    coder: Coder = Field(default=None, description="who makes it, for the log")


@dataclass(frozen=True, slots=True)
class LabelEdit(Served):
    """A label, and the id of the edit by which what was done to it is undone."""

    name: str
    edit: int


@dataclass(frozen=True, slots=True)
class BorderlineList(Served):
    """The photos nearest to the decision about a label."""

    recipe: str
    label: str
    photos: Sequence[BorderlinePhoto]


@router.get("", operation_id="list_labels")
@needs(Permission.READ)
def get_labels(home: Home) -> LabelList:
    """List the built-in and the added labels; an unused one has the reason why."""
    return list_labels(home)


@router.post("", status_code=201, operation_id="make_label", max_body_size=2**20)
@needs(Permission.REVIEW)
def post_label(home: Home, label: NewLabel) -> LabelEdit:
    """Make a label; it is taught by reviews that answer `label:NAME`."""
    return LabelEdit(label.name, make_label(home, label.name, coder=label.coder, now=clock.now()))


@router.post("/{name}/learn", status_code=202, operation_id="learn_label", max_body_size=2**20)
@needs(Permission.REVIEW)
def post_learn(home: Home, name: LabelName, given: GivenCoder | None = None) -> LabelEdit:
    """Have a label learnt of what people have answered; a worker does so, and reads all photos."""
    return LabelEdit(name, ask_to_learn(home, name, coder=name_in(given), now=clock.now()))


@router.get("/{name}/borderline", operation_id="list_borderline_photos")
@needs(Permission.READ)
def get_borderline(home: Home, name: LabelName, limit: Limit = 24) -> BorderlineList:
    """List the photos nearest to the decision that nobody has answered for: those to ask next."""
    return BorderlineList(home.recipe.id, name, borderline_photos(home, name, limit=limit))
