"""Conditions of a page: the effects of presses, paper, age, scanners and archives.

Every effect returns the displacement of the page, so that the truth stays exact. A page is taken
to be a broadsheet of PAGE_HEIGHT; screens and resolutions in lines and dots per inch follow from
that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

FINE = 4
"""Dots are drawn this many times as fine as the page's pixels, then sampled like a scanner does."""
BAND = 64
"""Rows of the page that are drawn at a time, so that the fine dots need little memory."""
WHITE, BLACK = 236.0, 30.0
"""Greys that print no dot at all, and solid ink: paper keeps clean, text keeps its edges."""


def screened(grey: NDArray[np.uint8], *, cell: float, angle: float = 45.0) -> NDArray[np.float32]:
    """Return the share of each pixel that is covered with ink, 0–1, shape as ``grey``.

    Args:
        grey: The page, 0 black to 255 white, shape (height, width).
        cell: Distance of two rows of dots in pixels; may be near one pixel, where a scan shows
            moiré rather than dots.
        angle: Of the screen in degrees.
    """
    height, width = grey.shape
    ink = np.empty((height, width), np.float32)
    dark = np.clip((WHITE - grey.astype(np.float32)) / (WHITE - BLACK), 0, 1)
    for top in range(0, height, BAND):
        band = dark[top : top + BAND]
        fine = cv2.resize(band, (width * FINE, len(band) * FINE), interpolation=cv2.INTER_LINEAR)
        dots = (fine > _threshold(fine.shape, top * FINE, cell * FINE, angle)).astype(np.float32)
        ink[top : top + len(band)] = cv2.resize(
            dots, (width, len(band)), interpolation=cv2.INTER_AREA
        )
    return ink


def _threshold(shape: tuple[int, ...], top: int, cell: float, angle: float) -> NDArray[np.float32]:
    """Return the darkness from which each fine pixel prints ink, evenly spread over 0–1."""
    turn = np.deg2rad(angle)
    x = np.arange(shape[1], dtype=np.float32)[None, :] * np.float32(2 * np.pi / cell)
    y = np.arange(top, top + shape[0], dtype=np.float32)[:, None] * np.float32(2 * np.pi / cell)
    cos, sin = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    spot = np.cos(cos * x + sin * y) + np.cos(cos * y - sin * x)
    index = np.clip((spot + 2) * ((len(_SPREAD) - 1) / 4), 0, len(_SPREAD) - 1).astype(np.intp)
    spread: NDArray[np.float32] = _SPREAD[index]
    return spread


def _evenly_spread(steps: int = 1024) -> NDArray[np.float32]:
    """Return the share of a screen's points below each value of the spot function.

    With it a grey of 40 % covers 40 % of the paper: the bare cosines would print it too pale.
    """
    wave = np.cos(np.linspace(0, 2 * np.pi, 512, endpoint=False))
    spots = np.sort((wave[:, None] + wave[None, :]).ravel())
    share = np.searchsorted(spots, np.linspace(-2, 2, steps)) / spots.size
    return share.astype(np.float32)


_SPREAD = _evenly_spread()


Generator = np.random.Generator
Pixels = NDArray[np.uint8]
Tone = NDArray[np.float32]

PAGE_HEIGHT = 545.0
"""Height of a broadsheet page in millimetres."""
MILLIMETRES = 25.4
"""An inch."""
SIDE_STEPS = 65
"""Points of each side of a box that are moved, for a curled side is no straight line."""


@dataclass(frozen=True, slots=True, eq=False)
class Warp:
    """The map of the points of a sheet to its scan."""

    matrix: NDArray[np.float64]  # affine map of sheet points to scan points, shape (2, 3)
    curl: Tone  # how many pixels down each column of the scan went, shape (width,); empty: none

    def box(self, box: Sequence[float]) -> list[float]:
        """Return the upright box around a box of the sheet, to a tenth of a pixel."""
        x0, y0, x1, y1 = box
        t = np.linspace(0, 1, SIDE_STEPS)
        xs, ys = x0 + t * (x1 - x0), y0 + t * (y1 - y0)
        x = np.concatenate([xs, xs, np.full_like(t, x0), np.full_like(t, x1)])
        y = np.concatenate([np.full_like(t, y0), np.full_like(t, y1), ys, ys])
        u, v = self.matrix @ np.stack([x, y, np.ones_like(x)])
        if self.curl.size:
            v = v + np.interp(u, np.arange(self.curl.size) + 0.5, self.curl)
        return [round(float(edge), 1) for edge in (u.min(), v.min(), u.max(), v.max())]


