"""Draws a ruler of photos: a strip of crops above an axis from the leader to the facility."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.app.services.catalogue.pages import page_view
from presslens.app.services.catalogue.ruler import EditionRuler, edition_ruler
from presslens.models.vocabulary import Focus, Image
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.ruler import Ruler, RulerPlace, signed, spread
from presslens.pipelines.view import cut_out, jpeg

WIDTH = 1600
"""Width of the strip in pixels. All other lengths here are in the same pixels."""
MOST = 10
"""Largest number of crops; more would be too small to be recognised."""
CROP_HEIGHT = 220
"""Height of crops; where many share the width they are lower."""
SHARP = 2
"""Factor by which all is drawn larger, then reduced: Pillow's lines have hard edges."""

MARGIN, GAP, MOST_GAP = 44, 10, 60
SHAPES = 0.6, 1.8
"""Width by height of a crop; photos that are narrower or wider lose their edges."""
EMPTY_SHAPE = 1.4
HEADING, BADGE, BAR, LABELS, LINES, AXIS, FOOT = 50, 24, 12, 48, 46, 110, 62
"""Heights, from the top down, but for the crops, which come after the badge."""

INK, PALE, RULE, PAPER = (28, 28, 28), (110, 110, 110), (205, 205, 205), (255, 255, 255)
LEADER, FACILITY, OTHER, REST = (201, 42, 42), (43, 138, 62), (11, 114, 133), (222, 222, 222)
LEAD = (240, 140, 0)
COLOURS = {Focus.LEADER: LEADER, Focus.FACILITY: FACILITY}
TICKS = {-1.0: "-1 leader", -0.5: "-0.5", 0.0: "0", 0.5: "0.5", 1.0: "facility 1"}

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """A photo on the strip; ``crop`` holds its pixels, None if there is no picture of it."""

    place: RulerPlace
    crop: Image | None

    @property
    def shape(self) -> float:
        """Width by height, as it is shown."""
        if self.crop is None:
            return EMPTY_SHAPE
        height, width = self.crop.shape[:2]
        return float(min(max(width / height, SHAPES[0]), SHAPES[1]))


class _Pen:
    """Draws on a canvas that is ``SHARP`` times as large as its coordinates say."""

    def __init__(self, height: int) -> None:
        self.canvas = Pillow.new("RGB", (WIDTH * SHARP, height * SHARP), PAPER)
        self._draw = ImageDraw.Draw(self.canvas)

    def box(
        self, x: float, y: float, size: tuple[float, float], *, fill: Colour | None = None,
        line: Colour | None = None, thick: int = 0,
    ) -> None:  # fmt: skip
        x0, y0, x1, y1 = (round(v * SHARP) for v in (x, y, x + size[0], y + size[1]))
        if x1 > x0 and y1 > y0:
            box = x0, y0, x1 - 1, y1 - 1
            self._draw.rectangle(box, fill=fill, outline=line, width=thick * SHARP)

    def line(self, points: Sequence[tuple[float, float]], colour: Colour) -> None:
        self._draw.line([(x * SHARP, y * SHARP) for x, y in points], fill=colour, width=SHARP)

    def dot(self, x: float, y: float, radius: float, *, fill: Colour, line: Colour) -> None:
        self._draw.circle((x * SHARP, y * SHARP), radius * SHARP, fill, line, 2 * SHARP)

    def text(
        self, x: float, y: float, text: str, *, size: float = 16, colour: Colour = INK,
        anchor: str = "mm",
    ) -> None:  # fmt: skip
        font = ImageFont.load_default(size * SHARP)
        # Pillow's own font has no minus, only a hyphen. White around the letters parts them from
        # lines that they lie on.
        self._draw.text(
            (x * SHARP, y * SHARP), text.replace("−", "-"), fill=colour, font=font, anchor=anchor,
            stroke_width=0 if colour == PAPER else 2 * SHARP, stroke_fill=PAPER,
        )  # fmt: skip

    def width(self, text: str, *, size: float) -> float:
        return self._draw.textlength(text, ImageFont.load_default(size * SHARP)) / SHARP

    def paste(self, crop: Image, x: float, y: float, size: tuple[float, float]) -> None:
        """Fill a box with a picture, its middle where the shapes differ."""
        width, height = (max(1, round(v * SHARP)) for v in size)
        scale = max(width / crop.shape[1], height / crop.shape[0])
        cut = width / scale, height / scale
        left, top = (crop.shape[1] - cut[0]) / 2, (crop.shape[0] - cut[1]) / 2
        window = max(0.0, left), max(0.0, top), left + cut[0], top + cut[1]
        window = (*window[:2], min(window[2], crop.shape[1]), min(window[3], crop.shape[0]))
        picture = Pillow.fromarray(crop).resize(
            (width, height), Pillow.Resampling.BICUBIC, box=window
        )
        self.canvas.paste(picture, (round(x * SHARP), round(y * SHARP)))

    def pixels(self) -> Image:
        return np.asarray(self.canvas.reduce(SHARP))


