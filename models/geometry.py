"""Boxes, in pixels of the page as decoded: half-open, origin top left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Box:
    """An axis-parallel box ``[x0, x1) × [y0, y1)`` in pixels, origin top left."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """Width in pixels, never negative."""
        return max(0.0, self.x1 - self.x0)

    @property
    def height(self) -> float:
        """Height in pixels, never negative."""
        return max(0.0, self.y1 - self.y0)

    @property
    def area(self) -> float:
        """Area in square pixels."""
        return self.width * self.height

    @property
    def centre(self) -> tuple[float, float]:
        """The middle, as (x, y) in pixels."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def intersection(self, other: Box) -> float:
        """Return the common area in square pixels."""
        return Box(
            max(self.x0, other.x0),
            max(self.y0, other.y0),
            min(self.x1, other.x1),
            min(self.y1, other.y1),
        ).area

    def iou(self, other: Box) -> float:
        """Return the intersection over union, 0–1; 0 for two empty boxes."""
        common = self.intersection(other)
        union = self.area + other.area - common
        return common / union if union > 0 else 0.0

    def share_inside(self, other: Box) -> float:
        """Return the share of this box that lies inside ``other``, 0–1."""
        return self.intersection(other) / self.area if self.area > 0 else 0.0

    def union(self, other: Box) -> Box:
        """Return the smallest box that holds both."""
        return Box(
            min(self.x0, other.x0),
            min(self.y0, other.y0),
            max(self.x1, other.x1),
            max(self.y1, other.y1),
        )

    def moved(self, dx: float, dy: float) -> Box:
        """Return the box shifted by (dx, dy) pixels."""
        return Box(self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)

    def scaled(self, across: float, down: float | None = None) -> Box:
        """Return the box in an image that is so many times as wide, and as high if not said."""
        down = across if down is None else down
        return Box(self.x0 * across, self.y0 * down, self.x1 * across, self.y1 * down)

    def in_shares(self, size: tuple[float, float]) -> Box:
        """Return the box in shares of an image of a width and a height."""
        width, height = size
        return Box(self.x0 / width, self.y0 / height, self.x1 / width, self.y1 / height)

    def clipped(self, width: float, height: float) -> Box:
        """Return the part of the box inside an image of ``width`` × ``height`` pixels."""
        return Box(
            min(max(self.x0, 0.0), width),
            min(max(self.y0, 0.0), height),
            min(max(self.x1, 0.0), width),
            min(max(self.y1, 0.0), height),
        )

    def padded(self, margin: float) -> Box:
        """Return the box grown by ``margin`` pixels on each side."""
        return Box(self.x0 - margin, self.y0 - margin, self.x1 + margin, self.y1 + margin)

    def pixels(self) -> tuple[int, int, int, int]:
        """Return (x0, y0, x1, y1) rounded to whole pixels, for slicing an array."""
        return round(self.x0), round(self.y0), round(self.x1), round(self.y1)

    def corners(self) -> dict[str, float]:
        """Return the corners by name, as columns of a row have them."""
        return {name: float(getattr(self, name)) for name in self.__slots__}

    def to_list(self) -> list[float]:
        """Return ``[x0, y0, x1, y1]`` rounded to a tenth of a pixel, as in the JSON contract."""
        return [round(v, 1) for v in (self.x0, self.y0, self.x1, self.y1)]

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> Any:
        """Return the schema of a box, which results serve as ``to_list`` has it."""
        numbers = {"type": "list", "items_schema": {"type": "float"}}
        four = {**numbers, "min_length": 4, "max_length": 4}
        served = {"type": "function-plain", "function": cls.to_list, "return_schema": four}
        return {"type": "is-instance", "cls": cls, "serialization": served}


def suppress(boxes: Sequence[Box], scores: Sequence[float], iou: float) -> list[int]:
    """Return the indices that greedy non-maximum suppression keeps, best score first.

    Args:
        boxes: Boxes in one coordinate system.
        scores: One score per box.
        iou: A box is dropped when it overlaps a better one by more than this, 0–1.
    """
    corners = np.array([(b.x0, b.y0, b.x1, b.y1) for b in boxes], np.float64).reshape(-1, 4)
    sides = np.clip(corners[:, 2:] - corners[:, :2], 0, None)
    areas = sides[:, 0] * sides[:, 1]
    best: list[int] = []
    dropped = np.zeros(len(boxes), bool)
    for i in sorted(range(len(boxes)), key=lambda i: -scores[i]):
        if dropped[i]:
            continue
        best.append(i)
        shared = np.minimum(corners[:, 2:], corners[i, 2:]) - np.maximum(
            corners[:, :2], corners[i, :2]
        )
        common = np.clip(shared, 0, None).prod(axis=1)
        union = areas + areas[i] - common
        dropped |= common / np.where(union > 0, union, 1) > iou
    return best