STILL = Warp(np.eye(2, 3), np.empty(0, np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class ScannedPage:
    """A page as it comes out of an archive."""

    image: Image.Image  # its pixels
    warp: Warp  # the map from the sheet
    quality: int  # quality of its JPEG, 1–95
    subsampling: int = 2  # pillow's code of the JPEG's chroma subsampling: 0 is none, 2 is 4:2:0

    def box(self, box: Sequence[float]) -> list[float]:
        """Return a box of the sheet on the scan; the same box if nothing moved."""
        return list(box) if self.warp is STILL else self.warp.box(box)


def scan(
    sheet: Image.Image, condition: str, rng: Generator, *, reverse: Image.Image
) -> ScannedPage:
    """Return a sheet in a condition.

    Args:
        sheet: The page as composed.
        rng: Draws the strength of each effect.
        reverse: The page on the other side of the paper, as composed, of the same size.
    """
    return _SCANNERS[condition](sheet, rng, reverse)


def _clean(sheet: Image.Image, _rng: Generator, _reverse: Image.Image) -> ScannedPage:
    return ScannedPage(sheet, STILL, quality=90, subsampling=0)


def _scanned(sheet: Image.Image, rng: Generator, reverse: Image.Image) -> ScannedPage:
    """Lay the sheet askew on a scanner of 150-200 dpi: old paper, uneven light, a dark border."""
    page = _shown_through(sheet, reverse, rng)
    dpi = float(rng.uniform(150, 200))
    warp, (width, height) = _laid(sheet.size, dpi * PAGE_HEIGHT / MILLIMETRES, rng)
    page = _yellowed(page, rng)
    ground = tuple(float(v) for v in rng.uniform(14, 48) + rng.uniform(-4, 4, 3))
    laid = _moved(page, warp, (width, height), ground)
    laid *= _light((width, height), rng)[:, :, None]
    soft = cv2.GaussianBlur(laid, (0, 0), float(rng.uniform(0.5, 0.9)))
    noise = rng.standard_normal((height, width, 1), np.float32) * np.float32(rng.uniform(2, 6))
    return ScannedPage(_image(soft + noise), warp, quality=int(rng.integers(70, 86)))


def _halftone(sheet: Image.Image, rng: Generator, _reverse: Image.Image) -> ScannedPage:
    """Print in black through a newspaper's screen, on paper that is not white."""
    lines = float(rng.uniform(65, 100))
    cell = sheet.height / PAGE_HEIGHT * MILLIMETRES / lines
    ink = screened(np.asarray(sheet.convert("L")), cell=cell)[:, :, None]
    paper = np.array([226, 220, 203], np.float32) + rng.uniform(-10, 10, 3).astype(np.float32)
    printed = paper * (1 - ink) + np.float32(42) * ink
    printed += rng.standard_normal(ink.shape, np.float32) * float(rng.uniform(1, 3))
    return ScannedPage(_image(printed), STILL, quality=int(rng.integers(80, 91)))


def _low_resolution(sheet: Image.Image, _rng: Generator, _reverse: Image.Image) -> ScannedPage:
    """Reduce the page to what a web archive shows."""
    return reduced(sheet, (900, 1300))


def reduced(sheet: Image.Image, size: tuple[int, int], *, quality: int = 75) -> ScannedPage:
    """Return a sheet reduced to ``size`` (width, height in pixels), and nothing else done to it."""
    scale = np.diag([size[0] / sheet.width, size[1] / sheet.height, 1.0])[:2]
    small = sheet.resize(size, Image.Resampling.LANCZOS)
    return ScannedPage(small, Warp(scale, STILL.curl), quality=quality)


def _bitonal(sheet: Image.Image, rng: Generator, _reverse: Image.Image) -> ScannedPage:
    """Copy the page to black and white only: what was grey is coarse dots."""
    cell = float(rng.uniform(3.0, 5.0))
    ink = screened(np.asarray(sheet.convert("L")), cell=cell)
    soft = cv2.GaussianBlur(ink, (0, 0), float(rng.uniform(0.4, 0.8)))
    noise = rng.standard_normal(ink.shape, np.float32) * np.float32(0.06)
    level = float(rng.uniform(0.4, 0.6))
    pixels = np.where(soft + noise > level, 0, 255).astype(np.uint8)
    return ScannedPage(
        Image.fromarray(pixels).convert("RGB"), STILL, quality=int(rng.integers(60, 81))
    )


_SCANNERS: Mapping[str, Callable[[Image.Image, Generator, Image.Image], ScannedPage]] = {
    "clean": _clean,
    "scanned": _scanned,
    "halftone": _halftone,
    "low-resolution": _low_resolution,
    "bitonal": _bitonal,
}
CONDITIONS = tuple(_SCANNERS)


def _shown_through(sheet: Image.Image, reverse: Image.Image, rng: Generator) -> Tone:
    """Return the sheet with the other side of thin paper faintly on it, mirrored and blurred."""
    behind = np.asarray(reverse.convert("L"), np.float32)[:, ::-1] / 255
    blurred = cv2.GaussianBlur(behind, (0, 0), float(rng.uniform(1.5, 3.0)))
    transmitted = 1 - np.float32(rng.uniform(0.04, 0.14)) * (1 - blurred)
    return np.asarray(np.asarray(sheet, np.float32) * transmitted[:, :, None], np.float32)


def _yellowed(page: Tone, rng: Generator) -> Tone:
    age = float(rng.uniform(0.2, 1.0))
    loss = np.array([0.04, 0.10, 0.26], np.float32) * age
    faded = np.float32(rng.uniform(4, 22))  # old ink is never as black as fresh ink
    toned: Tone = (page * (1 - faded / 255) + faded) * (1 - loss)
    return toned


def _laid(size: tuple[int, int], high: float, rng: Generator) -> tuple[Warp, tuple[int, int]]:
    """Return the map of a sheet to a scan that holds all of it, and the scan's size.

    Args:
        size: Width and height of the sheet in pixels.
        high: Height that the sheet has on the scan, in pixels.
        rng: Draws skew, curl and border.
    """
    scale = high / size[1]
    turn = np.deg2rad(rng.uniform(-2, 2))
    matrix = np.zeros((2, 3))
    matrix[:, :2] = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    corners = matrix[:, :2] @ np.array([[0, size[0], size[0], 0], [0, 0, size[1], size[1]]])
    depth = float(rng.uniform(0.001, 0.005)) * high
    margin = rng.uniform(0.004, 0.025, (2, 2)) * high
    margin[1] += depth
    matrix[:, 2] = margin[:, 0] - corners.min(axis=1)
    width, height = np.ceil(np.ptp(corners, axis=1) + margin.sum(axis=1)).astype(int)
    phase = 2 * np.pi * np.arange(width) / width * rng.uniform(0.5, 1.2) + rng.uniform(0, 2 * np.pi)
    return Warp(matrix, (depth * np.sin(phase)).astype(np.float32)), (int(width), int(height))


def _moved(page: Tone, warp: Warp, size: tuple[int, int], ground: tuple[float, ...]) -> Tone:
    """Return a scan of a size (width, height) with a page sampled through a warp."""
    back = cv2.invertAffineTransform(warp.matrix)
    u = np.arange(size[0], dtype=np.float32)[None, :] + np.float32(0.5)
    v = np.arange(size[1], dtype=np.float32)[:, None] + np.float32(0.5) - warp.curl[None, :]
    x = (back[0, 0] * u + back[0, 1] * v + back[0, 2] - 0.5).astype(np.float32)
    y = (back[1, 0] * u + back[1, 1] * v + back[1, 2] - 0.5).astype(np.float32)
    moved = cv2.remap(page, x, y, cv2.INTER_LINEAR, borderValue=ground)
    return np.asarray(moved, np.float32)


def _light(size: tuple[int, int], rng: Generator) -> Tone:
    """Return the light on each point of a scan: a slope, and darker towards the fold."""
    x = np.linspace(-0.5, 0.5, size[0], dtype=np.float32)[None, :]
    y = np.linspace(-0.5, 0.5, size[1], dtype=np.float32)[:, None]
    across, down = rng.uniform(-0.14, 0.14, 2).astype(np.float32)
    light: Tone = 1 + across * x + down * y
    fold = np.float32(rng.choice([-0.5, 0.5]))
    light -= np.float32(rng.uniform(0, 0.22)) * np.exp(-np.abs(x - fold) / 0.05)
    return light


def _image(tone: NDArray[np.floating[Any]]) -> Image.Image:
    return Image.fromarray(np.clip(tone, 0, 255).astype(np.uint8))
