"""Reviews: the answers of coders and of models, their agreement, and the photos to review next."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile
from pydantic import Field, model_validator

from presslens.app.api import links
from presslens.app.api.access import PermittedRoute, needs
from presslens.app.api.coder import FormCoder, NamedCoder, QueryCoder
from presslens.app.api.csv_response import csv_response, table_of, wants_csv
from presslens.app.api.given import Given, OneOf
from presslens.app.api.params import Cursor, Editions, Home, Id, Limit, ShareParam, read_query
from presslens.app.api.photo_address import PhotoId
from presslens.app.api.photos import Filtered
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST, Name
from presslens.app.platform.text import LONGEST_NAME
from presslens.app.services.annotations.annotated import MOST_BYTES, AnnotationFile
from presslens.app.services.annotations.coco import read_coco
from presslens.app.services.annotations.label_studio import read_label_studio
from presslens.app.services.corrections.annotations import AnnotationImport, import_annotations
from presslens.app.services.reviews.agreement import (
    AGREEMENT_COLUMNS,
    Disagreement,
    Disagreements,
    Reliability,
    disagreements,
    reliability,
)
from presslens.app.services.reviews.documents import (
    MEASURES,
    REVIEW_COLUMNS,
    PhotoReviews,
    ReviewFilter,
    ReviewResult,
    ReviewState,
    iterate_reviews,
    list_reviews,
)
from presslens.app.services.reviews.model_answers import (
    PhotoModelAnswers,
    TakenAnswers,
    photo_model_answers,
    take_answers,
)
from presslens.app.services.reviews.query_reviews import (
    QueryAnswers,
    QueryPreview,
    QueryResult,
    preview_query,
    review_query,
)
from presslens.app.services.reviews.reviews import (
    MOST_ANSWERS,
    NewReview,
    photo_reviews,
    review_photo,
    review_result,
    withdraw_review,
)
from presslens.app.services.reviews.sampling import (
    DOUBLE,
    MOST_BUDGET,
    NextReviews,
    SamplingKind,
    next_reviews,
)
from presslens.app.services.reviews.sampling_frame import Question
from presslens.models.geometry import Box
from presslens.models.message import Message
from presslens.models.vocabulary import Focus
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.measure import Weight, Zone

router = APIRouter(tags=["reviews"], route_class=PermittedRoute)
LONGEST_TOKEN = 4000
LONGEST_NOTE = 4000
IGNORED = "ignored: a photo is drawn if it is an item of a sample"
PLACES = (
    "where the person stands that a yes about leader or figure:NAME means: [x0, y0, x1, y1] in "
    "pixels of the page"
)
SINCE = (
    "id of the latest review of the photo that the coder knows of, 0 for none: `meanwhile` of the "
    "answer lists those that others have made since"
)

Pixel = Annotated[float, Field(ge=0, le=MOST)]
PixelBox = Annotated[list[Pixel], Field(min_length=4, max_length=4)]


class GivenReview(Given):
    """The answers of a coder about a photo; ``null``: the coder is unsure."""

    coder: NamedCoder = Field(default_factory=str)
    answers: dict[Name, bool | None] = Field(default={}, max_length=MOST_ANSWERS)
    focus: OneOf[Focus] | None = None
    drawn_for: Name | None = Field(default=None, description=IGNORED)
    token: str | None = Field(default=None, max_length=LONGEST_TOKEN, description=IGNORED)
    adjudicates: bool = False
    note: str | None = Field(default=None, max_length=LONGEST_NOTE)
    seconds: float | None = Field(default=None, ge=0, le=86_400, description="time it took")
    places: dict[Name, PixelBox] = Field(default={}, max_length=MOST_ANSWERS, description=PLACES)
    since: Annotated[int, Field(ge=0, le=MOST)] | None = Field(default=None, description=SINCE)

    @model_validator(mode="after")
    def _is_plain(self) -> GivenReview:
        if self.note is not None and "\0" in self.note:
            raise ValueError("a note has no NUL characters")
        return self


class GivenToAll(Given):
    """The answers of a coder for all photos of a query; ``null``: the coder is unsure."""

    coder: NamedCoder = Field(default_factory=str)
    answers: dict[Name, bool | None] = Field(default={}, max_length=MOST_ANSWERS)
    focus: OneOf[Focus] | None = None
    expected: Annotated[int, Field(ge=0, le=MOST, description="photos that were previewed")]


MeasureName = Annotated[Name, Query(description=MEASURES)]


@dataclass(frozen=True, slots=True)
class ReviewList(Served):
    """Reviews under a recipe, the latest first; ``next`` is the cursor of those that follow."""

    recipe: str
    reviews: Sequence[ReviewState]
    next: str | None


@router.get("/reviews", operation_id="list_reviews", response_model=ReviewList)
@router.get("/reviews.csv", operation_id="list_reviews_csv")
@needs(Permission.READ)
def get_reviews(
    home: Home,
    request: Request,
    review_filter: Annotated[ReviewFilter, read_query(ReviewFilter)],
    limit: Limit = 50,
    cursor: Cursor | None = None,
) -> Any:
    """List reviews, the latest first. CSV holds all of them, a row an answer."""
    reviews = list_reviews(home, review_filter, limit=limit, start=cursor)
    if wants_csv(request):
        rows = (row for review in iterate_reviews(home, review_filter) for row in review.rows())
        return csv_response(REVIEW_COLUMNS, rows, name="reviews")
    return ReviewList(home.recipe.id, reviews.items, reviews.next_cursor)


@router.get("/reviews/next", operation_id="next_reviews")
@needs(Permission.REVIEW)
def get_next(
    home: Home,
    measure: MeasureName,
    query: Editions,
    budget: Annotated[int, Query(ge=1, le=MOST_BUDGET)] = 50,
    page: Annotated[Zone, Query(description="the part of each edition")] = Zone.ALL,
    weight: Weight = Weight.COUNT,
    coder: QueryCoder = None,
    kind: SamplingKind = SamplingKind.DRAW,
    double: Annotated[ShareParam, Query(description="share that a second coder sees")] = DOUBLE,
    seed: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None,
    sample: Annotated[Name | None, Query(description="the name of a sample")] = None,
) -> NextReviews:
    """Return the photos to review next for the narrowest interval of a share, in this order.

    They are of a sample: the named one, or the latest one that was drawn for the same question. If
    there is none, one is drawn; if it has too few open photos, it is made larger.
    """
    question = Question((measure,), query.scope, page, weight)
    return next_reviews(
        home,
        question,
        budget=budget,
        now=clock.now(),
        kind=kind,
        coder=coder,
        double=double,
        seed=seed,
        sample=sample,
    )


@router.get("/reviews/agreement", operation_id="get_agreement", response_model=Reliability)
@router.get("/reviews/agreement.csv", operation_id="get_agreement_csv")
@needs(Permission.READ)
def get_agreement(
    home: Home, request: Request, query: Editions, measure: MeasureName | None = None
) -> Any:
    """Return how far coders agree on each measure, and how often the machine is right."""
    agreement = reliability(home, query.scope, measure=measure)
    if wants_csv(request):
        return csv_response(AGREEMENT_COLUMNS, agreement.rows(), name="agreement")
    return agreement


@router.get(
    "/reviews/disagreements", operation_id="list_disagreements", response_model=Disagreements
)
@router.get("/reviews/disagreements.csv", operation_id="list_disagreements_csv")
@needs(Permission.READ)
def get_disagreements(
    home: Home,
    request: Request,
    query: Editions,
    measure: MeasureName | None = None,
    limit: Limit = 200,
) -> Any:
    """List what coders disagree on and nobody has adjudicated. CSV holds all of it."""
    listing = disagreements(home, query.scope, measure=measure)
    if wants_csv(request):
        return csv_response(*table_of(Disagreement, listing.disagreements), name="disagreements")
    return replace(listing, disagreements=listing.disagreements[:limit])


@router.delete("/reviews/{review_id:id}", operation_id="withdraw_review")
@needs(Permission.REVIEW)
def delete_review(home: Home, review_id: Id, coder: QueryCoder = None) -> ReviewResult:
    """Withdraw a review: the coder's answers before it count again. It stays, as withdrawn."""
    withdraw_review(home, review_id, coder=coder, now=clock.now())
    return review_result(home, review_id)


