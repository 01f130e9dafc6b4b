"""Writes a document for each page of editions into a ZIP file: ALTO or PAGE-XML."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation
from presslens.app.services.exports.alto import alto_document
from presslens.app.services.exports.batches import ReportProgress, no_progress
from presslens.app.services.exports.export import ExportedFile
from presslens.app.services.exports.page_regions import PageRegions, iterate_regions
from presslens.app.services.exports.page_xml import page_document
from presslens.app.services.exports.zip_bundle import write_documents


class PageFormat(StrEnum):
    """The format of the documents of pages."""

    ALTO = "alto"
    PAGE = "page"


_WRITERS: Mapping[PageFormat, Callable[[PageRegions], bytes]] = {
    PageFormat.ALTO: alto_document,
    PageFormat.PAGE: page_document,
}


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
    write = _WRITERS[page_format]

    def documents() -> Iterator[tuple[str, bytes]]:
        for page in iterate_regions(home, scope):
            home.storage.check_room()
            rows["pages"] += 1
            rows["photos"] += len(page.photos)
            yield f"{page.path}.xml", write(page)
            progress("pages", rows["pages"])

    home.storage.check_room()
    target = folder / f"presslens-{page_format.value}.zip"
    write_documents(target, documents())
    return ExportedFile(target, rows)
