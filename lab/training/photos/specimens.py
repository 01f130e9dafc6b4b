"""Specimens for the second look: photographs and other pictures, printed and scanned at random.

Other pictures are drawn after photographs (``engravings``), drawn without one (``drawings``), set
by the composer (advertisements, panels, text), cut from real pages, and taken from folders of clip
art and paintings that don't come with the project (``models/cards/photographs.md``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps

from presslens.lab.training.photos import engravings
from presslens.lab.training.photos.composer.blocks import Compositor
from presslens.lab.training.photos.composer.scan import ScanSimulation
from presslens.lab.training.photos.composer.sheet import Generator, Sheet, between, colour
from presslens.lab.training.photos.composer.stock import Stock
from presslens.lab.training.photos.drawings import KINDS, drawing
from presslens.lab.training.restoration.screens import print_and_scan
from presslens.models.vocabulary import Image
from presslens.samples.area import Area

LONGER = (130, 900)
"""Longer sides of specimens, px."""

RIM = 8
"""Paper around a picture before it is printed, px."""

OTHERS = {"by hand": 6.0, "clip art": 3.0, "drawing": 1.5, "advertisement": 1.5, "block": 1.0,
    "scrap": 0.7}  # fmt: skip
"""Relative frequency of what is no photograph."""

BLOCKS = ("story", "text", "panel", "panel", "ornament")
"""Blocks of the composer that hold no photograph mostly."""

SLOW = {"painting": 0.25}
"""Relative frequency of pictures by hand, where it isn't 1."""


@dataclass(frozen=True, slots=True, eq=False)
class PrintedPicture:
    """A picture as it was printed, RGB, what it is, and whether that is a photograph."""

    pixels: Image
    kind: str

    @property
    def photograph(self) -> bool:
        """Whether it is one."""
        return self.kind == "photograph"


