"""Recognises a folder that a library describes, and reads the edition in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from presslens.models.languages import read_language
from presslens.models.message import Message
from presslens.pipelines.archives.described_edition import (
    DescribedEdition,
    DescribedPage,
    DescriptionUnusable,
    numbered,
    without_image,
)
from presslens.pipelines.archives.documents import Description, DescriptionKind, read_lent
from presslens.pipelines.archives.folder import ArchiveFolder, page_format
from presslens.pipelines.archives.iiif import (
    IiifManifest,
    described_by_manifest,
    read_lent_manifest,
)
from presslens.pipelines.archives.mets import MetsDocument, MetsPage
from presslens.pipelines.archives.page_text import PageMismatch, PageText
from presslens.pipelines.scans.answer import Form
from presslens.pipelines.scans.decode import page_size
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.scans.scan import ScanFormat, ScanRejected, natural_key

READERS = ("presslens.pipelines.archives.documents", "presslens.pipelines.archives.iiif")
"""The modules of a sandbox that reads descriptions."""

_XML = ".xml"

T = TypeVar("T")


def described_edition(folder: Path, sandbox: Sandbox) -> DescribedEdition | None:
    """Return the edition that a folder's own files describe; None where they describe none.

    METS comes first, then a IIIF manifest, then ALTO or PAGE-XML beside the images.

    Args:
        sandbox: Reads the files; made with ``READERS``.

    Raises:
        DescriptionUnusable: A description can't be read, or none of its images is there.
        ReadingFailed: The readers were ended from outside.
        OSError: The folder can't be read.
    """
    listed = ArchiveFolder.listed(folder)
    by_kind = listed.descriptions()
    read = _Reading(listed, sandbox)
    if documents := by_kind[DescriptionKind.METS]:
        return read.by_mets(_one(documents))
    if documents := by_kind[DescriptionKind.IIIF]:
        return read.by_manifest(_one(documents))
    texts = by_kind[DescriptionKind.ALTO] or by_kind[DescriptionKind.PAGE]
    return read.by_texts(texts) if texts else None


def described_folder(path: Path) -> ArchiveFolder | None:
    """Return the files of a folder if some describe an edition, else None; none is read.

    Raises:
        OSError: The folder can't be read.
    """
    listed = ArchiveFolder.listed(path)
    return listed if any(listed.descriptions().values()) else None


def _one(documents: Sequence[Path]) -> Path:
    """Return the one document of a folder.

    Raises:
        DescriptionUnusable: There are several.
    """
    if len(documents) > 1:
        names = ", ".join(document.name for document in documents[:5])
        raise DescriptionUnusable(
            Message(
                "the folder contains several editions: %(names)s; give each its own", names=names
            )
        )
    return documents[0]


def _checked(edition: DescribedEdition) -> DescribedEdition:
    if not edition.pages:
        raise DescriptionUnusable(
            Message(
                "%(name)s: none of the images of its %(n)s pages is in the folder",
                name=edition.document.name,
                n=edition.pages_described,
            )
        )
    return edition


_DESCRIPTION: Form[Description] = Form(Description, ScanRejected)
_MANIFEST = Form(IiifManifest, DescriptionUnusable)
_SIZE = Form(tuple[int, int], ScanRejected)


class _Reading:
    """One folder that is read."""

    def __init__(self, folder: ArchiveFolder, sandbox: Sandbox) -> None:
        self._folder = folder
        self._sandbox = sandbox
        self._notes: list[str] = []

    def by_mets(self, path: Path) -> DescribedEdition:
        document = self._read(path, _DESCRIPTION, read_lent)
        if not isinstance(document, MetsDocument) or not document.pages:
            raise DescriptionUnusable(Message("%(name)s: it lists no pages", name=path.name))
        if len(document.days) > 1:
            self._notes.append(_several_days(path.name, document.days))
        images = self._best_images(document.pages)
        pages = []
        numbers = numbered([page.label for page in document.pages])
        for place, (number, page) in enumerate(zip(numbers, document.pages, strict=True)):
            if place not in images:
                self._notes.append(without_image(path.name, number))
                continue
            text = self._text_of(page, images[place], document.captions)
            pages.append(DescribedPage(number, images[place], text))
        return _checked(
            DescribedEdition(
                path,
                DescriptionKind.METS,
                document.title,
                document.day,
                tuple(pages),
                len(document.pages),
                document.rights,
                _codes(document.languages),
                tuple(self._notes),
            )
        )

    def by_manifest(self, path: Path) -> DescribedEdition:
        manifest = self._read(path, _MANIFEST, read_lent_manifest)
        edition = described_by_manifest(manifest, path, self._folder)
        return _checked(replace(edition, languages=_codes(manifest.languages)))

    def by_texts(self, paths: Sequence[Path]) -> DescribedEdition:
        """Read a folder of images with a text beside each: by the name in it, or by its own."""
        texts: dict[Path, PageText] = {}
        missing = []
        for path in paths:
            text = self._read_text(path)
            if text is None:
                continue
            image = self._folder.resolve(text.image) or self._same_stem(path)
            if image is None or page_format(image) is None:
                missing.append(path)
            else:
                texts[image] = text
        images = self._images_beside(texts)
        numbers = numbered([texts[image].label if image in texts else "" for image in images])
        pages = tuple(
            DescribedPage(number, image, self._fitting(image, texts.get(image)))
            for number, image in zip(numbers, images, strict=True)
        )
        for path in missing:
            note = Message("%(name)s: the image that it describes is not there", name=path.name)
            self._notes.append(note)
        kind = DescriptionKind(next(iter(texts.values())).source.value) if texts else None
        return _checked(
            DescribedEdition(
                self._folder.path,
                kind or DescriptionKind.ALTO,
                "",
                None,
                pages,
                len(images) + len(missing),
                notes=tuple(self._notes),
            )
        )

    def _images_beside(self, texts: Mapping[Path, PageText]) -> list[Path]:
        """Return all images of the folders that described ones are in: some may have no text."""
        folders = {image.parent for image in texts}
        files = (file for file in self._folder.files if file.parent in folders)
        images = [file for file in files if page_format(file) is not None]
        return sorted(images, key=lambda image: natural_key(image.name))

    def _same_stem(self, path: Path) -> Path | None:
        stem = path.name.split(".")[0]
        named = (file for file in self._folder.files if file.suffix.lower() != _XML)
        return next((file for file in named if file.name.split(".")[0] == stem), None)

    def _best_images(self, pages: Sequence[MetsPage]) -> dict[int, Path]:
        """Return the image of each page, of the group that has most pages and most bytes."""
        groups: dict[str, dict[int, Path]] = {}
        for place, page in enumerate(pages):
            for file in page.files:
                path = self._folder.resolve(file.href)
                if path is not None and self._is_readable(path):
                    groups.setdefault(file.use, {}).setdefault(place, path)
        whole = [group for group in groups.values() if len(set(group.values())) == len(group)]
        return max(whole, key=lambda group: (len(group), _bytes(group)), default={})

    def _is_readable(self, path: Path) -> bool:
        fits = 0 < path.stat().st_size <= self._sandbox.limits.file_bytes
        return fits and path.suffix.lower() != _XML and page_format(path) is not None

    def _text_of(
        self, page: MetsPage, image: Path, captions: Mapping[str, frozenset[str]]
    ) -> PageText | None:
        for file in page.files:
            path = self._folder.resolve(file.href)
            if path is None or path.suffix.lower() != _XML:
                continue
            text = self._read_text(path)
            if text is not None:
                marked = captions.get(file.id, frozenset())
                blocks = (
                    replace(block, is_caption=block.is_caption or block.id in marked)
                    for block in text.blocks
                )
                return self._fitting(image, replace(text, blocks=tuple(blocks)))
        return None

    def _read_text(self, path: Path) -> PageText | None:
        """Return the text of a page; a file that can't be read is noted."""
        try:
            text = self._read(path, _DESCRIPTION, read_lent)
        except DescriptionUnusable as error:
            self._notes.append(str(error))
            return None
        return text if isinstance(text, PageText) else None

    def _read(self, path: Path, form: Form[T], read: Callable[[str, int], T]) -> T:
        try:
            with path.open("rb") as file:
                return self._sandbox.run(path.name, form, read, path.name, files=[file])
        except ScanRejected as rejection:
            raise DescriptionUnusable(f"{path.name}: {rejection.detail}") from None

    def _fitting(self, image: Path, text: PageText | None) -> PageText | None:
        """Return a text if the image has the proportions that it says; else note both."""
        kind = page_format(image)
        if text is None or kind is None or kind is ScanFormat.PDF:
            return text
        try:
            with image.open("rb") as file:
                limits = self._sandbox.limits
                size = self._sandbox.run(
                    image.name, _SIZE, page_size, kind, image.name, limits, files=[file]
                )
            text.in_pixels(*size)
        except ScanRejected:
            return text  # the page itself will be rejected, with this reason
        except PageMismatch as error:
            self._notes.append(f"{image.name}: {error}")
            return None
        return text


def _codes(languages: Iterable[str]) -> tuple[str, ...]:
    """Return the codes of languages as libraries write them; not within a sandbox.

    A sandbox opens no file, and Babel reads the names of languages from files.
    """
    return tuple(dict.fromkeys(filter(None, map(read_language, languages))))


def _several_days(name: str, days: Sequence[date]) -> Message:
    return Message(
        "%(name)s: it says that the issue is of %(days)s: %(day)s is taken",
        name=name,
        days=", ".join(map(str, days)),
        day=days[0].isoformat(),
    )


def _bytes(group: Mapping[int, Path]) -> int:
    return sum(path.stat().st_size for path in group.values())
