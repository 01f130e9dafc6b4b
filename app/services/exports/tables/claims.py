"""The exported tables of claims, and of the events that timelines show."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, func, or_, select

from presslens.app.db.claims import ClaimLookRow, ClaimRegistrationRow, ClaimRow, EventRow
from presslens.app.db.publications import is_named, same_newspaper
from presslens.app.db.queries import EditionScope, RowQuery
from presslens.app.db.tables import PublicationRow
from presslens.app.services.exports.schema import (
    Column,
    ColumnType,
    TableSpec,
    as_text,
    boolean,
    digest,
    integer,
    one_of,
    string,
)
from presslens.app.services.exports.tables.publications import PUBLICATION
from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.claim.quantity import TruthValue


def _about(scope: EditionScope) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions for claims that are about editions of a scope."""
    if scope.publication is not None:
        yield same_newspaper(ClaimRow.publication.expression, scope.publication)
    if scope.first is not None:
        yield ClaimRow.last_date >= scope.first
    if scope.last is not None:
        yield ClaimRow.first_date <= scope.last


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
    return query.where(*_about(scope)).order_by(ClaimRow.key, ClaimRow.version)


CLAIM = string("claim", "what the claim is called", free_text=True)
VERSION = integer("version", "the version of the claim", low=1)

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


def _registrations(scope: EditionScope, _: Recipe) -> RowQuery:
    return (
        select(
            ClaimRow.key,
            ClaimRow.version,
            ClaimRegistrationRow.frozen_at,
            ClaimRegistrationRow.sha256,
            ClaimRegistrationRow.document,
            ClaimRegistrationRow.scans,
            ClaimRegistrationRow.first_scan_at,
        )
        .join(ClaimRow, ClaimRow.id == ClaimRegistrationRow.claim_id)
        .where(*_about(scope))
        .order_by(ClaimRow.key, ClaimRow.version)
    )


CLAIM_REGISTRATIONS = TableSpec(
    "claim_registrations",
    "A claim that was frozen, before its data came in or after.",
    ("claim", "version"),
    (
        CLAIM,
        VERSION,
        Column("frozen_at", ColumnType.DATETIME, "when it was frozen", unit="UTC"),
        digest("sha256", "hash of the frozen content"),
        string("document", "the frozen content: canonical JSON, as it was hashed", free_text=True),
        integer("scans", "editions of its days that had been uploaded by then"),
        Column(
            "first_scan_at",
            ColumnType.DATETIME,
            "when the first of them was uploaded; missing: there was none",
            unit="UTC",
            nullable=True,
        ),
    ),
    _registrations,
)


def _looks(scope: EditionScope, _: Recipe) -> RowQuery:
    return (
        select(
            ClaimLookRow.id,
            ClaimRow.key,
            ClaimRow.version,
            ClaimLookRow.looked_at,
            ClaimLookRow.recipe_id,
            ClaimLookRow.editions,
            as_text(ClaimLookRow.verdict),
        )
        .join(ClaimRow, ClaimRow.id == ClaimLookRow.claim_id)
        .where(*_about(scope))
        .order_by(ClaimLookRow.id)
    )


CLAIM_LOOKS = TableSpec(
    "claim_looks",
    "A look at a frozen claim: a verdict that rested on at least one edition.",
    ("look_id",),
    (
        integer("look_id", "the look, unique in the installation", low=1),
        CLAIM,
        VERSION,
        Column("looked_at", ColumnType.DATETIME, "when", unit="UTC"),
        digest("looked_under", "the recipe of the verdict"),
        integer("editions", "editions that the verdict rested on", low=1),
        one_of("verdict", TruthValue, "the verdict"),
    ),
    _looks,
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
        mine = or_(is_named(scope.publication), EventRow.publication_id.is_(None))
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
