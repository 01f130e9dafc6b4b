"""Reads a snapshot that somebody sends, and trusts nothing in it before it is checked."""

from __future__ import annotations

import csv
import json
import math
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import TypeAdapter, ValidationError

from presslens.app.db.exported import RECIPE, Column, ColumnType, TableShape
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.spreadsheet import unquote_formula
from presslens.app.services.exports.batches import TableSpec
from presslens.app.services.exports.snapshot.manifest import (
    FORMAT,
    MANIFEST,
    MASTHEAD,
    VERSION,
    SnapshotManifest,
    content_hash,
)
from presslens.app.services.exports.tables.registry import STORED_TABLES
from presslens.app.storage.storage import Storage
from presslens.models.registry import sha256_of
from presslens.pipelines.scans.archive import extract
from presslens.pipelines.scans.scan import Limits, ScanRejected

LIMITS = Limits(pages=1000, entries=1000, file_bytes=4 * 2**30, request_bytes=16 * 2**30)
"""Most that is unpacked of a snapshot: 100,000 photos take half a gigabyte."""

NAME = "the snapshot"
MOST = 2**31 - 1
"""Largest id and largest count that both databases hold."""

ROUNDING = 1e-6
"""How far numbers may lie outside of their range: sums of floats do, by less."""

_INTEGER = re.compile(r"-?\d{1,10}", re.ASCII)
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TRUTH = {"true": True, "false": False}

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot whose files are those that its manifest names."""

    manifest: SnapshotManifest
    files: Mapping[str, Path]

    def mastheads(self) -> dict[str, Path]:
        """Return the files of mastheads by their sha256.

        Raises:
            InvalidRequest: One is named by another hash than its own.
        """
        pictures = {}
        for file in self.manifest.files:
            if file.name.startswith(MASTHEAD):
                if file.name != f"{MASTHEAD}{file.sha256}.jpg":
                    raise InvalidRequest(f"{file.name} is named by another hash than its own")
                pictures[file.sha256] = self.files[file.name]
        return pictures

    def records(self, spec: TableSpec) -> Iterator[Record]:
        """Yield the records of a table, each value checked against the table's declaration.

        Raises:
            InvalidRequest: A record does not fit.
        """
        for where, record in read_records(spec, self.files[f"{spec.name}.csv"]):
            if spec.columns[-1] is RECIPE and record["recipe"] != self.manifest.recipe:
                raise InvalidRequest(f"{where}: made by another recipe than the manifest names")
            yield record


def read_records(shape: TableShape, path: Path) -> Iterator[tuple[str, Record]]:
    """Yield the records of a table's CSV file with their places, "photos.csv, line 7".

    Each value is checked against the table's declaration.

    Raises:
        InvalidRequest: The file can't be read, or a record does not fit.
    """
    name = f"{shape.name}.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            if next(reader, None) != [column.name for column in shape.columns]:
                raise InvalidRequest(f"{name} has other columns than are read")
            for cells in reader:
                where = f"{name}, line {reader.line_num}"
                yield where, _record(shape, cells, where)
    except (OSError, csv.Error, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{name} can't be read: {error}") from error


def _record(shape: TableShape, cells: Sequence[str], where: str) -> Record:
    if len(cells) != len(shape.columns):
        raise InvalidRequest(f"{where}: {len(cells)} cells in place of {len(shape.columns)}")
    record = {}
    for column, cell in zip(shape.columns, cells, strict=True):
        try:
            record[column.name] = parse(column, cell)
        except (ValueError, RecursionError) as error:
            raise InvalidRequest(f"{where}, {column.name}: {error}") from error
    return record


def parse(column: Column, cell: str) -> Any:
    """Return the value of a cell.

    Raises:
        ValueError: The column can't have such a value.
    """
    if cell == "":
        if not column.nullable:
            raise ValueError("a value is missing")
        return None
    value = _PARSERS[column.type](cell)
    if column.shape is not None:
        _check_shape(column.shape, cell)
    if column.type is ColumnType.STRING:
        return _text(column, value)
    if column.low is not None and value < column.low - ROUNDING:
        raise ValueError(f"{value} is below {column.low}")
    if column.high is not None and value > column.high + ROUNDING:
        raise ValueError(f"{value} is above {column.high}")
    return value


def _check_shape(shape: TypeAdapter[Any], cell: str) -> None:
    try:
        shape.validate_json(cell)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = "".join(f"[{part}]" for part in first["loc"])
        raise ValueError(
            f"its JSON does not fit{place and ' at '}{place}: {first['msg']}"
        ) from None


def _text(column: Column, cell: str) -> str:
    text = unquote_formula(cell) if column.free_text else cell
    if column.values and text not in column.values:
        raise ValueError(f"it must be one of {', '.join(column.values)}")
    if column.digest and not _DIGEST.fullmatch(text):
        raise ValueError("it must be 64 hexadecimal digits")
    if "\0" in text:
        raise ValueError("it holds a NUL")
    return text


def _integer(cell: str) -> int:
    if not _INTEGER.fullmatch(cell) or abs(int(cell)) > MOST:
        raise ValueError("it must be a whole number, and not too large")
    return int(cell)


def _number(cell: str) -> float:
    value = float(cell) if _NUMBER.fullmatch(cell) else math.inf
    if not math.isfinite(value):
        raise ValueError("it must be a number")
    return value


def _boolean(cell: str) -> bool:
    if cell not in _TRUTH:
        raise ValueError("it must be true or false")
    return _TRUTH[cell]


def _date(cell: str) -> date:
    if not _DAY.fullmatch(cell):
        raise ValueError("a day is written YYYY-MM-DD")
    return date.fromisoformat(cell)


def _moment(cell: str) -> datetime:
    moment = datetime.fromisoformat(cell)
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


_PARSERS: dict[ColumnType, Any] = {
    ColumnType.INTEGER: _integer,
    ColumnType.NUMBER: _number,
    ColumnType.BOOLEAN: _boolean,
    ColumnType.STRING: str,
    ColumnType.DATE: _date,
    ColumnType.DATETIME: _moment,
    ColumnType.ARRAY: partial(json.loads, parse_constant=_no_constant),
    ColumnType.OBJECT: partial(json.loads, parse_constant=_no_constant),
}


def open_snapshot(path: Path, storage: Storage, folder: Path) -> Snapshot:
    """Unpack a snapshot into an empty folder and check it.

    Args:
        path: The ZIP file.
        storage: Gives the room on the disk.
        folder: An empty folder for its files.

    Raises:
        InvalidRequest: It is not a snapshot, or its files are not those of its manifest.
        DiskFull: It would leave too little disk free.
    """
    return checked_snapshot(unpack(path, folder, NAME, LIMITS, check_room=storage.check_room))


def unpack(
    path: Path,
    folder: Path,
    archive_name: str,
    limits: Limits,
    *,
    check_room: Callable[[int], None] = lambda _bytes: None,
) -> dict[str, Path]:
    """Unpack a ZIP file into an empty folder; return its files by their names in it.

    Args:
        archive_name: What errors call it: "the snapshot".
        limits: The limits of its entries and bytes.
        check_room: Called with the bytes that the files take.

    Raises:
        InvalidRequest: It is not a ZIP file, or one that is not to be trusted.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            check_room(sum(min(e.file_size, limits.file_bytes) for e in archive.infolist()))
        with path.open("rb") as file:
            members = extract(
                file, lambda i: (folder / f"{i}").open("xb"), archive_name, limits, scans=False
            )
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InvalidRequest(f"{archive_name} is not a ZIP file that can be read") from error
    except ScanRejected as rejection:
        raise InvalidRequest(f"{archive_name} is rejected: {rejection.detail}") from rejection
    files: dict[str, Path] = {}
    for member in members:
        if isinstance(member, ScanRejected):
            raise InvalidRequest(f"{member.name} is rejected: {member.detail}")
        name = str(PurePosixPath(member.name).relative_to(archive_name))
        if name in files:
            raise InvalidRequest(f"{archive_name} holds {name} twice")
        files[name] = folder / f"{member.place}"
    return files


