"""The exported tables without what tells only how they came about: ids, and times of work.

Ids are given in the order of arrival, so that two workers give others than one. Here each stands
for the row that it names: it is the sha256 of that row, ids in it likewise.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from presslens.app.db.exported import Column, ColumnType
from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation
from presslens.app.services.exports.batches import TableSpec, read_batches
from presslens.app.services.exports.tables.registry import TABLES

PHOTO = "photo_id"
FRAME = "frame_id"
"""The id of the first photo of a frame."""

Names = dict[str, dict[int, str]]
"""What each id of a column stands for."""


def canonical_tables(home: Installation) -> dict[str, list[str]]:
    """Return the rows of each exported table as JSON, sorted."""
    names: Names = {}
    with home.database.read() as session:
        tables = {}
        for spec in TABLES:
            rows = [
                dict(zip((c.name for c in spec.queried_columns), row, strict=True))
                for batch in read_batches(session, spec, EditionScope(), home.recipe)
                for row in zip(*batch, strict=True)
            ]
            tables[spec.name] = sorted(_canonical(spec, rows, names))
    return tables


def _canonical(spec: TableSpec, rows: list[dict[str, Any]], names: Names) -> Iterator[str]:
    first = next(column for column in spec.columns if column.name == spec.key[0])
    introduces = first.joins in (None, (spec.name, first.name))
    own = first.name if first.type is ColumnType.INTEGER and introduces else ""
    columns = [
        column
        for column in spec.queried_columns
        if column.name != own and column.type is not ColumnType.DATETIME
    ]
    if own:  # A row of the table may name another one of it, so that all have their digest first.
        shown = [c for c in columns if c.joins != (spec.name, own) and c.name != FRAME]
        digests = names.setdefault(own, {})
        for row in rows:
            digest = hashlib.sha256(f"{spec.name} {_shown(shown, row, names)}".encode()).hexdigest()
            digests[row[own]] = min(digest, digests.get(row[own], digest))  # it may be on two pages
    return (_shown(columns, row, names) for row in rows)


def _shown(columns: list[Column], row: dict[str, Any], names: Names) -> str:
    values = {column.name: _value(column, row[column.name], names) for column in columns}
    return json.dumps(values, ensure_ascii=False, default=str)


def _value(column: Column, value: Any, names: Names) -> Any:
    if column.name == f"{PHOTO}s":
        return [names[PHOTO][photo] for photo in json.loads(value)]
    names_photo = column.name.endswith((PHOTO, FRAME)) or column.joins == ("photos", PHOTO)
    digests = names.get(PHOTO if names_photo else column.name)
    return value if digests is None or value is None else digests.get(value, "deleted")
