"""The folder of an edition that is fetched: its images, its manifest, and what is there already."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

from presslens.app.harvest.polite_client import FetchFailed
from presslens.app.platform.text import plain_name
from presslens.pipelines.archives.described_edition import DescriptionUnusable
from presslens.pipelines.archives.folder import page_format
from presslens.pipelines.archives.iiif import (
    CANVAS_MAP,
    NEWSPAPER,
    IiifManifest,
    ListedIn,
    read_manifest,
)
from presslens.pipelines.archives.markup import MOST_BYTES
from presslens.pipelines.scans.scan import ScanFormat

MANIFEST = "manifest.json"
JOURNAL = ".fetched.jsonl"
"""A line for each file that was fetched: what it was fetched for, its size and sha256."""

SOURCE = ".source"
"""Says which manifest the folder is of: its id, or where it came from."""

Read: TypeAlias = Callable[[Callable[[bytes], object]], None]
"""Reads an image into a function; see ``PoliteClient.read``."""

_ENDINGS = {ScanFormat.JPEG: "jpg", ScanFormat.TIFF: "tif", ScanFormat.JPEG2000: "jp2"}
_LAST = {
    ScanFormat.JPEG: b"\xff\xd9",
    ScanFormat.JPEG2000: b"\xff\xd9",
    ScanFormat.PNG: b"IEND",
}
"""What the end of a whole image holds, and the image before it does not."""

_TAIL = 4096
_MOST_TITLE = 200
_UNFIT = '<>:"/\\|?*'


IMAGE, TEXT = "image", "text"
"""What a fetched file is of its canvas."""


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A fetched file: its canvas, its address, its name, and what it is of the canvas."""

    canvas: str
    address: str
    file: str
    size: int
    sha256: str
    what: str = IMAGE


