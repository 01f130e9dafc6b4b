"""Writes the files of exports, each whole before anybody gets it."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from presslens.app.citations.citation import Citation
from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.app.services.catalogue.pages import page_view
from presslens.app.services.exports.alto import alto_document
from presslens.app.services.exports.batches import (
    Batch,
    ReportProgress,
    TableSpec,
    no_progress,
    read_batches,
)
from presslens.app.services.exports.coco import write_coco
from presslens.app.services.exports.data_package import write_data_package
from presslens.app.services.exports.page_regions import PageRegions, iterate_regions
from presslens.app.services.exports.page_xml import page_document
from presslens.app.services.exports.table_writer import SUFFIX, TableFormat, TableWriter
from presslens.app.services.exports.tables.registry import TABLES, table_named
from presslens.models.message import Message
from presslens.models.registry import sha256_of


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file of an export, and the number of rows of each of its tables."""

    path: Path
    rows: dict[str, int] = field(default_factory=dict)
    notes: Sequence[Message] = ()  # what the file leaves out, a sentence each

    def to_json(self) -> dict[str, Any]:
        """Return the file's name, size in bytes, sha256, rows and notes."""
        return {
            "file": self.path.name,
            "bytes": self.path.stat().st_size,
            "sha256": sha256_of(self.path),
            "rows": self.rows,
            "notes": list(map(str, self.notes)),
        }


def export_tables(
    home: Installation,
    scope: EditionScope,
    table_format: TableFormat,
    folder: Path,
    *,
    table: str | None = None,
    progress: ReportProgress = no_progress,
) -> ExportedFile:
    """Write all tables into one ZIP file with their data package, or one table alone.

    Args:
        folder: An empty folder for the file.
        table: The name of the only table to write.
        progress: Called after each batch of rows.

    Raises:
        InvalidRequest: There is no such table.
        DiskFull: Too little disk is free.
    """
    specs = TABLES if table is None else (table_named(table),)
    rows = write_tables(home, scope, table_format, folder, specs=specs, progress=progress)
    paths = [folder / f"{spec.name}.{SUFFIX[table_format]}" for spec in specs]
    if table is not None:
        return ExportedFile(paths[0], rows)
    target = folder / f"presslens-{table_format.value}.zip"
    paths.append(write_data_package(folder, table_format, home.recipe, rows))
    write_bundle(target, paths, deflate=table_format is not TableFormat.PARQUET)
    return ExportedFile(target, rows)


def write_tables(
    home: Installation,
    scope: EditionScope,
    table_format: TableFormat,
    folder: Path,
    *,
    specs: tuple[TableSpec, ...] = TABLES,
    cited: Citation | None = None,
    progress: ReportProgress = no_progress,
) -> dict[str, int]:
    """Write tables as they are at one moment, a file each; return the number of rows of each.

    Args:
        cited: What is said of them in Parquet; None: nobody says anything.
    """
    rows = {}
    with (
        home.database.read() as session,
        closing(TableWriter(table_format, folder, home.recipe, cited)) as writer,
    ):
        for spec in specs:
            source = _while_room(home, read_batches(session, spec, scope, home.recipe))
            path = folder / f"{spec.name}.{SUFFIX[table_format]}"
            rows[spec.name] = writer.write(spec, _reported(source, spec, progress), path)
    return rows


def _while_room(home: Installation, batches: Iterator[Batch]) -> Iterator[Batch]:
    """Pass batches on while the disk has room."""
    home.storage.check_room()
    for batch in batches:
        home.storage.check_room()
        yield batch


def _reported(
    batches: Iterator[Batch], spec: TableSpec, progress: ReportProgress
) -> Iterator[Batch]:
    rows = 0
    for batch in batches:
        yield batch
        rows += len(batch[0])
        progress(spec.name, rows)


def export_coco(
    home: Installation,
    scope: EditionScope,
    folder: Path,
    *,
    image_path: Callable[[int], str],
    photos_only: bool = False,
    boxes_only: bool = False,
    images: bool = False,
    progress: ReportProgress = no_progress,
) -> ExportedFile:
    """Write COCO JSON into an empty folder.

    Args:
        folder: An empty folder for the file.
        image_path: Gives the ``file_name`` of a page's picture by the page's id.
        photos_only: Neither persons and things nor figures.
        boxes_only: Boxes without polygons.
        images: The JSON is in a ZIP file with the pictures of its pages.
        progress: Called after each batch of images, annotations or pictures.

    Raises:
        DiskFull: Too little disk is free.
    """
    home.storage.check_room()
    path = folder / "presslens-coco.json"
    with home.database.read() as session:
        rows, pages = write_coco(
            session,
            scope,
            home.recipe,
            path,
            image_path=image_path,
            photos_only=photos_only,
            boxes_only=boxes_only,
            progress=progress,
        )
    if not images:
        return ExportedFile(path, rows)
    names = ((image_path(page_id), page_id) for page_id in pages)
    pictures = page_pictures(home, names, progress)
    target = folder / "presslens-coco.zip"
    rows["pictures"] = write_documents(target, chain([(path.name, path)], pictures)) - 1
    return ExportedFile(target, rows)


