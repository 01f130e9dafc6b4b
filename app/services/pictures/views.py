"""Parts of a page's view, scaled: cut out of its JPEG, or put together from its pyramid."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import BoundedSemaphore, Lock

from PIL import Image as Pillow

from presslens.app.installation import Installation
from presslens.app.platform.errors import DiskFull, NotFound
from presslens.app.services.catalogue.pages import page_scan
from presslens.app.services.pictures.pyramid import PixelBox, Pyramid, write_pyramid
from presslens.app.storage.storage import view_key
from presslens.pipelines.view import open_view

LARGE_PIXELS = 12_000_000
"""Views with more pixels are never decoded for one small picture, but made a pyramid first."""

_BUILDING = Lock()
"""One pyramid is made at a time: a page of 150 megapixels takes 0.6 GB of memory."""

_SCALING = BoundedSemaphore(max(2, os.cpu_count() or 1))
"""Bounds the memory of pictures that are made at once."""


@dataclass(frozen=True, slots=True)
class PageView:
    """The view of a page."""

    file: str  # key of its file in the store, a JPEG
    sha256: str  # the scan that it shows
    key: str  # name of the view among those of the scan
    size: tuple[int, int]  # width and height in pixels


def find_view(home: Installation, page_id: int) -> PageView:
    """Return the view of a page.

    Raises:
        NotFound: There is no such page, or no picture of it.
    """
    return scan_view(home, *page_scan(home, page_id))


def scan_view(home: Installation, sha256: str, frame: int) -> PageView:
    """Return the view of a scan: the sha256 of its file, and which frame of it.

    Raises:
        NotFound: There is no picture of it.
    """
    file = view_key(sha256, frame, home.recipe.observation_id)
    try:
        with home.storage.open(file) as path, open_view(path) as image:
            size = image.size
    except FileNotFoundError:
        raise NotFound("there is no picture of this page, or not yet") from None
    return PageView(file, sha256, Path(file).stem.partition("-")[2], size)


@contextmanager
def view_file(home: Installation, view: PageView) -> Iterator[Path]:
    """Return the file of a view, until the block ends.

    Raises:
        NotFound: It is gone meanwhile.
    """
    with ExitStack() as opened:
        try:
            path = opened.enter_context(home.storage.open(view.file))
        except FileNotFoundError:
            raise NotFound("there is no picture of this page, or not yet") from None
        yield path


def view_bytes(home: Installation, view: PageView) -> bytes:
    """Return a view as it is, a JPEG.

    Raises:
        NotFound: It is gone meanwhile.
    """
    with view_file(home, view) as path:
        return path.read_bytes()


def open_pyramid(home: Installation, view: PageView) -> Pyramid:
    """Open the pyramid of a view; it is made where it is missing.

    Raises:
        DiskFull: There is too little room for it.
    """
    name = f"{view.key}.pyramid"
    if (pyramid := _opened(home, view, name)) is not None:
        return pyramid
    with _BUILDING:
        if (pyramid := _opened(home, view, name)) is not None:
            return pyramid
        home.storage.check_room()
        with view_file(home, view) as file:
            try:
                path = home.derivatives.put(view.sha256, name, partial(write_pyramid, file))
            except OSError as error:
                raise DiskFull("there is no room for the tiles of this page") from error
        return Pyramid(path)


def scaled_part(
    home: Installation, view: PageView, region: PixelBox, size: tuple[int, int]
) -> Pillow.Image:
    """Return a region of a view as RGB pixels.

    Args:
        region: In pixels of the page; not empty.
        size: Width and height of the picture, no larger than the region.

    Raises:
        DiskFull: There is too little room for the tiles of a large page.
    """
    opened = _opened(home, view, f"{view.key}.pyramid")
    if opened is None and view.size[0] * view.size[1] > LARGE_PIXELS:
        opened = open_pyramid(home, view)
    with _SCALING:
        if opened is not None:
            with opened as pyramid:
                return pyramid.region(region, size)
        with view_file(home, view) as path:
            return _decoded_part(path, region, size)


def _opened(home: Installation, view: PageView, name: str) -> Pyramid | None:
    path = home.derivatives.find(view.sha256, name)
    try:
        return None if path is None else Pyramid(path)
    except FileNotFoundError:  # deleted in this moment, to make room
        return None


def _decoded_part(view: Path, region: PixelBox, size: tuple[int, int]) -> Pillow.Image:
    """Cut a region out of a JPEG, which is decoded at an eighth, a quarter or half its sides."""
    x0, y0, x1, y1 = region
    with open_view(view) as image:
        width, height = image.size
        scale = min((x1 - x0) / size[0], (y1 - y0) / size[1])
        image.draft("RGB", (int(width / scale), int(height / scale)))
        fx, fy = image.width / width, image.height / height
        box = (x0 * fx, y0 * fy, min(x1 * fx, image.width), min(y1 * fy, image.height))
        part = image if image.mode == "RGB" else image.convert("RGB")
        return part.resize(size, Pillow.Resampling.LANCZOS, box=box)