def ruler_strip(home: Installation, edition_id: int) -> bytes:
    """Return the ruler of an edition as a JPEG: some of its photos on an axis with all of them.

    Raises:
        NotFound: There is no such edition, or it has no interpreted photos.
    """
    ruled = edition_ruler(home, edition_id)
    if not ruled.ruler.places:
        raise NotFound("this edition has no photos, or none that are interpreted yet")
    places = spread(ruled.ruler.places, MOST)
    crops = _crops(home, ruled, places)
    return draw_strip([Tile(place, crops.get(place)) for place in places], ruled.ruler)


def _crops(
    home: Installation, ruled: EditionRuler, places: Sequence[RulerPlace]
) -> dict[RulerPlace, Image | None]:
    """Return the pixels of photos, each page's picture opened once; without a picture, none."""
    crops: dict[RulerPlace, Image | None] = {}
    for number in {place.page for place in places}:
        on_page = [place for place in places if place.page == number]
        boxes = [ruled.photo(place).observation.frame.box for place in on_page]
        with suppress(NotFound), page_view(home, ruled.numbered[number].id) as view:
            crops |= zip(on_page, cut_out(view, boxes, height=CROP_HEIGHT), strict=True)
    return crops


def draw_strip(tiles: Sequence[Tile], ruler: Ruler) -> bytes:
    """Return the strip as a JPEG of ``WIDTH`` pixels, without metadata.

    Under each crop a bar shows the leader's score in red, the facility's in green and the rest,
    neither, in grey. A line leads from it to its dot on the axis, where all photos have one: its
    place from left to right is its position, and the higher it lies the greater its strength.

    Args:
        tiles: The photos to show, in the order of the ruler: one or more.
        ruler: All photos.
    """
    height, across = _row(tiles)
    top = HEADING + BADGE
    axis = top + height + BAR + LABELS + LINES
    pen = _Pen(round(axis + AXIS + FOOT))
    _heading(pen, len(tiles), ruler)
    ends = [(x + width / 2, top + height + BAR + LABELS) for x, width in across]
    _axis(pen, axis)
    for tile, end in zip(tiles, ends, strict=True):
        pen.line([end, _point(tile.place, axis)], PALE if tile.place.front_lead else RULE)
    _dots(pen, axis, ruler, {tile.place for tile in tiles})
    for tile, (x, width) in zip(tiles, across, strict=True):
        _tile(pen, tile, (x, top), (width, height))
    return jpeg(pen.pixels())


def _row(tiles: Sequence[Tile]) -> tuple[float, list[tuple[float, float]]]:
    """Return the height that all crops share, and the left edge and width of each."""
    inner = WIDTH - 2 * MARGIN
    shapes = [tile.shape for tile in tiles]
    gaps = len(tiles) - 1
    height = min(float(CROP_HEIGHT), (inner - GAP * gaps) / sum(shapes))
    widths = [shape * height for shape in shapes]
    gap = min(MOST_GAP, (inner - sum(widths)) / gaps) if gaps else 0.0
    x = (WIDTH - sum(widths) - gap * gaps) / 2
    across = []
    for width in widths:
        across.append((x, width))
        x += width + gap
    return height, across


