"""Distractors, the pictures of a page that are not photos: drawings, maps, charts and others."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageDraw

from presslens.samples.advertisement import draw_advertisement, draw_slogan, draw_table
from presslens.samples.area import Area
from presslens.samples.engraving import draw_engraving
from presslens.samples.ornament import draw_barcode, draw_ornament, draw_stamp
from presslens.samples.typeset import INK, Typesetter

Generator = np.random.Generator
Drawer = Callable[[Typesetter, Area, Generator], None]


def draw_distractor(setter: Typesetter, area: Area, kind: str, rng: Generator) -> None:
    """Draw a distractor of a kind of KINDS into an area of the setter's page."""
    _DRAWERS[kind](setter, area, rng)


def _framed(drawer: Callable[[ImageDraw.ImageDraw, Area, Generator], None]) -> Drawer:
    """Return a drawer that frames the drawing of another one."""

    def draw_framed(setter: Typesetter, area: Area, rng: Generator) -> None:
        draw = ImageDraw.Draw(setter.page)
        drawer(draw, area, rng)
        draw.rectangle((area.x0, area.y0, area.x1 - 1, area.y1 - 1), outline=INK, width=2)

    return draw_framed


def _chart(draw: ImageDraw.ImageDraw, area: Area, rng: Generator) -> None:
    inner = area.inset(max(12, min(area.size) // 9))
    count = int(rng.integers(5, 9))
    heights = np.sort(rng.uniform(0.2, 0.95, count))
    step = inner.width / count
    for i, share in enumerate(heights):
        x = inner.x0 + i * step
        top = inner.y1 - float(share) * inner.height
        fill = (60, 90, 140) if i % 2 else (170, 60, 50)
        draw.rectangle((x + step * 0.15, top, x + step * 0.8, inner.y1), fill=fill)
    draw.line((inner.x0, inner.y0, inner.x0, inner.y1, inner.x1, inner.y1), fill=INK, width=2)


def _map(draw: ImageDraw.ImageDraw, area: Area, rng: Generator) -> None:
    draw.rectangle((area.x0, area.y0, area.x1 - 1, area.y1 - 1), fill=(226, 236, 240))
    middle = (area.x0 + area.x1) / 2, (area.y0 + area.y1) / 2
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    wobble = 1 + 0.12 * np.sin(3 * angles + rng.uniform(0, 6)) + rng.uniform(-0.06, 0.06, 48)
    reach = area.width * 0.36, area.height * 0.36
    coast = [
        (middle[0] + np.cos(a) * w * reach[0], middle[1] + np.sin(a) * w * reach[1])
        for a, w in zip(angles, wobble, strict=True)
    ]
    draw.polygon(coast, fill=(244, 238, 214), outline=INK)
    for a, b in ((3, 26), (12, 34), (20, 44)):
        draw.line((*coast[a], *coast[b]), fill=(150, 90, 60), width=2)
        draw.ellipse((coast[b][0] - 4, coast[b][1] - 4, coast[b][0] + 4, coast[b][1] + 4), fill=INK)


def _drawing(draw: ImageDraw.ImageDraw, area: Area, rng: Generator) -> None:
    """Draw a line drawing: a chimney works before hills, hatched by hand."""
    inner = area.inset(10)
    ground = inner.y0 + inner.height * 0.75
    for hill in range(3):
        x = inner.x0 + inner.width * (0.1 + 0.3 * hill)
        peak = inner.y0 + inner.height * float(rng.uniform(0.15, 0.4))
        end = min(x + inner.width * 0.35, inner.x1)
        draw.line((x, ground, (x + end) / 2, peak, end, ground), fill=INK, width=2)
    left, right = inner.x0 + inner.width * 0.25, inner.x0 + inner.width * 0.75
    roof = inner.y0 + inner.height * 0.5
    draw.rectangle((left, roof, right, ground), fill=(250, 249, 245), outline=INK, width=3)
    for x in np.linspace(left, right, 14)[1:-1]:
        draw.line((x, roof + 4, x - 8, ground - 4), fill=INK)
    for x in (left + 20, right - 40):
        draw.rectangle((x, inner.y0 + 10, x + 18, roof), outline=INK, width=2)
    draw.line((inner.x0, ground, inner.x1, ground), fill=INK, width=3)


_DRAWERS: Mapping[str, Drawer] = {
    "drawing": _framed(_drawing),
    "map": _framed(_map),
    "chart": _framed(_chart),
    "slogan": draw_slogan,
    "engraving": draw_engraving,
    "table": draw_table,
    "ornament": lambda setter, area, rng: draw_ornament(ImageDraw.Draw(setter.page), area, rng),
    "stamp": lambda setter, area, rng: draw_stamp(ImageDraw.Draw(setter.page), area, rng),
    "barcode": lambda setter, area, rng: draw_barcode(ImageDraw.Draw(setter.page), area, rng),
    "advertisement": draw_advertisement,
}
KINDS = tuple(_DRAWERS)

NEWSPRINT = (246.0, 244.0, 237.0)
"""The mean colour of empty paper, RGB."""
BAND = 32
"""Rows of paper that are made at once."""


def paper(size: tuple[int, int], rng: Generator) -> Image.Image:
    """Return an empty page: warm newsprint with a faint grain."""
    pixels = np.empty((size[1], size[0], 3), np.uint8)
    for top in range(0, len(pixels), BAND):  # numbers of a whole page would not stay in the cache
        band = pixels[top : top + BAND]
        grain = rng.normal(0, 1.6, band.shape[:2])
        for channel, shade in enumerate(NEWSPRINT):
            np.copyto(band[..., channel], np.clip(grain + shade, 0, 255), casting="unsafe")
    return Image.fromarray(pixels)
