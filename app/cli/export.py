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
from presslens.app.cli.console import emit_json, out, say, tell
from presslens.app.cli.options import FirstOption, JsonOption, LastOption
from presslens.app.cli.progress import progress
from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation, frozen, open_installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.settings import Settings
from presslens.app.services.catalogue.scope import check_scope
from presslens.app.services.exports.batches import ReportProgress
from presslens.app.services.exports.data_package import dictionary_markdown
from presslens.app.services.exports.export import (
    ExportedFile,
    edition_collection,
    edition_manifest,
    export_coco,
    export_tables,
    write_document,
)
from presslens.app.services.exports.label_studio import export_label_studio
from presslens.app.services.exports.page_documents import PageFormat, export_pages
from presslens.app.services.exports.snapshot.write import export_snapshot
from presslens.app.services.exports.table_writer import SUFFIX, TableFormat
from presslens.app.services.exports.tables.registry import TABLES
from presslens.app.services.statistics.wide_photos import export_photo_table
from presslens.pipelines.counted import counted

cli = typer.Typer(no_args_is_help=True)

NOTHING_WRITTEN = "no file is written, and nothing was changed"

Out = Annotated[Path, typer.Option("--out", dir_okay=False, help="The file to write.")]
Paper = Annotated[str | None, typer.Option("--publication", help="Of this newspaper only.")]
EditionId = Annotated[int | None, typer.Option("--edition", min=1, help="Of this edition only.")]
OneTable = Annotated[str | None, typer.Option("--table", help="One table alone, without a ZIP.")]
Base = Annotated[str, typer.Option("--base-url", help="Address that the server has for others.")]
Author = Annotated[list[str] | None, typer.Option("--author", help="Who is to be cited.")]