def _heading(pen: _Pen, shown: int, ruler: Ruler) -> None:
    of = len(ruler.places)
    y = HEADING / 2
    pen.text(MARGIN, y, "<  leader", size=22, colour=LEADER, anchor="lm")
    pen.text(WIDTH - MARGIN, y, "facility  >", size=22, colour=FACILITY, anchor="rm")
    chosen = (
        f"{counted(of, 'photo')} by rank"
        if shown == of
        else f"{shown} of {of} photos, evenly by rank"
    )
    if ruler.pages_seen < ruler.pages:
        chosen += f", {ruler.pages_seen} of {counted(ruler.pages, 'page')} seen"
    if not ruler.leaders:
        chosen += ". No leader is enrolled"
    pen.text(WIDTH / 2, y, chosen, size=18, colour=PALE)


def _tile(pen: _Pen, tile: Tile, corner: tuple[float, float], size: tuple[float, float]) -> None:
    (x, y), (width, height), place = corner, size, tile.place
    if tile.crop is None:
        pen.box(x, y, size, fill=REST)
        pen.text(x + width / 2, y + height / 2, "no picture", size=14, colour=PALE)
    else:
        pen.paste(tile.crop, x, y, size)
    if place.front_lead:
        _badge(pen, x + width / 2, y)
        pen.box(x - 4, y - 4, (width + 8, height + BAR + 8), line=LEAD, thick=4)
    under = y + height
    red, green = width * place.leader, width * place.facility
    pen.box(x, under, (width, BAR), fill=REST)
    pen.box(x, under, (red, BAR), fill=LEADER)
    pen.box(x + width - green, under, (green, BAR), fill=FACILITY)
    middle, mark = x + width / 2, " ?" if place.unsure else ""
    pen.text(middle, under + BAR + 15, f"p. {place.page}", size=15, colour=PALE)
    pen.text(middle, under + BAR + 34, f"{signed(place.position)}{mark}", size=17)


def _badge(pen: _Pen, middle: float, bottom: float) -> None:
    text, size = "front page, lead", 14
    width = pen.width(text, size=size) + 14
    left = min(max(middle - width / 2, MARGIN - 4), WIDTH - MARGIN + 4 - width)
    pen.box(left, bottom - BADGE, (width, BADGE - 2), fill=LEAD)
    pen.text(left + width / 2, bottom - BADGE / 2 - 1, text, size=size, colour=PAPER)


def _axis(pen: _Pen, top: float) -> None:
    base = top + AXIS
    pen.line([(_across(-1), top), (_across(0), base), (_across(1), top)], RULE)
    pen.line([(_across(-1), base), (_across(1), base)], INK)
    for value, label in TICKS.items():
        x, anchor = _across(value), "lm" if value == -1 else "rm" if value == 1 else "mm"
        pen.line([(x, base), (x, base + 8)], INK)
        pen.text(x, base + 22, label, size=17, anchor=anchor)
    x = WIDTH / 2
    pen.text(x, top + 4, "about both alike", size=14, colour=PALE)
    pen.text(_across(-0.06), base - 12, "about neither", size=14, colour=PALE, anchor="rm")
    note = "Bars: leader's score red, facility's green, the rest, neither, grey.  ?  unsure."
    pen.text(x, base + 46, note, size=14, colour=PALE)


def _dots(pen: _Pen, top: float, ruler: Ruler, shown: set[RulerPlace]) -> None:
    """Draw a dot for each photo, those of the crops last, and larger; unsure ones are hollow."""
    for place in sorted(ruler.places, key=lambda place: (place in shown, place.front_lead)):
        colour = COLOURS.get(place.verdict or Focus.UNSURE, OTHER)
        x, y = _point(place, top)
        if place.front_lead:
            pen.dot(x, y, 11, fill=LEAD, line=LEAD)
        pen.dot(
            x, y, 7 if place in shown else 4, fill=PAPER if place.unsure else colour, line=colour
        )


def _point(place: RulerPlace, top: float) -> tuple[float, float]:
    return _across(place.position), top + AXIS * (1 - place.strength)


def _across(position: float) -> float:
    return MARGIN + (position + 1) / 2 * (WIDTH - 2 * MARGIN)
