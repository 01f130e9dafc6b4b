"""Fetches the issues of a IIIF manifest or collection, a folder each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from presslens.app.harvest.fetched_folder import (
    IMAGE,
    TEXT,
    FetchedFile,
    FetchedFolder,
    folder_name,
    holds_other,
    other_name,
)
from presslens.app.harvest.polite_client import BudgetSpent, FetchFailed, PoliteClient
from presslens.pipelines.archives.described_edition import DescriptionKind, DescriptionUnusable
from presslens.pipelines.archives.documents import kind_of_text
from presslens.pipelines.archives.iiif import (
    ANNOTATIONS,
    IiifCanvas,
    IiifManifest,
    ListedIn,
    read_manifest,
)
from presslens.pipelines.archives.iiif_text import holds_text, pointed_text, with_pointed_text
from presslens.pipelines.archives.markup import MOST_BYTES
from presslens.pipelines.result import Served
from presslens.pipelines.scans.page_numbers import MOST_PAGES

MOST_PARTS = 100_000
"""Most manifests and collections of one call."""

MOST_DEPTH = 12
"""Collections within collections, at most."""

OnImage = Callable[[str, int, int], None]
"""Is called with the name of a folder, the images that are there, and how many it will have."""


@dataclass(slots=True)
class FetchedIssue:
    """The result of an issue."""

    manifest: str  # the address of its manifest
    folder: str  # the name of its folder
    pages: int  # number of its pages
    fetched: int = 0  # number of images that were fetched now
    already: int = 0  # number that were there
    # Why others are missing, by the address of their canvas.
    failed: dict[str, str] = field(default_factory=dict)
    texts: int = 0  # number of pages whose text is there
    # Why linked texts could not be had, by the address of their canvas: these are not waited for.
    textless: dict[str, str] = field(default_factory=dict)
    accepted: bool = False  # the folder is complete all the same: these are not waited for


@dataclass(slots=True)
class Fetched(Served):
    """The result of a call."""

    issues: list[FetchedIssue] = field(default_factory=list)
    # Why manifests or collections could not be read, by their address.
    failed: dict[str, str] = field(default_factory=dict)
    stopped: str | None = None  # why no more was asked for; None if all was

    @property
    def is_whole(self) -> bool:
        """Whether everything is there that is waited for."""
        missing = any(issue.failed and not issue.accepted for issue in self.issues)
        return not (self.failed or self.stopped or missing)


class Harvest:
    """One call that fetches what a manifest or collection lists."""

    def __init__(
        self,
        client: PoliteClient,
        out: Path,
        *,
        width: int | None = None,
        file_bytes: int,
        accept_missing: bool = False,
        texts: bool = True,
        progress: OnImage = lambda _folder, _done, _pages: None,
    ) -> None:
        """Prepare a call.

        Args:
            client: Asks the servers.
            out: The folder that gets one for each issue.
            width: Width of the images, px; None: as large as they are had.
            file_bytes: Largest image.
            accept_missing: An issue is complete without the images that can't be had, if it has
                one at all.
            texts: Texts are fetched that the manifest links to.
            progress: Is called after each image.
        """
        self._client = client
        self._out = out
        self._width = width
        self._file_bytes = file_bytes
        self._accept_missing = accept_missing
        self._texts = texts
        self._progress = progress
        self._seen: set[str] = set()
        self.result = Fetched()

    def run(self, source: str) -> Fetched:
        """Fetch all issues of a manifest or collection.

        Args:
            source: Its address, or the name of a file that holds it.
        """
        try:
            if "://" in source:
                self._client.trust(source)
            for address, content, manifest, listed_in in self._manifests(source):
                self._fetch_issue(address, content, manifest, listed_in)
        except BudgetSpent as spent:
            self.result.stopped = str(spent)
        except FetchFailed as error:
            self.result.failed[source] = str(error)
        return self.result

    def _manifests(self, source: str) -> Iterator[tuple[str, bytes, IiifManifest, ListedIn]]:
        """Yield the manifests below an address, depth first, each once."""
        pending = [(source, 0, ListedIn())]
        while pending:
            address, depth, listed_in = pending.pop()
            if address in self._seen:
                continue
            if depth > MOST_DEPTH:
                self.result.failed[address] = f"it is more than {MOST_DEPTH} collections deep"
                continue
            if len(self._seen) >= MOST_PARTS:
                self.result.failed[source] = (
                    f"it lists more than {MOST_PARTS:,} manifests and collections: the others are"
                    " left out"
                )
                return
            self._seen.add(address)
            try:
                content = self._document(address, is_file=address == source and "://" not in source)
                manifest = read_manifest(content, address)
            except BudgetSpent:
                raise
            except (FetchFailed, DescriptionUnusable) as error:
                self.result.failed[address] = str(error)
                continue
            if not (manifest.canvases or manifest.parts or manifest.following):
                self.result.failed[address] = "it lists neither pages nor editions"
            if manifest.following:
                pending.append((manifest.following, depth, listed_in))
            below = listed_in.below(manifest)
            pending += [(part, depth + 1, below) for part in reversed(manifest.parts)]
            if manifest.canvases:
                yield address, content, listed_in.completed(manifest), listed_in

    def _document(self, address: str, *, is_file: bool) -> bytes:
        """Return a document; what a library lists is never a file of this machine."""
        if is_file:
            try:
                with Path(address).open("rb") as file:
                    return file.read(MOST_BYTES + 1)
            except OSError as error:
                raise FetchFailed(f"{address}: {error.strerror}") from None
        content = bytearray()

        def write(chunk: bytes) -> None:
            if not chunk:
                content.clear()
            content.extend(chunk)

        self._client.read(address, MOST_BYTES, write)
        return bytes(content)

    def _fetch_issue(
        self, address: str, content: bytes, manifest: IiifManifest, listed_in: ListedIn
    ) -> None:
        if len(manifest.canvases) > MOST_PAGES:
            self.result.failed[address] = f"it has more than {MOST_PAGES} pages"
            return
        ids = {canvas.id for canvas in manifest.canvases}
        if "" in ids or len(ids) < len(manifest.canvases):
            self.result.failed[address] = "some of its pages have no id, or several have the same"
            return
        source = manifest.id or _whole_address(address)
        folder = FetchedFolder(self._folder(manifest, source))
        issue = FetchedIssue(manifest.id or address, folder.path.name, len(manifest.canvases))
        self.result.issues.append(issue)
        folder.begin(content, manifest, source, listed_in)
        there, texts = folder.files(IMAGE), folder.files(TEXT)
        images: dict[str, FetchedFile] = {}
        for place, canvas in enumerate(manifest.canvases, 1):
            stored = there.get(canvas.id)
            if stored is not None and stored.address in canvas.addresses(self._width):
                images[canvas.id] = stored
                issue.already += 1
            else:
                try:
                    images[canvas.id] = self._fetch_image(folder, canvas, place)
                    issue.fetched += 1
                except BudgetSpent:
                    raise
                except FetchFailed as error:
                    issue.failed[canvas.id] = str(error)
            if canvas.id in images and self._texts:
                self._add_text(folder, issue, canvas, images[canvas.id], texts.get(canvas.id))
            self._progress(issue.folder, issue.fetched + issue.already, issue.pages)
        issue.accepted = bool(issue.failed and images and self._accept_missing)
        if issue.accepted or not issue.failed:
            folder.finish(content, {canvas: image.file for canvas, image in images.items()})

    def _add_text(
        self,
        folder: FetchedFolder,
        issue: FetchedIssue,
        canvas: IiifCanvas,
        image: FetchedFile,
        stored: FetchedFile | None,
    ) -> None:
        """Fetch the text of a canvas beside its image, from the first address that gives one."""
        stem = f"{Path(image.file).stem}."
        is_there = stored is not None and Path(stored.file).name.startswith(stem)
        if is_there or not (canvas.texts or canvas.annotations):
            issue.texts += is_there or canvas.text is not None
            return
        for address in (*canvas.texts, *canvas.annotations):
            try:
                content = self._text(address, canvas)
                ending = _ending(address, content, canvas)
            except BudgetSpent:
                raise
            except (FetchFailed, DescriptionUnusable) as error:
                issue.textless.setdefault(canvas.id, str(error))
                continue
            folder.add_text(image, address, content, ending)
            issue.textless.pop(canvas.id, None)
            issue.texts += 1
            return

    def _text(self, address: str, canvas: IiifCanvas) -> bytes:
        """Return the text of a canvas, with what annotations point at in another document."""
        content = self._document(address, is_file=False)
        if address not in canvas.annotations or kind_of_text(content) is not None:
            return content
        pointed = pointed_text(address, content)
        if not pointed:
            return content
        return with_pointed_text(address, content, self._document(pointed, is_file=False))

    def _fetch_image(self, folder: FetchedFolder, canvas: IiifCanvas, place: int) -> FetchedFile:
        """Fetch the image of a canvas from the first of its addresses that gives one."""
        failure = FetchFailed("the canvas has no image")
        for address in canvas.addresses(self._width):

            def read(into: Callable[[bytes], object], address: str = address) -> None:
                self._client.read(address, self._file_bytes, into)

            try:
                return folder.add(canvas.id, place, address, read)
            except BudgetSpent:
                raise
            except FetchFailed as error:
                failure = error
        raise failure

    def _folder(self, manifest: IiifManifest, source: str) -> Path:
        """Return the folder of an issue; another issue of the same day has another one."""
        name = folder_name(manifest)
        path = self._out / name
        return self._out / other_name(name, source) if holds_other(path, source) else path


def _ending(address: str, content: bytes, canvas: IiifCanvas) -> str:
    """Return how the name of a file with the text of a canvas ends.

    Raises:
        FetchFailed: It is no text of a page.
        DescriptionUnusable: They are no annotations.
    """
    kind = kind_of_text(content)
    if kind is not None:
        return ".hocr" if kind is DescriptionKind.HOCR else ".xml"
    if address in canvas.annotations:
        if holds_text(address, content, canvas.width, canvas.height):
            return ANNOTATIONS
        raise FetchFailed(f"{address}: its annotations hold no text with places")
    raise FetchFailed(f"{address}: what it gives is neither ALTO nor PAGE-XML nor hOCR")


def _whole_address(address: str) -> str:
    """Return an address; of a file, its whole path."""
    return address if "://" in address else str(Path(address).resolve())