class FetchedFolder:
    """A folder that is filled; ``manifest.json`` is there once all of it is.

    Until then the manifest has the name of an unfinished file, so that no nightly run takes the
    edition in.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def begin(
        self, content: bytes, manifest: IiifManifest, source: str, listed_in: ListedIn
    ) -> None:
        """Write the manifest, which one it is, what lists it, and what it says of rights."""
        if not (self.path / MANIFEST).exists():
            self._replace(f"{MANIFEST}.part", content)
        day = manifest.day.isoformat() if manifest.day else ""
        record = manifest.record
        lines = (manifest.label, day, record.rights, record.rights_address, manifest.id)
        self._replace("rights.txt", ("\n".join(filter(None, lines)) + "\n").encode())
        if listed_in != ListedIn():
            self._replace(NEWSPAPER, listed_in.packed())
        self._replace(SOURCE, source.encode("utf-8", "replace"))

    def files(self, what: str) -> dict[str, FetchedFile]:
        """Return the images, or the texts, that are there as they were fetched, by their canvas."""
        journal = (one for one in self._journal() if one.what == what)
        return {one.canvas: one for one in journal if self._is_whole(one)}

    def add(self, canvas: str, place: int, address: str, read: Read) -> FetchedFile:
        """Fetch an image into a file of its own.

        Args:
            place: Its place, from 1.
            address: Where the image comes from.

        Raises:
            FetchFailed: It can't be had, or is no image.
        """
        unfinished = self.path / f"{place:04d}.part"
        try:
            with unfinished.open("wb") as file:

                def write(chunk: bytes) -> None:
                    if not chunk:
                        file.seek(0)
                        file.truncate()
                    file.write(chunk)

                read(write)
                file.flush()
                os.fsync(file.fileno())
            kind = page_format(unfinished)
            if kind is None:
                raise FetchFailed(f"{address}: what it gives is no image")
            if _LAST.get(kind, b"") not in _tail(unfinished):
                raise FetchFailed(f"{address}: the image is cut off")
            digest = _sha256(unfinished)
            name = self._free_name(canvas, place, _ENDINGS.get(kind, kind.value.lower()))
            image = FetchedFile(canvas, address, name, unfinished.stat().st_size, digest)
            unfinished.replace(self.path / name)
        finally:
            unfinished.unlink(missing_ok=True)
        self._note(image)
        return image

    def add_text(self, image: FetchedFile, address: str, content: bytes, ending: str) -> None:
        """Store the text of a canvas under the name of its image."""
        name = f"{Path(image.file).stem}{ending}"
        self._replace(name, content)
        digest = hashlib.sha256(content).hexdigest()
        self._note(FetchedFile(image.canvas, address, name, len(content), digest, TEXT))

    def _note(self, file: FetchedFile) -> None:
        with (self.path / JOURNAL).open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(asdict(file)) + "\n")

    def finish(self, content: bytes, files: dict[str, str]) -> None:
        """Say which image each canvas has, and that the folder is complete."""
        self._replace(CANVAS_MAP, json.dumps(files, indent=1, ensure_ascii=False).encode())
        self._replace(MANIFEST, content)
        (self.path / f"{MANIFEST}.part").unlink(missing_ok=True)

    def _free_name(self, canvas: str, place: int, ending: str) -> str:
        """Return a name that no other canvas has: places change when a library adds a page."""
        name = f"{place:04d}.{ending}"
        if name in {one.file for one in self._journal() if one.canvas != canvas}:
            return f"{place:04d} {_short_hash(canvas)}.{ending}"
        return name

    def _journal(self) -> list[FetchedFile]:
        try:
            lines = (self.path / JOURNAL).read_bytes().splitlines()
        except FileNotFoundError:
            return []
        return [file for line in lines if (file := _file_of(line)) is not None]

    def _is_whole(self, image: FetchedFile) -> bool:
        path = self.path / Path(image.file).name
        if not path.is_file() or path.stat().st_size != image.size:
            return False
        return _sha256(path) == image.sha256

    def _replace(self, name: str, content: bytes) -> None:
        unfinished = self.path / f".{name}.tmp"
        unfinished.write_bytes(content)
        unfinished.replace(self.path / name)


def folder_name(manifest: IiifManifest) -> str:
    """Return the name of the folder of an issue: newspaper and day, else a hash of its address."""
    digest = _short_hash(manifest.id)
    printable = (c for c in plain_name(manifest.title) if c.isprintable() and c not in _UNFIT)
    # A name has 255 bytes at most, whatever the letters are.
    title = "".join(printable)[:80].encode()[:_MOST_TITLE].decode(errors="ignore").strip(" .")
    if manifest.day is None:
        return f"{title} {digest}".strip()
    return f"{title or digest}_{manifest.day}"


def other_name(name: str, source: str) -> str:
    """Return the name of the folder of an issue where another one has the usual name."""
    return f"{name} {_short_hash(source)}"


def holds_other(path: Path, source: str) -> bool:
    """Return whether a folder is of another manifest."""
    try:
        return (path / SOURCE).read_bytes() != source.encode("utf-8", "replace")
    except FileNotFoundError:
        return _manifest_id(path) not in {None, source}


def _manifest_id(path: Path) -> str | None:
    """Return the id of the manifest in a folder that does not say its source; None without one."""
    for name in (MANIFEST, f"{MANIFEST}.part"):
        try:
            with (path / name).open("rb") as file:
                return read_manifest(file.read(MOST_BYTES + 1), name).id
        except (OSError, DescriptionUnusable):
            continue
    return None


def _file_of(line: bytes) -> FetchedFile | None:
    """Return what a line of the journal says; None if it was cut off or is none."""
    try:
        file = FetchedFile(**json.loads(line))
    except (ValueError, TypeError, RecursionError):
        return None
    texts = (file.canvas, file.address, file.file, file.sha256, file.what)
    fits = all(isinstance(text, str) for text in texts) and isinstance(file.size, int)
    return file if fits else None


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        return file.read()


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