@cli.command("photos")
def export_photos(
    save_to: Annotated[
        Path,
        typer.Option("--out", dir_okay=False, help="The file to write: .csv, .parquet, .ndjson."),
    ],
    publication: Paper = None,
    first: FirstOption = None,
    last: LastOption = None,
    edition: EditionId = None,
    every: Annotated[
        bool,
        typer.Option("--all", help="Superseded and incomplete editions too, which are marked."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write one wide table for R and pandas: a row a photo, all measures, answers and weights."""
    formats = {f".{suffix}": kind for kind, suffix in SUFFIX.items()}
    if save_to.suffix not in formats:
        raise typer.BadParameter(f"{save_to.name} does not end in {', '.join(formats)}")
    scope = EditionScope(publication, first, last, edition)
    _write(
        scope,
        save_to,
        lambda home, folder, report: export_photo_table(
            home, scope, formats[save_to.suffix], folder, every=every, progress=report
        ),
        as_json,
    )


@cli.command("csv")
def export_csv(
    save_to: Out,
    publication: Paper = None,
    first: FirstOption = None,
    last: LastOption = None,
    edition: EditionId = None,
    table: OneTable = None,
    as_json: JsonOption = False,
) -> None:
    """Write all tables as CSV into a ZIP file, with their data package."""
    scope = EditionScope(publication, first, last, edition)
    _tables(TableFormat.CSV, scope, save_to, table, as_json)


@cli.command("json")
def export_json(
    save_to: Out,
    publication: Paper = None,
    first: FirstOption = None,
    last: LastOption = None,
    edition: EditionId = None,
    table: OneTable = None,
    as_json: JsonOption = False,
) -> None:
    """Write all tables as JSON Lines into a ZIP file, with their data package."""
    scope = EditionScope(publication, first, last, edition)
    _tables(TableFormat.JSON, scope, save_to, table, as_json)


@cli.command("parquet")
def export_parquet(
    save_to: Out,
    publication: Paper = None,
    first: FirstOption = None,
    last: LastOption = None,
    edition: EditionId = None,
    table: OneTable = None,
    as_json: JsonOption = False,
) -> None:
    """Write all tables as Parquet into a ZIP file, with their data package."""
    scope = EditionScope(publication, first, last, edition)
    _tables(TableFormat.PARQUET, scope, save_to, table, as_json)


@cli.command("coco")
def export_coco_file(
    save_to: Out,
    publication: Paper = None,
    first: FirstOption = None,
    last: LastOption = None,
    edition: EditionId = None,
    photos_only: Annotated[
        bool, typer.Option("--photos-only", help="Neither persons and things nor figures.")
    ] = False,
    images: Annotated[
        bool, typer.Option("--images", help="A ZIP file with the pictures of the pages too.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write photos, persons, things and enrolled figures as COCO JSON."""
    scope = EditionScope(publication, first, last, edition)
    _write(
        scope,
        save_to,
        lambda home, folder, report: export_coco(
            home,
            scope,
            folder,
            image_path=page_image_path,
            photos_only=photos_only,
            images=images,
            progress=report,
        ),
        as_json,
    )


@cli.command("label-studio")
def export_label_studio_file(
    save_to: Out,
    publication: Paper = None,
    first: FirstOption = None,
    last: LastOption = None,
    edition: EditionId = None,
    images: Annotated[
        bool, typer.Option("--images", help="The pictures of the pages too.")
    ] = False,
    base: Base = "http://127.0.0.1:8000",
    as_json: JsonOption = False,
) -> None:
    """Write pages as tasks for Label Studio into a ZIP file, with what is known as predictions."""
    scope, links = EditionScope(publication, first, last, edition), ExportLinks(base)
    _write(
        scope,
        save_to,
        lambda home, folder, report: export_label_studio(
            home, scope, folder, picture_address=links.page_image, images=images, progress=report
        ),
        as_json,
    )


@cli.command("alto")
def export_alto(
    save_to: Out,
    publication: Paper = None,
    first: FirstOption = None,
    last: LastOption = None,
    edition: EditionId = None,
    as_json: JsonOption = False,
) -> None:
    """Write photos, captions and headlines as ALTO into a ZIP file, a document a page."""
    scope = EditionScope(publication, first, last, edition)
    _pages(PageFormat.ALTO, scope, save_to, as_json)


@cli.command("page")
def export_page(
    save_to: Out,
    publication: Paper = None,
    first: FirstOption = None,
    last: LastOption = None,
    edition: EditionId = None,
    as_json: JsonOption = False,
) -> None:
    """Write photos, captions and headlines as PAGE-XML into a ZIP file, a document a page."""
    scope = EditionScope(publication, first, last, edition)
    _pages(PageFormat.PAGE, scope, save_to, as_json)


@cli.command("iiif")
def export_iiif(
    save_to: Out,
    edition: EditionId = None,
    publication: Paper = None,
    first: FirstOption = None,
    last: LastOption = None,
    base: Base = "http://127.0.0.1:8000",
    as_json: JsonOption = False,
) -> None:
    """Write the IIIF manifest of an edition, or a collection of the editions of some days."""
    scope = EditionScope(publication, first, last, edition)
    if edition is not None and scope != EditionScope(edition=edition):
        raise InvalidRequest("a manifest is of one edition: give --edition alone")
    links = ExportLinks(base)

    def make(home: Installation, folder: Path, _: ReportProgress) -> ExportedFile:
        document = (
            edition_collection(home, scope, links)
            if edition is None
            else edition_manifest(home, edition, links)
        )
        return write_document(document, folder / "iiif.json")

    _write(scope, save_to, make, as_json)


@cli.command("snapshot")
def export_snapshot_file(
    save_to: Out,
    publication: Paper = None,
    first: FirstOption = None,
    last: LastOption = None,
    edition: EditionId = None,
    author: Author = None,
    as_json: JsonOption = False,
) -> None:
    """Write a ZIP file to cite, which `presslens import --snapshot` reads again."""
    scope, authors = EditionScope(publication, first, last, edition), tuple(author or ())
    _write(
        scope,
        save_to,
        lambda home, folder, report: export_snapshot(
            home, scope, folder, authors=authors, progress=report
        ),
        as_json,
    )


@cli.command("dictionary")
def export_dictionary(
    save_to: Annotated[Path | None, typer.Option("--out", help="Write to this file.")] = None,
) -> None:
    """Write what every column of every table means, as Markdown."""
    if save_to is None:
        out.file.write(dictionary_markdown())
    else:
        save_to.write_text(dictionary_markdown(), encoding="utf-8")


def _tables(
    table_format: TableFormat, scope: EditionScope, save_to: Path, table: str | None, as_json: bool
) -> None:
    _write(
        scope,
        save_to,
        lambda home, folder, report: export_tables(
            home, scope, table_format, folder, table=table, progress=report
        ),
        as_json,
    )


def _pages(page_format: PageFormat, scope: EditionScope, save_to: Path, as_json: bool) -> None:
    _write(
        scope,
        save_to,
        lambda home, folder, report: export_pages(
            home, scope, page_format, folder, progress=report
        ),
        as_json,
    )


def _write(
    scope: EditionScope,
    save_to: Path,
    make: Callable[[Installation, Path, ReportProgress], ExportedFile],
    as_json: bool,
) -> None:
    """Make a file beside its target, and rename it when it is whole.

    Raises:
        InvalidRequest: There is no writable folder for the file; checked before the work.
        NotFound: There is no such edition or newspaper, or the scope holds no edition.
    """
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
            made = make(then, Path(folder), report)
        summary = made.to_json() | {"file": str(save_to), "recipe": home.recipe.id}
        made.path.replace(save_to)
    if as_json:
        emit_json(summary)
        return
    for name, count in made.rows.items():
        say(f"{name:18} {count:>12,}")
    tell(f"written to {save_to}: {summary['bytes']:,} bytes, sha256 {summary['sha256']}")


@contextmanager
def tables_on_terminal(kept: str = NOTHING_WRITTEN) -> Iterator[ReportProgress]:
    """Show how many tables are done, and how many rows of the one at work."""
    with progress("tables", kept=kept) as work:
        names = [spec.name for spec in TABLES]

        def report(table: str, rows: int) -> None:
            done, of = (names.index(table), len(names)) if table in names else (0, None)
            work.update(done, of, f"{table}: {counted(rows, 'row')}")

        yield report
