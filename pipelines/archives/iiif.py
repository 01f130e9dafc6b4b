"""IIIF Presentation manifests, versions 2 and 3: the canvases of an issue, images and texts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from presslens.models.message import Message
from presslens.pipelines.archives.days import is_time
from presslens.pipelines.archives.described_edition import (
    DescribedEdition,
    DescribedPage,
    DescriptionKind,
    DescriptionUnusable,
    check_pages,
    numbered,
    without_image,
)
from presslens.pipelines.archives.folder import ArchiveFolder, names_in, page_format
from presslens.pipelines.archives.identifiers import OF_NEWSPAPERS, Identifier, read_identifier
from presslens.pipelines.archives.iiif_record import issue_record
from presslens.pipelines.archives.iiif_text import CanvasText as CanvasText
from presslens.pipelines.archives.iiif_text import (
    annotated_text,
    annotation_addresses,
    size_of,
    text_addresses,
)
from presslens.pipelines.archives.iiif_text import read_lent_annotations as read_lent_annotations
from presslens.pipelines.archives.iiif_values import (
    Entry,
    address_of,
    addresses,
    entries,
    kind_of_entry,
    text_in,
)
from presslens.pipelines.archives.issue_document import IssueRecord
from presslens.pipelines.archives.markup import MOST_BYTES
from presslens.pipelines.archives.page_text import PageText
from presslens.pipelines.scans.process import open_lent
from presslens.pipelines.scans.scan import natural_key, shown

CANVAS_MAP = "canvases.json"
"""The file beside a manifest with the name of the image of each canvas, by the canvas's id."""

_MOST_MAP_BYTES = 2**20
"""Most bytes of that file: a thousand pages, and addresses of a thousand characters."""

NEWSPAPER = "newspaper.json"
"""The file beside a manifest with what the collection that lists it says of the newspaper."""

ANNOTATIONS = ".annotations"
"""How the name of a file ends that holds the annotations of a canvas, behind its image's stem.

Not .json: it would be taken for another manifest of the folder.
"""

MOST_TEXTS = 4
"""Addresses of a canvas that are asked for its text, at most."""

_PARTS = ("items", "manifests", "collections", "members", "parts")
_COLLECTIONS = frozenset({"Collection", "CollectionPage", "Layer"})


@dataclass(frozen=True, slots=True)
class IiifCanvas:
    """A canvas: one page."""

    id: str  # its address
    label: str  # its name, a page number for instance
    image: str  # the address of its image; "" where it has none
    service: str  # the address of the image's service, which gives it in other sizes; "" without
    service_version: int = 2  # the version of the Image API that the service has, 2 or 3
    width: float | None = None  # width of the canvas, in its units; None where it is not said
    height: float | None = None  # height, likewise
    text: PageText | None = None  # the text that annotations in the manifest hold
    # Where its text may be had: as ALTO, PAGE-XML or hOCR; or as annotations.
    texts: tuple[str, ...] = ()
    annotations: tuple[str, ...] = ()

    def addresses(self, width: int | None = None) -> list[str]:
        """Return the addresses of its image, the best first: in full, or so many pixels wide."""
        largest = "max" if self.service_version == 3 else "full"
        size = largest if width is None else f"{width},"
        served = [f"{self.service.rstrip('/')}/full/{size}/0/default.jpg"] if self.service else []
        return list(dict.fromkeys(filter(None, [*served, self.image])))


@dataclass(frozen=True, slots=True)
class IiifManifest:
    """An issue, or a collection of issues."""

    id: str  # its address
    label: str  # its name
    record: IssueRecord  # what it says of the issue and the newspaper
    canvases: tuple[IiifCanvas, ...]  # its pages in their order; none in a collection
    parts: tuple[str, ...]  # the addresses of the manifests and collections in a collection
    following: str = ""  # the address of the next page of a collection in pages

    @property
    def title(self) -> str:
        """The newspaper; "" where it is not said."""
        return self.record.title

    @property
    def day(self) -> date | None:
        """The day; None where it is not said."""
        return next(iter(self.record.days), None)


