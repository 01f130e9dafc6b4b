"""Writes a deposit: a snapshot, the numbers that are published of it, and what describes both.

Coders have pseudonyms in it: one for each, everywhere.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.citations.cff import citation_file
from presslens.app.citations.citation import Citation, CitedAuthor
from presslens.app.db.edits import UNNAMED, EditRow
from presslens.app.db.exported import ColumnType, TableShape
from presslens.app.db.model_answers import is_model
from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.db.queries import EditionScope
from presslens.app.db.reviews import ReviewRow
from presslens.app.db.samples import SampleItemRow, SampleRow
from presslens.app.db.tables import EditionRow, PageRow, PublicationRow, ScanRow
from presslens.app.deposit.bag import files_of, write_bag, write_text
from presslens.app.deposit.crate import CRATE, PREVIEW, DepositedFile, crate, croissant, preview
from presslens.app.deposit.description import FORMAT, KEYWORDS, VERSION, Description, Funder
from presslens.app.deposit.loaded import loaded
from presslens.app.deposit.numbers import (
    METHODS,
    NUMBER_TABLES,
    NumberRow,
    OnTable,
    methods_text,
    published_numbers,
)
from presslens.app.deposit.recompute import recompute
from presslens.app.deposit.records import card, datacite, licences, zenodo
from presslens.app.installation import Installation, frozen
from presslens.app.platform.errors import Conflict
from presslens.app.services.exports.batches import Batch, Finish, TableSpec
from presslens.app.services.exports.data_package import dictionary_markdown, write_data_package
from presslens.app.services.exports.export import json_bytes, write_tables
from presslens.app.services.exports.snapshot.manifest import Published, cited_snapshot, code_version
from presslens.app.services.exports.snapshot.read import Snapshot, checked_snapshot
from presslens.app.services.exports.snapshot.write import write_snapshot
from presslens.app.services.exports.table_writer import TableFormat, TableWriter
from presslens.app.services.exports.tables.registry import TABLES, WHOLE_TABLES
from presslens.models.recipe import Recipe
from presslens.models.registry import sha256_of
from presslens.pipelines.result import Served
from presslens.pipelines.scans.scan import HEAD_BYTES, ScanFormat, sniff

NAME_COLUMNS = ("coder", "second_coder", "undone_by")
"""Columns of names of coders."""

NAME_LIST_COLUMNS = ("coders",)
"""Columns of lists of such names, as JSON."""

LOG_COLUMNS = ("text",)
"""Columns of sentences of the log, whose values may be such names."""

REMARK_COLUMNS = {"reviews": "note", "page_reviews": "note"}
"""Columns of remarks, by table: they may name persons, and are left out."""

MASTHEAD = "masthead_sha256"
"""The column of pictures, which are left out like the scans."""

Replacement = Callable[[Any], Any]


def deposited_tables(home: Installation, *, named: bool, whole: bool) -> tuple[TableSpec, ...]:
    """Return the tables of a deposit.

    Args:
        named: Coders keep their names, and their remarks.
        whole: Those of a snapshot, which is imported again; else those that are published.
    """
    specs = WHOLE_TABLES if whole else TABLES
    pseudonyms = {} if named else _pseudonyms(home)
    changes: dict[str, Replacement] = {MASTHEAD: _nothing}
    if not named:
        changes |= {column: partial(_pseudonym, pseudonyms) for column in NAME_COLUMNS}
        changes |= {
            column: partial(_pseudonyms_in, pseudonyms)
            for column in (*NAME_LIST_COLUMNS, *LOG_COLUMNS)
        }
    return tuple(_changed(spec, changes, named=named) for spec in specs)


def _changed(spec: TableSpec, changes: Mapping[str, Replacement], *, named: bool) -> TableSpec:
    own = dict(changes)
    if not named and spec.name in REMARK_COLUMNS:
        own[REMARK_COLUMNS[spec.name]] = _nothing
    if spec.row is not EditRow:
        own = {name: change for name, change in own.items() if name not in LOG_COLUMNS}
    names = [column.name for column in spec.queried_columns]
    places = {names.index(name): change for name, change in own.items() if name in names}
    if not places:
        return spec
    return replace(spec, finish=partial(_finish, spec.finish, places))


def _finish(
    finish: Callable[[Session, Recipe], Finish] | None,
    places: Mapping[int, Replacement],
    session: Session,
    recipe: Recipe,
) -> Finish:
    before = finish(session, recipe) if finish else lambda batch: batch

    def fill(batch: Batch) -> Batch:
        columns = list(before(batch))
        for place, change in places.items():
            columns[place] = [change(value) for value in columns[place]]
        return columns

    return fill


def _nothing(_value: Any) -> None:
    return None


def _pseudonym(pseudonyms: Mapping[str, str], name: str | None) -> str | None:
    return None if name is None else pseudonyms.get(name, name)


def _pseudonyms_in(pseudonyms: Mapping[str, str], value: Any) -> Any:
    """Return JSON, as text or read, with pseudonyms in place of texts that are names."""
    if isinstance(value, str):
        return json.dumps(_replaced(pseudonyms, json.loads(value)), ensure_ascii=False)
    return _replaced(pseudonyms, value)


def _replaced(pseudonyms: Mapping[str, str], value: Any) -> Any:
    match value:
        case str():
            return pseudonyms.get(value, value)
        case list():
            return [_replaced(pseudonyms, one) for one in value]
        case dict():
            return {name: _replaced(pseudonyms, one) for name, one in value.items()}
    return value


def _pseudonyms(home: Installation) -> dict[str, str]:
    """Return the pseudonym of each coder: a number in the order in which they first appear."""
    with home.database.read() as session:
        names = dict.fromkeys(name for name in _coders(session) if name)
    people = [name for name in names if name != UNNAMED and not is_model(name)]
    return {name: f"coder {number}" for number, name in enumerate(people, 1)}


def _coders(session: Session) -> Iterator[str | None]:
    for column in (
        ReviewRow.coder, PageReviewRow.coder, EditRow.coder, EditRow.undone_by,
        SampleItemRow.coder, SampleItemRow.second_coder,
    ):  # fmt: skip
        key = column.class_.__table__.primary_key.columns
        yield from session.scalars(select(column).order_by(*key))
    for coders in session.scalars(select(SampleRow.coders).order_by(SampleRow.id)):
        yield from coders


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
