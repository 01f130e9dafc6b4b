"""Makes the files that others take away, each whole before anybody gets it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, select

from app.db.tables import EditionRow, PublicationRow
from app.errors import InvalidRequest, NotFound
from app.installation import Installation
from app.services.catalogue.composition import edition_pages
from app.services.catalogue.pages import find_page
from app.services.exports.batches import Batch, Told, batches, ignored, one_view
from app.services.exports.coco import write_coco
from app.services.exports.csv_writer import write_csv
from app.services.exports.data_dictionary import write_dictionary
from app.services.exports.iiif import (
    Issue,
    JsonObject,
    Publisher,
    annotation_page,
    collection,
    manifest,
)
from app.services.exports.jsonl_writer import write_lines
from app.services.exports.parquet_writer import ParquetWriter
from app.services.exports.schema import Scope, TableSpec
from app.services.exports.tables.registry import TABLES, table_named
from app.services.exports.zip_bundle import write_bundle

MOST_ISSUES = 10_000
"""Editions of a IIIF collection; viewers load it in one piece."""


class TableFormat(StrEnum):
    """What tables are written as."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


SUFFIX = {TableFormat.CSV: "csv", TableFormat.JSON: "ndjson", TableFormat.PARQUET: "parquet"}


@dataclass(frozen=True, slots=True)
class Made:
    """A file that was made: where it lies, how many rows each of its tables has."""

    path: Path
    rows: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> JsonObject:
        """Return what it is, with its size in bytes and its sha256."""
        return {
            "file": self.path.name,
            "bytes": self.path.stat().st_size,
            "sha256": digest(self.path),
            "rows": self.rows,
        }


def digest(path: Path) -> str:
    """Return the sha256 of a file, 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def export_tables(
    home: Installation,
    scope: Scope,
    kind: TableFormat,
    folder: Path,
    *,
    table: str | None = None,
    told: Told = ignored,
) -> Made:
    """Write all tables into one ZIP file with the data dictionary, or one table alone.

    Args:
        home: The installation.
        scope: Which editions.
        kind: What the tables are written as.
        folder: An empty folder; what is made lies there.
        table: The name of the only table that is wanted.
        told: Is told of progress.

    Raises:
        InvalidRequest: There is no such table.
        DiskFull: Too little disk is free.
    """
    specs = TABLES if table is None else (table_named(table),)
    rows = write_tables(home, scope, kind, folder, specs=specs, told=told)
    paths = [folder / f"{spec.name}.{SUFFIX[kind]}" for spec in specs]
    if table is not None:
        return Made(paths[0], rows)
    target = folder / f"presslens-{kind.value}.zip"
    paths += write_dictionary(folder)
    write_bundle(target, paths, packed=kind is not TableFormat.PARQUET)
    return Made(target, rows)


def write_tables(
    home: Installation,
    scope: Scope,
    kind: TableFormat,
    folder: Path,
    *,
    specs: tuple[TableSpec, ...] = TABLES,
    told: Told = ignored,
) -> dict[str, int]:
    """Write tables as they are at one moment, a file each; return how many rows each has."""
    rows = {}
    with one_view(home.database) as connection, closing(_writer(home, kind, folder)) as writer:
        for spec in specs:
            source = _watched(home, batches(connection, spec, scope, home.recipe), spec, told)
            rows[spec.name] = writer.write(spec, source, folder / f"{spec.name}.{SUFFIX[kind]}")
    return rows


@dataclass(frozen=True, slots=True)
class _Plain:
    """Writes tables by a function, as ``ParquetWriter`` does by a database."""

    home: Installation
    function: Callable[..., int]

    def write(self, spec: TableSpec, rows: Iterator[Batch], path: Path) -> int:
        return self.function(spec, rows, path, self.home.recipe)

    def close(self) -> None:
        """Nothing is open."""


def _writer(home: Installation, kind: TableFormat, folder: Path) -> ParquetWriter | _Plain:
    if kind is TableFormat.PARQUET:
        return ParquetWriter(folder, home.recipe)
    return _Plain(home, write_csv if kind is TableFormat.CSV else write_lines)


def _watched(
    home: Installation, source: Iterator[Batch], spec: TableSpec, told: Told
) -> Iterator[Batch]:
    """Pass batches on while the disk has room."""
    done = 0
    home.storage.check_room()
    for batch in source:
        home.storage.check_room()
        yield batch
        done += len(batch[0])
        told(spec.name, done)


def export_coco(home: Installation, scope: Scope, folder: Path) -> Made:
    """Write COCO JSON into an empty folder.

    Raises:
        DiskFull: Too little disk is free.
    """
    home.storage.check_room()
    path = folder / "presslens-coco.json"
    with one_view(home.database) as connection:
        return Made(path, write_coco(connection, scope, home.recipe, path))


def publisher(home: Installation, base: str) -> Publisher:
    """Return what gives IIIF resources their addresses under ``base``."""
    return Publisher(base.rstrip("/"), home.recipe.id, home.recipe.aggregate.decision)


def edition_manifest(home: Installation, edition_id: int, base: str) -> JsonObject:
    """Return the IIIF manifest of an edition.

    Raises:
        NotFound: There is no such edition, or no page of it was seen yet.
    """
    pages = edition_pages(home, edition_id)
    if not any(page.size for page in pages):
        raise NotFound("no page of this edition was seen yet")
    with home.database.read() as session:
        (issue,) = _issues(session.connection(), Scope(edition=edition_id))
    return manifest(publisher(home, base), issue, pages)


def page_annotations(home: Installation, page_id: int, base: str) -> JsonObject:
    """Return what was seen on a page as a IIIF annotation page.

    Raises:
        NotFound: There is no such page, or it was not seen.
    """
    page = find_page(home, page_id)
    if page.size is None:
        raise NotFound("this page was not seen yet, or can't be")
    return annotation_page(publisher(home, base), page, alone=True)


def edition_collection(home: Installation, scope: Scope, base: str, query: str = "") -> JsonObject:
    """Return the IIIF collection of editions.

    Raises:
        NotFound: There is none.
        InvalidRequest: There are too many for one document.
    """
    with home.database.read() as session:
        issues = _issues(session.connection(), scope)
    if not issues:
        raise NotFound("there are no such editions")
    if len(issues) > MOST_ISSUES:
        raise InvalidRequest(f"these are more than {MOST_ISSUES} editions: give from and to")
    return collection(publisher(home, base), issues, query=query)


def _issues(connection: Connection, scope: Scope) -> list[Issue]:
    query = (
        select(EditionRow.id, PublicationRow.name, EditionRow.edition_date)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(*scope.editions())
        .order_by(EditionRow.edition_date, EditionRow.id)
        .limit(MOST_ISSUES + 1)
    )
    return [Issue(*row) for row in connection.execute(query)]


def write_document(document: JsonObject, path: Path) -> Made:
    """Write a JSON document into a file."""
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return Made(path)
