"""The exported table of a researcher's own labels."""

from __future__ import annotations

from sqlalchemy import select

from presslens.app.db.queries import EditionScope, RowQuery
from presslens.app.db.tables import LabelRow
from presslens.app.services.exports.schema import (
    Column,
    ColumnType,
    TableSpec,
    digest,
    number,
    share,
    string,
)
from presslens.models.recipe import Recipe


def _own_labels(_: EditionScope, __: Recipe) -> RowQuery:
    return select(
        LabelRow.name,
        LabelRow.created_at,
        LabelRow.observation_id,
        LabelRow.version,
        LabelRow.failure,
        LabelRow.ap,
        LabelRow.f1,
        LabelRow.calibration_error,
        LabelRow.method,
        LabelRow.intercept,
        LabelRow.coefficients,
    ).order_by(LabelRow.id)


OWN_LABELS = TableSpec(
    "own_labels",
    "A label that a researcher added, and the accuracy of its classifier, cross-validated.",
    ("label",),
    (
        string("label", "what it is called: joins with labels"),
        Column("created_at", ColumnType.DATETIME, "when it was added", unit="UTC"),
        digest("observation_id", "hash of the rules of observation that it was learnt under"),
        digest("version", "hash of what was learnt"),
        string("failure", "why it is not used", nullable=True, free_text=True),
        share("average_precision", "of photos that its classifier never saw", nullable=True),
        share("f1", "at probability 0.5, of the same", nullable=True),
        share("calibration_error", "of its probabilities, of the same", nullable=True),
        string("method", "how that was measured", nullable=True, free_text=True),
        number("intercept", "of its logistic regression", None, nullable=True),
        Column("coefficients", ColumnType.ARRAY, "one for each image feature", nullable=True),
    ),
    _own_labels,
)
