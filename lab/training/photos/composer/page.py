"""Composition of one training page: blocks of a sheet, their contents, print and scan."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from presslens.lab.training.photos.composer.blocks import Compositor, OtherPictures
from presslens.lab.training.photos.composer.scan import ScanSimulation
from presslens.lab.training.photos.composer.sheet import Generator, Sheet, between, colour, ink
from presslens.lab.training.photos.composer.stock import DARK, Stock
from presslens.lab.training.photos.pages import LabelledPage
from presslens.models.geometry import Box
from presslens.models.vocabulary import Image
from presslens.samples.area import Area

STYLES: dict[str, dict[str, float]] = {
    "ordinary": {
        "story": 5,
        "photo": 1.5,
        "group": 0.5,
        "panel": 0.5,
        "drawing": 0.5,
        "scrap": 0.8,
    },
    "special": {"group": 6, "photo": 1, "story": 0.8, "panel": 0.2},
    "text": {"story": 5, "text": 2, "scrap": 2, "ornament": 0.1},
    "odd": {"drawing": 4, "panel": 2, "story": 2, "ornament": 0.7, "scrap": 1, "photo": 0.7},
    "tabloid": {"panel": 3, "photo": 2, "story": 2, "group": 1, "scrap": 1},
}
"""Relative frequency of the contents of blocks, by kind of page."""

KINDS = {
    "ordinary": 0.2,
    "special": 0.24,
    "text": 0.03,
    "odd": 0.2,
    "tabloid": 0.1,
    "full": 0.06,
    "bare": 0.02,
}
"""Share of each kind of page, 0–1; the rest are real pages."""

OVERDRAW = 1.5
"""Sheets are composed this many times as large as the segmenter sees them."""


@dataclass(frozen=True, slots=True, eq=False)
class ComposedPage:
    """A training page and the photos on it.

    Attributes:
        pixels: Shape (height, width, 3), RGB.
        photos: Boxes in pixels of the page.
    """

    pixels: Image
    photos: tuple[Box, ...]


def compose(stock: Stock, width: int, height: int, rng: Generator) -> ComposedPage:
    """Return a training page of a size in pixels."""
    kind = str(rng.choice([*KINDS, "real"], p=[*KINDS.values(), 1 - sum(KINDS.values())]))
    if kind == "real" and stock.pages:
        sheet = _real(stock, width, height, rng)
    else:
        size = round(width * OVERDRAW), round(height * OVERDRAW)
        sheet = composed("ordinary" if kind == "real" else kind, stock, *size, rng)
    pixels, photos = ScanSimulation.by_chance(rng, composed=kind != "real").apply(
        sheet, width, height
    )
    return ComposedPage(pixels, tuple(photos))


def composed(
    kind: str,
    stock: Stock,
    width: int,
    height: int,
    rng: Generator,
    others: OtherPictures | None = None,
) -> Sheet:
    """Return a sheet of a kind, as set and not yet printed.

    Args:
        kind: A key of ``KINDS``.
        stock: The photographs and text.
        width: In pixels.
        height: In pixels.
        rng: Draws every choice.
        others: Gives the pictures that are no photographs; None: ``drawings``.
    """
    paper = colour(rng, 238, 256) if rng.random() < 0.85 else colour(rng, 190, 256)
    sheet = Sheet.blank(width, height, paper)
    if kind == "bare":
        sheet.paste(sheet.area, stock.photo(width, height, rng, dark=rng.random() < DARK))
        sheet.photos.append(Box(*sheet.area.box))
        return sheet
    compositor = Compositor(sheet, stock, rng, between(rng, 90, 240), others)
    rim = between(rng, 8, 70)
    body = sheet.area.inset(rim)
    if rng.random() < 0.35:
        body = _masthead(compositor, body)
    if kind == "full":
        compositor.poster(body)
        return sheet
    style = STYLES[kind]
    chances = np.array(list(style.values())) / sum(style.values())
    gap = between(rng, 8, 24)
    fillers = compositor.fillers()
    for block in _blocks(body, gap, rng, coarse=kind == "special"):
        fillers[str(rng.choice(list(style), p=chances))](block)
        if rng.random() < 0.1:
            sheet.outline(block, ink(rng))
    return sheet


def _masthead(compositor: Compositor, body: Area) -> Area:
    """Print a newspaper's name at the top and return what is left below."""
    rng, sheet = compositor.rng, compositor.sheet
    head, rest = body.top(between(rng, 60, 190), gap=10)
    if rng.random() < 0.4:
        sheet.fill(head, colour(rng, 0, 220))
    name, line = head.top(round(head.height * 0.75))
    tint = np.array([180, 20, 30], np.uint8) if rng.random() < 0.4 else ink(rng)
    letters = compositor.stock.letters.line(name.width * 3 // 4, name.height, rng)
    sheet.overprint(Area(name.x0 + 30, name.y0, name.x1, name.y1), letters, tint)
    compositor.text(line)
    if rng.random() < 0.4:
        emblem = Area(head.x1 - head.height, head.y0, head.x1, head.y0 + head.height * 3 // 4)
        compositor.ornament(emblem) if rng.random() < 0.5 else compositor.drawing(emblem)
    return rest


def _blocks(area: Area, gap: int, rng: Generator, *, coarse: bool) -> list[Area]:
    """Cut an area into blocks of uneven size."""
    least = area.width * area.height / float(rng.uniform(2, 6) if coarse else rng.uniform(5, 18))
    waiting, blocks = [area], []
    while waiting:
        block = waiting.pop()
        if block.width * block.height <= least or min(block.width, block.height) < 160:
            blocks.append(block)
            continue
        across = block.width > block.height * float(rng.uniform(0.7, 1.6))
        side = block.width if across else block.height
        at = round(side * float(rng.uniform(0.25, 0.75)))
        waiting += (block.left if across else block.top)(at, gap=gap)
    return [block for block in blocks if min(block.width, block.height) >= 40]


def _real(stock: Stock, width: int, height: int, rng: Generator) -> Sheet:
    """Return a real page, or part of one, some of its photos exchanged."""
    page = stock.page(rng)
    image, photos = _without_ignored(page, stock, rng)
    sheet = Sheet(image, list(photos))
    for box in photos:
        x0, y0, x1, y1 = box.pixels()
        if rng.random() < 0.3 and min(x1 - x0, y1 - y0) > 20:
            area = Area(x0, y0, x1, y1)
            sheet.paste(area, stock.photo(area.width, area.height, rng))
    if rng.random() < 0.5:
        sheet = Sheet(
            np.ascontiguousarray(sheet.pixels[:, ::-1]),
            [Box(image.shape[1] - b.x1, b.y0, image.shape[1] - b.x0, b.y1) for b in sheet.photos],
        )
    return _placed(sheet, width, height, rng)


def _without_ignored(
    page: LabelledPage, stock: Stock, rng: Generator
) -> tuple[Image, tuple[Box, ...]]:
    """Return a real page with text printed over its ignored regions, and its photos."""
    image = page.image().copy()
    compositor = Compositor(Sheet(image), stock, rng, grain=max(60, image.shape[1] // 6))
    for box in page.ignored:
        area = Area(*box.clipped(image.shape[1], image.shape[0]).pixels())
        if min(area.width, area.height) > 12:
            visible = [
                (b, image[_slices(b)].copy()) for b in page.photos if b.intersection(box) > 0
            ]
            compositor.sheet.fill(area, colour(rng, 215, 256))
            compositor.text(area.inset(4))
            for b, pixels in visible:
                image[_slices(b)] = pixels
    return image, page.photos


def _slices(box: Box) -> tuple[slice, slice]:
    x0, y0, x1, y1 = box.pixels()
    return slice(max(0, y0), y1), slice(max(0, x0), x1)


def _placed(sheet: Sheet, width: int, height: int, rng: Generator) -> Sheet:
    """Return a page scaled to fit a canvas, a little enlarged or reduced, on a plain ground."""
    high, wide = sheet.pixels.shape[:2]
    fit = min(width * OVERDRAW / wide, height * OVERDRAW / high)
    scale = fit * float(rng.uniform(0.75, 1.25))
    size = round(width * OVERDRAW), round(height * OVERDRAW)
    dx, dy = (
        float(rng.uniform(min(0, room), max(0, room)))
        for room in (size[0] - wide * scale, size[1] - high * scale)
    )
    placement = np.array([[scale, 0, dx], [0, scale, dy]], np.float32)
    ground = int(rng.choice([255, 240, 114, 20]))
    pixels = cv2.warpAffine(
        sheet.pixels, placement, size, flags=cv2.INTER_AREA, borderValue=(ground,) * 3
    )
    boxes = [box.scaled(scale).moved(dx, dy) for box in sheet.photos]
    inside = Box(0, 0, *size)
    visible = [box.clipped(*size) for box in boxes if box.share_inside(inside) > 0.25]
    return Sheet(np.asarray(pixels, np.uint8), visible)