@dataclass(frozen=True, slots=True)
class ListedIn:
    """What the collections that list a manifest say of its newspaper."""

    title: str = ""
    identifiers: tuple[Identifier, ...] = ()

    def below(self, collection: IiifManifest) -> ListedIn:
        """Return what holds below a collection in these; one of a year or volume says nothing."""
        record = collection.record
        own = tuple(one for one in record.newspaper_identifiers if one.scheme in OF_NEWSPAPERS)
        if not record.title or is_time(record.title):
            return ListedIn(self.title, own or self.identifiers)
        return ListedIn(record.title, own)

    def completed(self, manifest: IiifManifest) -> IiifManifest:
        """Return a manifest with what it does not say of its newspaper itself."""
        record, own = manifest.record, manifest.record.newspaper_identifiers
        title = record.title if record.title and not is_time(record.title) else self.title
        identifiers = own if OF_NEWSPAPERS & {one.scheme for one in own} else own + self.identifiers
        record = replace(record, title=title or record.title, newspaper_identifiers=identifiers)
        return replace(manifest, record=record)

    def packed(self) -> bytes:
        """Return what is said as the file ``NEWSPAPER``."""
        document = {"title": self.title, "identifiers": list(map(str, self.identifiers))}
        return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")

    @classmethod
    def beside(cls, path: Path, folder: ArchiveFolder) -> ListedIn:
        """Return what the file beside a manifest says; nothing where there is none."""
        file = path.with_name(NEWSPAPER)
        if file not in folder.files or file.stat().st_size > _MOST_MAP_BYTES:
            return cls()
        try:
            document = json.loads(file.read_bytes())
        except (ValueError, RecursionError):
            return cls()
        if not isinstance(document, dict):
            return cls()
        listed = document.get("identifiers")
        texts = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
        identifiers = filter(None, map(read_identifier, texts))
        return cls(text_in(document.get("title")), tuple(identifiers))


def read_manifest(content: bytes, name: str) -> IiifManifest:
    """Return a manifest or collection of Presentation 2 or 3.

    Args:
        content: The document.
        name: Its name or address, for people.

    Raises:
        DescriptionUnusable: It is too large, no JSON, or no such document.
    """
    if len(content) > MOST_BYTES:
        raise DescriptionUnusable(Message("%(name)s: the manifest is too large", name=name))
    try:
        return _manifest(json.loads(content), name)
    except (ValueError, RecursionError):  # texts may be nested as deep as lists may
        raise DescriptionUnusable(Message("%(name)s: this is no JSON", name=name)) from None


def read_lent_manifest(name: str, descriptor: int) -> IiifManifest:
    """Read the manifest of an open file; runs in a process that can be killed.

    Args:
        name: The file's name for people.

    Raises:
        DescriptionUnusable: See ``read_manifest``.
    """
    with open_lent(descriptor, "rb") as file:
        return read_manifest(file.read(MOST_BYTES + 1), name)


def _manifest(document: object, name: str) -> IiifManifest:
    if not isinstance(document, dict) or kind_of_entry(document) not in {"Manifest", *_COLLECTIONS}:
        raise DescriptionUnusable(
            Message("%(name)s: this is neither a IIIF manifest nor a collection", name=name)
        )
    label = text_in(document.get("label"))
    return IiifManifest(
        address_of(document),
        label,
        issue_record(document, label),
        tuple(_canvases(document)),
        tuple(dict.fromkeys(_parts(document))),
        next(iter(addresses(document.get("next"))), ""),
    )


def described_by_manifest(
    manifest: IiifManifest, path: Path, folder: ArchiveFolder
) -> DescribedEdition:
    """Return the edition of a folder with a manifest and its images.

    The images are those of ``canvases.json``; else those whose name is in the address of a canvas
    or of its image; else, where there are as many images as canvases, those in the same order.

    Raises:
        DescriptionUnusable: The manifest has no pages, or one twice; or ``canvases.json`` gives one
            image to several.
    """
    check_pages(len(manifest.canvases), path.name)
    _check_ids(manifest.canvases, path.name)
    manifest = ListedIn.beside(path, folder).completed(manifest)
    images = _images(manifest.canvases, path, folder)
    pages, notes = [], []
    for place, number in enumerate(numbered([canvas.label for canvas in manifest.canvases])):
        image = images.get(place)
        if image is None:
            notes.append(without_image(path.name, number))
        else:
            canvas = manifest.canvases[place]
            size = canvas.width, canvas.height
            pages.append(DescribedPage(number, image, canvas.text, canvas.id, canvas.service, size))
    record = manifest.record
    return DescribedEdition(
        path,
        DescriptionKind.IIIF,
        record.title,
        manifest.day,
        tuple(pages),
        len(manifest.canvases),
        record.rights,
        notes=tuple(notes),
        newspaper_identifiers=record.newspaper_identifiers,
        identifiers=record.identifiers,
        edition_label=record.edition_label,
        holder=record.holder,
        rights_address=record.rights_address,
        source=manifest.id if "://" in manifest.id else "",
        homepage=record.homepage,
    )


