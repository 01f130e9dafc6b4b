"""Exports a filtered list of photos: one wide table, alone or in a ZIP file that explains it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from presslens.app.citations.citation import Citation
from presslens.app.db.exported import Column
from presslens.app.installation import Installation
from presslens.app.platform.language import language
from presslens.app.services.catalogue.filter_words import filter_in_words
from presslens.app.services.catalogue.photo_filter import PhotoFilter, PhotoSort
from presslens.app.services.catalogue.photos import iterate_photos
from presslens.app.services.exports.batches import Batch, ReportProgress, no_progress
from presslens.app.services.exports.data_package import FILE, write_data_package
from presslens.app.services.exports.export import ExportedFile, write_bundle
from presslens.app.services.exports.table_writer import SUFFIX, TableFormat, TableWriter
from presslens.app.services.exports.tables.registry import WIDE_PHOTOS

ROWS = 2_000
"""Photos that are in memory at a time."""

README = "README.md"


@dataclass(frozen=True, slots=True)
class ExportedPhotos:
    """The photos of a list, and how it is cited."""

    photo_filter: PhotoFilter  # selects them
    sort: PhotoSort  # their order
    permalink: str  # the address that asks for them again, below the host
    exported_on: date  # the day of the export


def export_photos(
    home: Installation,
    chosen: ExportedPhotos,
    table_format: TableFormat,
    folder: Path,
    *,
    progress: ReportProgress = no_progress,
) -> ExportedFile:
    """Write a list of photos as one table into an empty folder.

    Args:
        folder: An empty folder for the file.
        progress: Called after each batch of rows.

    Raises:
        InvalidRequest: They can't be sorted like this.
        DiskFull: Too little disk is free.
    """
    path = folder / f"photos.{SUFFIX[table_format]}"
    home.storage.check_room()
    with closing(TableWriter(table_format, folder, home.recipe)) as writer:
        count = writer.write(WIDE_PHOTOS, _batches(home, chosen, progress), path)
    return ExportedFile(path, {WIDE_PHOTOS.name: count})


def export_photo_package(
    home: Installation,
    chosen: ExportedPhotos,
    folder: Path,
    *,
    progress: ReportProgress = no_progress,
) -> ExportedFile:
    """Write a list of photos as a ZIP file: CSV, a data package, and a README with a citation.

    Args:
        folder: An empty folder for the file.
        progress: Called after each batch of rows.

    Raises:
        InvalidRequest: They can't be sorted like this.
        DiskFull: Too little disk is free.
    """
    table = export_photos(home, chosen, TableFormat.CSV, folder, progress=progress)
    package = write_data_package(folder, TableFormat.CSV, home.recipe, table.rows, [WIDE_PHOTOS])
    readme = folder / README
    rows = table.rows[WIDE_PHOTOS.name]
    readme.write_text(readme_text(home, chosen, rows), encoding="utf-8")
    target = folder / "presslens-photos.zip"
    write_bundle(target, [readme, package, table.path])
    return ExportedFile(target, table.rows)


def cite(home: Installation, selection_words: str, permalink: str, on: date) -> str:
    """Return the text to cite a list of photos by.

    Args:
        permalink: The address that asks for it again, below the host.
        on: The day of the export.
    """
    cited = Citation(
        title=f"photos, {selection_words}",
        recipe_id=home.recipe.id,
        address=home.settings.public_address(permalink),
        doi=home.settings.doi,
        day=on,
    )
    return f"{cited.sentence(language('en'))} Counts and probabilities are estimates of a machine."


def readme_text(home: Installation, chosen: ExportedPhotos, rows: int) -> str:
    """Return the README of a list of photos, of which there are some rows."""
    recipe = home.recipe
    words = filter_in_words(chosen.photo_filter, decision=recipe.aggregate.decision)
    columns = "\n".join(f"- `{column.name}`: {_meaning(column)}" for column in WIDE_PHOTOS.columns)
    return _README.format(
        words=words,
        rows=f"{rows} photo{'' if rows == 1 else 's'}",
        permalink=home.settings.cited_address(chosen.permalink) or chosen.permalink,
        recipe=recipe.id,
        codebook=recipe.codebook,
        on=chosen.exported_on,
        citation=cite(home, words, chosen.permalink, chosen.exported_on),
        file=FILE,
        columns=columns,
    )


_README = """# Photos of newspapers, measured by Presslens

{rows}: {words}.

Address: {permalink}
Exported: {on}
Recipe: {recipe}
Codebook: version {codebook}

## How to cite

{citation}

## What is in here

`photos.csv` has a row for each photo on each page that prints it. `{file}` is a Frictionless data
package: type, unit, range and meaning of each column.

    # Python
    import pandas
    photos = pandas.read_csv("photos.csv", parse_dates=["date"])

    # R
    photos <- readr::read_csv("photos.csv")

An empty cell is a missing value, and never 0. Text that a spreadsheet would take for a formula
begins with a single quote.

## What it is not

- Probabilities are a machine's, and calibrated on other newspapers than this one. To say in how
  many photos something is shown, with an interval, ask for statistics (`/api/v1/stats`): don't
  count rows above 0.5. `children_decided` and the like say which photos are taken to show it, as
  galleries do: what people settled, or else what the newspaper's calibration decides.
- The finder misses photos, and finds some that are none. Counts of photos have intervals too.
- Only enrolled public figures are named. Nobody else is, and no face is in here.

## Columns

{columns}
"""


def _meaning(column: Column) -> str:
    units = f" ({column.unit})" if column.unit else ""
    values = f"; one of {', '.join(column.values)}" if column.values else ""
    return f"{column.description}{units}{values}"


def _batches(
    home: Installation, chosen: ExportedPhotos, progress: ReportProgress
) -> Iterator[Batch]:
    photos = iterate_photos(home, chosen.photo_filter, sort=chosen.sort)
    names = [column.name for column in WIDE_PHOTOS.columns]
    count = 0
    while some := list(islice(photos, ROWS)):
        home.storage.check_room()
        rows = [photo.row() for photo in some]
        yield [[row[name] for row in rows] for name in names]
        count += len(rows)
        progress(WIDE_PHOTOS.name, count)
