"""``presslens export``: files for other tools, and a snapshot to cite."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from presslens.app.api.export_links import ExportLinks, page_image_path
from presslens.app.citations.citation import CitedAuthor
from presslens.app.cli.command import Printed, command
from presslens.app.cli.console import Aside, Careful, Verbatim
from presslens.app.cli.options import Helps
from presslens.app.cli.progress import progress
from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation, frozen, open_installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.settings import Settings
from presslens.app.services.catalogue.edition_query import ExportQuery
from presslens.app.services.catalogue.scope import check_scope
from presslens.app.services.exports.batches import ReportProgress
from presslens.app.services.exports.data_package import dictionary_markdown
from presslens.app.services.exports.edition_pdf import export_pdf
from presslens.app.services.exports.export import (
    PAGE_FORMATS,
    ExportedFile,
    PageFormat,
    export_coco,
    export_pages,
    export_tables,
)
from presslens.app.services.exports.iiif import CanvasOf
from presslens.app.services.exports.iiif_annotations import export_annotations
from presslens.app.services.exports.iiif_documents import (
    edition_collection,
    edition_manifest,
    write_document,
)
from presslens.app.services.exports.label_studio import export_label_studio
from presslens.app.services.exports.mets_package import export_mets
from presslens.app.services.exports.snapshot.manifest import Published
from presslens.app.services.exports.snapshot.write import export_snapshot
from presslens.app.services.exports.table_writer import SUFFIX, TableFormat
from presslens.app.services.exports.tables.registry import TABLES
from presslens.app.services.statistics.wide_photos import export_photo_table
from presslens.pipelines.counted import counted

cli = typer.Typer(no_args_is_help=True)

NOTHING_WRITTEN = "no file is written, and nothing was changed"

Out = Annotated[Path, typer.Option("--out", dir_okay=False, help="The file to write.")]
Scoped = Annotated[ExportQuery, Helps(publication="Of this newspaper only.")]
OneTable = Annotated[str | None, typer.Option("--table", help="One table alone, without a ZIP.")]
Pictured = Annotated[bool, typer.Option("--images", help="The pictures of the pages too.")]
Base = Annotated[
    str,
    typer.Option(
        "--base-url", help="Address that the server has for others: PRESSLENS_PUBLIC_URL."
    ),
]
Authors = Annotated[
    list[str] | None,
    typer.Option(
        "--author", help="Who is to be cited: 'Family, Given <ORCID>; Affiliation', repeatable."
    ),
]
Licence = Annotated[
    str, typer.Option("--licence", help="Licence of the data by its SPDX name, CC-BY-4.0 say.")
]


@command(cli, "photos")
def export_photos(
    save_to: Annotated[
        Path,
        typer.Option("--out", dir_okay=False, help="The file to write: .csv, .parquet, .ndjson."),
    ],
    query: Scoped,
    every: Annotated[
        bool,
        typer.Option("--all", help="Superseded and incomplete editions too, which are marked."),
    ] = False,
) -> Printed:
    """Write one wide table for R and pandas: a row a photo, all measures, answers and weights."""
    formats = {f".{suffix}": kind for kind, suffix in SUFFIX.items()}
    if save_to.suffix not in formats:
        raise typer.BadParameter(f"{save_to.name} does not end in {', '.join(formats)}")
    return _write(save_to, query, export_photo_table, formats[save_to.suffix], every=every)


@command(cli, "csv")
def export_csv(save_to: Out, query: Scoped, table: OneTable = None) -> Printed:
    """Write all tables as CSV into a ZIP file, with their data package."""
    return _write_tables(save_to, query, TableFormat.CSV, table)


@command(cli, "json")
def export_json(save_to: Out, query: Scoped, table: OneTable = None) -> Printed:
    """Write all tables as JSON Lines into a ZIP file, with their data package."""
    return _write_tables(save_to, query, TableFormat.JSON, table)


@command(cli, "parquet")
def export_parquet(save_to: Out, query: Scoped, table: OneTable = None) -> Printed:
    """Write all tables as Parquet into a ZIP file, with their data package."""
    return _write_tables(save_to, query, TableFormat.PARQUET, table)


def _write_tables(
    save_to: Path, query: ExportQuery, table_format: TableFormat, table: str | None
) -> Printed:
    suffix = f".{SUFFIX[table_format]}"
    if table is None and save_to.suffix == suffix:
        raise typer.BadParameter(
            f"{save_to.name} would be a ZIP file of all tables: end its name in .zip, or name the"
            f" table that {suffix} is to hold with --table"
        )
    return _write(save_to, query, export_tables, table_format, table=table)


@command(cli, "coco")
def export_coco_file(
    save_to: Out,
    query: Scoped,
    photos_only: Annotated[
        bool, typer.Option("--photos-only", help="Neither persons and things nor figures.")
    ] = False,
    boxes_only: Annotated[
        bool, typer.Option("--boxes-only", help="Boxes without polygons, as CVAT takes them.")
    ] = False,
    images: Annotated[
        bool, typer.Option("--images", help="A ZIP file with the pictures of the pages too.")
    ] = False,
) -> Printed:
    """Write photos, persons, things and enrolled figures as COCO JSON."""
    parts = {"photos_only": photos_only, "boxes_only": boxes_only, "images": images}
    return _write(save_to, query, export_coco, image_path=page_image_path, **parts)


@command(cli, "label-studio")
def export_label_studio_file(
    save_to: Out,
    query: Scoped,
    images: Pictured = False,
    base: Base = "",
) -> Printed:
    """Write pages as tasks for Label Studio into a ZIP file, with what is known as predictions."""
    address = _links(base).page_image
    return _write(save_to, query, export_label_studio, picture_address=address, images=images)


def _links(base: str) -> ExportLinks:
    """Return addresses at a server; without one at the public address, or else on this machine."""
    return ExportLinks(base or Settings().public_url or "http://127.0.0.1:8000")


def _add_page_format(page_format: PageFormat) -> None:
    """Add the command of a format of documents of pages."""

    def export(save_to: Out, query: Scoped) -> Printed:
        return _write(save_to, query, export_pages, page_format)

    export.__doc__ = (
        f"Write photos, captions and headlines as {page_format.title} into a ZIP file, a document a"
        " page."
    )
    command(cli, page_format.name)(export)


for one in PAGE_FORMATS.values():
    _add_page_format(one)


@command(cli, "annotations")
def export_annotation_files(
    save_to: Out,
    query: Scoped,
    on: Annotated[
        CanvasOf, typer.Option("--on", help="Whose canvases they are about.")
    ] = CanvasOf.LIBRARY,
    base: Base = "",
) -> Printed:
    """Write W3C annotations into a ZIP file, a document a page, on the library's own canvases."""
    return _write(save_to, query, export_annotations, links=_links(base), on=on)


