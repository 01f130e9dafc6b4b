"""The sheet that a training page is composed on."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from presslens.models.geometry import Box
from presslens.models.vocabulary import Image
from presslens.samples.area import Area

Generator = np.random.Generator


@dataclass(slots=True)
class Sheet:
    """Pixels, shape (height, width, 3), and the photos printed on them so far."""

    pixels: Image
    photos: list[Box] = field(default_factory=list)

    @classmethod
    def blank(cls, width: int, height: int, colour: NDArray[np.uint8]) -> Sheet:
        """Return an empty sheet of one colour, RGB."""
        pixels = np.empty((height, width, 3), np.uint8)
        pixels[:] = colour
        return cls(pixels)

    @property
    def area(self) -> Area:
        """The whole sheet."""
        return Area(0, 0, self.pixels.shape[1], self.pixels.shape[0])

    def view(self, area: Area) -> Image:
        """Return the pixels of an area; writing to them writes to the sheet."""
        return self.pixels[area.y0 : area.y1, area.x0 : area.x1]

    def fill(self, area: Area, colour: NDArray[np.uint8] | int) -> None:
        """Print an area in one colour."""
        self.view(area)[:] = colour

    def paste(self, area: Area, picture: Image) -> None:
        """Print a picture of exactly the area's size."""
        self.view(area)[:] = picture

    def overprint(self, area: Area, ink: NDArray[np.uint8], colour: NDArray[np.uint8]) -> None:
        """Print text of a colour: ``ink``, shape (height, width), is 0 for bare and 255 for full.

        Ink that is smaller than the area is printed at its top left.
        """
        height, width = min(ink.shape[0], area.height), min(ink.shape[1], area.width)
        if height <= 0 or width <= 0:
            return
        below = self.pixels[area.y0 : area.y0 + height, area.x0 : area.x0 + width]
        share = ink[:height, :width, None].astype(np.float32) / 255
        below[:] = (below * (1 - share) + colour.astype(np.float32) * share).astype(np.uint8)

    def outline(self, area: Area, colour: NDArray[np.uint8] | int, *, width: int = 1) -> None:
        """Draw a rule along the inside of an area."""
        view = self.view(area)
        view[:width], view[-width:] = colour, colour
        view[:, :width], view[:, -width:] = colour, colour


def between(rng: Generator, low: float, high: float) -> int:
    """Return a whole number from low to high, both included."""
    low, high = round(low), round(high)
    return int(rng.integers(low, max(low, high) + 1))


def colour(rng: Generator, low: int, high: int) -> NDArray[np.uint8]:
    """Return a colour, RGB, each channel from low to below high."""
    return np.asarray(rng.integers(low, high, 3), np.uint8)


def ink(rng: Generator) -> NDArray[np.uint8]:
    """Return a colour for text: mostly near black."""
    return colour(rng, 0, 60) if rng.random() < 0.85 else colour(rng, 0, 200)
