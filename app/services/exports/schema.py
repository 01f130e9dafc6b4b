"""An exported table: what its files say of its columns, and the query of its rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from presslens.app.db.columns import Table
from presslens.app.db.exported import TableShape
from presslens.app.db.queries import EditionScope, RowQuery
from presslens.models.recipe import Recipe

Query = Callable[[EditionScope, Recipe], RowQuery]


@dataclass(frozen=True, slots=True)
class TableSpec(TableShape):
    """One table, and the query of its rows."""

    # Gives the rows in the order of a key, but for the column ``recipe``, which is the last one and
    # the same in all rows.
    query: Query
    row: type[Table]  # the stored table that has its rows
