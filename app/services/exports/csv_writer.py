"""Tables as CSV, for spreadsheets too, which must not take a cell for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import repeat
from pathlib import Path
from typing import Any

from app.services.exports.batches import Batch
from app.services.exports.schema import Column, Kind, TableSpec
from app.spreadsheet import quote_formula
from models.recipe import Recipe


def write_csv(spec: TableSpec, rows: Iterable[Batch], path: Path, recipe: Recipe) -> int:
    """Write a table as CSV, and return how many rows it has. A cell that is missing is empty."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([column.name for column in spec.columns])
        for columns in rows:
            cells = [_cells(c, v) for c, v in zip(spec.queried, columns, strict=True)]
            last = [repeat(recipe.id, len(cells[0]))] if spec.named else []
            writer.writerows(zip(*cells, *last, strict=True))
            count += len(cells[0])
    return count


def _cells(column: Column, values: Sequence[Any]) -> Sequence[Any]:
    if column.kind is Kind.BOOLEAN:
        return [None if value is None else "true" if value else "false" for value in values]
    if column.kind is Kind.MOMENT:
        return [value.isoformat() if isinstance(value, datetime) else None for value in values]
    if column.free:
        return [None if value is None else quote_formula(value) for value in values]
    return values
