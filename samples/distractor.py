"""Distractors, the pictures of a page that are not photos: drawings, maps, charts and others."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from presslens.samples.area import Area, columns, rows
from presslens.samples.desk import PictureDesk
from presslens.samples.ornament import draw_barcode, draw_emblem, draw_ornament, draw_stamp
from presslens.samples.typeset import INK, Ink, Typesetter

ROLES = ("building", "facility", "person", "scenery")


def draw_engraving(setter: Typesetter, area: Area, rng: Generator) -> None:
    """Fill an area with an engraving: black lines that swell where it is dark, and outlines."""
    desk = PictureDesk(setter.sources, rng)
    picture = desk.picture(ROLES[int(rng.integers(len(ROLES)))], area.size).image
    grey = ImageOps.autocontrast(picture.convert("L"), cutoff=2)
    dark = 1 - np.asarray(grey.filter(ImageFilter.GaussianBlur(2)), np.float32) / 255
    y, x = np.mgrid[: area.height, : area.width].astype(np.float32)
    pitch = float(rng.uniform(6, 9))
    bend = 5 * np.sin(x / rng.uniform(40, 90)) + 8 * dark  # the burin follows the form
    turn = float(rng.uniform(-0.6, 0.6))
    lines = 0.5 + 0.5 * np.cos(2 * np.pi * (y * np.cos(turn) + x * np.sin(turn) + bend) / pitch)
    cross = 0.5 + 0.5 * np.cos(2 * np.pi * (x + y) / (pitch * 1.2))
    cut = (lines > 1.08 - 0.75 * dark) | ((dark > 0.7) & (cross > 0.75))
    edges = np.asarray(grey.filter(ImageFilter.GaussianBlur(1.5)).filter(ImageFilter.FIND_EDGES))
    cut |= edges > 34
    cut[:3], cut[-3:], cut[:, :3], cut[:, -3:] = True, True, True, True
    mask = Image.fromarray((cut * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.6))
    setter.page.paste(INK, area.box, mask)


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
