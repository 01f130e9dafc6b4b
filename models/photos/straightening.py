"""The map of a page as it is to the page straightened: turned upright, its perspective undone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.geometry import Box
from presslens.models.vocabulary import Image

Points: TypeAlias = NDArray[np.float64]
"""Points of a picture, shape (n, 2): x and y in pixels."""

Matrix: TypeAlias = NDArray[np.float64]
"""A map of points in homogeneous coordinates, shape (3, 3)."""

CROPPED = 5.0
"""A page that is turned further, in degrees, is straightened onto a larger one: its corners would
be cut off."""


@dataclass(frozen=True, slots=True, eq=False)
class Straightening:
    """How a page is straightened."""

    matrix: Matrix  # takes points of the page as it is to those of the straightened one
    size: tuple[int, int]  # width and height of the straightened page, px

    @classmethod
    def of_quad(cls, quad: Points) -> Straightening:
        """Return what makes an upright rectangle of a sheet's four corners, shape (4, 2)."""
        # Around its middle, from the corner that is farthest up and left.
        off = quad - quad.mean(axis=0)
        around = quad[np.argsort(np.arctan2(off[:, 1], off[:, 0]))]
        corners = np.roll(around, -int(around.sum(axis=1).argmin()), axis=0)
        sides = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
        width, height = (max(1, round(float(max(sides[i], sides[i + 2])))) for i in (0, 1))
        target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
        return cls(np.asarray(matrix, np.float64), (width, height))

    @classmethod
    def of_skew(cls, angle: float, width: int, height: int) -> Straightening:
        """Return what turns a page of a width and height in pixels back by its skew in degrees."""
        # OpenCV turns anticlockwise for positive angles, which is what undoes a clockwise skew.
        matrix = np.vstack(
            [cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0), [0, 0, 1]]
        )
        if abs(angle) <= CROPPED:
            return cls(matrix, (width, height))
        cos, sin = abs(math.cos(math.radians(angle))), abs(math.sin(math.radians(angle)))
        wide, high = math.ceil(width * cos + height * sin), math.ceil(width * sin + height * cos)
        matrix[:2, 2] += (wide - width) / 2, (high - height) / 2
        return cls(matrix, (wide, high))

    def then(self, other: Straightening) -> Straightening:
        """Return this one followed by another."""
        return Straightening(other.matrix @ self.matrix, other.size)

    def applied(self, page: Image) -> Image:
        """Return the straightened page; white where the page as it is ends."""
        white = (255, 255, 255)
        if (self.matrix[2] == (0, 0, 1)).all():
            return np.asarray(
                cv2.warpAffine(page, self.matrix[:2], self.size, borderValue=white), np.uint8
            )
        return np.asarray(
            cv2.warpPerspective(page, self.matrix, self.size, borderValue=white), np.uint8
        )

    def corners(self, box: Box) -> Points:
        """Return the corners of a box of the straightened page on the page as it is, (4, 2)."""
        corners = [[box.x0, box.y0], [box.x1, box.y0], [box.x1, box.y1], [box.x0, box.y1]]
        back = np.linalg.inv(self.matrix)
        return np.asarray(cv2.perspectiveTransform(np.array([corners], np.float64), back)[0])

    def around(self, box: Box, width: int, height: int) -> Box:
        """Return the upright box around a box of the straightened page on the page as it is.

        Args:
            box: In pixels of the straightened page.
            width: Of the page as it is in pixels.
            height: Of the page as it is in pixels.
        """
        corners = self.corners(box)
        (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
        return Box(float(x0), float(y0), float(x1), float(y1)).clipped(width, height)

    @property
    def turn(self) -> float:
        """The turn of the page as it is, in degrees, clockwise."""
        width, height = self.size
        left, right, *_ = self.corners(Box(0, height / 2, width, height / 2 + 1))
        return round(math.degrees(math.atan2(right[1] - left[1], right[0] - left[0])), 2)
