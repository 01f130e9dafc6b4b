"""The exported table of enrolled figures."""

from __future__ import annotations

from sqlalchemy import select

from presslens.app.db.figures import FigureRow
from presslens.app.db.queries import EditionScope, RowQuery
from presslens.app.services.exports.schema import (
    Column,
    ColumnType,
    TableSpec,
    integer,
    one_of,
    string,
)
from presslens.models.faces.gallery import Role
from presslens.models.recipe import Recipe


def _figures(_: EditionScope, __: Recipe) -> RowQuery:
    return select(FigureRow.id, FigureRow.name, FigureRow.role, FigureRow.created_at).order_by(
        FigureRow.id
    )


FIGURES = TableSpec(
    "figures",
    "A public person who was enrolled to be recognised. Nobody else has a name or a number.",
    ("figure_id",),
    (
        integer("figure_id", "the figure: joins with sightings", low=1),
        string("figure", "name of the figure", free_text=True),
        one_of("role", Role, "what the figure is to the newspaper"),
        Column("enrolled_at", ColumnType.DATETIME, "when the figure was enrolled", unit="UTC"),
    ),
    _figures,
)
