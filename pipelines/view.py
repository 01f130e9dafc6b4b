"""The view of a page: a re-encoded picture that is safe to serve and carries no metadata."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image as Pillow
from PIL.JpegImagePlugin import JpegImageFile

from presslens.models.geometry import Box
from presslens.models.vocabulary import Image
from presslens.pipelines.disk import sync_file, sync_folder
from presslens.pipelines.failpoints import Failpoint, around

QUALITY = 88
"""JPEG quality of a view; crops of photos are cut from it for people, never for models."""

SEAL = b"\nsha256 "
"""Stands behind the JPEG, before its sha256: readers of JPEGs stop at its end."""

START, END = b"\xff\xd8", b"\xff\xd9"
"""The first and last bytes of a JPEG."""


def write_view(page: Image, path: Path, *, incoming: Path | None = None) -> None:
    """Write the pixels of a page as a JPEG, whole or not at all; its sha256 stands behind it.

    It survives a power cut: a view is written once, and who says that a page was observed must
    find it again.

    Args:
        page: The pixels.
        path: The file of the view.
        incoming: A folder on the same disk for the unfinished file; None: beside the view.
    """
    content = jpeg(page)
    path.parent.mkdir(parents=True, exist_ok=True)
    name = f"{path.name}.{os.getpid()}.part"
    part = path.with_name(name) if incoming is None else incoming / name
    try:
        with around(Failpoint.VIEW_WRITE):
            part.write_bytes(content + SEAL + hashlib.sha256(content).hexdigest().encode())
        with around(Failpoint.VIEW_SYNC):
            sync_file(part)
        with around(Failpoint.VIEW_RENAME):
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    with around(Failpoint.VIEW_SYNC_FOLDER):
        sync_folder(path.parent)
    with around(Failpoint.VIEW_SYNC_PARENT):
        sync_folder(path.parent.parent)


def is_intact(view: Path) -> bool | None:
    """Tell whether a view is the JPEG that was written; None if it was written without its sha256.

    Raises:
        OSError: It can't be read.
    """
    content, seal, digest = view.read_bytes().rpartition(SEAL)
    if seal:
        return hashlib.sha256(content).hexdigest().encode() == digest
    return None if digest[:2] == START and digest[-2:] == END else False


def open_view(view: Path | IO[bytes]) -> JpegImageFile:
    """Open a view; its pixels are not decoded yet.

    It was encoded here and is no larger than the pages that are taken, so it is opened past
    Pillow's warning of pictures that are bombs.
    """
    return JpegImageFile(view)


def cut_out(view: bytes | Path, boxes: Sequence[Box], *, height: int) -> list[Image | None]:
    """Return photos, cut out of the view of their page for people to look at.

    Args:
        view: The JPEG, or its file.
        boxes: Of the photos, in page pixels.
        height: Crops that are higher are reduced to this, in pixels.

    Returns:
        RGB pixels for each box; None where nothing of it lies on the page.
    """
    with open_view(io.BytesIO(view) if isinstance(view, bytes) else view) as page:
        return [_crop(page, box, height) for box in boxes]


def write_parts(view: bytes | Path, parts: Iterable[tuple[Box | None, int | None, Path]]) -> None:
    """Write parts of a view as JPEGs for people to look at.

    Args:
        view: The JPEG of a page, or its file.
        parts: For each picture: its box in page pixels, None for the whole page; its width in
            pixels if it is to be reduced, None for the pixels of the page; and its file. Nothing is
            written of a box that lies beside the page.
    """
    with Pillow.open(
        io.BytesIO(view) if isinstance(view, bytes) else view, formats=("JPEG",)
    ) as page:
        for box, width, path in parts:
            part = page if box is None else page.crop(box.clipped(*page.size).pixels())
            if 0 in part.size:
                continue
            if width is not None and part.width > width:
                size = width, max(1, round(part.height * width / part.width))
                part = part.resize(size, Pillow.Resampling.LANCZOS)
            part.convert("RGB").save(path, "JPEG", quality=QUALITY)


def _crop(page: Pillow.Image, box: Box, height: int) -> Image | None:
    crop = page.crop(box.clipped(*page.size).pixels())
    if 0 in crop.size:
        return None
    if crop.height > height:
        width = max(1, round(crop.width * height / crop.height))
        crop = crop.resize((width, height), Pillow.Resampling.LANCZOS)
    return np.asarray(crop.convert("RGB"))


def jpeg(pixels: Image) -> bytes:
    """Return pixels as a JPEG without metadata."""
    out = io.BytesIO()
    Pillow.fromarray(pixels).save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
