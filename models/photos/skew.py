"""Measures a page's skew.

Lines of text, rules and the edges of frames are level on an upright page: the edges that run
across it then fall into few rows, and those that run down it into few columns. The angle at which
the two profiles are sharpest is the skew (Postl 1986 for text alone).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.vocabulary import Image


def reduced(page: Image, side: int) -> Image:
    """Return a page, grey or RGB, whose longer side has at most so many pixels."""
    scale = min(1.0, side / max(page.shape[:2]))
    size = tuple(max(1, round(n * scale)) for n in page.shape[1::-1])
    return np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA), np.uint8)


USUAL, WIDEST = 5.0, 20.0
"""Scans are turned no further than the one, photographs of pages than the other, in degrees."""

SIDES = (320, 800)
"""Longer side of the page in the coarse and in the fine search, in pixels."""

STEPS = (0.5, 0.1)
"""Angles that are tried lie so far apart, in degrees, coarsely and finely."""

LEAST = 64
"""An image with a side below this many pixels shows no direction."""

NARROWEST = 4 / SIDES[0]
"""A strip whose shorter side is less than this share of its longer one shows none either: without
its rim, nothing is left of it in the coarse search."""

LEVEL = 0.15
"""A page that is turned less, in degrees, is left as it is."""

EVIDENCE, CERTAINTY = 1.02, 2.0
"""How much sharper than upright a page must be at another angle to be taken as turned; and how much
sharper at an angle beyond USUAL than at any other: pages that are so have 5 to 13."""

APART = 2.0
"""Angles closer to upright than this, in degrees, are not told from it by a tile."""

TILE, EDGE, PRINTED = 100, 16, 0.02
"""Side of a tile, px of the fine search; edges across a tile from this step on, of 255, on this
share of its pixels show a direction."""

CLEARLY, ACROSS = 2.0, 1.5
"""How much sharper upright than turned, or turned than upright, a tile must be to vote; and across
than down to vote for upright: lines of text are, the checks of a tablecloth are not."""

LEVEL_SHARE = 0.2
"""Where so many tiles vote for upright for each one that votes for the turn, a picture on the page
is turned and not the page: turned pages have at most 0.17, straight ones with a tilted cover 0.15
to 0.82."""


def skew(page: Image) -> float:
    """Return the angle in degrees by which a page is turned clockwise, from -20 to 20.

    Pages that show no direction (blank, one photo) count as upright.
    """
    if min(page.shape[:2]) < max(LEAST, NARROWEST * max(page.shape[:2])):
        return 0.0
    fine = reduced(np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)), SIDES[1])
    roughly = _roughly(_Profiles.of(reduced(fine, SIDES[0])))
    profile = _Profiles.of(fine)
    angles = np.arange(roughly - STEPS[0], roughly + STEPS[0] + STEPS[1] / 2, STEPS[1])
    sharp = [profile.sharpness(float(angle)) for angle in angles]
    best = float(angles[int(np.argmax(sharp))])
    upright = profile.sharpness(0.0)
    clear = upright == 0 or max(sharp) >= EVIDENCE * upright
    limit = USUAL if abs(roughly) <= USUAL else WIDEST
    if not clear or not LEVEL <= abs(best) < limit:
        return 0.0
    votes = tile_votes(fine, best) if abs(best) >= APART else TileVotes(0, 1, 1)
    return round(best, 2) if votes.level <= LEVEL_SHARE * votes.turned else 0.0


@dataclass(frozen=True, slots=True)
class TileVotes:
    """How many tiles of a page show upright print, print turned by an angle, and either or none."""

    level: int
    turned: int
    tiles: int


def tile_votes(
    tone: NDArray[np.uint8], angle: float, *, without: NDArray[np.bool_] | None = None
) -> TileVotes:
    """Return the votes of a page's tiles for upright print and for print turned by an angle.

    Args:
        tone: The page in grey, its longer side ``SIDES[1]``.
        angle: In degrees, clockwise; not within ``APART`` of 0.
        without: Pixels that have no vote, shape of ``tone``; None: all have one.
    """
    across, down = (
        np.minimum(np.abs(np.diff(tone.astype(np.float32), axis=axis)), 60) for axis in (0, 1)
    )
    counted = np.ones(tone.shape, bool) if without is None else ~without
    level = turned = tiles = 0
    for y, x in product(*(range(0, side - TILE // 2, TILE) for side in across.shape)):
        own = np.s_[y : y + TILE, x : x + TILE]
        if counted[own].mean() < 0.7:
            continue
        tiles += 1
        tile = np.asarray(across[own] * counted[1:][own], np.float32)
        if (tile > EDGE).mean() < PRINTED:
            continue
        upright, other = (
            max(_peakedness(tile, math.tan(math.radians(at + off))) for off in (-0.5, 0, 0.5))
            for at in (0.0, angle)
        )
        beside = np.ascontiguousarray((down[own] * counted[:, 1:][own]).T)
        level += upright > max(CLEARLY * other, ACROSS * _peakedness(beside, 0.0))
        turned += other > CLEARLY * upright
    return TileVotes(level, turned, tiles)


def _roughly(profile: _Profiles) -> float:
    """Return the angle at which a page is sharpest; beyond USUAL only if that is certain."""
    angles = np.arange(-WIDEST, WIDEST + STEPS[0] / 2, STEPS[0])
    sharp = np.array([profile.sharpness(float(angle)) for angle in angles])
    usual = np.where(np.abs(angles) <= USUAL, sharp, -1)
    far, near = int(np.argmax(sharp)), int(np.argmax(usual))
    return float(angles[far if sharp[far] >= CERTAINTY * sharp[near] else near])


@dataclass(frozen=True, slots=True, eq=False)
class _Profiles:
    """Edges across and down a page, both shape (height, width), the latter turned on its side."""

    across: NDArray[np.float32]
    down: NDArray[np.float32]

    @classmethod
    def of(cls, tone: NDArray[np.uint8]) -> _Profiles:
        values = np.minimum(tone, int(np.median(tone))).astype(np.float32)
        rim = 0.04  # borders of the scanner's lid say nothing of the page
        y, x = (max(1, int(rim * n)) for n in values.shape)
        values = values[y:-y, x:-x]
        return cls(
            np.minimum(np.abs(np.diff(values, axis=0)), 60),
            np.ascontiguousarray(np.minimum(np.abs(np.diff(values, axis=1)), 60).T),
        )

    def sharpness(self, angle: float) -> float:
        slope = float(np.tan(np.radians(angle)))
        return _peakedness(self.across, slope) + _peakedness(self.down, -slope)


def _peakedness(edges: NDArray[np.float32], slope: float) -> float:
    """Return how unevenly edges fall into rows once each column is shifted along a slope."""
    height, width = edges.shape
    shear = np.array([[1, 0, 0], [-slope, 1, slope * width / 2]], np.float32)
    level = cv2.warpAffine(edges, shear, (width, height))
    rows = level.sum(axis=1)
    return float(np.square(np.diff(rows)).sum())
