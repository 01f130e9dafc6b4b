"""The exported table of what the machine's readings are worth in each newspaper."""

from __future__ import annotations

from sqlalchemy import null, select
from sqlalchemy.orm import Session

from presslens.app.db.exported import RECIPE, boolean, integer, number, one_of, string
from presslens.app.db.publications import PublicationRow
from presslens.app.db.queries import EditionScope, RowQuery
from presslens.app.services.exports.batches import Batch, Finish, TableSpec
from presslens.app.services.exports.tables.selection import conditions
from presslens.app.services.shares.newspaper_validity import load_newspaper_validity
from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.validity import ValidityState

COLUMNS = (
    string("publication", "name of the newspaper", free_text=True),
    string("measure", "what photos are read for, or photos for their number", free_text=True),
    one_of("state", ValidityState, "what the readings are worth in this newspaper"),
    boolean("offered", "numbers that rest on them are shown"),
    integer("answers", "photos of the newspaper that people answered for it", unit="photos"),
    integer("drawn", "those that were drawn by chance: they tell of the others", unit="photos"),
    integer("wanted", "further photos, drawn and answered, that would tell", unit="photos"),
    number("agreement", "Cohen's kappa of the machine and people", -1, high=1, nullable=True),
    number("low", "lower end of its interval", -1, high=1, nullable=True),
    number("high", "upper end of its interval", -1, high=1, nullable=True),
    string("reason", "what the state rests on, and what to do next"),
)


def _newspapers(scope: EditionScope, recipe: Recipe) -> RowQuery:
    """Return the query of the newspapers, whose rows ``_fill`` makes."""
    blank = [null().label(column.name) for column in COLUMNS[1:]]
    query = select(PublicationRow.name, *blank).order_by(PublicationRow.name)
    return query.where(*conditions(PublicationRow, scope, recipe))


def _fill(session: Session, recipe: Recipe) -> Finish:
    query = select(PublicationRow.name, PublicationRow.id)
    ids = {row.name: row.id for row in session.connection().execute(query)}

    def fill(batch: Batch) -> Batch:
        rows = [
            row
            for name in batch[0]
            for row in load_newspaper_validity(session, recipe, ids[name]).rows()
        ]
        return [[row[column.name] for row in rows] for column in COLUMNS]

    return fill


VALIDITY = TableSpec(
    "validity",
    "What the machine's readings are worth in each newspaper, by measure.",
    ("publication", "measure"),
    (*COLUMNS, RECIPE),
    _newspapers,
    PublicationRow,
    _fill,
)
