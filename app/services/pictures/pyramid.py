"""Pyramids: the view of a page as JPEG tiles at halved sizes, in one file.

A reader that zooms into a page asks for many small parts of it. The view is one JPEG that can only
be decoded whole (150 megapixels: 0.6 s); of a pyramid, only the tiles that are asked for are read.
The file holds ``MAGIC``, width and height of the page, the offset of each tile and of the end, and
the tiles, row by row, level by level. Level 0 has the pixels of the page, each further one half of
the sides before, rounded up, until all is in one tile.
"""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from PIL import Image as Pillow

from presslens.pipelines.view import QUALITY, open_view

MAGIC = b"PLPYR001"
TILE = 512
"""Sides of a tile in pixels; those of the last column and row are less."""

MOST_PIXELS = 64_000_000
"""Pixels of a page that are decoded for one picture, about."""

_HEAD = struct.Struct("<8sII")
_OFFSET = struct.Struct("<Q")

PixelBox = tuple[int, int, int, int]
"""(x0, y0, x1, y1) in whole pixels: half-open, origin top left."""


@dataclass(frozen=True, slots=True)
class PyramidLevel:
    """One size of a page."""

    width: int  # in pixels of this size
    height: int  # in pixels of this size
    first: int  # number of its first tile in the file

    @property
    def columns(self) -> int:
        """Number of tiles side by side."""
        return -(-self.width // TILE)

    @property
    def tiles(self) -> int:
        """Number of tiles."""
        return self.columns * -(-self.height // TILE)


def levels(width: int, height: int) -> list[PyramidLevel]:
    """Return the sizes of a page in its pyramid, the largest first.

    Args:
        width: Of the page, in pixels.
        height: Of the page, in pixels.
    """
    sizes = [PyramidLevel(width, height, 0)]
    while (last := sizes[-1]).tiles > 1:
        half = -(-last.width // 2), -(-last.height // 2)
        sizes.append(PyramidLevel(*half, last.first + last.tiles))
    return sizes


def write_pyramid(view: Path, path: Path) -> None:
    """Write the pyramid of a page.

    Args:
        view: The view of the page.
        path: The file that is written.
    """
    with open_view(view) as opened, path.open("wb") as file:
        image: Pillow.Image = opened
        sizes = levels(*image.size)
        count = sizes[-1].first + sizes[-1].tiles
        offsets = [_HEAD.size + (count + 1) * _OFFSET.size]
        file.seek(offsets[0])
        for level in sizes:
            if level.first:
                image = image.reduce(2)
            for tile in _encoded(image):
                file.write(tile)
                offsets.append(offsets[-1] + len(tile))
        file.seek(0)
        file.write(_HEAD.pack(MAGIC, sizes[0].width, sizes[0].height))
        file.write(struct.pack(f"<{len(offsets)}Q", *offsets))


def _encoded(image: Pillow.Image) -> Iterator[bytes]:
    for y in range(0, image.height, TILE):
        for x in range(0, image.width, TILE):
            box = x, y, min(x + TILE, image.width), min(y + TILE, image.height)
            out = io.BytesIO()
            image.crop(box).save(out, "JPEG", quality=QUALITY)
            yield out.getvalue()


class Pyramid:
    """An opened file of tiles; a context manager that closes it."""

    def __init__(self, path: Path) -> None:
        """Open a file.

        Raises:
            FileNotFoundError: It is not there.
            ValueError: It is no pyramid.
        """
        self._file = path.open("rb")
        magic, self.width, self.height = _HEAD.unpack(self._file.read(_HEAD.size))
        if magic != MAGIC:
            self._file.close()
            raise ValueError(f"{path.name} is no pyramid")
        self._levels = levels(self.width, self.height)

    def __enter__(self) -> Pyramid:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def tile(self, region: PixelBox, size: tuple[int, int]) -> bytes | None:
        """Return a tile as it is stored; None if the region at this size is none.

        Args:
            region: In pixels of the page.
            size: Width and height of the picture, in its own pixels.
        """
        x0, y0, x1, y1 = region
        for i, level in enumerate(self._levels):
            step = TILE << i
            if x0 % step or y0 % step:
                continue
            column, row = x0 // step, y0 // step
            right, low = min(x0 + step, self.width), min(y0 + step, self.height)
            whole = (x1, y1) == (right, low)
            if whole and size == (-(-(x1 - x0) >> i), -(-(y1 - y0) >> i)):
                return self._read(level.first + row * level.columns + column)
        return None

    def region(self, region: PixelBox, size: tuple[int, int]) -> Pillow.Image:
        """Return a region of the page, scaled.

        Args:
            region: In pixels of the page; not empty.
            size: Width and height of the picture, no larger than the region.
        """
        i = self._level_for(region, size)
        level, step = self._levels[i], 1 << i
        x0, y0 = region[0] / step, region[1] / step
        x1, y1 = min(region[2] / step, level.width), min(region[3] / step, level.height)
        columns = range(int(x0) // TILE, math.ceil(x1 / TILE))
        rows = range(int(y0) // TILE, math.ceil(y1 / TILE))
        left, top = columns.start * TILE, rows.start * TILE
        right, low = min(columns.stop * TILE, level.width), min(rows.stop * TILE, level.height)
        canvas = Pillow.new("RGB", (right - left, low - top))
        for row, column in product(rows, columns):
            tile = self._read(level.first + row * level.columns + column)
            with Pillow.open(io.BytesIO(tile), formats=("JPEG",)) as opened:
                canvas.paste(opened, (column * TILE - left, row * TILE - top))
        box = x0 - left, y0 - top, x1 - left, y1 - top
        return canvas.resize(size, Pillow.Resampling.LANCZOS, box=box)

    def _level_for(self, region: PixelBox, size: tuple[int, int]) -> int:
        """Return the smallest level that has no fewer pixels than the picture on either side.

        Regions that a picture distorts much would need more pixels than are held at once.
        """
        width, height = region[2] - region[0], region[3] - region[1]
        scale = min(width / size[0], height / size[1])
        fit = max(0, int(scale).bit_length() - 1)
        while (width >> fit) * (height >> fit) > MOST_PIXELS:
            fit += 1
        return min(fit, len(self._levels) - 1)

    def _read(self, number: int) -> bytes:
        self._file.seek(_HEAD.size + number * _OFFSET.size)
        start, end = struct.unpack("<2Q", self._file.read(2 * _OFFSET.size))
        self._file.seek(start)
        return self._file.read(end - start)
