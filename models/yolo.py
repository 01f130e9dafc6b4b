"""Runs the project's YOLO networks with onnxruntime.

An image is scaled so that its longer side has a set size, and padded with grey to multiples of
32 px; the networks take any such shape, so nothing is spent on padding.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.geometry import Box
from presslens.models.session import open_session
from presslens.models.vocabulary import Frame, Image

STRIDE = 32
"""Sides of the network's input are multiples of this, px."""

GREY = 114
"""What the padding is filled with, as in the network's training."""


SQUARES = 15
"""Squares of ``STRIDE`` pixels a side that a network's input has at least: its head ranks 300
boxes, and finds 21 in a square."""


class OnnxYolo:
    """Finds the objects of one class, by a head that was trained one box an object.

    Args:
        path: The network: pixels (images, 3, height, width) 0–1 RGB in, rows (x0, y0, x1, y1,
            score, class) out.
        size: The longer side that an image is scaled to, px.
        score: Lowest score of a returned object, 0–1.
        threads: CPU threads for one image.
    """

    def __init__(self, path: Path, *, size: int, score: float, threads: int = 1) -> None:
        self._session = open_session(path, threads=threads)
        self._input = self._session.get_inputs()[0].name
        self._size = size
        self._score = score

    def find(self, image: Image, *, size: int | None = None) -> list[Frame]:
        """Return the objects, best first, boxes in pixels of the image.

        Args:
            image: RGB pixels.
            size: Another longer side to scale to than the usual one, px.
        """
        pixels, scale = fitted(image, size or self._size)
        rows = self._session.run(None, {self._input: network_input(_widened(pixels))})[0][0]
        height, width = image.shape[:2]
        frames = [
            Frame(Box(*map(float, row[:4])).scaled(1 / scale).clipped(width, height), float(row[4]))
            for row in rows[rows[:, 4] >= self._score]
        ]
        frames.sort(key=lambda frame: -frame.score)
        return [frame for frame in frames if frame.box.area > 0]


class DenseYolo:
    """Scores every anchor of an image for every class, by a head with many boxes an object.

    Args:
        path: The network: pixels (images, 3, height, width) 0–1 RGB in, columns (centre x,
            centre y, width, height, a score for each class) out, one an anchor.
        threads: CPU threads for one image.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self._session = open_session(path, threads=threads)
        self._input = self._session.get_inputs()[0].name

    def predict(
        self, image: Image, *, size: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return a box for each anchor, (n, 4) in pixels, and its scores, (n, classes) 0–1.

        Args:
            image: RGB pixels.
            size: The longer side that it is scaled to, px.
        """
        pixels, scale = fitted(image, size)
        columns = self._session.run(None, {self._input: network_input(pixels)})[0][0]
        centre, half = columns[:2].T, columns[2:4].T / 2
        sides = np.array([image.shape[1], image.shape[0]] * 2, np.float32)
        boxes = np.hstack([centre - half, centre + half]) / np.float32(scale)
        return np.clip(boxes, 0, sides), columns[4:].T


def suppressed(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], *, score: float, overlap: float
) -> NDArray[np.intp]:
    """Return the indices of the boxes that no better one overlaps, best first.

    Args:
        boxes: Shape (n, 4), x0, y0, x1, y1.
        scores: Shape (n,).
        score: Boxes below are left out, 0–1.
        overlap: IoU from which the lesser of two boxes is left out, 0–1.
    """
    likely = np.flatnonzero(scores >= score)
    corners = boxes[likely]
    sized = np.hstack([corners[:, :2], corners[:, 2:] - corners[:, :2]])
    best = cv2.dnn.NMSBoxes(sized.tolist(), scores[likely].tolist(), 0.0, overlap)
    return likely[np.asarray(best, np.intp).reshape(-1)]


def fitted(photo: Image, size: int) -> tuple[Image, float]:
    """Return a photo whose longer side is ``size`` px, padded below and right, and its scale."""
    height, width = photo.shape[:2]
    scale = size / max(height, width)
    shape = max(1, round(width * scale)), max(1, round(height * scale))
    resized = cv2.resize(
        photo, shape, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    padded = np.full(
        (-(-shape[1] // STRIDE) * STRIDE, -(-shape[0] // STRIDE) * STRIDE, 3), GREY, np.uint8
    )
    padded[: shape[1], : shape[0]] = resized
    return padded, scale


def _widened(padded: Image) -> Image:
    """Return the padded pixels of a narrow strip with so much more padding that it has SQUARES."""
    rows, columns = (side // STRIDE for side in padded.shape[:2])
    if rows * columns >= SQUARES:
        return padded
    below, right = (-(-SQUARES // columns) - rows, 0) if rows < columns else (
        0, -(-SQUARES // rows) - columns)  # fmt: skip
    return np.asarray(
        cv2.copyMakeBorder(
            padded, 0, below * STRIDE, 0, right * STRIDE, cv2.BORDER_CONSTANT, value=(GREY,) * 3
        ),
        np.uint8,
    )


def network_input(pixels: Image) -> NDArray[np.float32]:
    """Return the array that the network takes, shape (1, 3, height, width), 0–1."""
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None], dtype=np.float32) / np.float32(255)
