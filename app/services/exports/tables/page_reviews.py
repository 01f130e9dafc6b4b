"""The exported tables of page reviews and their marks."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from presslens.app.db.page_reviews import PageMarkRow, PageReviewRow
from presslens.app.db.queries import EditionScope, RowQuery, scans_in
from presslens.app.db.tables import ScanRow
from presslens.app.services.exports.schema import (
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
from presslens.app.services.exports.tables.reviews import EDIT
from presslens.models.recipe import Recipe


def _reviewed(scope: EditionScope) -> list[ColumnElement[bool]]:
    return [] if scope.whole else [PageReviewRow.scan_id.in_(scans_in(scope))]


def _reviews(scope: EditionScope, _: Recipe) -> RowQuery:
    return (
        select(
            PageReviewRow.id,
            ScanRow.sha256,
            ScanRow.frame,
            PageReviewRow.coder,
            PageReviewRow.codebook,
            PageReviewRow.checked,
            PageReviewRow.adjudicates,
            PageReviewRow.two_editions,
            PageReviewRow.note,
            PageReviewRow.created_at,
            PageReviewRow.withdrawn_at,
            PageReviewRow.edit_id,
        )
        .join(ScanRow, ScanRow.id == PageReviewRow.scan_id)
        .where(*_reviewed(scope))
        .order_by(PageReviewRow.id)
    )


PAGE_REVIEWS = TableSpec(
    "page_reviews",
    "What one coder says of the photos found on a page, in one go; withdrawn ones too.",
    ("page_review_id",),
    (
        integer("page_review_id", "the review", low=1),
        digest("scan_sha256", "hash of the scan's bytes"),
        integer("scan_frame", "which image of that file, from 0"),
        string("coder", "name or code of the coder", free_text=True),
        string("codebook", "the codebook that the coder followed", free_text=True),
        boolean("checked", "the coder has looked through the whole page"),
        boolean("adjudicates", "it decides between coders who disagree"),
        boolean("two_editions", "the page is of two editions: nothing of it is counted"),
        string("note", "remark of the coder", nullable=True, free_text=True),
        Column("created_at", ColumnType.DATETIME, "when it was made", unit="UTC"),
        Column(
            "withdrawn_at", ColumnType.DATETIME, "when it was withdrawn", unit="UTC", nullable=True
        ),
        EDIT,
    ),
    _reviews,
)


def _marks(scope: EditionScope, _: Recipe) -> RowQuery:
    return (
        select(
            PageMarkRow.review_id,
            PageMarkRow.position,
            PageMarkRow.x0,
            PageMarkRow.y0,
            PageMarkRow.x1,
            PageMarkRow.y1,
            PageMarkRow.photos,
            json_text(PageMarkRow.boxes),
        )
        .join(PageReviewRow, PageReviewRow.id == PageMarkRow.review_id)
        .where(*_reviewed(scope))
        .order_by(PageMarkRow.review_id, PageMarkRow.position)
    )


PAGE_MARKS = TableSpec(
    "page_marks",
    "How many printed photos stand in a box of a page, as a page review says.",
    ("page_review_id", "position"),
    (
        integer(
            "page_review_id",
            "the page review: joins with page_reviews",
            low=1,
            joins=("page_reviews", "page_review_id"),
        ),
        integer("position", "place among the marks of the review, from 0"),
        share("x0", "left edge, share of the page's width"),
        share("y0", "upper edge, share of the page's height"),
        share("x1", "right edge, share of the page's width"),
        share("y1", "lower edge, share of the page's height"),
        integer("photos", "printed photos there; 0 on a found photo: it is none", unit="photos"),
        Column(
            "boxes",
            ColumnType.ARRAY,
            "these photos, [x0, y0, x1, y1] each, where the coder has drawn them",
            unit="shares of the page",
            nullable=True,
        ),
    ),
    _marks,
)
