"""Writes a deposit: a snapshot, the numbers that are published of it, and what describes both."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select

from presslens.app.citations.cff import citation_file
from presslens.app.citations.citation import Citation, CitedAuthor
from presslens.app.db.exported import ColumnType, TableShape
from presslens.app.db.queries import EditionScope
from presslens.app.db.tables import EditionRow, PageRow, PublicationRow, ScanRow
from presslens.app.deposit.bag import files_of, write_bag, write_text
from presslens.app.deposit.crate import CRATE, PREVIEW, DepositedFile, crate, croissant, preview
from presslens.app.deposit.description import (
    FORMAT,
    KEYWORDS,
    VERSION,
    Description,
    Funder,
)
from presslens.app.deposit.loaded import loaded
from presslens.app.deposit.numbers import (
    METHODS,
    NUMBER_TABLES,
    NumberRow,
    OnTable,
    methods_text,
    published_numbers,
)
from presslens.app.deposit.pseudonyms import deposited_tables
from presslens.app.deposit.recompute import recompute
from presslens.app.deposit.records import card, datacite, licences, zenodo
from presslens.app.installation import Installation, frozen
from presslens.app.platform.errors import Conflict
from presslens.app.services.exports.data_package import (
    dictionary_markdown,
    write_data_package,
)
from presslens.app.services.exports.export import json_bytes, write_tables
from presslens.app.services.exports.snapshot.manifest import (
    Published,
    cited_snapshot,
    code_version,
)
from presslens.app.services.exports.snapshot.read import Snapshot, checked_snapshot
from presslens.app.services.exports.snapshot.write import write_snapshot
from presslens.app.services.exports.table_writer import TableFormat, TableWriter
from presslens.app.services.exports.tables.registry import TABLES
from presslens.models.recipe import Recipe
from presslens.models.registry import sha256_of
from presslens.pipelines.result import Served
from presslens.pipelines.scans.scan import HEAD_BYTES, ScanFormat, sniff

SNAPSHOT, TABLE_FOLDER, NUMBERS = "data/snapshot", "data/tables", "data/numbers"
DOCUMENTS, SCANS = "data/documents", "data/scans"
DEPOSIT = "data/deposit.json"
CODEBOOK = Path(__file__).parents[1] / "web" / "texts" / "codebook.md"

STATED = TypeAdapter(Citation)
"""Writes and reads what is said of a deposit, as its own file has it."""

SCRATCH = "columns.duckdb"
"""The temporary file of the rows of a table while it is written."""

SUFFIXES = {
    ScanFormat.JPEG: "jpg", ScanFormat.PNG: "png", ScanFormat.TIFF: "tif", ScanFormat.PDF: "pdf",
}  # fmt: skip
"""The file endings of scans by format; the ending of other formats is "bin"."""

CONTENTS = {
    "data/snapshot": "of the snapshot", "data/tables": "table as Parquet",
    "data/numbers": "published numbers", "data/documents": "codebook and data dictionary",
    "data/scans": "scan", "data": "how the deposit was made",
}  # fmt: skip
"""Descriptions of the files of each folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositRequest:
    """The metadata and contents of a requested deposit; "" is unknown."""

    scope: EditionScope
    day: date
    title: str = ""
    authors: tuple[CitedAuthor, ...] = ()
    doi: str = ""
    version: str = ""
    licence: str = ""
    description: str = ""
    keywords: tuple[str, ...] = ()
    funders: tuple[Funder, ...] = ()
    publisher: str = ""
    scans: str = ""  # the line of rights of the scans, which are in it then
    named: bool = False  # coders keep their names
    code_address: str = ""


@dataclass(frozen=True, slots=True)
class WrittenDeposit(Served):
    """A deposit that was written."""

    deposit: str  # its folder
    title: str
    bytes: int
    files: int
    numbers: int  # rows of published numbers
    content_sha256: str
    recipe: str
    missing: tuple[str, ...]  # metadata that repositories require and that is unknown


