"""Projection of a sheet into a picture, to the point, so that the truth stays exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Points (x, y) in pixels, shape (n, 2)."""
Tone = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """Where the points of a sheet are in a picture of it."""

    # Projective map of points of the sheet to points of the picture, shape (3, 3).
    matrix: NDArray[np.float64]
    sheet: tuple[int, int]  # width and height of the sheet in pixels, as composed
    size: tuple[int, int]  # width and height of the picture in pixels

    @classmethod
    def filling(cls, sheet: tuple[int, int], size: tuple[int, int]) -> Projection:
        """Return the projection of a sheet that fills a picture, both (width, height)."""
        return cls(np.diag([size[0] / sheet[0], size[1] / sheet[1], 1.0]), sheet, size)

    def points(self, points: Points) -> Points:
        """Return points of the sheet in the picture."""
        moved = np.column_stack([points, np.ones(len(points))]) @ self.matrix.T
        return np.asarray(moved[:, :2] / moved[:, 2:])

    def outline(self, box: Sequence[float]) -> list[tuple[float, float]]:
        """Return the four corners of a box of the sheet, clockwise, to a hundredth of a pixel."""
        x0, y0, x1, y1 = box
        corners = self.points(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float64))
        return [(round(float(x), 2), round(float(y), 2)) for x, y in corners]

    def box(self, box: Sequence[float]) -> tuple[float, float, float, float]:
        """Return the upright box around a box of the sheet, within the picture: x0, y0, x1, y1."""
        corners = np.array(self.outline(box))
        x0, y0 = np.maximum(corners.min(axis=0), 0).tolist()
        x1, y1 = np.minimum(corners.max(axis=0), self.size).tolist()
        return x0, y0, x1, y1

    def cut(self, corner: tuple[int, int], size: tuple[int, int]) -> Projection:
        """Return the projection into a part of the picture: its corner (x, y), (width, height)."""
        move = np.array([[1, 0, -corner[0]], [0, 1, -corner[1]], [0, 0, 1]], np.float64)
        return Projection(move @ self.matrix, self.sheet, size)

    def drawn(self, pixels: Tone, ground: Tone) -> Tone:
        """Return a picture of a sheet over a ground of the picture's size.

        Args:
            pixels: The sheet, about as fine as the picture: each of the picture's pixels is taken
                at one point; shape (height, width, 3).
            ground: What lies around it, shape (height, width, 3).
        """
        height, width = pixels.shape[:2]
        finer = np.diag([self.sheet[0] / width, self.sheet[1] / height, 1.0])
        # A pixel's middle is half a pixel from its corner, from which points are counted.
        half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
        matrix = np.linalg.inv(half) @ self.matrix @ finer @ half
        picture = ground.copy()
        cv2.warpPerspective(
            pixels,
            matrix,
            self.size,
            dst=picture,
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_TRANSPARENT,
        )
        return picture