@router.get("/photos/reviews/preview", operation_id="preview_photo_reviews")
@needs(Permission.READ)
def get_preview(
    home: Home,
    photo_filter: Filtered,
    measure: MeasureName | None = None,
    shows: Annotated[bool | None, Query(description="the answer; none: can't tell")] = None,
    focus_answer: Annotated[
        Focus | None, Query(description="the answer about the focus, which `focus` filters by")
    ] = None,
    seed: Annotated[int, Query(ge=0, le=2**31 - 1, description="of the photos drawn")] = 0,
) -> QueryPreview:
    """Return how many photos a filter selects, ten of them, and what people have settled.

    Nothing is changed; `POST /photos/reviews` does so, and expects this number.
    """
    given = QueryAnswers("", {measure: shows} if measure else {}, focus_answer)
    return preview_query(home, photo_filter, given, seed=seed)


@router.post("/photos/reviews", status_code=201, operation_id="review_photos", max_body_size=2**20)
@needs(Permission.REVIEW)
def post_reviews(home: Home, photo_filter: Filtered, review: GivenToAll) -> QueryResult:
    """Answer for all photos that a filter selects, as one edit. They count as picked.

    The filter is the query, as that of `GET /photos`. The answer is 409 if it selects another
    number of photos than `expected`. Photos for which the coder has said what contradicts the
    answer are left out.
    """
    given = QueryAnswers(review.coder, review.answers, review.focus)
    return review_query(home, photo_filter, given, expected=review.expected, now=clock.now())


@router.get("/photos/{photo_id}/reviews", operation_id="get_photo_reviews")
@needs(Permission.READ)
def get_photo_reviews(home: Home, photo_id: PhotoId) -> PhotoReviews:
    """Return the reviews of a photo, its adjudicated answers, and the machine's answers."""
    return photo_reviews(home, photo_id)


