"""Writes editions as METS into a ZIP file: a folder for each, with its ALTO and its pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path

from sqlalchemy import select

from presslens.app.db.descriptions import PageTextRow
from presslens.app.db.queries import EditionScope
from presslens.app.db.tables import PageRow
from presslens.app.installation import Installation
from presslens.app.services.catalogue.descriptions import edition_description, library_canvases
from presslens.app.services.exports.alto import alto_document
from presslens.app.services.exports.batches import ReportProgress, no_progress
from presslens.app.services.exports.export import ExportedFile, page_pictures, write_documents
from presslens.app.services.exports.mets import MetsFile, MetsPage, mets_document
from presslens.app.services.exports.page_regions import PageRegions, iterate_regions
from presslens.models.captions.described import TextBlock
from presslens.models.registry import sha256_of
from presslens.pipelines.archives.page_text import PageMismatch, PageText

HALF = 0.5
"""Share of a block from which on inside a caption or headline it is that text."""

Document = tuple[str, bytes | Path]


def export_mets(
    home: Installation,
    scope: EditionScope,
    folder: Path,
    *,
    picture_address: Callable[[int], str],
    images: bool = False,
    progress: ReportProgress = no_progress,
) -> ExportedFile:
    """Write a ZIP file with a folder for each edition that has an analysed page.

    Args:
        scope: Which editions; superseded ones are left out unless one edition is asked for.
        folder: An empty folder for the file.
        picture_address: Returns the address of a page's picture that is not in the file.
        images: The pictures of the pages are in the file.
        progress: Called after each page.

    Raises:
        DiskFull: Too little disk is free.
    """
    rows = {"editions": 0, "pages": 0, "photos": 0}

    def documents() -> Iterator[Document]:
        regions = iterate_regions(home, scope)
        for edition_id, pages in groupby(regions, key=lambda page: page.edition_id):
            listed: list[MetsPage] = []
            for page in pages:
                home.storage.check_room()
                yield from _page_files(home, page, listed, picture_address, images=images)
                rows["pages"] += 1
                rows["photos"] += len(page.photos)
                progress("pages", rows["pages"])
            rows["editions"] += 1
            name = Path(listed[0].regions.path).parent
            yield f"{name}/mets.xml", mets_document(listed, edition_description(home, edition_id))

    home.storage.check_room()
    target = folder / "presslens-mets.zip"
    write_documents(target, documents())
    return ExportedFile(target, rows)


def _further_text(home: Installation, page: PageRegions) -> Iterator[TextBlock]:
    """Yield the library's text of a page but for what is a caption or a headline already."""
    scan = select(PageRow.scan_id).filter_by(id=page.page_id).scalar_subquery()
    with home.database.read() as session:
        content = session.scalar(select(PageTextRow.content).where(PageTextRow.scan_id == scan))
    if content is None:
        return
    try:
        text = PageText.unpacked(content).in_pixels(*page.size)
    except PageMismatch:
        return
    for block in text.blocks:
        if block.lines and all(block.box.share_inside(one.box) < HALF for one in page.texts):
            yield block


def _page_files(
    home: Installation,
    page: PageRegions,
    listed: list[MetsPage],
    picture_address: Callable[[int], str],
    *,
    images: bool,
) -> Iterator[Document]:
    """Yield the files of a page, and list the page with them."""
    name = Path(page.path)
    alto = alto_document(page, list(_further_text(home, page)))
    text = MetsFile(
        f"alto/{name.name}.xml", "application/xml", hashlib.sha256(alto).hexdigest(), len(alto)
    )
    yield f"{name.parent}/{text.href}", alto
    image = MetsFile(picture_address(page.page_id), "image/jpeg", owner_name=page.source)
    place = f"images/{name.name}.jpg"
    names = [(f"{name.parent}/{place}", page.page_id)] if images else []
    for path_in_zip, picture in page_pictures(home, names):
        image = MetsFile(place, "image/jpeg", sha256_of(picture), picture.stat().st_size)
        yield path_in_zip, picture
    with home.database.read() as session:
        canvas = library_canvases(session, [page.page_id]).get(page.page_id)
    listed.append(MetsPage(page, image, text, canvas))
