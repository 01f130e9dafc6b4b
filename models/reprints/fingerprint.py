"""Fingerprints of photos: what survives print, crop, scan and tone, in at most 7.7 kB.

A fingerprint has up to 240 places of a photo and a descriptor of each: SIFT (Lowe, IJCV 2004) of
the luminance, from which printed dots are smoothed away and whose contrast is made even. It has no
colour, and no detail that a newspaper could not print.

Descriptors are upright: a page lies straight but for some degrees, and what looks alike only when
it is turned is another thing. Each is the square root of SIFT (Arandjelović & Zisserman, CVPR
2012), transformed by cosines over its 4 × 4 cells and by Fourier over its eight directions; the
components with the largest variance are stored.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.reprints.stored import COMPONENTS, PLACES, THUMBNAIL, Fingerprint
from presslens.models.vocabulary import Image

SIDE = 160
"""Photos are compared as if they were squares of so many pixels a side."""

SMOOTHED = 1.4
"""Spread of the smoothing of the luminance, px: dots of 65 lpi on a photo 10 cm wide are gone."""

EVENED = 15.0
"""Spread of the surroundings by which contrast is made even, px."""

_STEP = 1 / 200
"""What one unit of a stored component stands for."""

_REDUCED = 4
"""Times as large as it is compared that a photo is at most when its dots are smoothed away."""

_LONGEST = 4
"""A photo's longer side by its shorter one at most; more is cut off the ends."""

_CORNERS = 0.01
"""Contrast from which SIFT takes a place, as OpenCV has it; made-even contrast is high."""

_EDGES = 15.0
"""How much like an edge a place may be, as OpenCV has it."""


def fingerprint(photo: Image) -> Fingerprint:
    """Return the fingerprint of a photo, shape (height, width, 3), RGB.

    One without any structure has no places.
    """
    grey = _evened(_compared_size(_bounded(photo)))
    sift = cv2.SIFT.create(contrastThreshold=_CORNERS, edgeThreshold=_EDGES)
    keypoints = {
        (round(k.pt[0], 1), round(k.pt[1], 1), round(k.size, 1)): k for k in sift.detect(grey)
    }
    clearest = sorted(keypoints.values(), key=lambda k: (-k.response, k.pt))[:PLACES]
    for place in clearest:
        place.angle = 0.0
    upright, described = sift.compute(grey, clearest)
    places = np.array([place.pt for place in upright]).reshape(-1, 2) * 4
    height, width = (side // THUMBNAIL for side in grey.shape)
    whole = grey[: THUMBNAIL * height, : THUMBNAIL * width]
    small = _resized(whole, (width, height), cv2.INTER_AREA)
    looks = np.zeros((0, 128)) if described is None else np.asarray(described, np.float64)
    return Fingerprint(places.round().astype(np.uint16), _components(looks), small)


def _bounded(photo: Image) -> Image:
    """Return a photo without the ends of one that is very long."""
    height, width = photo.shape[:2]
    longest = _LONGEST * min(height, width)
    x, y = max(0, width - longest) // 2, max(0, height - longest) // 2
    return photo[y : height - y, x : width - x]


def _compared_size(photo: Image) -> NDArray[np.float32]:
    """Return the luminance of a photo, scaled to the area of a square of ``SIDE`` pixels."""
    height, width = photo.shape[:2]
    scale = SIDE / float(np.sqrt(height * width))
    size = max(8, round(width * scale)), max(8, round(height * scale))
    if scale < 1 / _REDUCED:  # most of a large photo is not needed, and costs most
        near = size[0] * _REDUCED, size[1] * _REDUCED
        photo, scale = _resized(photo, near, cv2.INTER_AREA), 1 / _REDUCED
    grey = cv2.cvtColor(np.ascontiguousarray(photo), cv2.COLOR_RGB2GRAY).astype(np.float32)
    if scale < 1:  # dots would make patterns with the pixels
        spread = max(0.01, (1 / scale - 1) / 2)
        grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), spread), np.float32)
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    smoothed = cv2.GaussianBlur(cv2.resize(grey, size, interpolation=kind), (0, 0), SMOOTHED)
    return np.asarray(smoothed, np.float32)


def _resized(picture: NDArray[np.uint8], size: tuple[int, int], kind: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(picture, size, interpolation=kind), np.uint8)


def _evened(grey: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return luminance with the same contrast everywhere: light and tone make no difference."""
    rest = grey - cv2.GaussianBlur(grey, (0, 0), EVENED)
    contrast = np.sqrt(cv2.GaussianBlur(rest * rest, (0, 0), EVENED))
    return np.asarray(np.clip(128 + 50 * rest / (contrast + 6), 0, 255), np.uint8)


def _components(described: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return the stored components of SIFT descriptors, shape (n, 128)."""
    total = np.maximum(described.sum(axis=1, keepdims=True), 1e-9)
    cells = np.sqrt(described / total).reshape(-1, 4, 4, 8)
    wave = np.fft.rfft(cells - cells.mean((1, 2, 3), keepdims=True), axis=3, norm="ortho")
    twice = np.sqrt(2.0)  # each wave but the first and the last stands for two
    real = wave.real * (1, twice, twice, twice, 1)
    waves = np.concatenate([real, wave.imag[..., 1:4] * twice], axis=3)
    transformed = np.einsum("ui,vj,nijk->nuvk", _COSINES, _COSINES, waves).reshape(-1, 128)
    stored = transformed[:, COMPONENTS] / _STEP
    return np.asarray(np.clip(np.round(stored), -127, 127), np.int8)


def _cosines(n: int) -> NDArray[np.float64]:
    """Return the orthonormal cosine transform of ``n`` values, shape (n, n)."""
    k, i = np.mgrid[:n, :n]
    matrix = np.sqrt(2 / n) * np.cos(np.pi * k * (2 * i + 1) / (2 * n))
    matrix[0] /= np.sqrt(2)
    return np.asarray(matrix)


_COSINES = _cosines(4)
