"""A rectangle of a page in whole pixels, half-open, origin top left.

It is all that the samples share with the composer of training pages
(``models.training.photos.composer``): layouts, drawings, scans and sources stay apart, so that no
page is both like those that are trained on and measured.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of a page."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        """Width in pixels."""
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self.y1 - self.y0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.width, self.height

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Edges as Pillow takes them: (x0, y0, x1, y1)."""
        return self.x0, self.y0, self.x1, self.y1

    def overlaps(self, other: Area) -> bool:
        """Return whether the two areas share a pixel."""
        return (
            self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1
        )

    def inset(self, by: int) -> Area:
        """Return the area without a border of ``by`` pixels."""
        return Area(self.x0 + by, self.y0 + by, self.x1 - by, self.y1 - by)

    def top(self, height: int, *, gap: int = 0) -> tuple[Area, Area]:
        """Return an upper area of ``height`` pixels and the rest below a gap."""
        cut = self.y0 + height
        return Area(self.x0, self.y0, self.x1, cut), Area(self.x0, cut + gap, self.x1, self.y1)

    def left(self, width: int, *, gap: int = 0) -> tuple[Area, Area]:
        """Return a left area of ``width`` pixels and the rest to the right of a gap."""
        cut = self.x0 + width
        return Area(self.x0, self.y0, cut, self.y1), Area(cut + gap, self.y0, self.x1, self.y1)

    def to_list(self) -> list[int]:
        """Return ``[x0, y0, x1, y1]``."""
        return [self.x0, self.y0, self.x1, self.y1]
