"""Computes where a photo draws the eye and where it is sharp: two small grids from its pixels.

**Saliency** is the spectral residual of Hou & Zhang ("Saliency detection: a spectral residual
approach", CVPR 2007): what is left of the photo's spectrum when its smooth trend is taken out,
back in the picture. OpenCV has it only in its contrib modules, which the project does without.
There is no bias to the centre: how central somebody is, is measured by itself.

**Sharpness** is the sum-modified Laplacian of Nayar & Nakagawa ("Shape from focus", 1994): how
much fine detail a place has, so how well it is in focus.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.geometry import Box
from presslens.models.vocabulary import Attention, Image

SALIENCY, SHARPNESS = 0, 1
"""The grids, in their order."""

CELLS = 16
"""Cells along the longer side of a photo."""

_COARSE = 4
"""Pixels a side of a cell in which saliency is computed: 64 px a photo, as its authors have it."""

_FINE = 16
"""The same for sharpness: 256 px a photo, where dots of print are gone and focus still shows."""

_BLUR = 2.5
"""Spread of the smoothing of the saliency map, in its pixels, as its authors have it."""

_GRAIN = 1.0
"""Spread of what is smoothed away before sharpness is measured: grain and printed dots, px."""

_FLAT = 1.0
"""A photo whose greys spread less than this, 0–255, has no place that stands out."""


def attention(photo: Image) -> Attention:
    """Return where a photo draws the eye and where it is sharp, shape (2, rows, columns).

    Each grid is 0 or more and sums to 1 over the photo; that of a flat photo is even.
    """
    height, width = photo.shape[:2]
    if min(height, width) == 0:
        return np.zeros((2, 0, 0), np.float32)
    rows, columns = (max(1, round(CELLS * side / max(height, width))) for side in (height, width))
    grey = _greys(photo, rows * _FINE, columns * _FINE)
    coarse = _cells(grey, _FINE // _COARSE).astype(np.float32)
    maps = (_cells(_saliency(coarse), _COARSE), _cells(_sharpness(grey), _FINE))
    return np.stack([_shares(cells) for cells in maps]).astype(np.float32)


def share_inside(grid: NDArray[np.float32], boxes: Sequence[Box], frame: Box) -> float:
    """Return the share of a grid that lies inside any of some boxes, 0–1.

    Args:
        grid: One of the grids of a photo, shape (rows, columns); an empty one counts as even.
        boxes: In page pixels; parts of cells count in part, and what two boxes share counts once.
        frame: The photo, in page pixels.
    """
    if frame.area == 0 or not boxes:
        return 0.0
    cells = grid if grid.size else np.ones((1, 1), np.float32)
    rows, columns = cells.shape
    corners = np.array([_in_cells(box, frame, rows, columns) for box in boxes])
    xs = np.unique([*corners[:, [0, 2]].ravel(), *range(columns + 1)])
    ys = np.unique([*corners[:, [1, 3]].ravel(), *range(rows + 1)])
    inside = np.zeros((len(ys) - 1, len(xs) - 1), bool)
    for x0, y0, x1, y1 in corners:
        left, right = np.searchsorted(xs, (x0, x1))
        top, bottom = np.searchsorted(ys, (y0, y1))
        inside[top:bottom, left:right] = True
    parts = np.diff(ys)[:, None] * np.diff(xs)[None]
    spread = cells[np.ix_(ys[:-1].astype(int), xs[:-1].astype(int))].astype(np.float64) * parts
    total = float(spread.sum())
    return float(spread[inside].sum()) / total if total > 0 else 0.0


def _in_cells(box: Box, frame: Box, rows: int, columns: int) -> tuple[float, float, float, float]:
    """Return the corners of a box in cells of the frame, held inside of it."""
    moved = box.moved(-frame.x0, -frame.y0).clipped(frame.width, frame.height)
    cells = moved.scaled(columns / frame.width, rows / frame.height).clipped(columns, rows)
    return cells.x0, cells.y0, cells.x1, cells.y1


def _greys(photo: Image, height: int, width: int) -> NDArray[np.float32]:
    """Return a photo's greys in another size; where it shrinks, pixels are means of an area."""
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    method = cv2.INTER_AREA if height * width < grey.size else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(grey, (width, height), interpolation=method), np.float32)


def _saliency(grey: NDArray[np.float32]) -> NDArray[np.float64]:
    if grey.std() < _FLAT:
        return np.zeros(grey.shape)
    spectrum = np.fft.fft2(grey - grey.mean())
    size = np.log(np.abs(spectrum) + 1e-6)
    residual = size - cv2.blur(size, (3, 3), borderType=cv2.BORDER_REPLICATE)
    back = np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))
    return np.asarray(cv2.GaussianBlur(np.abs(back) ** 2, (0, 0), _BLUR), np.float64)


def _sharpness(grey: NDArray[np.float32]) -> NDArray[np.float64]:
    if grey.std() < _FLAT:
        return np.zeros(grey.shape)
    smooth = cv2.GaussianBlur(grey, (0, 0), _GRAIN)
    kernel = np.array([[-1, 2, -1]], np.float32)
    across = np.abs(cv2.filter2D(smooth, -1, kernel))
    along = np.abs(cv2.filter2D(smooth, -1, kernel.T))
    return np.asarray(across + along, np.float64)


def _cells(values: NDArray[np.floating[Any]], side: int) -> NDArray[np.float64]:
    """Return the mean of each cell, so many pixels a side, that a map is made of."""
    rows, columns = (length // side for length in values.shape)
    return np.asarray(values.reshape(rows, side, columns, side).mean((1, 3)), np.float64)


def _shares(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    total = cells.sum()
    return np.asarray(cells / total if total > 0 else np.full(cells.shape, 1 / cells.size))
