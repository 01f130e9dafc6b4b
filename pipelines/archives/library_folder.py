"""Recognises a folder that a library describes, and reads the edition in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from presslens.models.languages import read_language
from presslens.models.message import Message
from presslens.pipelines.archives.bag import bag_around, facts_of
from presslens.pipelines.archives.days import day_of_name
from presslens.pipelines.archives.described_edition import (
    DescribedEdition,
    DescribedPage,
    DescriptionKind,
    DescriptionUnusable,
    check_images,
    check_pages,
    numbered,
    profile_of,
    several_days,
    without_image,
    without_text,
)
from presslens.pipelines.archives.documents import (
    TEXTS,
    Description,
    PageTexts,
    is_of_reel,
    kind_of,
    read_lent,
    xml_files,
)
from presslens.pipelines.archives.folder import ArchiveFolder, outdated, page_format
from presslens.pipelines.archives.identifiers import read_identifier
from presslens.pipelines.archives.iiif import (
    ANNOTATIONS,
    CanvasText,
    IiifManifest,
    described_by_manifest,
    read_lent_annotations,
    read_lent_manifest,
)
from presslens.pipelines.archives.issue_document import (
    DocumentOf,
    IssueDocument,
    IssueFile,
    IssuePage,
)
from presslens.pipelines.archives.page_images import PageImages
from presslens.pipelines.archives.page_text import PageMismatch, PageText
from presslens.pipelines.scans.answer import Form
from presslens.pipelines.scans.decode import page_size
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.scans.scan import ScanFormat, ScanRejected, natural_key

READERS = ("presslens.pipelines.archives.documents", "presslens.pipelines.archives.iiif")
"""The modules of a sandbox that reads descriptions."""

_XML = ".xml"

T = TypeVar("T")


def described_edition(
    folder: Path, sandbox: Sandbox, *, without_images: bool = False
) -> DescribedEdition | None:
    """Return the edition that a folder's own files describe; None where they describe none.

    METS comes first, then DIDL, then a IIIF manifest, then ALTO, PAGE-XML or hOCR beside images.

    Args:
        sandbox: Reads the files; made with ``READERS``.
        without_images: Whether an edition of which no image is there is one.

    Raises:
        DescriptionUnusable: A description can't be read, or none of its images is there.
        ReadingFailed: The readers were ended from outside.
        OSError: The folder can't be read.
    """
    listed = ArchiveFolder.listed(folder)
    by_kind = listed.descriptions()
    read = _Reading(listed, sandbox)
    texts = next(filter(None, (by_kind[kind] for kind in DescriptionKind if kind in TEXTS)), [])
    documents = by_kind[DescriptionKind.METS] or by_kind[DescriptionKind.DIDL]
    if not documents and not by_kind[DescriptionKind.IIIF] and not texts:
        documents = listed.other_documents()
    if documents:
        edition = read.by_document(_one(documents))
    elif by_kind[DescriptionKind.IIIF]:
        edition = read.by_manifest(_one(by_kind[DescriptionKind.IIIF]))
    elif texts:
        edition = read.by_texts(texts)
    else:
        return None
    edition = _as_bagged(edition, folder)
    if not without_images:
        check_images(edition)
    return edition


def lists_own_pages(path: Path) -> bool:
    """Return whether a folder inside another edition's is an edition of its own.

    A document in it lists pages, and images of pages lie in it.

    Raises:
        OSError: The folder can't be read.
    """
    listed = ArchiveFolder.listed(path)
    found = listed.descriptions()
    documents = [*found[DescriptionKind.METS], *found[DescriptionKind.DIDL]]
    documents += found[DescriptionKind.IIIF]
    return bool(documents) and any(
        file.suffix.lower() != _XML and page_format(file) is not None for file in listed.files
    )


def described_folder(path: Path) -> ArchiveFolder | None:
    """Return the files of a folder if some describe an edition, else None; none is read.

    Raises:
        OSError: The folder can't be read.
    """
    listed = ArchiveFolder.listed(path)
    return listed if any(listed.descriptions().values()) else None


def _as_bagged(edition: DescribedEdition, folder: Path) -> DescribedEdition:
    """Return an edition with what the bag around it says, where its description says nothing."""
    bag = bag_around(folder)
    if bag is None:
        return edition
    facts = facts_of(bag)
    number = facts.get("external-identifier", "") if _is_alone(folder, bag) else ""
    named = read_identifier(number)
    return replace(
        edition,
        holder=edition.holder or facts.get("source-organization", ""),
        identifiers=tuple(dict.fromkeys([*edition.identifiers, *([named] if named else ())])),
        profile=f"{profile_of(edition)}, BagIt",
    )


def _is_alone(folder: Path, bag: Path) -> bool:
    """Return whether a folder is all that a bag holds."""
    data = bag / "data"
    return folder in {bag, data} or (
        folder.parent == data and sum(path.is_dir() for path in data.iterdir()) == 1
    )


def has_documents(path: Path) -> bool:
    """Return whether a folder has files that describe something, be it no edition.

    Raises:
        OSError: The folder can't be read.
    """
    listed = ArchiveFolder.listed(path)
    return any(listed.descriptions().values()) or bool(listed.other_documents())


def _one(documents: Sequence[Path]) -> Path:
    """Return the one document of a folder.

    Raises:
        DescriptionUnusable: There are several.
    """
    if len(documents) > 1:
        names = ", ".join(document.name for document in documents[:5])
        raise DescriptionUnusable(
            Message(
                "the folder contains several editions: %(names)s; give each a folder of its own,"
                " with its images and texts, and import these with `presslens import --tree`",
                names=names,
            )
        )
    return documents[0]


_DESCRIPTION: Form[Description] = Form(Description, ScanRejected)
_MANIFEST = Form(IiifManifest, DescriptionUnusable)
_ANNOTATED = Form(CanvasText, DescriptionUnusable)
_SIZE = Form(tuple[int, int], ScanRejected)


class _Reading:
    """One folder that is read."""

    def __init__(self, folder: ArchiveFolder, sandbox: Sandbox) -> None:
        self._folder = folder
        self._sandbox = sandbox
        self._notes: list[str] = []

    def by_document(self, path: Path) -> DescribedEdition:
        """Read the METS or DIDL of an edition, and the files that it names."""
        path, document = self._document(path)
        if not isinstance(document, IssueDocument) or document.of is not DocumentOf.EDITION:
            raise DescriptionUnusable(_of_another(path.name, document))
        check_pages(len(document.pages), path.name)
        record = document.record
        day, title = self._day(path, record.days), record.title or self._title_of_reel()
        images = PageImages(self._folder, self._sandbox.limits.file_bytes).best(document.pages)
        captions = self._captions(document)
        pages, texts, silent = [], 0, []
        spoken: Counter[str] = Counter()
        numbers = numbered([page.label for page in document.pages])
        for place, (number, page) in enumerate(zip(numbers, document.pages, strict=True)):
            text = self._text_of(page, captions)
            texts += text is not None
            silent += [] if self._text_files(page) else [number]
            spoken.update([text.language] if text else ())
            if place in images:
                fitting = self._fitting(images[place], text)
                where = page.canvas, page.image_service, page.canvas_size
                pages.append(DescribedPage(number, images[place], fitting, *where))
            else:
                self._notes.append(without_image(path.name, number))
        if texts and silent:
            self._notes.append(without_text(path.name, silent))
        return DescribedEdition(
            path,
            kind_of(path) or DescriptionKind.METS,
            title,
            day,
            tuple(pages),
            len(document.pages),
            record.rights,
            _codes(record.languages or [one for one, _ in spoken.most_common(1)]),
            tuple(self._notes),
            record.newspaper_identifiers,
            record.identifiers,
            record.edition_label,
            record.holder,
            record.rights_address,
            source=record.source,
            homepage=record.homepage,
            profile=document.profile,
            texts_described=texts,
        )

    def _document(self, path: Path) -> tuple[Path, Description]:
        """Return what a document describes; of a validated one that is broken, the one before."""
        try:
            return path, self._read(path, _DESCRIPTION, read_lent)
        except DescriptionUnusable as error:
            before = outdated(path)
            if before is None:
                raise
            note = Message("%(why)s; %(name)s is read in its place", why=error, name=before.name)
            self._notes.append(note)
            return before, self._read(before, _DESCRIPTION, read_lent)

    def by_manifest(self, path: Path) -> DescribedEdition:
        """Read a IIIF manifest, and find its images, and the texts that are named after them."""
        manifest = self._read(path, _MANIFEST, read_lent_manifest)
        edition = described_by_manifest(manifest, path, self._folder)
        days = manifest.record.days
        several = [several_days(path.name, days)] if len(days) > 1 else []
        sizes = {canvas.id: (canvas.width, canvas.height) for canvas in manifest.canvases}
        pages = []
        for page in edition.pages:
            text = self._text_beside(page, sizes.get(page.canvas, (None, None)))
            pages.append(replace(page, text=self._fitting(page.image, text)))
        return replace(
            edition,
            pages=tuple(pages),
            languages=_codes(manifest.record.languages),
            notes=(*edition.notes, *self._notes, *several),
            texts_described=sum(page.text is not None for page in pages),
        )

    def _text_beside(
        self, page: DescribedPage, size: tuple[float | None, float | None]
    ) -> PageText | None:
        """Return the text of a page that is in a file of its image's name, else in its manifest."""
        stem = page.image.stem
        beside = [one for one in self._folder.files if one.name.startswith(f"{stem}.")]
        for path in beside:
            if kind_of(path) in TEXTS:
                texts = [text for text in self._read_texts(path) if text.blocks]
                if len(texts) == 1:
                    return texts[0]
        annotated = next((one for one in beside if one.name == f"{stem}{ANNOTATIONS}"), None)
        if annotated is None:
            return page.text
        name = annotated.name
        try:
            with annotated.open("rb") as file:
                read = read_lent_annotations
                page_text = self._sandbox.run(name, _ANNOTATED, read, name, *size, files=[file])
        except (DescriptionUnusable, ScanRejected) as error:
            self._notes.append(str(error))
            return page.text
        return page_text.text

    def _day(self, path: Path, days: Sequence[date]) -> date | None:
        """Return the day of an edition: as it is said, else as its file or folder is named."""
        if len(days) > 1:
            self._notes.append(several_days(path.name, days))
        if days:
            return days[0]
        named = [day_of_name(name) for name in (path.stem, self._folder.path.name)]
        found = set(filter(None, named))
        if len(found) != 1:
            return None
        day = found.pop()
        note = Message(
            "%(name)s: it says no day: %(day)s is taken from its name",
            name=path.name,
            day=day.isoformat(),
        )
        self._notes.append(note)
        return day

    def _title_of_reel(self) -> str:
        """Return the newspaper that the METS of the reel around names, if it names one alone."""
        for path in xml_files(self._folder.path.parent):
            if kind_of(path) is DescriptionKind.METS and is_of_reel(path):
                try:
                    reel = self._read(path, _DESCRIPTION, read_lent)
                except DescriptionUnusable:  # whoever walks through the tree names it
                    return ""
                return reel.record.title if isinstance(reel, IssueDocument) else ""
        return ""

    def _captions(self, document: IssueDocument) -> Mapping[str, frozenset[str]]:
        """Return the blocks that are captions, by file; of METS that is a part of it, too."""
        captions = dict(document.captions)
        for path in self._parts(document):
            try:
                part = self._read(path, _DESCRIPTION, read_lent)
            except DescriptionUnusable as error:
                self._notes.append(str(error))
                continue
            if isinstance(part, IssueDocument):
                captions |= part.captions
        return captions

    def _parts(self, document: IssueDocument) -> list[Path]:
        """Return the METS in folders below that describe the structure of the whole."""
        folders = {self._folder.path / "toc", self._folder.path / "structure"}
        if document.captions:
            return []
        near = [file for file in self._folder.files if file.parent in folders]
        return [file for file in near if kind_of(file) is DescriptionKind.METS][:1]

    def by_texts(self, paths: Sequence[Path]) -> DescribedEdition:
        """Read a folder of images with a text beside each: by the name in it, or by its own."""
        texts: dict[Path, PageText] = {}
        missing = []
        by_stem = PageImages(self._folder, self._sandbox.limits.file_bytes).of_stem
        for path in paths:
            pages = self._read_texts(path)
            for text in pages:
                alone = self._same_stem(path) if len(pages) == 1 else None
                named = text.image and self._folder.resolve(text.image)
                image = named or alone or (text.image and by_stem(text.image)) or None
                if image is None or page_format(image) is None:
                    missing.append(path)
                else:
                    texts[image] = text
        images = self._images_beside(texts)
        numbers = numbered([texts[image].label if image in texts else "" for image in images])
        described = tuple(
            DescribedPage(number, image, self._fitting(image, texts.get(image)))
            for number, image in zip(numbers, images, strict=True)
        )
        for path in missing:
            note = Message("%(name)s: the image that it describes is not there", name=path.name)
            self._notes.append(note)
        return DescribedEdition(
            self._folder.path,
            kind_of(paths[0]) or DescriptionKind.ALTO,
            "",
            None,
            described,
            len(images) + len(missing),
            notes=tuple(self._notes),
            texts_described=len(texts) + len(missing),
        )

    def _images_beside(self, texts: Mapping[Path, PageText]) -> list[Path]:
        """Return all images of the folders that described ones are in: some may have no text."""
        folders = {image.parent for image in texts}
        files = (file for file in self._folder.files if file.parent in folders)
        images = [file for file in files if page_format(file) is not None]
        return sorted(images, key=lambda image: natural_key(image.name))

    def _same_stem(self, path: Path) -> Path | None:
        stem = path.name.split(".")[0]
        named = (file for file in self._folder.files if file.name.split(".")[0] == stem)
        images = (file for file in named if file != path and page_format(file) is not None)
        return next(images, None)

    def _text_of(self, page: IssuePage, captions: Mapping[str, frozenset[str]]) -> PageText | None:
        """Return the text of a page: of its files in a format of texts, the first with lines."""
        empty = None
        for file, path in self._text_files(page):
            text = _meant(file, self._read_texts(path))
            if text is not None and text.blocks:
                return _with_captions(text, captions.get(file.id, frozenset()))
            empty = empty or text
        return empty

    def _text_files(self, page: IssuePage) -> list[tuple[IssueFile, Path]]:
        """Return the files of a page that are there in a format of texts."""
        others = [file for file in page.files if not file.is_image]
        places = (
            (one, next(filter(None, map(self._folder.resolve, one.places)), None)) for one in others
        )
        return [(one, path) for one, path in places if path and kind_of(path) in TEXTS]

    def _read_texts(self, path: Path) -> tuple[PageText, ...]:
        """Return the texts of the pages of a file; one that can't be read is noted."""
        try:
            texts = self._read(path, _DESCRIPTION, read_lent)
        except DescriptionUnusable as error:
            self._notes.append(str(error))
            return ()
        return texts.pages if isinstance(texts, PageTexts) else ()

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


def _meant(file: IssueFile, texts: Sequence[PageText]) -> PageText | None:
    """Return the text of the page that is pointed to, else the first that has lines."""
    named = (text for text in texts if file.begins and text.id == file.begins)
    filled = (text for text in texts if text.blocks)
    return next(named, None) or next(filled, None) or next(iter(texts), None)


def _with_captions(text: PageText, marked: frozenset[str]) -> PageText:
    blocks = (
        replace(block, is_caption=block.is_caption or block.id in marked) for block in text.blocks
    )
    return replace(text, blocks=tuple(blocks))


def _of_another(name: str, document: Description) -> Message:
    """Return that a document describes no edition, and what it describes."""
    of = document.of if isinstance(document, IssueDocument) else None
    if of is DocumentOf.REEL:
        return Message(
            "%(name)s: it describes a reel of microfilm, not an edition: `presslens import --tree`"
            " imports the editions in the folders below",
            name=name,
        )
    if of is DocumentOf.EDITIONS:
        return Message(
            "%(name)s: it describes no edition, it points to the METS of others: import those",
            name=name,
        )
    return Message("%(name)s: it lists no pages", name=name)
