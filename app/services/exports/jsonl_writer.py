"""Tables as JSON Lines: one object a line, which readers can take one after the other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Any

from app.services.exports.batches import Batch
from app.services.exports.schema import Column, Kind, TableSpec
from models.recipe import Recipe

_text = partial(json.dumps, ensure_ascii=False)


def write_lines(spec: TableSpec, rows: Iterable[Batch], path: Path, recipe: Recipe) -> int:
    """Write a table as JSON Lines, and return how many rows it has."""
    names = (_text(column.name).replace("%", "%%") for column in spec.columns)
    line = "{" + ", ".join(f"{name}: %s" for name in names) + "}\n"
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for columns in rows:
            values = [_values(c, v) for c, v in zip(spec.queried, columns, strict=True)]
            last = [repeat(_text(recipe.id), len(values[0]))] if spec.named else []
            file.writelines(line % row for row in zip(*values, *last, strict=True))
            count += len(values[0])
    return count


def _values(column: Column, values: Sequence[Any]) -> list[str]:
    """Return values as JSON; those that are JSON already stay as they are."""
    if column.kind is Kind.JSON:
        return ["null" if value is None else value for value in values]
    if column.kind in (Kind.INTEGER, Kind.NUMBER):
        return ["null" if value is None else repr(value) for value in values]
    if column.kind in (Kind.DATE, Kind.MOMENT):
        return ["null" if value is None else f'"{value.isoformat()}"' for value in values]
    return [_text(value) for value in values]
