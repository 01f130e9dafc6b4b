"""Training rounds: photos with known answers, which a coder answers to learn the codebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from presslens.app.api.access import PermittedRoute, needs
from presslens.app.api.coder import NamedCoder
from presslens.app.api.given import Given
from presslens.app.api.params import Home, Id
from presslens.app.platform import clock
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST, Name
from presslens.app.services.reviews.training import (
    ITEMS,
    MOST_ITEMS,
    TrainingRound,
    answer_training,
    find_training,
    list_trainings,
    make_training,
)
from presslens.pipelines.result import Served

router = APIRouter(tags=["samples"], route_class=PermittedRoute)


class TrainingRequest(Given):
    """A training round to be made for a coder."""

    name: Name = Field(description="the coder who learns")
    items: int = Field(default=ITEMS, ge=1, le=MOST_ITEMS, description="questions, at most")
    coder: NamedCoder = Field(default_factory=str, description="who makes it")


class TrainingAnswer(Given):
    """What a coder says in training."""

    place: int = Field(ge=0, le=MOST_ITEMS, description="the question, by its place in the round")
    answer: Name = Field(description="yes, no or unsure; or what the photo is composed around")
    coder: NamedCoder = Field(default_factory=str)


@dataclass(frozen=True, slots=True)
class TrainingList(Served):
    """Training rounds, the latest first."""

    trainings: Sequence[TrainingRound]


@router.get("/trainings", operation_id="list_trainings")
@needs(Permission.REVIEW)
def get_trainings(
    home: Home,
    sample: Annotated[int | None, Query(ge=1, le=MOST, description="id of the only sample")] = None,
    coder: Annotated[Name | None, Query(description="the only coder")] = None,
) -> TrainingList:
    """List the training rounds, and how many answers were the known ones."""
    return TrainingList(list_trainings(home, sample=sample, coder=coder))


@router.get("/trainings/{training_id}", operation_id="get_training")
@needs(Permission.REVIEW)
def get_training(home: Home, training_id: Id) -> TrainingRound:
    """Return a training round; what is known is told of the questions that are answered."""
    return find_training(home, training_id)


@router.post(
    "/samples/{sample_id}/trainings",
    status_code=201,
    operation_id="make_training",
    max_body_size=2**16,
)
@needs(Permission.REVIEW)
def post_training(home: Home, sample_id: Id, given: TrainingRequest) -> TrainingRound:
    """Make a training round for a coder, from what is known of a sample's questions."""
    return make_training(
        home, sample_id, given.name, given.coder, items=given.items, now=clock.now()
    )


@router.post(
    "/trainings/{training_id}/answers", operation_id="answer_training", max_body_size=2**16
)
@needs(Permission.REVIEW)
def post_training_answer(home: Home, training_id: Id, given: TrainingAnswer) -> TrainingRound:
    """Answer a question of one's own training; the first answer stays."""
    return answer_training(
        home, training_id, given.coder, given.place, given.answer, now=clock.now()
    )
