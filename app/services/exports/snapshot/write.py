"""Writes a snapshot: a ZIP file to cite, which can be imported again."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from presslens.app.db.queries import EditionScope
from presslens.app.db.reviews import ReviewRow
from presslens.app.db.superseded import superseded_editions
from presslens.app.db.tables import EditionRow, OutcomeRow, PageRow, PublicationRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.catalogue.editions import iterate_editions
from presslens.app.services.exports.batches import ReportProgress, TableSpec, no_progress
from presslens.app.services.exports.data_package import write_data_package
from presslens.app.services.exports.export import ExportedFile, write_bundle, write_tables
from presslens.app.services.exports.snapshot.manifest import (
    FORMAT,
    MANIFEST,
    MASTHEAD,
    VERSION,
    ContentCounts,
    Published,
    SnapshotFile,
    SnapshotManifest,
    SnapshotScope,
    cited_snapshot,
    code_version,
    content_hash,
    title_of,
    write_readme,
)
from presslens.app.services.exports.table_writer import TableFormat
from presslens.app.services.exports.tables.registry import WHOLE_TABLES, table_named
from presslens.models.registry import sha256_of
from presslens.pipelines.counted import counted


def export_snapshot(
    home: Installation,
    scope: EditionScope,
    folder: Path,
    *,
    published: Published = Published(),  # noqa: B008 - it is frozen
    progress: ReportProgress = no_progress,
) -> ExportedFile:
    """Write a snapshot into an empty folder, as one file; see ``write_snapshot``."""
    manifest, paths = write_snapshot(home, scope, folder, published=published, progress=progress)
    target = folder / "presslens-snapshot.zip"
    write_bundle(target, paths)
    rows = {Path(file.name).stem: file.rows for file in manifest.files if file.rows is not None}
    return ExportedFile(target, rows)


def write_snapshot(
    home: Installation,
    scope: EditionScope,
    folder: Path,
    *,
    published: Published = Published(),  # noqa: B008 - it is frozen
    specs: tuple[TableSpec, ...] = WHOLE_TABLES,
    mastheads: bool = True,
    progress: ReportProgress = no_progress,
) -> tuple[SnapshotManifest, list[Path]]:
    """Write the files of a snapshot into an empty folder.

    Args:
        folder: An empty folder for the files.
        published: What its citation says; its day is that of the last change, unless given.
        specs: Its tables.
        mastheads: With the pictures of mastheads.
        progress: Called after each batch of rows.

    Returns:
        The manifest, and the files in their order.

    Raises:
        InvalidRequest: Some of the editions still wait to be analysed, or there is none.
        DiskFull: Too little disk is free.
    """
    _check_complete(home, scope)
    rows = write_tables(home, scope, TableFormat.CSV, folder, specs=specs, progress=progress)
    shutil.copyfile(home.settings.recipe, folder / "recipe.toml")
    (folder / "recipe.json").write_text(home.recipe.canonical() + "\n", encoding="utf-8")
    tables = [folder / f"{name}.csv" for name in rows]
    listed = [_file(path, rows[path.stem]) for path in tables]
    settings = home.settings
    published = replace(
        published,
        day=published.day or _changed_on(home, scope),
        address=published.address or settings.public_url,
        doi=published.doi or settings.doi,
    )
    manifest = _manifest(home, scope, published, rows, listed)
    cited = cited_snapshot(manifest, published)
    package = write_data_package(folder, TableFormat.CSV, home.recipe, rows, specs, cited)
    described = [folder / "recipe.toml", folder / "recipe.json", package]
    readable = list(write_readme(manifest, folder, cited, published.code_address).values())
    pictures = _copy_mastheads(home, scope, folder) if mastheads else []
    before, after = ([_file(path, None) for path in paths]
                     for paths in ((*readable, *described), pictures))  # fmt: skip
    manifest = manifest.model_copy(update={"files": (*before, *listed, *after)})
    (folder / MANIFEST).write_text(manifest.text(), encoding="utf-8")
    return manifest, [*readable, folder / MANIFEST, *described, *tables, *pictures]


def _check_complete(home: Installation, scope: EditionScope) -> None:
    """Check that all editions are complete: a cited snapshot must not change by itself."""
    states = list(iterate_editions(home, scope))
    if not states:
        raise InvalidRequest("there are no such editions: a snapshot would be empty")
    if scope.edition is not None and states[0].superseded:
        raise InvalidRequest(
            f"edition {scope.edition} is superseded by a later upload of its day: ask for the day,"
            " with from and to"
        )
    waiting = sum(not state.status.is_final for state in states)
    if waiting:
        raise InvalidRequest(
            f"of {counted(len(states), 'edition')} {waiting} still wait to be analysed: a snapshot"
            " is made of complete editions"
        )


def _file(path: Path, rows: int | None) -> SnapshotFile:
    return SnapshotFile(
        name=path.name, sha256=sha256_of(path), bytes=path.stat().st_size, rows=rows
    )


def _manifest(
    home: Installation,
    scope: EditionScope,
    published: Published,
    rows: dict[str, int],
    files: list[SnapshotFile],
) -> SnapshotManifest:
    first, last, names = span_of(home, scope)
    return SnapshotManifest(
        format=FORMAT,
        version=VERSION,
        title=published.title or title_of(names, first, last),
        authors=tuple(author.name for author in published.authors),
        presslens=code_version(),
        recipe=home.recipe.id,
        observation_id=home.recipe.observation_id,
        scope=SnapshotScope.of(scope),
        publications=names,
        first_day=first,
        last_day=last,
        editions=rows["editions"],
        pages=rows["pages"],
        photos=rows["photos"],
        superseded=superseded_counts(home, scope),
        content_sha256=content_hash(files),
        files=tuple(files),
    )


def span_of(home: Installation, scope: EditionScope) -> tuple[Any, Any, tuple[str, ...]]:
    """Return the first and the last day of the editions of a scope, and their newspapers."""
    query = (
        select(
            PublicationRow.name,
            func.min(EditionRow.edition_date),
            func.max(EditionRow.edition_date),
        )
        .join(EditionRow, EditionRow.publication_id == PublicationRow.id)
        .where(*scope.conditions())
        .group_by(PublicationRow.name)
        .order_by(PublicationRow.name)
    )
    with home.database.read() as session:
        spans = session.execute(query).all()
    names = tuple(name for name, _, _ in spans)
    return min(low for _, low, _ in spans), max(high for _, _, high in spans), names


def superseded_counts(home: Installation, scope: EditionScope) -> ContentCounts:
    """Return what a scope holds that later uploads supersede."""
    counts = {}
    with home.database.read() as session:
        for name in ContentCounts.model_fields:
            rows = table_named(name).query(scope, home.recipe).order_by(None)
            superseded = rows.where(EditionRow.id.in_(superseded_editions(home.recipe)))
            counted_rows = superseded.with_only_columns(func.count(), maintain_column_froms=True)
            counts[name] = session.scalar(counted_rows)
    return ContentCounts.model_validate(counts)


def _changed_on(home: Installation, scope: EditionScope) -> date | None:
    """Return the day on which a page of a scope was analysed, or a photo of it reviewed, last."""
    of_scope = (
        select(func.max(OutcomeRow.seen_at), func.max(ReviewRow.created_at))
        .select_from(PageRow)
        .join(EditionRow, EditionRow.id == PageRow.edition_id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .join(OutcomeRow, OutcomeRow.scan_id == PageRow.scan_id)
        .outerjoin(ReviewRow, ReviewRow.scan_id == PageRow.scan_id)
        .where(OutcomeRow.observation_id == home.recipe.observation_id, *scope.conditions())
    )
    with home.database.read() as session:
        moments = session.execute(of_scope).one()
    return max((moment.date() for moment in moments if moment is not None), default=None)


def _copy_mastheads(home: Installation, scope: EditionScope, folder: Path) -> list[Path]:
    """Copy the mastheads of the newspapers of a scope into a folder, and return their paths."""
    query = (
        select(PublicationRow.masthead_sha256)
        .join(EditionRow, EditionRow.publication_id == PublicationRow.id)
        .where(PublicationRow.masthead_sha256.is_not(None), *scope.conditions())
        .distinct()
    )
    with home.database.read() as session:
        names = sorted(sha256 for sha256 in session.scalars(query) if sha256 is not None)
    copied = []
    for sha256 in names:
        with suppress(FileNotFoundError), home.storage.open_scan(sha256) as picture:
            shutil.copyfile(picture, target := folder / f"{MASTHEAD}{sha256}.jpg")
            copied.append(target)
    return copied