@command(cli, "mets")
def export_mets_file(
    save_to: Out,
    query: Scoped,
    images: Pictured = False,
    base: Base = "",
) -> Printed:
    """Write editions as METS with MODS, PREMIS and ALTO into a ZIP file, a folder an edition."""
    address = _links(base).page_image
    return _write(save_to, query, export_mets, picture_address=address, images=images)


@command(cli, "pdf")
def export_pdf_file(save_to: Out, query: Scoped) -> Printed:
    """Write the pages of an edition as a PDF, for reading and printing."""
    return _write(save_to, query, export_pdf)


@command(cli, "iiif")
def export_iiif(save_to: Out, query: Scoped, base: Base = "") -> Printed:
    """Write the IIIF manifest of an edition, or a collection of the editions of some days."""
    edition = query.edition
    if edition is not None and query.scope != EditionScope(edition=edition):
        raise InvalidRequest("a manifest is of one edition: give --edition alone")
    links = _links(base)

    def make(home: Installation, scope: EditionScope, folder: Path, **_: object) -> ExportedFile:
        document = (
            edition_collection(home, scope, links)
            if edition is None
            else edition_manifest(home, edition, links)
        )
        return write_document(document, folder / "iiif.json")

    return _write(save_to, query, make)


@command(cli, "snapshot")
def export_snapshot_file(
    save_to: Out, query: Scoped, author: Authors = None, licence: Licence = ""
) -> Printed:
    """Write a ZIP file to cite, which `presslens import --snapshot` reads again."""
    authors = tuple(CitedAuthor.parse(one) for one in author or ())
    published = Published(authors=authors, licence=licence)
    return _write(save_to, query, export_snapshot, published=published)


@command(cli, "dictionary", plain=True)
def export_dictionary(
    save_to: Annotated[Path | None, typer.Option("--out", help="Write to this file.")] = None,
) -> Printed:
    """Write what every column of every table means, as Markdown."""
    if save_to is None:
        yield Verbatim(dictionary_markdown())
    else:
        save_to.write_text(dictionary_markdown(), encoding="utf-8")


def _write(
    save_to: Path,
    query: ExportQuery,
    make: Callable[..., ExportedFile],
    *kind: object,
    **how: object,
) -> Printed:
    """Make a file beside its target, and rename it when it is whole.

    Args:
        save_to: The target.
        query: The editions that are asked for.
        make: Writes the file of an installation and a scope into a folder.
        kind: The format, if it has several.
        how: The options of the format.

    Raises:
        InvalidRequest: There is no writable folder for the file; checked before the work.
        NotFound: There is no such edition or newspaper, or the scope holds no edition.
    """
    scope = query.scope
    if not os.access(save_to.parent, os.W_OK | os.X_OK) or not save_to.parent.is_dir():
        raise InvalidRequest(f"{save_to} can't be written: there is no such folder to write to")
    with (
        open_installation(Settings()) as home,
        tempfile.TemporaryDirectory(dir=save_to.parent, prefix=".export-") as folder,
    ):
        check_scope(home, scope)
        with (
            tables_on_terminal() as report,
            frozen(home, Path(folder), copied=scope.edition is None) as then,
        ):
            made = make(then, scope, *kind, Path(folder), progress=report, **how)
        summary = made.to_json() | {"file": str(save_to), "recipe": home.recipe.id}
        made.path.replace(save_to)
    yield summary
    for name, count in made.rows.items():
        yield f"{name:18} {count:>12,}"
    for note in made.notes:
        yield Careful(str(note))
    yield Aside(f"written to {save_to}: {summary['bytes']:,} bytes, sha256 {summary['sha256']}")


@contextmanager
def tables_on_terminal(remains: str = NOTHING_WRITTEN) -> Iterator[ReportProgress]:
    """Show how many tables are done, and how many rows of the one at work."""
    with progress("tables", remains=remains) as work:
        names = [spec.name for spec in TABLES]

        def report(table: str, rows: int) -> None:
            done, of = (names.index(table), len(names)) if table in names else (0, None)
            work.update(done, of, f"{table}: {counted(rows, 'row')}")

        yield report