@router.post(
    "/photos/{photo_id}/reviews",
    status_code=201,
    operation_id="review_photo",
    max_body_size=2**20,
)
@needs(Permission.REVIEW)
def post_review(
    home: Home, photo_id: PhotoId, review: GivenReview, response: Response
) -> ReviewResult:
    """Review a photo. The coder's earlier answers on these measures no longer count."""
    new = NewReview(
        photo_id,
        review.coder,
        review.answers,
        focus=review.focus,
        adjudicates=review.adjudicates,
        note=review.note,
        seconds=review.seconds,
        places={measure: Box(*corners) for measure, corners in review.places.items()},
    )
    review_id = review_photo(home, new, now=clock.now())
    result = review_result(home, review_id, since=review.since)
    if result.photo is not None:
        response.headers["Location"] = f"{links.photo(result.photo.photo_id)}/reviews"
    return result


MOST_PAGES = 250
"""Largest number of annotated pages of a request: on SQLite others wait until all are stored."""

MOST_PHOTOS = 5000
"""Largest number of photos of a request, for the same reason."""


class AnnotationFormat(StrEnum):
    """The format of a file of annotations."""

    COCO = "coco"
    LABEL_STUDIO = "label-studio"


@router.post("/reviews/annotations", operation_id="import_annotations")
@needs(Permission.REVIEW)
def post_annotations(
    home: Home,
    file: Annotated[UploadFile, File(description="the corrected file")],
    file_format: Annotated[
        AnnotationFormat, Form(alias="format", description="the format of the file")
    ],
    exported: Annotated[
        UploadFile | None, File(description="of COCO: the file that the tool was given")
    ] = None,
    coder: FormCoder = None,
    apply: Annotated[
        bool, Form(description="store it; without, the answer says what would change")
    ] = False,
) -> AnnotationImport:
    """Take in what people have corrected in another annotation tool, as one edit.

    Who is signed in has corrected it. A file of Label Studio that several people have annotated is
    taken in by the command line, which can name each.
    """
    annotated = _read(file_format, file, exported, coder)
    _check_size(annotated)
    return import_annotations(home, annotated, apply=apply, now=clock.now())


def _check_size(annotated: AnnotationFile) -> None:
    pages, photos = len(annotated.pages), sum(page.boxes for page in annotated.pages)
    if pages > MOST_PAGES:
        raise InvalidRequest(
            Message(
                "the file has %(n)s pages; more than %(most)s are taken in by the command line",
                n=pages,
                most=MOST_PAGES,
            )
        )
    if photos > MOST_PHOTOS:
        raise InvalidRequest(
            Message(
                "the file has %(n)s photos; more than %(most)s are taken in by the command line",
                n=photos,
                most=MOST_PHOTOS,
            )
        )


def _read(
    file_format: AnnotationFormat, file: UploadFile, exported: UploadFile | None, coder: str | None
) -> AnnotationFile:
    content = file.file.read(MOST_BYTES + 1)
    if file_format is AnnotationFormat.LABEL_STUDIO:
        return read_label_studio(content, coder=coder)
    if coder is None:
        raise InvalidRequest(Message("say who has corrected the file"))
    original = None if exported is None else exported.file.read(MOST_BYTES + 1)
    return read_coco(content, coder=coder, exported=original)


MOST_LINES = 5000
"""Largest number of lines of a request: on SQLite others wait until all are stored."""

LARGEST_FILE = 2**24
"""Bytes of a request: 3 kB for each line, which is a reason of the largest length and more."""


class AnswerFormat(StrEnum):
    """The format of a file of a model's answers."""

    JSON_LINES = "jsonl"
    CSV = "csv"


@router.post(
    "/reviews/model-answers", operation_id="import_model_answers", max_body_size=LARGEST_FILE
)
@needs(Permission.IMPORT)
def post_answers(
    home: Home,
    file: Annotated[
        UploadFile,
        File(description="photo, question, answer (and confidence, reason) of each line, in UTF-8"),
    ],
    model: Annotated[str, Form(max_length=LONGEST_NAME, description="NAME@VERSION of the model")],
    file_format: Annotated[
        AnswerFormat,
        Form(alias="format", description="JSON objects, one a line, or a table with a header"),
    ] = AnswerFormat.JSON_LINES,
) -> TakenAnswers:
    """Take in a model's answers, all of them or, if a line is wrong, none.

    They settle nothing. The same answers again are counted as repeated; other ones are those of
    another version, 422 says. Files of more than 5,000 lines are sent in parts, or taken in by the
    command line.
    """
    as_json = file_format is AnswerFormat.JSON_LINES
    text = io.TextIOWrapper(file.file, encoding="utf-8-sig", newline=None if as_json else "")
    try:
        return take_answers(home, model, text, as_json=as_json, now=clock.now(), most=MOST_LINES)
    finally:
        text.detach()  # or the file of the request would be closed twice


@router.get("/photos/{photo_id}/model-answers", operation_id="get_photo_model_answers")
@needs(Permission.READ)
def get_photo_model_answers(home: Home, photo_id: PhotoId) -> PhotoModelAnswers:
    """Return what models say about a photo, apart from people: it is in no number."""
    return photo_model_answers(home, photo_id)
