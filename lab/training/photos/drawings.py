"""Drawings for training pages: pictures that must not be taken for photographs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from presslens.lab.training.photos import engravings
from presslens.models.vocabulary import Image

WORDS = [
    "DAILY",
    "NEWS",
    "новости",
    "завод",
    "народ",
    "factory",
    "people",
    "1972",
    "2026",
    "PEOPLE",
    "УСПЕХ",
    "growth",
    "plan",
]


def drawing(kind: str, photo: Image, rng: np.random.Generator) -> Image:
    """Return a drawing of one kind, of the size of a photo.

    Args:
        kind: A key of ``KINDS``.
        photo: What engravings and paintings are made from; gives the others their size.
        rng: Draws every choice.
    """
    return KINDS[kind](photo, rng)


def _canvas(photo: Image, rng: np.random.Generator, *, dark: bool = False) -> Pillow.Image:
    height, width = photo.shape[:2]
    low, high = (20, 190) if dark else (225, 256)
    return Pillow.new("RGB", (width, height), tuple(int(v) for v in rng.integers(low, high, 3)))


def _colour(rng: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = (int(v) for v in rng.integers(0, 220, 3))
    return red, green, blue


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _text(photo: Image, rng: np.random.Generator) -> Image:
    page = _canvas(photo, rng)
    pen = ImageDraw.Draw(page)
    size = int(rng.integers(8, 40))
    for y in range(4, page.height, int(size * 1.3)):
        pen.text((4, y), " ".join(rng.choice(WORDS, 30)), fill=(20, 20, 20), font=_font(size))
    return np.asarray(page)


def _panel(photo: Image, rng: np.random.Generator) -> Image:
    page = _canvas(photo, rng, dark=True)
    pen = ImageDraw.Draw(page)
    size = page.height / int(rng.integers(2, 7))
    for y in np.arange(size / 4, page.height - size / 2, size * 1.2):
        words = " ".join(rng.choice(WORDS, 4))
        pen.text((size / 4, y), words, fill=(255, 250, 220), font=_font(size))
    if rng.random() < 0.5:
        pen.rectangle((3, 3, page.width - 4, page.height - 4), outline=_colour(rng), width=4)
    return np.asarray(page)


def _chart(photo: Image, rng: np.random.Generator) -> Image:
    page = _canvas(photo, rng)
    pen = ImageDraw.Draw(page)
    bars = int(rng.integers(3, 12))
    step = page.width / (bars + 1)
    for i, share in enumerate(rng.uniform(0.1, 0.9, bars)):
        x = step * (i + 0.5)
        top = min(page.height * (1 - share), page.height - 8)
        pen.rectangle((x, top, x + step * 0.7, page.height - 8), fill=_colour(rng))
    if rng.random() < 0.4:
        side = min(page.size) * 0.8
        for start in np.sort(rng.uniform(0, 360, 5)):
            pen.pieslice((8, 8, 8 + side, 8 + side), float(start), 360, fill=_colour(rng))
    pen.line((4, 4, 4, page.height - 8, page.width, page.height - 8), fill=(0, 0, 0), width=2)
    return np.asarray(page)


def _map(photo: Image, rng: np.random.Generator) -> Image:
    page = _canvas(photo, rng)
    pen = ImageDraw.Draw(page)
    for _ in range(int(rng.integers(3, 9))):
        centre = rng.uniform(0, 1, 2) * page.size
        turns = np.sort(rng.uniform(0, 2 * np.pi, 24))
        radius = min(page.size) * rng.uniform(0.1, 0.5) * rng.uniform(0.7, 1.1, 24)
        points = centre + radius[:, None] * np.stack([np.cos(turns), np.sin(turns)], axis=1)
        outline = [(float(x), float(y)) for x, y in points]
        fill = tuple(int(v) for v in rng.integers(150, 250, 3)) if rng.random() < 0.7 else None
        pen.polygon(outline, fill=fill, outline=(60, 60, 60))
        pen.text(outline[0], str(rng.choice(WORDS)), fill=(0, 0, 0), font=_font(14))
    return np.asarray(page)


def _table(photo: Image, rng: np.random.Generator) -> Image:
    page = _canvas(photo, rng)
    pen = ImageDraw.Draw(page)
    rows, columns = (int(v) for v in rng.integers(3, 12, 2))
    for i in range(rows):
        y = i * page.height / rows
        pen.line((0, y, page.width, y), fill=(30, 30, 30))
        for j in range(columns):
            x = j * page.width / columns
            pen.line((x, 0, x, page.height), fill=(30, 30, 30))
            pen.text((x + 3, y + 3), str(rng.choice(WORDS)), fill=(0, 0, 0), font=_font(11))
    return np.asarray(page)


def _masthead(photo: Image, rng: np.random.Generator) -> Image:
    page = _canvas(photo, rng, dark=rng.random() < 0.4)
    pen = ImageDraw.Draw(page)
    words = "".join(rng.choice(WORDS, 3))
    pen.text((8, page.height * 0.2), words, fill=(200, 20, 20), font=_font(page.height * 0.5))
    for _ in range(int(rng.integers(1, 6))):
        x, y = (float(v) for v in rng.uniform(0, 1, 2) * page.size)
        r = float(rng.uniform(0.03, 0.2)) * min(page.size)
        pen.regular_polygon((x, y, r), int(rng.integers(3, 9)), fill=_colour(rng))
    return np.asarray(page)


KINDS: dict[str, Callable[[Image, np.random.Generator], Image]] = {
    "text": _text,
    "panel": _panel,
    "chart": _chart,
    "map": _map,
    "table": _table,
    "masthead": _masthead,
    **engravings.KINDS,
}
"""The function that draws each kind."""
