"""The exported table of edits: the log of what people have changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, case, null, or_, select

from presslens.app.db.edits import Action, EditRow
from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.db.queries import EditionScope, RowQuery, scans_in
from presslens.app.db.reviews import ReviewRow
from presslens.app.db.tables import EditionRow, LabelRow, PageRow, PublicationRow
from presslens.app.services.exports.schema import (
    Column,
    ColumnType,
    TableSpec,
    as_text,
    integer,
    json_text,
    one_of,
    string,
)
from presslens.models.recipe import Recipe

BY_NAME = ("publication", "label")
"""Kinds of rows that get other ids in another installation: they are named."""


def _chosen(scope: EditionScope) -> list[ColumnElement[bool]]:
    """Return the conditions of the edits of editions, their pages and photos; all of a whole."""
    if scope.whole:
        return []
    editions = select(EditionRow.id).join(PublicationRow).where(*scope.conditions())
    pages = select(PageRow.id).where(PageRow.edition_id.in_(editions))
    target, reviewed = EditRow.target, scans_in(scope)
    return [
        or_(
            EditRow.edition_id.in_(editions),
            (target == "edition") & EditRow.target_id.in_(editions),
            (target == "page") & EditRow.target_id.in_(pages),
            *((target == "photo") & one for one in scope.photos(EditRow.target_id.expression)),
            EditRow.id.in_(select(ReviewRow.edit_id).where(ReviewRow.scan_id.in_(reviewed))),
            EditRow.id.in_(
                select(PageReviewRow.edit_id).where(PageReviewRow.scan_id.in_(reviewed))
            ),
        )
    ]


def _name(scope: EditionScope) -> ColumnElement[Any]:
    """Return the name of a newspaper that is exported, or of a label; NULL for other rows."""
    newspaper = (
        select(PublicationRow.name)
        .join(EditionRow, EditionRow.publication_id == PublicationRow.id)
        .where(PublicationRow.id == EditRow.target_id, *scope.conditions())
        .distinct()
        .correlate(EditRow)
    )
    label = select(LabelRow.name).where(LabelRow.id == EditRow.target_id).correlate(EditRow)
    return case(
        (EditRow.target == "publication", newspaper.scalar_subquery()),
        (EditRow.target == "label", label.scalar_subquery()),
        else_=null(),
    )


def _edits(scope: EditionScope, _: Recipe) -> RowQuery:
    return (
        select(
            EditRow.id,
            EditRow.created_at,
            EditRow.coder,
            as_text(EditRow.action),
            EditRow.target,
            case((EditRow.target.in_(BY_NAME), null()), else_=EditRow.target_id),
            _name(scope),
            EditRow.edition_id,
            json_text(EditRow.text),
            EditRow.codebook,
            EditRow.undone_at,
            EditRow.undone_by,
        )
        .where(*_chosen(scope))
        .order_by(EditRow.id)
    )


EDITS = TableSpec(
    "edits",
    "A change that a person has made: who, when and what; undone ones too. What it is about may be"
    " gone since.",
    ("edit_id",),
    (
        integer("edit_id", "the edit", low=1),
        Column("created_at", ColumnType.DATETIME, "when it was made", unit="UTC"),
        string("coder", "name or code of who made it", free_text=True),
        one_of("action", Action, "what it did"),
        string("target", "the kind of what it is about: photo, page, edition, ..."),
        integer("target_id", "the id of that; missing where it has a name", nullable=True),
        string(
            "target_name",
            "name of the newspaper or label that it is about; missing for others, and where that"
            " is not exported",
            nullable=True,
            free_text=True,
        ),
        integer("edition_id", "the edition that it belongs to", low=1, nullable=True),
        Column(
            "text", ColumnType.OBJECT, "what was done: a sentence (template) and its values in it"
        ),
        string("codebook", "the codebook of that time", free_text=True),
        Column("undone_at", ColumnType.DATETIME, "when it was undone", unit="UTC", nullable=True),
        string("undone_by", "who undid it", nullable=True, free_text=True),
    ),
    _edits,
)
