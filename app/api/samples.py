"""Validation samples: what is drawn, from what, the answers, and how far they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import ConfigDict, Field, model_validator

from presslens.app.api import links
from presslens.app.api.access import PermittedRoute, needs
from presslens.app.api.coder import Coder, GivenCoder, NamedCoder, QueryCoder
from presslens.app.api.csv_response import csv_response, wants_csv
from presslens.app.api.given import Given, OneOf
from presslens.app.api.params import Editions, Home, Id, Limit
from presslens.app.api.reviews import LONGEST_NOTE, MeasureName
from presslens.app.db.queries import EditionScope
from presslens.app.platform import clock
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import Day, Name
from presslens.app.services.reviews.assignment import MOST_PARTS, assign_items
from presslens.app.services.reviews.coded_answers import AnswerOutcomes, CodedAnswer, keep_answers
from presslens.app.services.reviews.coding import NextItems, next_items
from presslens.app.services.reviews.draws import (
    MOST,
    REPEAT,
    SECOND,
    SampleOrder,
    draw_sample,
    extend_sample,
)
from presslens.app.services.reviews.sample_plan import SamplePlan, plan_sample
from presslens.app.services.reviews.sample_progress import SampleEstimates, sample_estimates
from presslens.app.services.reviews.sampling_frame import Question
from presslens.app.services.samples.samples import (
    ITEM_COLUMNS,
    SampleItem,
    Samples,
    SampleState,
    find_items,
    find_sample,
    list_samples,
)
from presslens.models.vocabulary import Focus
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.measure import Weight, Zone

router = APIRouter(tags=["samples"], route_class=PermittedRoute)
MOST_MEASURES = 20
MOST_CODERS = 50


class GivenSample(Given):
    """A sample to draw: by a number of items, or by the wished width of the interval.

    No measures: pages are drawn, on which photos are counted.
    """

    measures: list[Name] = Field(default=[], max_length=MOST_MEASURES)
    publication: Name | None = None
    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")
    page: OneOf[Zone] = Zone.ALL
    weight: OneOf[Weight] = Weight.COUNT
    items: int | None = Field(default=None, ge=1, le=MOST)
    width: float | None = Field(default=None, gt=0, le=1)
    coders: list[Name] = Field(default=[], max_length=MOST_CODERS)
    second: float = Field(default=SECOND, ge=0, le=1)
    repeat: float = Field(default=REPEAT, ge=0, le=1)
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)
    name: Name | None = None
    coder: Coder = None

    @property
    def order(self) -> SampleOrder:
        """The order.

        Raises:
            InvalidRequest: The days are in the wrong order.
        """
        scope = EditionScope(self.publication, self.first, self.last)
        measures = tuple(dict.fromkeys(self.measures))
        return SampleOrder(
            Question(measures, scope, self.page, self.weight),
            self.items,
            self.width,
            tuple(self.coders),
            self.second,
            self.seed,
            self.name,
            self.repeat,
        )


@dataclass(frozen=True, slots=True)
class SampleItems(Served):
    """A sample and its items in their order."""

    sample: SampleState
    items: Sequence[SampleItem]


class GivenSize(Given):
    """The new size of a sample: a number of items, how many more, or the interval's width."""

    items: int | None = Field(default=None, ge=1, le=MOST)
    width: float | None = Field(default=None, gt=0, le=1)
    more: int | None = Field(default=None, ge=1, le=MOST)

    @model_validator(mode="after")
    def _is_one(self) -> GivenSize:
        if [self.items, self.width, self.more].count(None) != 2:
            raise ValueError("a number of items, how many more, or a width")
        return self


class GivenAssignment(GivenCoder):
    """Whom the open items of a sample go to, in turn."""

    parts: dict[Name, Annotated[int, Field(ge=0, le=MOST_PARTS)]] = Field(
        max_length=MOST_CODERS,
        description="by the name of each coder, how many items of a round are the coder's",
    )
    of: Name | None = Field(default=None, description="whose open items; null: all")


@router.get("/samples", operation_id="list_samples")
@needs(Permission.READ)
def get_samples(home: Home, measure: Annotated[Name | None, Query()] = None) -> Samples:
    """List the samples, the latest first."""
    return list_samples(home, measure)


@router.post("/samples", status_code=201, operation_id="draw_sample", max_body_size=2**20)
@needs(Permission.REVIEW)
def post_sample(home: Home, given: GivenSample, response: Response) -> SampleState:
    """Draw photos, or pages for counting, by chance from the complete editions asked for."""
    state = draw_sample(home, given.order, coder=given.coder, now=clock.now())
    response.headers["Location"] = links.sample(state.id)
    return state


@router.get("/samples/plan", operation_id="plan_sample")
@needs(Permission.READ)
def get_plan(
    home: Home,
    measure: MeasureName,
    query: Editions,
    page: Annotated[Zone, Query(description="the part of each edition")] = Zone.ALL,
    weight: Weight = Weight.COUNT,
    width: Annotated[float | None, Query(gt=0, le=1, description="the wished width")] = None,
) -> SamplePlan:
    """Return how wide the interval is foreseen to be for several sizes of a sample."""
    return plan_sample(home, Question((measure,), query.scope, page, weight), width)


@router.get("/samples/{sample_id}", operation_id="get_sample")
@needs(Permission.READ)
def get_sample(home: Home, sample_id: Id) -> SampleState:
    """Return a sample: its frame, its strata, and how far coders have come."""
    return find_sample(home, sample_id)


@router.post("/samples/{sample_id}/extend", operation_id="extend_sample", max_body_size=2**16)
@needs(Permission.REVIEW)
def post_extension(home: Home, sample_id: Id, given: GivenSize) -> SampleState:
    """Make a sample larger; the items that are there keep their places."""
    return extend_sample(home, sample_id, items=given.items, width=given.width, more=given.more)


@router.post("/samples/{sample_id}/assign", operation_id="assign_items", max_body_size=2**16)
@needs(Permission.REVIEW)
def post_assignment(home: Home, sample_id: Id, given: GivenAssignment) -> SampleState:
    """Assign the open items of a sample to coders, in turn by their parts."""
    return assign_items(
        home, sample_id, given.parts, of=given.of, coder=given.coder, now=clock.now()
    )


@router.get("/samples/{sample_id}/next", operation_id="next_of_sample")
@needs(Permission.REVIEW)
def get_next(
    home: Home,
    sample_id: Id,
    coder: QueryCoder = None,
    limit: Limit = 50,
) -> NextItems:
    """Return the items that a coder is to code next, in the random order."""
    return next_items(home, sample_id, coder, limit=limit)


@router.get(
    "/samples/{sample_id}/items", operation_id="list_sample_items", response_model=SampleItems
)
@router.get("/samples/{sample_id}/items.csv", operation_id="list_sample_items_csv")
@needs(Permission.READ)
def get_items(home: Home, sample_id: Id, request: Request) -> Any:
    """List the items of a sample in their order. CSV has a row for each measure of an item."""
    sample, items = find_items(home, sample_id)
    if wants_csv(request):
        rows = (row for item in items for row in item.rows(sample.name))
        return csv_response(ITEM_COLUMNS, rows, name=f"sample-{sample_id}")
    return SampleItems(sample, items)


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
