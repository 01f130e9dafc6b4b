"""Composes newspaper pages with a head: a date, a page number and the newspaper's name.

The heads are set as newspapers of Korea print them, in type that the project has; below stand
headlines and columns that name other days. A page has exact truth and is printed and scanned in
conditions of its own seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from io import BytesIO

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from presslens.lab.training.photos.composer.letters import fonts
from presslens.lab.training.printing import grey, halftone, jpeg
from presslens.models.vocabulary import Image
from presslens.samples.prose import Writer
from presslens.samples.scan import scan

Generator = np.random.Generator

WIDTH, HEIGHT = 1600, 2300
MARGIN = 64
INK = (32, 31, 30)
NAMES = ("로동신문", "민주조선", "평양신문", "청년전위", "견본일보", "조선인민군")
"""Names that composed newspapers have."""

FIRST_DAY = date(1995, 1, 1)
DAYS = 12_000
WEEKDAYS = "월화수목금토일"
EDGES = 0.13, 0.035
"""Shares of the page that are composed at its head and foot at most; the rest is columns."""


@dataclass(frozen=True, slots=True)
class PrintedFolio:
    """What is printed at the head of a composed page; None for what is not."""

    day: date | None
    number: int | None
    name: str | None


@dataclass(frozen=True, slots=True, eq=False)
class HeadedPage:
    """A composed page: its pixels, RGB, and its truth."""

    pixels: Image
    printed: PrintedFolio


@cache
def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    path = next(p for p in fonts()["korean"] if p.stem == f"NanumGothic{weight}")
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


def headed_page(seed: int, condition: str) -> HeadedPage:
    """Return the page of a seed in a condition of ``CONDITIONS``; two conditions print the same."""
    rng = np.random.default_rng([seed, 7])
    sheet = Pillow.new("RGB", (WIDTH, HEIGHT), (247, 246, 241))
    draw = ImageDraw.Draw(sheet)
    printed = _HEADS[int(rng.integers(len(_HEADS)))](draw, rng)
    _columns(draw, rng)
    wear = np.random.default_rng([seed, 7, list(CONDITIONS).index(condition)])
    return HeadedPage(CONDITIONS[condition](sheet, wear), printed)


def _scanned(name: str) -> Callable[[Pillow.Image, Generator], Image]:
    def scanned(sheet: Pillow.Image, rng: Generator) -> Image:
        page = scan(sheet, name, rng, reverse=sheet)
        buffer = BytesIO()
        page.image.save(buffer, "JPEG", quality=page.quality, subsampling=page.subsampling)
        return np.asarray(Pillow.open(buffer).convert("RGB"))

    return scanned


def _shown(effect: Callable[[Image], Image]) -> Callable[[Pillow.Image, Generator], Image]:
    return lambda sheet, _rng: effect(np.asarray(sheet, np.uint8))


def _small(sheet: Pillow.Image, _rng: Generator) -> Image:
    return jpeg(np.asarray(sheet.resize((700, 1006), Pillow.Resampling.LANCZOS)), quality=60)


CONDITIONS: dict[str, Callable[[Pillow.Image, Generator], Image]] = {
    "clean": _scanned("clean"),
    "grey": _shown(grey),
    "halftone 85 lpi": _shown(halftone),
    "halftone": _scanned("halftone"),
    "scanned": _scanned("scanned"),
    "900 × 1300 px": _scanned("low-resolution"),
    "700 px wide": _small,
    "bitonal": _scanned("bitonal"),
    "JPEG 30": _shown(lambda page: jpeg(page, quality=30)),
    "JPEG 10": _shown(lambda page: jpeg(page, quality=10)),
}
"""Ways in which pages are printed and scanned."""


def _drawn(rng: Generator) -> tuple[date, int, str]:
    day = FIRST_DAY + timedelta(days=int(rng.integers(DAYS)))
    return day, int(rng.integers(1, 13)), NAMES[int(rng.integers(len(NAMES)))]


def _long_day(day: date, rng: Generator) -> str:
    """Return a day as newspapers of the north print it, or of the south."""
    weekday = WEEKDAYS[day.weekday()]
    text = f"{day.year}년 {day.month}월 {day.day}일"
    if day.year < 1998 or rng.random() < 0.3:
        return text + (f" {weekday}요일" if rng.random() < 0.7 else f" ({weekday})")
    text = f"주체{day.year - 1911}({day.year})년 {day.month}월 {day.day}일"
    return text + (f" {weekday}요일" if rng.random() < 0.8 else "")


def _inner_head(draw: ImageDraw.ImageDraw, rng: Generator) -> PrintedFolio:
    """Set number, day and name in a line with a rule below, the number outside."""
    day, number, name = _drawn(rng)
    size = int(rng.integers(19, 31))
    font, bold = _font("", size), _font("Bold", size + int(rng.integers(0, 9)))
    y = int(rng.integers(24, 60))
    spaced = " ".join(name) if rng.random() < 0.5 else name
    shown = (f"{number}", f"({number})", f"{number}면")[int(rng.integers(3))]
    date_x = int(rng.uniform(0.3, 0.45) * WIDTH)
    draw.text((date_x, y), _long_day(day, rng), font=font, fill=INK)
    ends = [(shown, bold), (spaced, bold)]
    if number % 2:
        ends.reverse()
    draw.text((MARGIN, y), ends[0][0], font=ends[0][1], fill=INK)
    right = WIDTH - MARGIN - ends[1][1].getlength(ends[1][0])
    draw.text((right, y), ends[1][0], font=ends[1][1], fill=INK)
    draw.line((MARGIN, y + size + 16, WIDTH - MARGIN, y + size + 16), fill=INK, width=2)
    return PrintedFolio(day, number, name)


def _short_head(draw: ImageDraw.ImageDraw, rng: Generator) -> PrintedFolio:
    """Set a line of day, name and number at the left, as small as some print it."""
    day, number, name = _drawn(rng)
    size = int(rng.integers(15, 23))
    text = (day.isoformat(), f"{day:%Y.%m.%d}", f"{day.year}. {day.month}. {day.day}.")
    line = f"{text[int(rng.integers(3))]}   {name}   {number}면"
    y = int(rng.integers(30, 50))
    draw.text((MARGIN, y), line, font=_font("", size), fill=INK)
    draw.line((MARGIN, y + size + 10, WIDTH - MARGIN, y + size + 10), fill=INK, width=2)
    return PrintedFolio(day, number, name)


def _front_head(draw: ImageDraw.ImageDraw, rng: Generator) -> PrintedFolio:
    """Set the name in large type, the day of its foundation beside it, the day below."""
    day, _, name = _drawn(rng)
    high = int(rng.integers(90, 140))
    red = (178, 28, 32) if rng.random() < 0.6 else INK
    x = MARGIN if rng.random() < 0.5 else WIDTH // 2 - 2 * high
    draw.text((x, 30), name, font=_font("ExtraBold", high), fill=red)
    side = x + 4 * high + 40 if x == MARGIN else MARGIN
    small = _font("", int(rng.integers(16, 20)))
    draw.text((side, 50), "1945년 11월 1일 창간", font=small, fill=INK)
    size = int(rng.integers(19, 28))
    y = 30 + high + int(rng.integers(24, 44))
    line = f"{_long_day(day, rng)}   루계 제{int(rng.integers(10_000, 30_000))}호"
    draw.text((MARGIN, y), line, font=_font("", size), fill=INK)
    draw.line((MARGIN, y + size + 14, WIDTH - MARGIN, y + size + 14), fill=red, width=3)
    return PrintedFolio(day, None, name)


def _bare_head(draw: ImageDraw.ImageDraw, rng: Generator) -> PrintedFolio:  # noqa: ARG001
    """Set nothing: the page begins with its headline."""
    return PrintedFolio(None, None, None)


_HEADS = (_inner_head, _inner_head, _inner_head, _short_head, _front_head, _front_head, _bare_head)


def _columns(draw: ImageDraw.ImageDraw, rng: Generator) -> None:
    """Set a headline and columns of text that name other days and other pages."""
    writer = Writer(rng)
    y = round(0.1 * HEIGHT) + int(rng.integers(0, 40))
    other = FIRST_DAY + timedelta(days=int(rng.integers(DAYS)))
    line = f"{other.year}년 {other.month}월 {other.day}일" if rng.random() < 0.25 else ""
    draw.text((MARGIN, y), f"{writer.one_of('headlines')} {line}", font=_font("ExtraBold", 44),
              fill=INK)  # fmt: skip
    font, size, across = _font("", 19), 19, 6
    width = (WIDTH - 2 * MARGIN) // across
    for column in range(across):
        text = writer.text(3000)
        for row in range((HEIGHT - y - 160) // 27):
            start = row * ((width - 18) // size)
            line = text[start : start + (width - 18) // size]
            draw.text((MARGIN + column * width, y + 80 + row * 27), line, font=font, fill=INK)
    if rng.random() < 0.3:
        draw.text(
            (MARGIN, HEIGHT - 60), f"▶ {int(rng.integers(2, 9))}면에서 계속", font=font, fill=INK
        )
