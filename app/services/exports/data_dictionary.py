"""The data dictionary: what every column of every exported table means, out of their specs."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from app.services.exports.schema import Column, TableSpec
from app.services.exports.tables.registry import TABLES

FIELDS = ("table", "column", "type", "unit", "lowest", "highest", "values", "missing", "meaning")

HEAD = """# Data dictionary

Every table of the CSV, JSON and Parquet exports and of the snapshot, column by column. This file
is made by `presslens export dictionary` out of the declarations that the files are written from;
it lies in every export as `dictionary.csv` and `dictionary.json`. How to load them:
[exports.md](exports.md).

- Numbers are not rounded. Shares and probabilities are 0-1. Boxes are in pixels of the page as
  decoded, origin top left; the size of the page stands in `pages`.
- A value that is missing is an empty cell in CSV, `null` in JSON and NULL in Parquet.
- Moments are UTC; in CSV and JSON they are written as ISO 8601. Dates are YYYY-MM-DD.
- Ids are those of the installation. What names things everywhere are `content_key` of editions
  and `scan_sha256` of pages.
- `recipe` names all rules that the row was made by; they stand in the table `recipes`.
- Identity: only enrolled public figures are named. There are no faces of others, no embeddings
  and no image features in any export. Children are counted, never identified.
"""


def dictionary_rows() -> list[dict[str, Any]]:
    """Return one row for each column of each table."""
    return [
        dict(zip(FIELDS, _fields(spec, column), strict=True))
        for spec in TABLES
        for column in spec.columns
    ]


def _fields(spec: TableSpec, column: Column) -> tuple[Any, ...]:
    values = "; ".join(column.values)
    return (
        spec.name,
        column.name,
        column.kind.value,
        column.unit,
        column.low,
        column.high,
        values,
        column.nullable,
        column.meaning,
    )


def dictionary_document() -> dict[str, Any]:
    """Return the dictionary as JSON: tables with their columns."""
    rows = dictionary_rows()
    return {
        "tables": [
            {
                "name": spec.name,
                "meaning": spec.meaning,
                "key": list(spec.key),
                "columns": [
                    {name: value for name, value in row.items() if name != "table"}
                    for row in rows
                    if row["table"] == spec.name
                ],
            }
            for spec in TABLES
        ]
    }


def dictionary_markdown() -> str:
    """Return the dictionary as a page of the documentation."""
    return HEAD + "".join(_section(spec) for spec in TABLES)


def _section(spec: TableSpec) -> str:
    lines = [
        f"\n## {spec.name}\n\n{spec.meaning}\n\nKey: {', '.join(f'`{k}`' for k in spec.key)}.\n\n",
        "| column | type | range, unit | meaning |\n|---|---|---|---|\n",
        *(
            f"| `{c.name}` | {c.kind.value}{', may be missing' if c.nullable else ''} "
            f"| {_range(c)} | {c.meaning} |\n"
            for c in spec.columns
        ),
    ]
    return "".join(lines)


def _range(column: Column) -> str:
    if column.values:
        return ", ".join(column.values)
    if column.unit == "0-1":
        return column.unit
    bounds = {
        (False, False): "",
        (True, False): f"from {column.low}",
        (False, True): f"to {column.high}",
        (True, True): f"{column.low}-{column.high}",
    }[column.low is not None, column.high is not None]
    return ", ".join(part for part in (bounds, column.unit) if part)


def write_dictionary(folder: Path) -> list[Path]:
    """Write the dictionary into a folder as CSV and JSON."""
    table, document = folder / "dictionary.csv", folder / "dictionary.json"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(
            row | {"missing": "true" if row["missing"] else "false"} for row in dictionary_rows()
        )
    text = json.dumps(dictionary_document(), indent=1, ensure_ascii=False)
    document.write_text(text + "\n", encoding="utf-8")
    return [table, document]
