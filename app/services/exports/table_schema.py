"""What describes an exported table to programs, beside its rows or within its file.

The columns are described in the words of https://specs.frictionlessdata.io/table-schema/ ; a file
of Parquet holds the same in its key-value metadata, with terms of Dublin Core.
"""

from __future__ import annotations

import json
from typing import Any

from presslens.app.citations.citation import Citation, CitedKind
from presslens.app.db.exported import Column, ColumnType, TableShape
from presslens.app.services.exports.snapshot.manifest import code_version
from presslens.models.recipe import Recipe

TITLE = "Photographs in newspapers, measured by Presslens"
RIGHTS = (
    "Scans, captions and headlines belong to those who hold rights to the newspapers. The licence"
    " of the measurements is {licence}."
)
DIGEST = "[0-9a-f]{64}"

_READ_AS_NAN = {
    ColumnType.INTEGER: "nan",
    ColumnType.NUMBER: "nan",
    ColumnType.DATETIME: "NaT",
}
"""As what pandas, by which Frictionless reads Parquet, gives NULL."""


def table_schema(spec: TableShape, *, parquet: bool = False) -> dict[str, Any]:
    """Return the Table Schema of a table.

    Args:
        parquet: Of a file of Parquet, which holds JSON as text, and NULL for what is missing.
    """
    schema: dict[str, Any] = {
        "fields": [_field(column, parquet=parquet) for column in spec.columns],
        "missingValues": [""],
        "primaryKey": list(spec.key),
    }
    if keys := [_foreign_key(c) for c in spec.columns if c.joins and c.joins[0] != spec.name]:
        schema["foreignKeys"] = keys
    return schema


def _foreign_key(column: Column) -> dict[str, Any]:
    assert column.joins is not None  # noqa: S101 - its caller has checked
    resource, field = column.joins
    return {"fields": [column.name], "reference": {"resource": resource, "fields": [field]}}


def _field(column: Column, *, parquet: bool) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": "string" if parquet and column.is_json else column.type.value,
        "description": column.description,
    }
    if column.unit:
        field["unit"] = column.unit
    if parquet and column.nullable and column.type in _READ_AS_NAN:
        field["missingValues"] = ["", _READ_AS_NAN[column.type]]
    constraints = {
        "required": None if column.nullable else True,
        "minimum": column.low,
        "maximum": column.high,
        "enum": list(column.values) or None,
        "pattern": DIGEST if column.digest else None,
    }
    stated = {name: value for name, value in constraints.items() if value is not None}
    return field | {"constraints": stated} if stated else field


def table_metadata(
    spec: TableShape, recipe: Recipe, cited: Citation | None = None
) -> dict[str, str]:
    """Return the key-value metadata of a table's file of Parquet.

    Args:
        cited: What its publisher says of the data set; None: nobody says anything.
    """
    version = code_version()
    cited = cited or Citation(
        kind=CitedKind.DATA, title=TITLE, recipe_id=recipe.id, authors=()
    )  # fmt: skip
    stated = {
        "dcterms:creator": cited.names,
        "dcterms:publisher": cited.publisher,
        "dcterms:issued": cited.day.isoformat() if cited.day else "",
        "dcterms:license": cited.licence_address,
        "dcterms:identifier": cited.doi_address,
    }
    made = f"machine-made by Presslens {version} under recipe {cited.recipe}"
    return {
        "dcterms:title": f"{cited.title}: {spec.name}",
        "dcterms:description": spec.description,
        "dcterms:type": "Dataset",
        "dcterms:rights": RIGHTS.format(licence=cited.licence or "that of whoever publishes them"),
        "dcterms:bibliographicCitation": cited.line(f"Table {spec.name}, {made}"),
        **{name: text for name, text in stated.items() if text},
        "presslens:version": version,
        "presslens:recipe": recipe.id,
        "presslens:codebook": recipe.codebook,
        "presslens:schema": json.dumps(table_schema(spec, parquet=True), ensure_ascii=False),
    }
