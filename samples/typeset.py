"""Typesetting of Korean text: headlines, columns of body text and captions."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageDraw

from presslens.samples.area import Area, columns
from presslens.samples.prose import Writer
from presslens.samples.sources import Font, Sources

Ink = tuple[int, int, int]
INK: Ink = (32, 31, 30)
COLUMN_GAP = 18


@dataclass(frozen=True, slots=True)
class Typesetter:
    """Draws text onto a page."""

    page: Image.Image  # the page to draw on
    sources: Sources  # the folder of the fonts
    writer: Writer  # writes the text

    def body(self, area: Area, *, count: int, size: int = 19, rule: bool = False) -> None:
        """Fill an area with ``count`` columns of text, ``size`` pixels high, set solid."""
        font = self.sources.font("body", size)
        draw = ImageDraw.Draw(self.page)
        leading = round(size * 1.42)
        gap = COLUMN_GAP
        for i, column in enumerate(columns(area, [1.0] * count, gap=gap)):
            if rule and i:
                x = column.x0 - gap // 2
                draw.line((x, area.y0, x, area.y1 - 1), fill=(150, 148, 142))
            lines = max(0, (column.height + leading - size) // leading)
            per_line = max(1, column.width // size)
            text = "  " + self.writer.text(lines * per_line * 2)
            for line in range(lines):
                used = _fit(text, font, column.width)
                at = column.x0, column.y0 + line * leading
                _justify(draw, text[:used], font, at, column.width)
                text = text[used:].lstrip()

    def headline(self, area: Area, text: str, *, fill: Ink = INK) -> None:
        """Set one line of text as large as an area allows, in its middle."""
        size = max(12, round(area.height * 0.74))
        font = self.sources.font("black", size)
        while font.getlength(text) > area.width and size > 12:
            size -= 2
            font = self.sources.font("black", size)
        x = area.x0 + (area.width - font.getlength(text)) / 2
        y = area.y0 + (area.height - size * 1.1) / 2
        ImageDraw.Draw(self.page).text((round(x), round(y)), text, font=font, fill=fill)

    def caption(self, area: Area, text: str, *, fill: Ink = INK) -> str:
        """Set a small line at the left of an area, and return the part of the text that fits."""
        font = self.sources.font("body", 15)
        shown = text[: _fit(text, font, area.width)]
        ImageDraw.Draw(self.page).text((area.x0, area.y0 + 3), shown, font=font, fill=fill)
        return shown


def _fit(text: str, font: Font, width: int) -> int:
    """Return how many characters from the start of ``text`` fit into ``width`` pixels."""
    used, length = 0, 0.0
    while used < len(text):
        length += font.getlength(text[used])
        if length > width:
            break
        used += 1
    # A full stop never begins a line: it hangs over the edge of the column.
    if used < len(text) and text[used] == ".":
        used += 1
    return max(1, used)


def _justify(
    draw: ImageDraw.ImageDraw, line: str, font: Font, at: tuple[int, int], width: int
) -> None:
    """Set a line so that its spaces fill the column."""
    words = line.split(" ")
    lengths = [font.getlength(word) for word in words]
    gap = (width - sum(lengths)) / max(1, len(words) - 1)
    x = float(at[0])
    for word, length in zip(words, lengths, strict=True):
        draw.text((round(x), at[1]), word, font=font, fill=INK)
        x += length + min(gap, font.size * 1.2)
