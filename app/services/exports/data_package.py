"""The description of exported tables, for programs and for readers, out of their declarations.

Every bundle holds a data package, ``datapackage.json``, which R and pandas read:
https://specs.frictionlessdata.io/tabular-data-package/ . The documentation holds the same as
Markdown, and ``GET /exports`` as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from presslens.app.citations.citation import Citation
from presslens.app.db.exported import Column, TableShape
from presslens.app.services.exports.table_schema import TITLE, table_schema
from presslens.app.services.exports.table_writer import SUFFIX, TableFormat
from presslens.app.services.exports.tables.registry import TABLES, WIDE_PHOTOS
from presslens.models.recipe import Recipe

FILE = "datapackage.json"
MEDIA_TYPES = {
    TableFormat.CSV: "text/csv",
    TableFormat.JSON: "application/x-ndjson",
    TableFormat.PARQUET: "application/vnd.apache.parquet",
}

HEAD = """# Data dictionary

Every table of the CSV, JSON and Parquet exports and of the snapshot, column by column. This file
is made by `presslens export dictionary` out of the declarations that the files are written from;
they lie in every bundle as `datapackage.json`. How to load them: `docs/reference/exports.md`. First
comes the wide list of photos (`/api/v1/photos.csv`, `.parquet`, `.ndjson`, `.zip`), then the tables
that have keys between them.

- Numbers are not rounded. Shares and probabilities are 0-1. Boxes are in pixels of the page as
  decoded, origin top left; the size of the page stands in `pages`.
- A value that is missing is an empty cell in CSV, `null` in JSON and NULL in Parquet.
- Moments (datetime) are UTC; in CSV and JSON they are written as ISO 8601. Dates are YYYY-MM-DD.
- Arrays and objects are JSON; in CSV and Parquet they are its text.
- Ids are those of the installation. What names things everywhere are `content_key` of editions
  and `scan_sha256` of pages.
- `recipe` names all rules that the row was made by; they stand in the table `recipes`.
- Identity: only enrolled public figures are named. There are no faces of others, no embeddings
  and no image features in any export. Children are counted, never identified.
"""


MADE = (
    "Machine-made but for reviews, claims and events. In CSV, a quote is put before text that a"
    " spreadsheet would take for a formula."
)


def data_package(
    table_format: TableFormat,
    recipe: Recipe,
    rows: Mapping[str, int],
    specs: Sequence[TableShape],
    cited: Citation | None = None,
) -> dict[str, Any]:
    """Return the descriptor of a bundle of tables: a tabular data package, version 1.

    Args:
        table_format: The format of the tables' files.
        recipe: The recipe of the rows.
        rows: The number of rows of each table, by name.
        specs: The tables.
        cited: What their publisher says of them; None: nobody says anything.
    """
    stated = {"title": TITLE, "description": MADE} if cited is None else _stated(cited)
    return {
        "profile": "tabular-data-package",
        "name": f"presslens-{table_format.value}",
        **stated,
        "recipe": recipe.id,
        "resources": [_resource(spec, table_format, rows[spec.name]) for spec in specs],
    }


def _stated(cited: Citation) -> dict[str, Any]:
    contributors = [
        {"title": one.name, "role": "author", "path": one.orcid_address,
         "organization": one.affiliation}
        for one in cited.authors
    ] + [{"title": cited.publisher, "role": "publisher"}] * bool(cited.publisher)  # fmt: skip
    stated = {
        "title": cited.title,
        "id": cited.doi_address,
        "version": cited.version,
        "homepage": cited.address,
        "description": f"{cited.abstract}\n\n{MADE}".strip(),
        "keywords": list(cited.keywords),
        "licenses": [{"name": cited.licence, "path": cited.licence_address}] * bool(cited.licence),
        "contributors": [{k: v for k, v in one.items() if v} for one in contributors],
    }
    return {name: value for name, value in stated.items() if value}


def _resource(spec: TableShape, table_format: TableFormat, rows: int) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": spec.name,
        **_content(spec, table_format, rows),
        "description": spec.description,
        "schema": table_schema(spec, parquet=table_format is TableFormat.PARQUET),
    }


def _content(spec: TableShape, table_format: TableFormat, rows: int) -> dict[str, Any]:
    """Return where the rows of a table are: in its file, or nowhere if it has none.

    A file of JSON Lines without a line has no columns, and readers refuse it.
    """
    if table_format is TableFormat.JSON and not rows:
        return {"data": [[column.name for column in spec.columns]]}
    return {
        "path": f"{spec.name}.{SUFFIX[table_format]}",
        "format": SUFFIX[table_format],
        "mediatype": MEDIA_TYPES[table_format],
        "encoding": "utf-8",
    }


def write_data_package(
    folder: Path,
    table_format: TableFormat,
    recipe: Recipe,
    rows: Mapping[str, int],
    specs: Sequence[TableShape] = TABLES,
    cited: Citation | None = None,
) -> Path:
    """Write the descriptor of tables into the folder of their files; see ``data_package``."""
    path = folder / FILE
    package = data_package(table_format, recipe, rows, specs, cited)
    text = json.dumps(package, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def dictionary_markdown(*more: TableShape) -> str:
    """Return the data dictionary as a page of the documentation, with more tables at its end."""
    wide = _section(WIDE_PHOTOS, heading="The list of photos")
    tables = (_section(spec, heading=spec.name) for spec in (*TABLES, *more))
    return HEAD + wide + "".join(tables)


def _section(spec: TableShape, *, heading: str) -> str:
    key = ", ".join(f"`{name}`" for name in spec.key)
    lines = [
        f"\n## {heading}\n\n{spec.description}\n\nKey: {key}.\n\n",
        "| column | type | range, unit | meaning |\n|---|---|---|---|\n",
        *(
            f"| `{c.name}` | {c.type.value}{', may be missing' if c.nullable else ''} "
            f"| {_range(c)} | {c.description} |\n"
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
