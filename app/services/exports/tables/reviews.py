"""The exported tables of reviews, their answers, and the consensus of coders."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from presslens.app.db.queries import EditionScope, RowQuery, scans_in
from presslens.app.db.reviews import ReviewAnswerRow, ReviewRow, SettledAnswerRow
from presslens.app.db.tables import InterpretationRow, ScanRow
from presslens.app.services.exports.schema import (
    PHOTO,
    RECIPE,
    Column,
    ColumnType,
    TableSpec,
    boolean,
    digest,
    integer,
    json_text,
    share,
    string,
)
from presslens.models.recipe import Recipe

EDIT = integer("edit_id", "the edit that made it", low=1, nullable=True, joins=("edits", "edit_id"))


def _reviewed(scope: EditionScope) -> list[ColumnElement[bool]]:
    return [] if scope.whole else [ReviewRow.scan_id.in_(scans_in(scope))]


def _reviews(scope: EditionScope, _: Recipe) -> RowQuery:
    return (
        select(
            ReviewRow.id,
            ScanRow.sha256,
            ScanRow.frame,
            ReviewRow.x0,
            ReviewRow.y0,
            ReviewRow.x1,
            ReviewRow.y1,
            ReviewRow.coder,
            ReviewRow.codebook,
            ReviewRow.adjudicates,
            ReviewRow.note,
            ReviewRow.created_at,
            ReviewRow.withdrawn_at,
            ReviewRow.edit_id,
        )
        .join(ScanRow, ScanRow.id == ReviewRow.scan_id)
        .where(*_reviewed(scope))
        .order_by(ReviewRow.id)
    )


REVIEWS = TableSpec(
    "reviews",
    "The answers of one coder on a photo, in one go; withdrawn ones too. Coders are named, as the"
    " agreement between them can't be computed otherwise: agree on a name or a code beforehand.",
    ("review_id",),
    (
        integer("review_id", "the review", low=1),
        digest("scan_sha256", "hash of the scan's bytes"),
        integer("scan_frame", "which image of that file, from 0"),
        share("x0", "left edge of the photo, share of the page's width", low=None, high=None),
        share("y0", "upper edge of the photo, share of the page's height", low=None, high=None),
        share("x1", "right edge of the photo, share of the page's width", low=None, high=None),
        share("y1", "lower edge of the photo, share of the page's height", low=None, high=None),
        string("coder", "name or code of the coder", free_text=True),
        string("codebook", "the codebook that the coder followed", free_text=True),
        boolean("adjudicates", "it decides between coders who disagree"),
        string("note", "remark of the coder", nullable=True, free_text=True),
        Column("created_at", ColumnType.DATETIME, "when it was made", unit="UTC"),
        Column("withdrawn_at", ColumnType.DATETIME, "when it was withdrawn", unit="UTC",
            nullable=True),
        EDIT,
    ),
    _reviews,
)  # fmt: skip


def _answers(scope: EditionScope, _: Recipe) -> RowQuery:
    return (
        select(
            ReviewAnswerRow.review_id,
            ReviewAnswerRow.measure,
            ReviewAnswerRow.shows,
            json_text(ReviewAnswerRow.place),
        )
        .join(ReviewRow, ReviewRow.id == ReviewAnswerRow.review_id)
        .where(*_reviewed(scope))
        .order_by(ReviewAnswerRow.review_id, ReviewAnswerRow.measure)
    )


MEASURE = string(
    "measure", "what is shown: a subject, a focus, figure:NAME or label:NAME", free_text=True
)
REVIEW_ANSWERS = TableSpec(
    "review_answers",
    "The answer of a review on one measure.",
    ("review_id", "measure"),
    (
        integer(
            "review_id", "the review: joins with reviews", low=1, joins=("reviews", "review_id")
        ),
        MEASURE,
        boolean("shows", "the photo shows it; missing: the coder can't tell", nullable=True),
        Column(
            "place",
            ColumnType.ARRAY,
            "box [x0, y0, x1, y1] of the person that a yes about a figure means, if it was said",
            unit="shares of the page's width and height",
            nullable=True,
        ),
    ),
    _answers,
)


def _settled(scope: EditionScope, recipe: Recipe) -> RowQuery:
    return (
        select(
            SettledAnswerRow.photo_id,
            SettledAnswerRow.measure,
            SettledAnswerRow.shows,
            SettledAnswerRow.codebook,
        )
        .join(
            InterpretationRow,
            (InterpretationRow.photo_id == SettledAnswerRow.photo_id)
            & (InterpretationRow.recipe_id == recipe.id),
        )
        .where(*scope.photos(SettledAnswerRow.photo_id.expression))
        .order_by(SettledAnswerRow.photo_id, SettledAnswerRow.measure)
    )


SETTLED_ANSWERS = TableSpec(
    "settled_answers",
    "The consensus of a photo's coders, or an adjudicator's answer. No row: the machine's stands.",
    ("photo_id", "measure"),
    (
        PHOTO,
        MEASURE,
        boolean("shows", "the photo shows it"),
        string("codebook", "the codebook that the answers follow", free_text=True),
        RECIPE,
    ),
    _settled,
)