def page_pictures(
    home: Installation,
    names: Iterable[tuple[str, int]],
    progress: ReportProgress = no_progress,
) -> Iterator[tuple[str, Path]]:
    """Yield the pictures of pages by their names, each to be read before the next is asked for.

    A page whose picture is not there has none.

    Args:
        names: The name of each picture in the export, and the id of its page.
        progress: Called before each.
    """
    for number, (name, page_id) in enumerate(names):
        progress("pictures", number)
        try:
            with page_view(home, page_id) as path:
                home.storage.check_room()
                yield name, path
        except NotFound:
            continue


@dataclass(frozen=True, slots=True)
class PageFormat:
    """A format of documents of pages, which lie in a ZIP file, one a page."""

    name: str  # its name in addresses and commands
    title: str  # its name for readers
    contents: str  # what the API says of it
    purpose: Message  # what the page of exports says of it
    document: Callable[[PageRegions], bytes]  # returns the document of a page


_FORMATS = (
    PageFormat(
        "alto",
        "ALTO",
        "photos, captions and headlines as ALTO 4.4 in a ZIP file, a document a page",
        Message("for digital libraries: photos, captions and headlines, a document a page"),
        alto_document,
    ),
    PageFormat(
        "page",
        "PAGE-XML",
        "the same as PAGE-XML 2019-07-15",
        Message("the same for Transkribus, eScriptorium, OCR-D"),
        page_document,
    ),
)

PAGE_FORMATS: Mapping[str, PageFormat] = {one.name: one for one in _FORMATS}
"""The formats by name: each has an address, a command and an offer on the page of exports."""


def export_pages(
    home: Installation,
    scope: EditionScope,
    page_format: PageFormat,
    folder: Path,
    *,
    progress: ReportProgress = no_progress,
) -> ExportedFile:
    """Write a ZIP file with a document for each analysed page.

    Args:
        scope: Which editions; superseded ones are left out unless one edition is asked for.
        page_format: The format of the documents.
        folder: An empty folder for the file.
        progress: Called after each page.

    Raises:
        DiskFull: Too little disk is free.
    """
    rows = {"pages": 0, "photos": 0}

    def documents() -> Iterator[tuple[str, bytes]]:
        for page in iterate_regions(home, scope):
            home.storage.check_room()
            rows["pages"] += 1
            rows["photos"] += len(page.photos)
            yield f"{page.path}.xml", page_format.document(page)
            progress("pages", rows["pages"])

    home.storage.check_room()
    target = folder / f"presslens-{page_format.name}.zip"
    write_documents(target, documents())
    return ExportedFile(target, rows)


def json_bytes(document: Mapping[str, Any]) -> bytes:
    """Return a JSON document as the bytes of its file."""
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a ZIP file can give; it stands for none."""


def write_bundle(target: Path, files: Iterable[Path], *, deflate: bool = True) -> None:
    """Write files into a ZIP file under their own names.

    Args:
        target: The ZIP file.
        files: In their order in the ZIP file.
        deflate: Compress them; files that are compressed already gain nothing.
    """
    method = zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
    with zipfile.ZipFile(target, "w", method, allowZip64=True, compresslevel=6) as archive:
        for path in files:
            _copy(archive, path.name, path, method)


def write_documents(target: Path, documents: Iterable[tuple[str, bytes | Path]]) -> int:
    """Write documents and pictures into a ZIP file, and return their number.

    Args:
        target: The ZIP file.
        documents: Name of each, and its bytes or its file; pictures are compressed already.
    """
    count = 0
    with zipfile.ZipFile(target, "w", allowZip64=True, compresslevel=6) as archive:
        for name, content in documents:
            count += 1
            if isinstance(content, Path):
                picture = name.endswith(".jpg")
                _copy(
                    archive, name, content, zipfile.ZIP_STORED if picture else zipfile.ZIP_DEFLATED
                )
            else:
                archive.writestr(_entry(name, zipfile.ZIP_DEFLATED), content)
    return count


def _entry(name: str, method: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type = method
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


def _copy(archive: zipfile.ZipFile, name: str, path: Path, method: int) -> None:
    entry = _entry(name, method)
    entry.file_size = path.stat().st_size
    with path.open("rb") as source, archive.open(entry, "w") as out:
        shutil.copyfileobj(source, out, 2**20)