def write_deposit(
    home: Installation, request: DepositRequest, folder: Path, progress: OnTable
) -> WrittenDeposit:
    """Write a deposit into a folder that is new or empty.

    Raises:
        Conflict: The folder is not empty.
        InvalidRequest: Some editions wait to be analysed, or there is none.
        DiskFull: Too little disk is free.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict(f"{folder} is there already: name a new folder for the deposit")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".deposit-") as scratch:
        target = Path(scratch) / "deposit"
        with frozen(home, Path(scratch), copied=request.scope.edition is None) as then:
            done = _write(then, request, target, Path(scratch), progress)
        if folder.exists():
            folder.rmdir()
        target.rename(folder)
    return replace(done, deposit=str(folder))


def _write(
    home: Installation, request: DepositRequest, target: Path, scratch: Path, progress: OnTable
) -> WrittenDeposit:
    for place in (SNAPSHOT, TABLE_FOLDER, NUMBERS, DOCUMENTS):
        (target / place).mkdir(parents=True)
    about = _written_snapshot(home, request, target / SNAPSHOT, progress)
    snapshot = snapshot_in(target / SNAPSHOT)
    with loaded(snapshot, scratch) as alone:
        recompute(alone, lambda done, of: progress("summaries", done, of))
        written_tables(alone, target / TABLE_FOLDER, about.citation, progress)
        rows = write_numbers(alone, target / NUMBERS, about.citation, progress)
    if request.scans:
        _copy_scans(home, request.scope, target / SCANS)
    _write_documents(target, home.recipe, about)
    _describe(target, about)
    write_bag(target, about)
    paths = [target / name for name in files_of(target)]
    return WrittenDeposit(
        deposit="", title=about.citation.title, bytes=sum(p.stat().st_size for p in paths),
        files=len(paths), numbers=rows, content_sha256=about.manifest.content_sha256,
        recipe=home.recipe.id, missing=tuple(about.missing()),
    )  # fmt: skip


def snapshot_in(folder: Path) -> Snapshot:
    """Return the snapshot whose files lie in a folder.

    Raises:
        InvalidRequest: They are no snapshot, or not those of its manifest.
    """
    return checked_snapshot({path.name: path for path in sorted(folder.iterdir())})


def _written_snapshot(
    home: Installation, request: DepositRequest, folder: Path, progress: OnTable
) -> Description:
    """Write the snapshot of a deposit, and return how the deposit is described."""
    specs = deposited_tables(home, named=request.named, whole=True)
    names = [spec.name for spec in specs]

    def report(table: str, _rows: int) -> None:
        progress("tables", names.index(table), len(names))

    published = Published(
        title=request.title, authors=request.authors, day=request.day, version=request.version,
        publisher=request.publisher, licence=request.licence, doi=request.doi or home.settings.doi,
        address=home.settings.public_url, description=request.description,
        keywords=tuple(dict.fromkeys((*request.keywords, *KEYWORDS))),
        code_address=request.code_address,
    )  # fmt: skip
    manifest, _ = write_snapshot(
        home, request.scope, folder, published=published, specs=specs, mastheads=False,
        progress=report,
    )  # fmt: skip
    (folder / SCRATCH).unlink(missing_ok=True)
    with home.database.read() as session:
        spoken = session.scalars(
            select(PublicationRow.languages).where(PublicationRow.name.in_(manifest.publications))
        )
        languages = dict.fromkeys(code for codes in spoken for code in codes or ())
    return Description(
        citation=cited_snapshot(manifest, published), manifest=manifest,
        languages=tuple(languages), funders=request.funders,
        scans=request.scans, named=request.named, code_address=request.code_address,
        described=bool(request.description),
    )  # fmt: skip


def written_tables(
    home: Installation, folder: Path, cited: Citation | None, progress: OnTable
) -> dict[str, int]:
    """Write the published tables of a loaded snapshot as Parquet; return their rows by name.

    Args:
        cited: What is said of the deposit; None: nothing.
    """
    names = [spec.name for spec in TABLES]

    def report(table: str, _rows: int) -> None:
        progress("tables as Parquet", names.index(table), len(names))

    rows = write_tables(
        home, EditionScope(), TableFormat.PARQUET, folder, cited=cited, progress=report
    )
    write_data_package(folder, TableFormat.PARQUET, home.recipe, rows, TABLES, cited)
    (folder / SCRATCH).unlink(missing_ok=True)
    return rows


def write_numbers(home: Installation, folder: Path, cited: Citation, progress: OnTable) -> int:
    """Write the published numbers of a loaded snapshot; return how many rows they have."""
    rows: dict[str, int] = {}
    with closing(TableWriter(TableFormat.CSV, folder, home.recipe)) as writer:
        for shape, records in published_numbers(home, progress):
            columns = [_column(shape, name.name, records) for name in shape.columns]
            batches = [columns] if records else []
            rows[shape.name] = writer.write(shape, batches, folder / f"{shape.name}.csv")
    (folder / SCRATCH).unlink(missing_ok=True)
    write_data_package(folder, TableFormat.CSV, home.recipe, rows, NUMBER_TABLES, cited)
    write_text(folder / METHODS, methods_text(home))
    return sum(rows.values())


def _column(shape: TableShape, name: str, records: Sequence[NumberRow]) -> list[Any]:
    (column,) = (one for one in shape.columns if one.name == name)
    values = [record[name] for record in records]
    if column.type is ColumnType.DATE:
        return [None if value is None else date.fromisoformat(value) for value in values]
    return values


def _copy_scans(home: Installation, scope: EditionScope, folder: Path) -> None:
    folder.mkdir()
    query = (
        select(ScanRow.sha256)
        .join(PageRow, PageRow.scan_id == ScanRow.id)
        .join(EditionRow, EditionRow.id == PageRow.edition_id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(*scope.conditions())
        .distinct()
        .order_by(ScanRow.sha256)
    )
    with home.database.read() as session:
        hashes = session.scalars(query).all()
    for sha256 in hashes:
        with home.storage.open_scan(sha256) as scan:
            home.storage.check_room(scan.stat().st_size)
            with scan.open("rb") as file:
                scan_format = sniff(file.read(HEAD_BYTES))
            ending = SUFFIXES.get(scan_format, "bin") if scan_format else "bin"
            shutil.copyfile(scan, folder / f"{sha256}.{ending}")


def _write_documents(target: Path, recipe: Recipe, about: Description) -> None:
    shutil.copyfile(CODEBOOK, target / DOCUMENTS / "codebook.md")
    write_text(target / DOCUMENTS / "dictionary.md", dictionary_markdown(*NUMBER_TABLES))
    made = {
        "format": FORMAT,
        "version": VERSION,
        "presslens": code_version(),
        "recipe": recipe.id,
        "content_sha256": about.manifest.content_sha256,
        "scope": about.manifest.scope.model_dump(mode="json"),
        "coders": "named" if about.named else "pseudonyms",
        "scans": bool(about.scans),
        "licences": {part.part: part.licence or None for part in about.parts},
        "citation": STATED.dump_python(about.citation, mode="json"),
    }
    _write_json(target / DEPOSIT, made)


def _describe(target: Path, about: Description) -> None:
    """Write what describes the deposit for people and for repositories."""
    tables = {
        f"{TABLE_FOLDER}/{{}}.parquet": ("", TABLES),
        f"{NUMBERS}/{{}}.csv": ("numbers_", NUMBER_TABLES),
    }
    by_path = {place.format(one.name): one for place, (_, of) in tables.items() for one in of}
    write_text(target / "README.md", card(about, tables))
    write_text(target / "LICENSES.md", licences(about))
    write_text(
        target / "CITATION.cff",
        citation_file(
            about.citation, sha256=about.manifest.content_sha256,
            program=about.manifest.presslens, code_address=about.code_address,
        ),
    )  # fmt: skip
    _write_json(target / "datacite.json", datacite(about))
    _write_json(target / ".zenodo.json", zenodo(about))
    _write_json(target / "croissant.json", croissant(about, list(_listed(target)), by_path))
    files = list(_listed(target))
    write_text(target / PREVIEW, preview(about, files))
    _write_json(target / CRATE, crate(about, files))


def _listed(target: Path) -> Iterator[DepositedFile]:
    for name in files_of(target):
        path = target / name
        about = CONTENTS.get(name.rpartition("/")[0], "metadata")
        yield DepositedFile(name, sha256_of(path), path.stat().st_size, about)


def _write_json(path: Path, document: Mapping[str, Any]) -> None:
    path.write_bytes(json_bytes(document))