def checked_snapshot(files: Mapping[str, Path]) -> Snapshot:
    """Return the snapshot that files make, by their names.

    Raises:
        InvalidRequest: They are no snapshot, or not those of its manifest.
    """
    return Snapshot(_checked(files), files)


def _checked(files: Mapping[str, Path]) -> SnapshotManifest:
    manifest = _manifest(files.get(MANIFEST))
    if {file.name for file in manifest.files} != files.keys() - {MANIFEST} or len(
        manifest.files
    ) != len(files) - 1:
        raise InvalidRequest(f"{NAME} holds other files than its manifest names")
    tables = {f"{spec.name}.csv" for spec in STORED_TABLES}
    if missing := tables - files.keys():
        raise InvalidRequest(f"{NAME} has no {', '.join(sorted(missing))}")
    if others := {file.name for file in manifest.files if file.rows is not None} - tables:
        raise InvalidRequest(f"{NAME} has tables that are not read: {', '.join(sorted(others))}")
    for file in manifest.files:
        path = files[file.name]
        if sha256_of(path) != file.sha256 or path.stat().st_size != file.bytes:
            raise InvalidRequest(f"{file.name} is not the file that the manifest names")
    if content_hash(manifest.files) != manifest.content_sha256:
        raise InvalidRequest("the tables are not those that the manifest names")
    return manifest


def _manifest(path: Path | None) -> SnapshotManifest:
    if path is None or path.stat().st_size > 2**20:
        raise InvalidRequest(f"{NAME} has no manifest: it is not one of Presslens")
    try:
        document = json.loads(path.read_bytes())
        if isinstance(document, dict) and document.get("format") == FORMAT:
            if document.get("version") != VERSION:
                raise InvalidRequest(
                    f"{NAME} has version {document.get('version')!r}; {VERSION} is read"
                )
            return SnapshotManifest.model_validate(document)
    except (ValueError, RecursionError, ValidationError) as error:
        raise InvalidRequest(f"the manifest of {NAME} can't be read") from error
    raise InvalidRequest(f"the manifest of {NAME} is not one of Presslens")
