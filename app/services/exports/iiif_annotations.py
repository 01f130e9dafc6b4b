"""Annotations of pages as separate documents, on our canvases or on the library's.

A library that publishes its pages by IIIF shows them on its own canvases and copies nothing.
https://www.w3.org/TR/annotation-model/#annotation-collection .
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from presslens.app.db.descriptions import EditionDescriptionRow
from presslens.app.db.queries import EditionScope
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.app.services.catalogue.descriptions import library_canvases
from presslens.app.services.catalogue.pages import AnalysedPage, edition_pages, find_page
from presslens.app.services.exports.batches import ReportProgress, no_progress
from presslens.app.services.exports.export import ExportedFile, json_bytes, write_documents
from presslens.app.services.exports.iiif import (
    CONTEXT,
    NONE,
    AnnotatedCanvas,
    CanvasOf,
    IiifLinks,
    IiifObject,
    annotation_page,
    english,
    own_canvas,
)
from presslens.app.services.exports.iiif_documents import issues_in, publisher_of
from presslens.app.services.exports.iiif_manifest import ADDRESS, Issue


@dataclass(frozen=True, slots=True)
class AnnotatedEdition:
    """The annotations of an edition: a collection, and the documents of its pages."""

    issue: Issue
    collection: IiifObject
    pages: Sequence[tuple[int, IiifObject]]  # the number of each page, and its annotations
    left_out: Sequence[int]  # the numbers of pages that have no such canvas


def page_annotations(
    home: Installation, page_id: int, links: IiifLinks, on: CanvasOf = CanvasOf.HERE
) -> IiifObject:
    """Return the photos and figures on a page as an annotation page.

    Raises:
        NotFound: There is no such page, it was not analysed, or it has no such canvas.
    """
    page = find_page(home, page_id)
    if page.size is None:
        raise NotFound("this page was not analysed yet, or can't be")
    canvas = _canvases(home, page.edition_id, [page], links, on).get(page_id)
    if canvas is None:
        raise NotFound("the library's canvas of this page is not known")
    publisher, _ = publisher_of(home, links, page.edition_id, [page])
    return annotation_page(publisher, page, canvas, alone=True)


def annotated_edition(
    home: Installation, edition_id: int, links: IiifLinks, on: CanvasOf
) -> AnnotatedEdition:
    """Return the annotations of an edition.

    Raises:
        NotFound: There is no such edition.
    """
    all_pages = edition_pages(home, edition_id)
    canvases = _canvases(home, edition_id, all_pages, links, on)
    pages = [page for page in all_pages if page.id in canvases]
    publisher, issue = publisher_of(home, links, edition_id, pages)
    documents = [annotation_page(publisher, page, canvases[page.id], alone=True) for page in pages]
    left_out = [page.number for page in all_pages if page.id not in canvases]
    about = links.edition_annotations(edition_id, on)
    for i, document in enumerate(documents):
        document["partOf"] = {"id": about, "type": "AnnotationCollection"}
        for name, place in (("prev", i - 1), ("next", i + 1)):
            if 0 <= place < len(documents):
                document[name] = _reference(documents[place])
    collection = {
        "@context": CONTEXT,
        "id": about,
        "type": "AnnotationCollection",
        "label": {NONE: [issue.title]},
        "metadata": [
            {"label": english("Pages left out"), "value": {NONE: [str(n) for n in left_out]}}
        ],
        "total": sum(len(document["items"]) for document in documents),
    }
    if not left_out:
        del collection["metadata"]
    if documents:
        collection |= {"first": _reference(documents[0]), "last": _reference(documents[-1])}
    numbered = [(page.number, one) for page, one in zip(pages, documents, strict=True)]
    return AnnotatedEdition(issue, collection, numbered, left_out)


def edition_annotations(
    home: Installation, edition_id: int, links: IiifLinks, on: CanvasOf
) -> IiifObject:
    """Return the collection of the annotations of an edition.

    Raises:
        NotFound: There is no such edition, or none of its pages has such a canvas.
    """
    edition = annotated_edition(home, edition_id, links, on)
    if on is CanvasOf.LIBRARY:
        _check_canvases(len(edition.pages))
    return edition.collection


def _check_canvases(pages: int) -> None:
    if not pages:
        raise NotFound("no page of these editions has a canvas that its library has named")


def _reference(document: IiifObject) -> IiifObject:
    return {"id": document["id"], "type": document["type"]}


def export_annotations(
    home: Installation,
    scope: EditionScope,
    folder: Path,
    *,
    links: IiifLinks,
    on: CanvasOf,
    progress: ReportProgress = no_progress,
) -> ExportedFile:
    """Write a ZIP file with the annotations of editions: a folder for each, a document a page.

    Args:
        scope: Which editions; superseded ones are left out unless one edition is asked for.
        folder: An empty folder for the file.
        links: The addresses.
        on: Whose canvases they are about; pages without one are left out, and named.
        progress: Called after each edition.

    Raises:
        NotFound: No page of these editions has such a canvas.
        DiskFull: Too little disk is free.
    """
    rows = {"editions": 0, "pages": 0, "annotations": 0, "left_out": 0}

    def documents() -> Iterator[tuple[str, bytes]]:
        for issue in issues_in(home, scope):
            home.storage.check_room()
            edition = annotated_edition(home, issue.id, links, on)
            rows["editions"] += 1
            rows["pages"] += len(edition.pages)
            rows["annotations"] += edition.collection["total"]
            rows["left_out"] += len(edition.left_out)
            name = f"{issue.day.isoformat()}_edition-{issue.id}"
            yield f"{name}/collection.json", json_bytes(edition.collection)
            for number, document in edition.pages:
                yield f"{name}/page-{number:03}.json", json_bytes(document)
            progress("editions", rows["editions"])

    home.storage.check_room()
    target = folder / "presslens-annotations.zip"
    write_documents(target, documents())
    _check_canvases(rows["pages"])
    return ExportedFile(target, rows)


def _canvases(
    home: Installation,
    edition_id: int,
    pages: Sequence[AnalysedPage],
    links: IiifLinks,
    on: CanvasOf,
) -> Mapping[int, AnnotatedCanvas]:
    """Return the canvases of analysed pages by the ids of the pages."""
    analysed = {page.id: page.size for page in pages if page.size is not None}
    if on is CanvasOf.HERE:
        return {page.id: own_canvas(links, page) for page in pages if page.id in analysed}
    with home.database.read() as session:
        description = session.get(EditionDescriptionRow, edition_id)
        source = description.source if description is not None else ""
        manifest = source if ADDRESS.fullmatch(source) else ""
        return {
            page_id: AnnotatedCanvas(
                row.canvas,
                links.page_annotations(page_id, on),
                analysed[page_id],
                (row.width, row.height) if row.width and row.height else None,
                manifest,
            )
            for page_id, row in library_canvases(session, analysed).items()
        }
