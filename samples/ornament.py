"""Small distractors of a page: ornaments, stamps, barcodes, emblems."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import ImageDraw

from presslens.samples.area import Area
from presslens.samples.typeset import INK, Ink

Generator = np.random.Generator
Point = tuple[float, float]

INKS: tuple[Ink, ...] = (INK, (150, 26, 30), (28, 66, 120), (40, 92, 60))
GOLD: Ink = (196, 152, 62)


def draw_ornament(draw: ImageDraw.ImageDraw, area: Area, rng: Generator) -> None:
    """Fill an area with a band of repeated petals, lozenges and dots between two rules."""
    ink = _ink(rng)
    draw.rectangle((area.x0, area.y0, area.x1 - 1, area.y1 - 1), outline=ink, width=2)
    side = min(area.height - 12, 64)
    count = max(1, (area.width - 12) // side)
    step = (area.width - 12) / count
    petals = int(rng.integers(5, 10))
    middle = (area.y0 + area.y1) / 2
    for i in range(count):
        at = area.x0 + 6 + step * (i + 0.5), middle
        if i % 2:
            draw.polygon(_star(at, side * 0.42, side * 0.3, 4), outline=ink, width=2)
            continue
        for x, y in _circle(at, side * 0.28, petals):
            reach = side * 0.14
            draw.ellipse((x - reach, y - reach, x + reach, y + reach), outline=ink, width=2)
        draw.ellipse((at[0] - 4, at[1] - 4, at[0] + 4, at[1] + 4), fill=ink)


def draw_stamp(draw: ImageDraw.ImageDraw, area: Area, rng: Generator) -> None:
    """Draw a postage stamp or a round seal into the middle of an area, in one colour."""
    ink = _ink(rng)
    side = min(area.size)
    at = (area.x0 + area.x1) / 2, (area.y0 + area.y1) / 2
    if rng.random() < 0.5:
        for share in (0.48, 0.44, 0.3):
            draw.ellipse(_around(at, side * share), outline=ink, width=3)
        for x, y in _circle(at, side * 0.37, 16):
            draw.rectangle((x - 4, y - 7, x + 4, y + 7), fill=ink)
        draw.polygon(_star(at, side * 0.24, side * 0.1, 5), fill=ink)
        return
    box = _around(at, side * 0.46)
    draw.rectangle(box, fill=tuple(min(255, value + 120) for value in ink), outline=ink, width=2)
    for k in np.linspace(box[0], box[2], 18):
        for x, y in ((k, box[1]), (k, box[3]), (box[0], k - box[0] + box[1]),
                     (box[2], k - box[0] + box[1])):  # fmt: skip
            draw.ellipse((x - 4, y - 4, x + 4, y + 4), fill=(246, 244, 237))
    draw.rectangle(_around(at, side * 0.36), outline=ink, width=2)
    for reach in (0.3, 0.22, 0.14):
        draw.polygon(_star(at, side * reach, side * reach * 0.6, 9), outline=ink, width=2)


def draw_barcode(draw: ImageDraw.ImageDraw, area: Area, rng: Generator) -> None:
    """Fill an area with upright bars, or with the squares of a matrix code."""
    draw.rectangle((area.x0, area.y0, area.x1 - 1, area.y1 - 1), fill=(252, 252, 250))
    inner = area.inset(10)
    if rng.random() < 0.5:
        x = inner.x0
        while x < inner.x1 - 8:
            wide = int(rng.integers(2, 8))
            draw.rectangle((x, inner.y0, x + wide, inner.y1), fill=INK)
            x += wide + int(rng.integers(2, 8))
        return
    cell = max(3, min(inner.size) // 29)
    for row in range(min(inner.size) // cell):
        for column in np.flatnonzero(rng.random(min(inner.size) // cell) < 0.5).tolist():
            x, y = inner.x0 + column * cell, inner.y0 + row * cell
            draw.rectangle((x, y, x + cell - 1, y + cell - 1), fill=INK)


def draw_emblem(draw: ImageDraw.ImageDraw, area: Area, rng: Generator) -> None:
    """Draw an invented emblem: a cogwheel in a wreath of ears, a star above, a ribbon below."""
    side = min(area.size)
    at = (area.x0 + area.x1) / 2, (area.y0 + area.y1) / 2
    red = INKS[1]
    for x, y in _circle(at, side * 0.44, int(rng.integers(22, 30))):
        draw.ellipse((x - 5, y - 7, x + 5, y + 7), fill=GOLD, outline=red)
    draw.polygon(_star(at, side * 0.34, side * 0.28, 14), fill=(58, 86, 132), outline=INK)
    draw.ellipse(_around(at, side * 0.2), fill=(228, 234, 240), outline=INK, width=2)
    draw.polygon(_star((at[0], at[1] - side * 0.06), side * 0.14, side * 0.055, 5), fill=red)
    ribbon = (at[0] - side * 0.34, at[1] + side * 0.28, at[0] + side * 0.34, at[1] + side * 0.4)
    draw.rectangle(ribbon, fill=red, outline=GOLD, width=2)


def _ink(rng: Generator) -> Ink:
    return INKS[int(rng.integers(len(INKS)))]


def _around(at: Point, reach: float) -> tuple[float, float, float, float]:
    return at[0] - reach, at[1] - reach, at[0] + reach, at[1] + reach


def _circle(at: Point, radius: float, count: int) -> Iterator[Point]:
    for angle in np.linspace(0, 2 * np.pi, count, endpoint=False):
        yield at[0] + radius * float(np.sin(angle)), at[1] - radius * float(np.cos(angle))


def _star(at: Point, outer: float, inner: float, points: int) -> list[Point]:
    rims = zip(_circle(at, outer, 2 * points), _circle(at, inner, 2 * points), strict=True)
    return [far if i % 2 == 0 else near for i, (far, near) in enumerate(rims)]