@dataclass(frozen=True, slots=True, eq=False)
class Specimens:
    """Draws specimens.

    Attributes:
        stock: The photographs, text and real pages.
        art: Files of clip art and paintings.
    """

    stock: Stock
    art: Sequence[Path]

    def specimen(self, rng: Generator) -> PrintedPicture:
        """Return a picture of a random size, a photograph half of the time, printed at random."""
        width, height = _size(rng)
        if rng.random() < 0.5:
            return PrintedPicture(_printed(self._photograph(width, height, rng), rng), "photograph")
        picture, kind = self.other(width, height, rng)
        return PrintedPicture(_printed(picture, rng), kind)

    def other(self, width: int, height: int, rng: Generator) -> tuple[Image, str]:
        """Return a picture of a size that is no photograph, and its kind."""
        chances = np.array(list(OTHERS.values()))
        kind = str(rng.choice(list(OTHERS), p=chances / chances.sum()))
        if kind in ("by hand", "drawing"):
            names = [k for k in KINDS if (k in engravings.KINDS) == (kind == "by hand")]
            weights = np.array([SLOW.get(name, 1.0) for name in names])
            kind = str(rng.choice(names, p=weights / weights.sum()))
            return drawing(kind, self.stock.photo(width, height, rng), rng), kind
        if kind == "clip art":
            return self._art(width, height, rng), kind
        if kind == "scrap":
            return self._scrap(width, height, rng), kind
        return self._set(kind, width, height, rng), kind

    def _photograph(self, width: int, height: int, rng: Generator) -> Image:
        """Return a photograph, by chance with a line of type over it."""
        sheet = Sheet(self.stock.photo(width, height, rng).copy())
        if rng.random() < 0.12 and min(width, height) > 100:
            high = between(rng, 16, height * 0.2)
            top = between(rng, 0, height - high)
            line = self.stock.letters.line(width - 12, high, rng)
            sheet.overprint(Area(6, top, width - 6, top + high), line, colour(rng, 200, 256))
        return sheet.pixels

    def _art(self, width: int, height: int, rng: Generator) -> Image:
        """Return clip art or a painting on paper or on a colour; without a folder, brushwork."""
        if not self.art:
            return drawing("brushwork", self.stock.photo(width, height, rng), rng)
        with Pillow.open(self.art[int(rng.integers(len(self.art)))]) as file:
            file.thumbnail((2 * LONGER[1], 2 * LONGER[1]))
            art = file.convert("RGBA")
        paper = colour(rng, 215, 256) if rng.random() < 0.7 else colour(rng, 0, 256)
        red, green, blue = (int(v) for v in paper)
        ground = Pillow.new("RGBA", art.size, (red, green, blue, 255))
        flat = Pillow.alpha_composite(ground, art).convert("RGB")
        if rng.random() < 0.5:
            return np.asarray(ImageOps.fit(flat, (width, height)))
        return np.asarray(ImageOps.pad(flat, (width, height), color=(red, green, blue)))

    def _scrap(self, width: int, height: int, rng: Generator) -> Image:
        """Return a piece of a real page without a photo; text where there is none."""
        scrap = self.stock.scrap(rng)
        if scrap is None:
            return self._set("block", width, height, rng)
        high, wide = min(scrap.shape[0], height), min(scrap.shape[1], width)
        y = int(rng.integers(scrap.shape[0] - high + 1))
        x = int(rng.integers(scrap.shape[1] - wide + 1))
        return np.ascontiguousarray(scrap[y : y + high, x : x + wide])

    def _set(self, kind: str, width: int, height: int, rng: Generator) -> Image:
        """Return an advertisement or another block of type without a photograph."""
        sheet = Sheet.blank(width, height, colour(rng, 225, 256))
        compositor = Compositor(sheet, self.stock, rng, grain=between(rng, 90, 240))
        if kind == "advertisement":
            self._advertise(compositor, rng)
        else:
            compositor.fillers()[str(rng.choice(BLOCKS))](sheet.area.inset(2))
        return self._set(kind, width, height, rng) if sheet.photos else sheet.pixels

    def _advertise(self, compositor: Compositor, rng: Generator) -> None:
        """Fill a sheet with a colour, a headline, clip art or flat shapes, and small print."""
        sheet = compositor.sheet
        sheet.fill(sheet.area, colour(rng, 0, 256))
        body = sheet.area.inset(between(rng, 3, 10))
        head, rest = body.top(round(body.height * float(rng.uniform(0.1, 0.35))), gap=3)
        compositor.headline(head)
        middle, foot = rest.top(round(rest.height * float(rng.uniform(0.4, 0.9))), gap=3)
        if rng.random() < 0.6 and min(middle.width, middle.height) > 16:
            sheet.paste(middle, self._art(middle.width, middle.height, rng))
        for _ in range(int(rng.integers(0, 4))):
            across = np.sort(rng.integers(middle.x0, middle.x1 + 1, 2))
            down = np.sort(rng.integers(middle.y0, middle.y1 + 1, 2))
            place = Area(int(across[0]), int(down[0]), int(across[1]), int(down[1]))
            sheet.fill(place, colour(rng, 0, 256))
        compositor.text(foot)


def _size(rng: Generator) -> tuple[int, int]:
    longer = float(np.exp(rng.uniform(*np.log(LONGER))))
    aspect = float(np.exp(np.clip(rng.normal(0.15, 0.35), -1, 1)))
    width, height = (longer, longer / aspect) if aspect > 1 else (longer * aspect, longer)
    return round(width), round(height)


def _printed(picture: Image, rng: Generator) -> Image:
    """Return a picture printed and scanned at random, cut out about as exactly as frames are."""
    paper = int(rng.integers(225, 256))
    laid = np.asarray(
        cv2.copyMakeBorder(
            picture, RIM, RIM, RIM, RIM, cv2.BORDER_CONSTANT, value=(paper, paper, paper)
        ),
        np.uint8,
    )
    height, width = laid.shape[:2]
    screened = rng.random() < 0.6
    if screened:
        laid = print_and_scan(laid, rng).printed
    if not screened or rng.random() < 0.35:
        scan = ScanSimulation.by_chance(rng, composed=not screened)
        laid, _ = scan.apply(Sheet(laid), width, height)
    chance, scale = rng.random(), 1.0
    if chance < 0.25:
        scale = float(rng.uniform(0.45, 1))
    elif chance < 0.4:
        scale = float(rng.uniform(1, 2.2))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(laid, None, fx=scale, fy=scale, interpolation=method)
    high, wide = scaled.shape[:2]
    loose = RIM * scale + rng.normal(0, 0.006, 4) * max(high, wide)
    top, left, bottom, right = (max(0, round(float(v))) for v in loose)
    return np.ascontiguousarray(scaled[top : high - bottom, left : wide - right], dtype=np.uint8)
