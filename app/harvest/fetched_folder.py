"""The folder of an edition that is fetched: its images, its manifest, and what is there already."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

from app.harvest.polite_client import FetchFailed
from app.text import plain_name
from pipelines.archives.folder import page_format
from pipelines.archives.iiif import CANVAS_MAP, IiifManifest
from pipelines.scans.scan import ScanFormat

MANIFEST = "manifest.json"
JOURNAL = ".fetched.jsonl"
"""A line for each image that was fetched: what it was fetched for, its size and sha256."""

Read: TypeAlias = Callable[[Callable[[bytes], object]], None]
"""Reads an image into a function; see ``PoliteClient.read``."""

_ENDINGS = {ScanFormat.JPEG: "jpg", ScanFormat.TIFF: "tif", ScanFormat.JPEG2000: "jp2"}
_UNFIT = '<>:"/\\|?*'


@dataclass(frozen=True, slots=True)
class FetchedImage:
    """An image that was fetched: of which canvas, from where, and what came."""

    canvas: str
    address: str
    file: str
    size: int
    sha256: str


class FetchedFolder:
    """A folder that is filled; ``manifest.json`` is there once all of it is.

    Until then the manifest has the name of an unfinished file, so that no nightly run takes the
    edition in.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def begin(self, content: bytes, manifest: IiifManifest) -> None:
        """Write the manifest, and what it says of rights as a text."""
        if not (self.path / MANIFEST).exists():
            self._replace(f"{MANIFEST}.part", content)
        day = manifest.day.isoformat() if manifest.day else ""
        lines = (manifest.label, day, manifest.rights, manifest.id)
        self._replace("rights.txt", ("\n".join(filter(None, lines)) + "\n").encode())

    def images(self) -> dict[str, FetchedImage]:
        """Return the images that are there as they were fetched, by their canvas."""
        return {one.canvas: one for one in self._journal() if self._is_whole(one)}

    def add(
        self,
        canvas: str,
        place: int,
        address: str,
        read: Callable[[Callable[[bytes], object]], None],
    ) -> FetchedImage:
        """Fetch an image into a file of its own.

        Args:
            canvas: The canvas.
            place: Its place, from 1.
            address: Where the image comes from.
            read: Reads it.

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
            digest = _sha256(unfinished)
            name = f"{place:04d}.{_ENDINGS.get(kind, kind.value.lower())}"
            image = FetchedImage(canvas, address, name, unfinished.stat().st_size, digest)
            unfinished.replace(self.path / name)
        finally:
            unfinished.unlink(missing_ok=True)
        with (self.path / JOURNAL).open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(asdict(image)) + "\n")
        return image

    def finish(self, content: bytes, files: dict[str, str]) -> None:
        """Say which image each canvas has, and that the folder is complete."""
        self._replace(CANVAS_MAP, json.dumps(files, indent=1, ensure_ascii=False).encode())
        self._replace(MANIFEST, content)
        (self.path / f"{MANIFEST}.part").unlink(missing_ok=True)

    def _journal(self) -> list[FetchedImage]:
        try:
            lines = (self.path / JOURNAL).read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        images = []
        for line in lines:
            try:
                images.append(FetchedImage(**json.loads(line)))
            except (ValueError, TypeError):  # the line was cut off
                continue
        return images

    def _is_whole(self, image: FetchedImage) -> bool:
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
    digest = hashlib.sha256(manifest.id.encode()).hexdigest()[:8]
    printable = (c for c in plain_name(manifest.title) if c.isprintable() and c not in _UNFIT)
    title = "".join(printable).strip(" .")[:80]
    if manifest.day is None:
        return f"{title} {digest}".strip()
    return f"{title or digest}_{manifest.day}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
