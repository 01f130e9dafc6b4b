"""Contents of the blocks of a training page: stories, photos, groups, panels, drawings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np

from presslens.lab.training.photos.composer.sheet import Generator, Sheet, between, colour, ink
from presslens.lab.training.photos.composer.stock import DARK, Stock
from presslens.lab.training.photos.drawings import KINDS, drawing
from presslens.models.geometry import Box
from presslens.models.vocabulary import Image
from presslens.samples.area import Area

OtherPictures: TypeAlias = Callable[[int, int, Generator], Image]
"""Returns a picture of a width and height in pixels that is no photograph."""

LEAST = 34
"""Photos have no side below this many pixels of the sheet."""


@dataclass(frozen=True, slots=True, eq=False)
class Compositor:
    """Fills blocks of one sheet.

    Attributes:
        sheet: The sheet to print on.
        stock: The photographs and text to print.
        rng: Draws every choice.
        grain: Width of a text column in pixels.
        others: Gives the pictures that are no photographs; None: ``drawings``.
    """

    sheet: Sheet
    stock: Stock
    rng: Generator
    grain: int
    others: OtherPictures | None = None

    def text(self, area: Area) -> None:
        """Fill an area with columns of text."""
        if min(area.width, area.height) < 12:
            return
        count = max(1, round(area.width / self.grain))
        gap = between(self.rng, 6, 14)
        width = (area.width - gap * (count - 1)) // count
        tint, ruled = ink(self.rng), self.rng.random() < 0.3
        for i in range(count):
            x = area.x0 + i * (width + gap)
            column = Area(x, area.y0, x + width, area.y1)
            letters = self.stock.letters.body(width, area.height, self.rng)
            self.sheet.overprint(column, letters, tint)
            if ruled and i:
                self.sheet.fill(Area(x - gap // 2, area.y0, x - gap // 2 + 1, area.y1), 90)

    def headline(self, area: Area) -> None:
        """Fill an area with a line of large letters."""
        if min(area.width, area.height) > 8:
            line = self.stock.letters.line(area.width, area.height, self.rng)
            self.sheet.overprint(area, line, ink(self.rng))

    def story(self, area: Area) -> None:
        """Fill an area with a headline, text, and by chance a photo set into them."""
        high = min(between(self.rng, 18, 70), area.height // 3)
        head, body = area.top(high, gap=5)
        self.headline(head)
        if self.rng.random() < 0.45 and body.height > 3 * LEAST and body.width > 2 * LEAST:
            body = self._beside(body)
        self.text(body)

    def _beside(self, body: Area) -> Area:
        """Put a photo into a corner of a story, text beside it, and return what is left below."""
        across = between(self.rng, LEAST, body.width * 0.8)
        high = min(round(across * float(self.rng.uniform(0.55, 1.4))), round(body.height * 0.8))
        upper, rest = body.top(high, gap=8)
        if self.rng.random() < 0.5:
            place, beside = upper.left(across, gap=8)
        else:
            beside, place = upper.left(upper.width - across - 8, gap=8)
        self.photo(place)
        if beside.width > 30:
            self.text(beside)
        return rest

    def photo(self, area: Area) -> None:
        """Fill an area with a photo, and by chance with a caption below, beside or inside it."""
        chance = self.rng.random()
        if chance < 0.5 and area.height > 3 * LEAST:
            area, below = area.top(area.height - between(self.rng, 10, 26), gap=2)
            self.text(below)
        elif chance < 0.58 and area.width > 4 * LEAST:
            area, beside = area.left(round(area.width * 0.75), gap=6)
            self.text(beside)
        self.frame(area)

    def frame(self, area: Area) -> None:
        """Fill an area with a photo to its edges, by chance ruled, with words or a photo on it."""
        if min(area.width, area.height) < LEAST:
            return
        if self.rng.random() < 0.05 and min(area.width, area.height) > 3 * LEAST:
            self.sheet.fill(area, colour(self.rng, 200, 256))  # a mat around it
            area = area.inset(between(self.rng, 2, 8))
        self.sheet.paste(area, self.stock.photo(area.width, area.height, self.rng))
        self.sheet.photos.append(Box(*area.box))
        if self.rng.random() < 0.15:
            self.sheet.outline(area, colour(self.rng, 0, 80), width=between(self.rng, 1, 2))
        if min(area.width, area.height) > 4 * LEAST:
            self._over(area)

    def poster(self, area: Area) -> None:
        """Fill most of a page with one picture, or with two or three beside one another."""
        parts = [area]
        if self.rng.random() < 0.5:
            many = between(self.rng, 2, 3)
            parts = self._cells(area, many, int(self.rng.choice([0, 1, 2, 3, 5, 8, 12])))
        for part in parts:
            dark = self.rng.random() < DARK
            self.sheet.paste(part, self.stock.photo(part.width, part.height, self.rng, dark=dark))
            self.sheet.photos.append(Box(*part.box))
            if len(parts) == 1 and not dark:
                self._over(part)

    def _over(self, area: Area) -> None:
        """Print a caption, a headline or a small photo over a large photo, by chance."""
        chance = self.rng.random()
        if chance < 0.12:
            high = between(self.rng, 14, 40)
            strip = (
                area.top(area.height - high)[1] if self.rng.random() < 0.7 else area.top(high)[0]
            )
            if self.rng.random() < 0.5:
                shade = self.sheet.view(strip)
                shade[:] = shade // 3
            line = self.stock.letters.line(strip.width - 8, high, self.rng)
            pale = colour(self.rng, 200, 256)
            self.sheet.overprint(Area(strip.x0 + 4, strip.y0, strip.x1, strip.y1), line, pale)
        elif chance < 0.2:
            top = area.y0 + between(self.rng, 0, area.height * 0.6)
            for i in range(between(self.rng, 1, 3)):
                high = between(self.rng, 30, 70)
                line = self.stock.letters.line(area.width - 20, high, self.rng)
                at = Area(
                    area.x0 + 10, top + i * high, area.x1 - 10, min(area.y1, top + i * high + high)
                )
                self.sheet.overprint(at, line, colour(self.rng, 200, 256))
        elif chance < 0.27:
            self._inset(area)

    def _inset(self, area: Area) -> None:
        """Lay a small framed photo over a corner of a large one."""
        wide = between(self.rng, LEAST + 8, area.width * 0.35)
        high = between(self.rng, LEAST + 8, area.height * 0.4)
        x = area.x0 + between(self.rng, 4, 14)
        if self.rng.random() < 0.5:
            x = area.x1 - wide - between(self.rng, 4, 14)
        y = area.y1 - high - between(self.rng, 4, 14)
        place = Area(x, y, x + wide, y + high)
        rim = between(self.rng, 1, 4)
        self.sheet.fill(place, 255 if self.rng.random() < 0.7 else 0)
        inner = place.inset(rim)
        self.sheet.paste(inner, self.stock.photo(inner.width, inner.height, self.rng))
        self.sheet.photos.append(Box(*inner.box))

    def group(self, area: Area) -> None:
        """Fill an area with photos side by side: gutters of 0-10 px, rules, or captions between."""
        gap = int(self.rng.choice([0, 1, 1, 2, 2, 3, 4, 5, 6, 8, 10]))
        if self.rng.random() < 0.2:
            backing = colour(self.rng, 0, 256)
            self.sheet.fill(area, backing)
            area = area.inset(gap)
        elif gap in (1, 2) and self.rng.random() < 0.3:
            self.sheet.fill(area, colour(self.rng, 0, 80))  # hairline rules show between
        many = between(self.rng, 2, min(20, max(2, area.width * area.height / 16000)))
        cells = self._cells(area, many, gap)
        captions = self.rng.random() < 0.25
        spared = int(self.rng.integers(len(cells))) if self.rng.random() < 0.15 else -1
        for i, cell in enumerate(cells):
            if i == spared and len(cells) > 2:
                self.sheet.fill(cell, colour(self.rng, 225, 256))
                self.text(cell.inset(4))
            elif captions and cell.height > 3 * LEAST:
                upper, below = cell.top(cell.height - 16, gap=1)
                self.frame(upper)
                self.sheet.fill(below, colour(self.rng, 225, 256))
                self.text(below)
            else:
                self.frame(cell)

    def _cells(self, area: Area, many: int, gap: int) -> list[Area]:
        """Cut an area again and again across its longer side; in even rows by chance."""
        if self.rng.random() < 0.5:
            return self._rows(area, many, gap)
        cells = [area]
        while len(cells) < many:
            cells.sort(key=lambda a: a.width * a.height)
            largest = cells.pop()
            across = largest.width > largest.height * float(self.rng.uniform(0.8, 1.3))
            side = largest.width if across else largest.height
            if side < 2 * LEAST + gap + 8:
                return [*cells, largest]
            share = float(self.rng.choice([0.5, 0.5, 0.33, 0.4, 0.6, 0.66]))
            at = int(np.clip(round(side * share), LEAST + 2, side - LEAST - gap - 2))
            cells += (largest.left if across else largest.top)(at, gap=gap)
        return cells

    def _rows(self, area: Area, many: int, gap: int) -> list[Area]:
        rows = max(1, round((many * area.height * 1.35 / area.width) ** 0.5))
        rows = min(rows, area.height // (LEAST + gap + 2))
        cells = []
        for band in _evenly(area, max(1, rows), gap, across=False):
            count = max(1, round(many / max(1, rows)) + between(self.rng, -1, 1))
            count = max(1, min(count, area.width // (LEAST + gap + 2)))
            cells += _evenly(band, count, gap, across=True)
        return cells

    def drawing(self, area: Area) -> None:
        """Fill an area with a drawing, map, chart, table, panel or engraving: never a photo."""
        if self.others is not None:
            self._put(area, self.others(area.width, area.height, self.rng))
            return
        kind = str(self.rng.choice(list(KINDS)))
        self._put(
            area, drawing(kind, self.stock.photo(area.width, area.height, self.rng), self.rng)
        )

    def scrap(self, area: Area) -> None:
        """Fill an area with a piece of a real page that holds no photo."""
        scrap = self.stock.scrap(self.rng)
        if scrap is None:
            self.story(area)
            return
        scale = min(1.4, max(area.width / scrap.shape[1], area.height / scrap.shape[0], 0.5))
        shown = cv2.resize(scrap, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        self._put(area, np.asarray(shown[: area.height, : area.width], np.uint8))

    def _put(self, area: Area, picture: Image) -> None:
        high, wide = picture.shape[:2]
        self.sheet.paste(Area(area.x0, area.y0, area.x0 + wide, area.y0 + high), picture)

    def panel(self, area: Area) -> None:
        """Fill an area with a coloured ground, and what may stand on it: words, text, a photo."""
        dark = self.rng.random() < 0.4
        ground = colour(self.rng, 0, 180) if dark else colour(self.rng, 170, 256)
        if self.rng.random() < 0.15:
            self._shaded(area, ground)
        else:
            self.sheet.fill(area, ground)
        inner = area.inset(between(self.rng, 4, 14))
        if min(inner.width, inner.height) < 24:
            return
        chance = self.rng.random()
        if chance < 0.45:
            high = between(self.rng, 18, max(18, min(90, inner.height)))
            for y in range(inner.y0, inner.y1 - high + 1, high + 6):
                line = self.stock.letters.line(inner.width, high, self.rng)
                tint = colour(self.rng, 220, 256) if dark else ink(self.rng)
                self.sheet.overprint(Area(inner.x0, y, inner.x1, y + high), line, tint)
        elif chance < 0.7:
            self.story(inner)
        elif chance < 0.85:
            self.group(inner)
        else:
            self.photo(inner)
        if self.rng.random() < 0.3:
            self.sheet.outline(area, colour(self.rng, 0, 120), width=between(self.rng, 1, 4))

    def _shaded(self, area: Area, ground: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> None:
        """Fill an area with a ground that runs from one colour to another: no photo either."""
        run = np.linspace(0, 1, area.height)[:, None, None]
        other = colour(self.rng, 0, 256)
        self.sheet.view(area)[:] = (ground * (1 - run) + other * run).astype(np.uint8)

    def ornament(self, area: Area) -> None:
        """Fill an area with a stamp, a barcode, a seal or a patterned border."""
        side = min(area.width, area.height)
        view = self.sheet.view(area)
        chance = self.rng.random()
        if chance < 0.4:
            bars = np.repeat(self.rng.random(max(1, area.width // 2)) < 0.5, 2)
            view[:, : len(bars)][:, bars] = 20
        elif chance < 0.7:
            tint = tuple(int(v) for v in colour(self.rng, 0, 200))
            middle = (area.width // 2, area.height // 2)
            shown = np.ascontiguousarray(view)
            for radius in range(max(2, side // 2 - 2), 2, -max(2, side // 6)):
                cv2.circle(shown, middle, radius, tint, between(self.rng, 1, 3))
            view[:] = shown
        else:
            step = between(self.rng, 5, 12)
            view[::step] = colour(self.rng, 0, 200)
            view[:, ::step] = colour(self.rng, 0, 200)

    def fillers(self) -> dict[str, Callable[[Area], None]]:
        """Return the methods that fill a block, by the name of its contents."""
        return {
            "story": self.story,
            "text": self.text,
            "photo": self.photo,
            "group": self.group,
            "drawing": self.drawing,
            "scrap": self.scrap,
            "panel": self.panel,
            "ornament": self.ornament,
        }


def _evenly(area: Area, count: int, gap: int, *, across: bool) -> list[Area]:
    """Return parts of one size that an area is cut into."""
    cells, rest = [], area
    for left in range(count, 1, -1):
        side = rest.width if across else rest.height
        cell, rest = (rest.left if across else rest.top)((side - gap * (left - 1)) // left, gap=gap)
        cells.append(cell)
    return [*cells, rest]
