"""Writes the pages of an edition as one PDF, for reading and printing."""

from __future__ import annotations

from pathlib import Path

from PIL import Image as Pillow

from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.services.catalogue.descriptions import edition_description
from presslens.app.services.catalogue.editions import find_edition
from presslens.app.services.catalogue.pages import edition_pages
from presslens.app.services.exports.batches import ReportProgress, no_progress
from presslens.app.services.exports.export import ExportedFile, page_pictures
from presslens.pipelines.view import QUALITY

RESOLUTION = 150
"""Pixels per inch that a page is printed with: of a scan nobody says how large its paper was."""


def export_pdf(
    home: Installation,
    scope: EditionScope,
    folder: Path,
    *,
    progress: ReportProgress = no_progress,
) -> ExportedFile:
    """Write the pictures of the pages of an edition as a PDF, in order, with title and rights.

    A page that was not analysed has no picture, and is left out.

    Args:
        scope: Names the edition, and nothing else.
        folder: An empty folder for the file.
        progress: Called before each page.

    Raises:
        InvalidRequest: The scope is another.
        NotFound: There is no such edition, or no page of it was analysed yet.
        DiskFull: Too little disk is free.
    """
    if scope.edition is None or scope != EditionScope(edition=scope.edition):
        raise InvalidRequest("a PDF is of one edition: give edition alone")
    edition = find_edition(home, scope.edition)
    described = edition_description(home, edition.id)
    stated = (described.rights, described.rights_address) if described else ()
    target = folder / f"presslens-edition-{edition.id}.pdf"
    pages = [(str(page.number), page.id) for page in edition_pages(home, edition.id)]
    for _, picture in page_pictures(home, pages, progress):
        with Pillow.open(picture) as image:
            image.save(  # page by page: pictures of all would take a gigabyte
                target,
                "PDF",
                append=target.exists(),
                quality=QUALITY,
                resolution=RESOLUTION,
                title=f"{edition.publication}, {edition.edition_date.isoformat()}",
                subject="; ".join(filter(None, stated)),
                creator="Presslens",
            )
    if not target.exists():
        raise NotFound("no page of this edition was analysed yet")
    return ExportedFile(target)
