"""Tells how a photo was printed: through a screen of dots, in grains, or in black and white alone.

A screen is a wave that is the same all over a photo, so that it stands out of the spectrum of every
piece of it at one frequency, whatever the photo shows there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.vocabulary import Image

PATCH = 128
"""Side of the pieces whose spectra are taken, px; smaller photos are one piece, mirrored."""

PATCHES = 6
"""So many pieces of a photo are looked at."""

COARSEST, FINEST = 8.0, 1.8
"""Distances of dots that are looked for, px: what a photo shows itself is coarser."""

SCREEN = 2.0
"""A screen's frequency is so much stronger than the others of its length, as the mean of natural
logarithms over the pieces. Of 159 photos on a screen, 98 % reach 2.2 with dots 3.5 px apart; of the
same as they are, 2 % do."""

GRAIN = 0.5
"""Share of a photo's contrast that lies between neighbours where there is ink or none."""

EXTREME = 16
"""Pixels this near to black or white are of a picture in black and white, of 255."""

BITONAL = 0.97
"""Share of such pixels in a bitonal photo."""


@dataclass(frozen=True, slots=True)
class HalftoneScreen:
    """A screen of dots."""

    distance: float  # of neighbouring dots, px
    angle: float  # of a row of dots, degrees, 0–90


@dataclass(frozen=True, slots=True)
class Printing:
    """How a photo was printed and copied."""

    screen: HalftoneScreen | None  # the screen of dots, None where no wave stands out
    grainy: bool  # it consists of grains or dots that are black or white
    bitonal: bool  # it is in black and white alone

    @property
    def visible(self) -> bool:
        """Whether the printing shows in the pixels."""
        return self.screen is not None or self.grainy or self.bitonal


def printing_of(photo: Image) -> Printing:
    """Return how a photo was printed, shape (height, width, 3), RGB."""
    grey = np.asarray(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), np.uint8)
    extreme = (grey <= EXTREME) | (grey >= 255 - EXTREME)
    patches = _patches(grey)
    return Printing(
        screen=_screen(patches),
        grainy=float(np.median([_grain(patch) for patch in patches])) > GRAIN,
        bitonal=float(extreme.mean()) >= BITONAL,
    )


def _patches(grey: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
    """Return pieces of a photo, those with the most mid-tones: solid areas have no dots."""
    height, width = grey.shape
    bottom, right = (max(0, PATCH - side) for side in (height, width))
    if bottom or right:
        mode = cv2.BORDER_REFLECT_101 if min(height, width) > 1 else cv2.BORDER_REPLICATE
        grey = np.asarray(cv2.copyMakeBorder(grey, 0, bottom, 0, right, mode), np.uint8)
    rows, columns = (_starts(side) for side in grey.shape)
    pieces = [grey[y : y + PATCH, x : x + PATCH] for y in rows for x in columns]
    pieces.sort(key=lambda piece: abs(float(piece.mean()) - 128))
    return [piece.astype(np.float32) for piece in pieces[:PATCHES]]


def _starts(side: int) -> list[int]:
    """Return where up to four pieces begin that are spread evenly over a side."""
    count = min(4, max(1, side // PATCH))
    return [int(start) for start in np.linspace(0, side - PATCH, count)]


def _screen(patches: list[NDArray[np.float32]]) -> HalftoneScreen | None:
    plane = _spectral_plane()
    mean = np.mean([_prominence(patch) for patch in patches], axis=0)
    # Dots lie on squares: there is a second wave, as long, across the first.
    crossed = (mean + mean[plane.across]) / 2
    inside = np.where(plane.ring, crossed, -np.inf)
    y, x = (int(i) for i in np.unravel_index(int(inside.argmax()), inside.shape))
    if inside[y, x] < SCREEN:
        return None
    across, down = _peak(mean, y, x)
    return HalftoneScreen(
        distance=PATCH / math.hypot(across, down),
        angle=math.degrees(math.atan2(down, across)) % 90,
    )


def _prominence(patch: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the logarithm of each frequency's strength beside the mean of those as long."""
    plane = _spectral_plane()
    spectrum = np.fft.fftshift(np.fft.fft2((patch - patch.mean()) * plane.window))
    strength = np.log(np.abs(spectrum) + PATCH)
    sums = np.bincount(plane.radius.ravel(), strength.ravel())
    level = np.convolve(sums, np.ones(5), "same") / plane.counts
    return np.asarray(strength - level[plane.radius])


def _peak(spectrum: NDArray[np.float64], y: int, x: int) -> tuple[float, float]:
    """Return the frequency of a peak between the frequencies, by parabolas, from the middle."""
    middle = PATCH // 2
    return (
        x - middle + _vertex(spectrum[y, x - 1 : x + 2]),
        y - middle + _vertex(spectrum[y - 1 : y + 2, x]),
    )


def _vertex(three: NDArray[np.float64]) -> float:
    """Return where the parabola through three values is highest, from the middle, -1 to 1."""
    if len(three) < 3:
        return 0.0
    left, centre, right = three
    bend = left - 2 * centre + right
    return 0.0 if bend >= 0 else float(0.5 * (left - right) / bend)


class _SpectralPlane(NamedTuple):
    """Where the frequencies of a piece lie; the same for every piece."""

    window: NDArray[np.float64]  # weights of the pixels, shape (PATCH, PATCH)
    ring: NDArray[np.bool_]  # the frequencies that a screen may have
    radius: NDArray[np.int64]  # the length of each frequency, in whole waves a piece
    # Where the frequency at a right angle to each lies, as rows and columns.
    across: tuple[NDArray[np.int64], NDArray[np.int64]]
    counts: NDArray[np.float64]  # for each length how many frequencies are about as long


@cache
def _spectral_plane() -> _SpectralPlane:
    window = np.hanning(PATCH)[:, None] * np.hanning(PATCH)[None]
    y, x = np.mgrid[-PATCH // 2 : PATCH // 2, -PATCH // 2 : PATCH // 2]
    length = np.hypot(x, y)
    radius = np.rint(length).astype(np.int64)
    ring = (length > PATCH / COARSEST) & (length < PATCH / FINEST)
    ring &= (abs(x) < PATCH // 2 - 1) & (abs(y) < PATCH // 2 - 1)
    middle = PATCH // 2
    across = (np.clip(middle + x, 0, PATCH - 1), np.clip(middle - y, 0, PATCH - 1))
    counts = np.convolve(np.bincount(radius.ravel()), np.ones(5), "same")
    return _SpectralPlane(window, ring, radius, across, counts)


def _grain(patch: NDArray[np.float32]) -> float:
    fine = np.abs(patch - cv2.GaussianBlur(patch, (0, 0), 1.0)).mean()
    return float(fine / (patch.std() + 8))
