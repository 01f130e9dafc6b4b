"""The exported tables of claims, and of the events that timelines show."""

from __future__ import annotations

from sqlalchemy import func, or_, select

from app.db.claims import ClaimRow, EventRow
from app.db.queries import EditionScope, RowQuery
from app.db.tables import PublicationRow
from app.services.exports.schema import (
    Column,
    ColumnType,
    TableSpec,
    boolean,
    integer,
    string,
)
from app.services.exports.tables.publications import PUBLICATION
from models.recipe import Recipe


def _claims(scope: EditionScope, _: Recipe) -> RowQuery:
    query = select(
        ClaimRow.key,
        ClaimRow.version,
        ClaimRow.statement,
        ClaimRow.rule,
        ClaimRow.publication,
        ClaimRow.first_date,
        ClaimRow.last_date,
        func.nullif(ClaimRow.source, ""),
        ClaimRow.note,
        ClaimRow.seeded,
        ClaimRow.created_at,
    )
    if scope.publication is not None:
        query = query.where(ClaimRow.publication == scope.publication)
    if scope.first is not None:
        query = query.where(ClaimRow.last_date >= scope.first)
    if scope.last is not None:
        query = query.where(ClaimRow.first_date <= scope.last)
    return query.order_by(ClaimRow.key, ClaimRow.version)


CLAIMS = TableSpec(
    "claims",
    "A rule over compositions that a source asserts of some editions.",
    ("claim", "version"),
    (
        string("claim", "what it is called", free_text=True),
        integer("version", "counts the changes of its rule, from 1", low=1),
        string("statement", "what is claimed, in words", free_text=True),
        string("rule", "the same as a rule", free_text=True),
        PUBLICATION,
        Column("first_date", ColumnType.DATE, "first day that it is about"),
        Column("last_date", ColumnType.DATE, "last day that it is about"),
        string("source", "source of the claim", nullable=True, free_text=True),
        string("note", "how the rule reads the source", nullable=True, free_text=True),
        boolean("seeded", "it came with Presslens"),
        Column("created_at", ColumnType.DATETIME, "when it was entered", unit="UTC"),
    ),
    _claims,
)


def _events(scope: EditionScope, _: Recipe) -> RowQuery:
    query = (
        select(
            EventRow.event_date,
            EventRow.title,
            EventRow.place,
            EventRow.leader_attended,
            PublicationRow.name,
            func.nullif(EventRow.source, ""),
            EventRow.seeded,
        )
        .outerjoin(PublicationRow, PublicationRow.id == EventRow.publication_id)
        .where(*scope.days(EventRow.event_date.expression))
    )
    if scope.publication is not None:
        mine = or_(PublicationRow.name == scope.publication, EventRow.publication_id.is_(None))
        query = query.where(mine)
    return query.order_by(EventRow.event_date, EventRow.id)


EVENTS = TableSpec(
    "events",
    "Something that happened on a day, to be shown on timelines.",
    ("date", "title"),
    (
        Column("date", ColumnType.DATE, "the day"),
        string("title", "what happened", free_text=True),
        string("place", "where", nullable=True, free_text=True),
        boolean("leader_attended", "a leader was there", nullable=True),
        string(
            "publication", "the newspaper it is about; missing: all", nullable=True, free_text=True
        ),
        string("source", "source of the event", nullable=True, free_text=True),
        boolean("seeded", "it came with Presslens"),
    ),
    _events,
)
