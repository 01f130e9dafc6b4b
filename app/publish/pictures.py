"""Writes the pictures of a publication; photos that show children are made unrecognisable."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PIL import Image as Pillow
from sqlalchemy import select

from presslens.app.db.tables import OutcomeRow, PageRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.app.publish.site_files import WIDTHS
from presslens.app.services.catalogue.pages import page_view
from presslens.models.geometry import Box
from presslens.pipelines.view import open_view

QUALITY = 65
"""JPEG quality; what a higher one adds to a scan of newsprint is its grain."""

TILE = 512
"""Side of a tile in pixels."""

TRIED = 5
"""Pages whose tiles tell about how many bytes those of all pages take."""

MOSAIC = 9
"""Cells along the longer side of a photo that is blurred: no face is in so few."""


@dataclass(frozen=True, slots=True)
class PagePictures:
    """What is published of the picture of a page."""

    page: int  # id of the page
    # Id and box of each of its photos, in pixels of the page.
    photos: tuple[tuple[int, Box], ...] = ()
    hidden: tuple[Box, ...] = ()  # the boxes that are blurred, in all that is published of the page


def write_pictures(home: Installation, pictures: PagePictures, folder: Path) -> None:
    """Write the pictures of a page and its photos; none where the page has no picture.

    Args:
        folder: The folder of the publication.
    """
    parts: list[tuple[str, int, Box | None]] = [
        ("pages", pictures.page, None),
        *(("photos", row, box) for row, box in pictures.photos),
    ]
    with suppress(NotFound), page_view(home, pictures.page) as view, open_view(view) as page:
        full = page.size
        scale = max(_scale(full, box, max(WIDTHS[kind])) for kind, _, box in parts)
        page.draft("RGB", (int(full[0] * scale), int(full[1] * scale)))
        shown = page.convert("RGB")
        factor = shown.width / full[0]
        for one in pictures.hidden:
            blur(shown, _scaled(one, factor, shown.size))
        for kind, row, box in parts:
            part = shown.crop(_scaled(box, factor, shown.size)) if box else shown
            if 0 in part.size:
                continue
            for width in sorted(WIDTHS[kind], reverse=True):  # each of the larger one before it
                if part.width > width:
                    size = width, max(1, round(part.height * width / part.width))
                    part = part.resize(size, Pillow.Resampling.HAMMING)
                target = folder / "pictures" / kind / f"{row}-{width}.jpg"
                part.save(target, "JPEG", quality=QUALITY)


def write_tiles(home: Installation, pictures: PagePictures, folder: Path) -> int:
    """Write the tiles of a page at all sizes, and return how many bytes they take.

    ``tiles/PAGE/LEVEL/COLUMN_ROW.jpg``: level 0 is one tile, each level has twice the sides of the
    one before, and the last one has the pixels of the page.
    """
    size = 0
    with suppress(NotFound), page_view(home, pictures.page) as view, open_view(view) as page:
        shown = page.convert("RGB")
        for box in pictures.hidden:
            blur(shown, _scaled(box, 1.0, shown.size))
        for level in range(levels(*shown.size) - 1, -1, -1):
            for column, row, tile in _tiles(shown):
                target = folder / "tiles" / str(pictures.page) / str(level) / f"{column}_{row}.jpg"
                target.parent.mkdir(parents=True, exist_ok=True)
                tile.save(target, "JPEG", quality=QUALITY)
                size += target.stat().st_size
            shown = shown.resize((max(1, (shown.width + 1) // 2), max(1, (shown.height + 1) // 2)))
    return size


def expected_tile_bytes(home: Installation, pages: Sequence[int]) -> int:
    """Return about how many bytes the tiles of pages will take, by those of a few of them.

    Args:
        pages: Their ids.
    """
    query = (
        select(PageRow.id, OutcomeRow.width * OutcomeRow.height)
        .join(OutcomeRow, OutcomeRow.scan_id == PageRow.scan_id)
        .where(OutcomeRow.observation_id == home.recipe.observation_id, OutcomeRow.width > 0)
        .order_by(PageRow.id)
    )
    published = set(pages)
    with home.database.read() as session:
        pixels = {page: size or 0 for page, size in session.execute(query) if page in published}
    some = list(pixels)[:: max(1, len(pixels) // TRIED)][:TRIED]
    with tempfile.TemporaryDirectory() as scratch:
        sizes = {page: write_tiles(home, PagePictures(page), Path(scratch)) for page in some}
    tried = sum(pixels[page] for page, size in sizes.items() if size)
    return round(sum(sizes.values()) / tried * sum(pixels.values())) if tried else 0


def levels(width: int, height: int) -> int:
    """Return how many levels the tiles of a page have, one of which is a single tile.

    >>> levels(512, 300), levels(2000, 2900)
    (1, 4)
    """
    return 1 + max(0, math.ceil(math.log2(max(width, height) / TILE)))


def _tiles(picture: Pillow.Image) -> Iterator[tuple[int, int, Pillow.Image]]:
    for row in range(math.ceil(picture.height / TILE)):
        for column in range(math.ceil(picture.width / TILE)):
            x, y = column * TILE, row * TILE
            corner = min(x + TILE, picture.width), min(y + TILE, picture.height)
            yield column, row, picture.crop((x, y, *corner))


def blur(picture: Pillow.Image, region: tuple[int, int, int, int]) -> None:
    """Replace a region of a picture by so few colours that nobody in it can be recognised.

    What is not there can't be brought back: the region is reduced to ``MOSAIC`` cells, and drawn
    anew from them.
    """
    part = picture.crop(region)
    if 0 in part.size:
        return
    most = max(part.size)
    few = tuple(max(1, round(MOSAIC * side / most)) for side in part.size)
    small = part.resize(few, Pillow.Resampling.BOX)  # type: ignore[arg-type]
    picture.paste(small.resize(part.size, Pillow.Resampling.BICUBIC), region[:2])


def _scale(full: tuple[int, int], box: Box | None, width: int) -> float:
    """Return the scale at which a picture has its width, at most 1."""
    own = full[0] if box is None else max(1.0, box.width)
    return min(1.0, width / own)


def _scaled(box: Box, factor: float, size: Sequence[int]) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = box.scaled(factor).clipped(size[0], size[1]).pixels()
    return x0, y0, x1, y1