def _check_ids(canvases: Sequence[IiifCanvas], name: str) -> None:
    """Check that no page is listed twice; canvases without an id are told apart by their place.

    Raises:
        DescriptionUnusable: One is.
    """
    for canvas, count in Counter(canvas.id for canvas in canvases).items():
        if canvas and count > 1:
            raise DescriptionUnusable(
                Message(
                    "%(name)s: it lists the canvas %(canvas)s %(n)s times",
                    name=name,
                    canvas=shown(canvas),
                    n=count,
                )
            )


def _images(canvases: Sequence[IiifCanvas], path: Path, folder: ArchiveFolder) -> dict[int, Path]:
    """Return the images of canvases by their place, from 0.

    Raises:
        DescriptionUnusable: ``canvases.json`` gives an image to several.
    """
    mapped = _mapped(canvases, path.with_name(CANVAS_MAP), folder)
    if mapped:
        return mapped
    images = [file for file in folder.files if page_format(file) is not None]
    by_stem = {image.stem.casefold(): image for image in images}
    paths: dict[int, Path] = {}
    for place, canvas in enumerate(canvases):
        image = next((by_stem[name] for name in _names(canvas) if name in by_stem), None)
        if image is not None:
            paths[place] = image
    if len(set(paths.values())) == len(canvases) or len(images) != len(canvases):
        return paths if len(set(paths.values())) == len(paths) else {}
    images.sort(key=lambda image: natural_key(image.name))
    return dict(enumerate(images))


def _mapped(canvases: Sequence[IiifCanvas], path: Path, folder: ArchiveFolder) -> dict[int, Path]:
    if path not in folder.files or path.stat().st_size > _MOST_MAP_BYTES:
        return {}
    try:
        names = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return {}
    if not isinstance(names, dict):
        return {}
    files = {file.name: file for file in folder.files if file.parent == path.parent}
    listed = ((place, names.get(canvas.id)) for place, canvas in enumerate(canvases))
    named = ((place, name) for place, name in listed if isinstance(name, str))
    mapped = {place: files[name] for place, name in named if name in files}
    if len(set(mapped.values())) < len(mapped):
        raise DescriptionUnusable(
            Message("%(name)s: it gives one image to several pages", name=path.name)
        )
    return {place: file for place, file in mapped.items() if page_format(file) is not None}


def _names(canvas: IiifCanvas) -> Iterator[str]:
    """Yield what the image of a canvas may be called, the surest first."""
    for address in (canvas.service, canvas.image, canvas.id):
        yield from names_in(address)
    yield canvas.label.casefold()


def _canvases(document: Entry) -> Iterator[IiifCanvas]:
    if kind_of_entry(document) != "Manifest":
        return
    sequences = entries(document.get("sequences"))[:1]
    listed = [canvas for one in sequences for canvas in entries(one.get("canvases"))]
    for canvas in [*listed, *entries(document.get("items"))]:
        if kind_of_entry(canvas) == "Canvas":
            body = next(_bodies(canvas), {})
            service = next(iter(entries(body.get("service"))), {})
            yield IiifCanvas(
                address_of(canvas),
                text_in(canvas.get("label")),
                address_of(body),
                address_of(service),
                3 if "3" in f"{service.get('type')}{service.get('@context')}" else 2,
                *size_of(canvas),
                annotated_text(canvas),
                tuple(text_addresses(canvas))[:MOST_TEXTS],
                tuple(annotation_addresses(canvas))[:MOST_TEXTS],
            )


def _bodies(canvas: Entry) -> Iterator[Entry]:
    """Yield the images that are painted on a canvas; of a choice, the first."""
    annotations = entries(canvas.get("images"))
    for page in entries(canvas.get("items")):
        annotations += entries(page.get("items"))
    for annotation in annotations:
        for body in entries(annotation.get("body") or annotation.get("resource")):
            chosen = entries(body.get("items") or body.get("default")) or [body]
            yield chosen[0]


def _parts(document: Entry) -> Iterator[str]:
    """Yield the addresses of what a collection lists; of one in pages, the first page's."""
    if kind_of_entry(document) not in _COLLECTIONS:
        return
    for key in _PARTS:
        listed = document.get(key)
        for part in listed if isinstance(listed, list) else [listed]:
            is_other = isinstance(part, dict) and kind_of_entry(part) not in {
                "", "Manifest", *_COLLECTIONS,
            }  # fmt: skip
            if not is_other and (address := address_of(part)):
                yield address
    yield from addresses(document.get("first"))[:1]
