"""Coding of samples: the answers of devices, which are sent again after a failure; the shares."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import ConfigDict, Field, model_validator

from presslens.app.api.access import PermittedRoute, needs
from presslens.app.api.coder import NamedCoder
from presslens.app.api.given import Given, OneOf
from presslens.app.api.params import Home, Id
from presslens.app.api.reviews import LONGEST_NOTE
from presslens.app.platform import clock
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import Name
from presslens.app.services.reviews.coded_answers import AnswerOutcomes, CodedAnswer, keep_answers
from presslens.app.services.reviews.sample_progress import SampleEstimates, sample_estimates
from presslens.models.vocabulary import Focus

router = APIRouter(tags=["samples"], route_class=PermittedRoute)
MOST_AT_ONCE = 2000
LARGEST_BODY = 2**22
ClientId = Annotated[str, Field(pattern=r"^[\w.:-]{8,64}$")]


class GivenAnswer(Given):
    """What a coder has decided about an item, or with ``withdrawn`` that it is taken back."""

    client_id: ClientId = Field(description="given by the device, once for each answer")
    item: Annotated[int, Field(ge=1 - 2**31, le=2**31 - 1)] | None = Field(
        default=None, description="id of the item of the sample; negative: it is shown again"
    )
    answers: dict[Name, bool | None] = Field(default={}, max_length=20)
    focus: OneOf[Focus] | None = None
    adjudicates: bool = False
    note: str | None = Field(default=None, max_length=LONGEST_NOTE)
    seconds: float | None = Field(
        default=None, ge=0, le=86_400, description="time that the coder took"
    )
    known: list[Name] = Field(
        default=[], max_length=50, description="coders who had answered when the photo was shown"
    )
    since: int | None = Field(
        default=None, ge=0, description="id of the latest review when the photo was shown"
    )
    codebook: Name | None = Field(
        default=None, description="the version of the codebook that was shown; null: today's"
    )
    withdrawn: bool = Field(default=False, description="the decision is taken back")

    @model_validator(mode="after")
    def _says_something(self) -> GivenAnswer:
        if not self.withdrawn and (self.item is None or not (self.answers or self.focus)):
            raise ValueError("an answer names its item, and answers something")
        if self.note is not None and "\0" in self.note:
            raise ValueError("a note has no NUL characters")
        return self

    @property
    def coded(self) -> CodedAnswer:
        """The answer."""
        return CodedAnswer(
            self.client_id,
            self.item,
            self.answers,
            self.focus,
            self.adjudicates,
            self.note,
            self.seconds,
            tuple(self.known),
            self.since,
            self.withdrawn,
            self.codebook,
        )


class GivenAnswers(Given):
    """Answers of one coder, in the order in which they were given."""

    model_config = ConfigDict(extra="ignore")

    coder: NamedCoder = Field(default_factory=str)
    answers: list[GivenAnswer] = Field(max_length=MOST_AT_ONCE)
    as_one: bool = Field(default=False, description="one edit of the log, which undoes all")


class AnswersFile(GivenAnswers):
    """The file that a batch saves: the answers, and which sample they are to."""

    sample: int
    name: str


@router.post(
    "/samples/{sample_id}/answers", operation_id="answer_sample", max_body_size=LARGEST_BODY
)
@needs(Permission.REVIEW)
def post_answers(home: Home, sample_id: Id, given: GivenAnswers) -> AnswerOutcomes:
    """Store answers to items of a sample, each id once; what is refused keeps no other back.

    The answer is blind: it holds nothing of what the machine or others say, but the names of those
    who have answered ``meanwhile``.
    """
    coded = [one.coded for one in given.answers]
    return keep_answers(home, sample_id, given.coder, coded, now=clock.now(), as_one=given.as_one)


@router.get("/samples/{sample_id}/estimates", operation_id="get_sample_estimates")
@needs(Permission.READ)
def get_estimates(home: Home, sample_id: Id) -> SampleEstimates:
    """Return the shares that a sample is to tell, after the answers given so far."""
    return sample_estimates(home, sample_id)
