"""Panels of words: slogans on a colour, tables of figures, advertisements."""

from __future__ import annotations

import numpy as np
from PIL import ImageDraw

from presslens.samples.area import Area
from presslens.samples.ornament import draw_barcode, draw_emblem
from presslens.samples.partition import columns, rows
from presslens.samples.typeset import INK, Ink, Typesetter

Generator = np.random.Generator

PAPERS: tuple[Ink, ...] = (
    (186, 34, 36), (24, 70, 128), (236, 190, 60), (38, 110, 74), (240, 226, 196), (30, 30, 34),
)  # fmt: skip


def draw_slogan(setter: Typesetter, area: Area, rng: Generator) -> None:
    """Fill an area with a colour and one line of large letters on it."""
    paper = PAPERS[int(rng.integers(len(PAPERS)))] if rng.random() < 0.5 else PAPERS[0]
    _filled(setter, area, paper)
    setter.headline(area.inset(12), setter.writer.one_of("slogans"), fill=_on(paper))


def draw_table(setter: Typesetter, area: Area, rng: Generator) -> None:
    """Fill an area with a ruled table: a coloured head, words at the left, figures elsewhere."""
    draw = ImageDraw.Draw(setter.page)
    lines = rows(area, [1.0] * max(3, area.height // 44), gap=0)
    for i, line in enumerate(lines):
        if i == 0 or i % 2 == 0:
            shade = (70, 84, 110) if i == 0 else (228, 228, 222)
            draw.rectangle((line.x0, line.y0, line.x1 - 1, line.y1 - 1), fill=shade)
        cells = columns(line, [1.8, *[1.0] * max(2, area.width // 150)], gap=0)
        for k, cell in enumerate(cells):
            figure = f"{rng.uniform(1, 9999):.1f}"
            words = setter.writer.one_of("captions")[:8] if k == 0 or i == 0 else figure
            at = Area(cell.x0 + 6, cell.y0 + 8, cell.x1 - 4, cell.y1)
            setter.caption(at, words, fill=(248, 248, 244) if i == 0 else INK)
            draw.line((cell.x1 - 1, cell.y0, cell.x1 - 1, cell.y1 - 1), fill=(120, 120, 116))
    draw.rectangle((area.x0, area.y0, area.x1 - 1, area.y1 - 1), outline=INK, width=2)


def draw_advertisement(setter: Typesetter, area: Area, rng: Generator) -> None:
    """Fill an area with an advertisement: a sign, a line, small print, a drawn ware, a code."""
    paper = PAPERS[int(rng.integers(len(PAPERS)))]
    _filled(setter, area, paper)
    draw = ImageDraw.Draw(setter.page)
    head, rest = area.inset(14).top(area.height // 5, gap=10)
    setter.headline(head, setter.writer.one_of("headlines"), fill=_on(paper))
    picture, foot = rest.top(int(rest.height * 0.6), gap=10)
    if rng.random() < 0.5:
        draw_emblem(draw, picture, rng)
    else:
        _ware(draw, picture, rng)
    words, code = foot.left(max(60, foot.width - foot.height), gap=8)
    for i in range(max(1, words.height // 26)):
        line = Area(words.x0, words.y0 + 26 * i, words.x1, words.y1)
        setter.caption(line, setter.writer.one_of("captions"), fill=_on(paper))
    if code.width > 50 and code.height > 50:
        draw_barcode(draw, code, rng)
    draw.rectangle((area.x0, area.y0, area.x1 - 1, area.y1 - 1), outline=INK, width=2)


def _ware(draw: ImageDraw.ImageDraw, area: Area, rng: Generator) -> None:
    """Draw bottles and boxes as flat shapes."""
    for place in columns(area, rng.uniform(0.8, 1.2, max(1, area.width // 120)), gap=16):
        colour = PAPERS[int(rng.integers(len(PAPERS)))]
        body = place.top(int(place.height * float(rng.uniform(0.2, 0.4))))[1]
        draw.rectangle((body.x0, body.y0, body.x1, body.y1), fill=colour, outline=INK, width=2)
        if rng.random() < 0.6:
            third = place.width // 3
            neck = (place.x0 + third, place.y0, place.x1 - third, body.y0)
            draw.rectangle(neck, fill=colour, outline=INK, width=2)
        middle = (body.y0 + body.y1) // 2
        label = (body.x0, middle - body.height // 6, body.x1, middle + body.height // 6)
        draw.rectangle(label, fill=(246, 244, 237), outline=INK)


def _filled(setter: Typesetter, area: Area, colour: Ink) -> None:
    setter.page.paste(colour, area.box)


def _on(paper: Ink) -> Ink:
    """Return the ink that can be read on a colour."""
    return (252, 236, 190) if sum(paper) < 400 else (120, 20, 24)
