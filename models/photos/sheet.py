"""Finds the sheet of a page that was photographed where it lay.

A scan shows a sheet and little else. A photograph of a sheet has a desk around it, and shows it
turned and in perspective. The sheet is bright, has one colour but for its print, and four straight
sides; that it bears print tells it from a window or a wall in a photo.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.photos.skew import APART, SIDES, USUAL, reduced, tile_votes
from presslens.models.photos.straightening import Points, Straightening
from presslens.models.vocabulary import Image

SIDE = 480
"""Longer side at which the sheet is searched, px."""

LETTERS = 0.03
"""Print within the sheet is closed up over this share of the longer side."""

LEAST, MOST = 0.25, 0.985
"""A sheet takes at least and at most these shares of the picture."""

FILLED = 0.93
"""Overlap, as intersection over union, of a sheet's pixels with the four-sided figure they make."""

TILT = 4.0
"""Degrees that a side of a sheet is turned by at least, or"""
DESK = 0.2
"""share of the picture beside the sheet at least, for a page to be straightened: scans have less of
either."""

WIDEST = 35.0
"""No side of a sheet is turned further, in degrees."""

READABLE = 900
"""Longer side of a sheet of which something can be read, px."""

PRINTED = 600
"""Least number of marks as small as letters on a sheet."""

EVEN = 0.12
"""No more than this share of a sheet that a camera saw has one colour, give or take 1 of 255: light
falls off and sensors have noise. Sheets of composed photographs have 0.01 to 0.10, covers laid on
digital pages 0.09 to 0.32."""

GROUND_TILES, GROUND_SHARE = 7, 0.25
"""So many tiles beside the sheet at least, and this share of all, bear upright print where the
picture is itself a page, and the sheet a picture on it."""


def sheet(page: Image) -> Straightening | None:
    """Return how the sheet of a photographed page is straightened, None for a scan or a photo."""
    if max(page.shape[:2]) < READABLE or min(page.shape[:2]) < READABLE * LEAST:
        return None
    scale = SIDE / max(page.shape[:2])
    small = np.asarray(cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    best, outline = FILLED, None
    for mask in _bright(np.asarray(small, np.uint8)):
        quad, filled = _quad(mask)
        if quad is not None and filled > best and _lies_apart(quad, mask.shape):
            best, outline = filled, quad
    if outline is None:
        return None
    flat = Straightening.of_quad(outline / scale)
    if max(flat.size) < READABLE or _is_picture(outline / scale, flat.turn, page):
        return None
    return flat if _printed(flat.applied(page)) else None


def _is_picture(quad: Points, turn: float, page: Image) -> bool:
    """Return whether what seems to be a sheet is a picture on a page: a tilted cover, a panel."""
    step = max(1, max(page.shape[:2]) // SIDES[1])
    pixels = page[::step, ::step]  # as they are: a mean of pixels has less noise than a camera
    if _commonest(pixels[_inside(quad / step, pixels.shape, 0.97)]) > EVEN:
        return True
    tone = reduced(np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)), SIDES[1])
    own = _inside(quad * (tone.shape[1] / page.shape[1]), tone.shape, 1.03)
    votes = tile_votes(tone, turn if abs(turn) >= APART else USUAL, without=own)
    return votes.level >= max(GROUND_TILES, GROUND_SHARE * votes.tiles)


def _inside(quad: Points, shape: tuple[int, ...], size: float) -> NDArray[np.bool_]:
    """Return the pixels within four corners that are moved from their middle to a relative size."""
    middle = quad.mean(axis=0)
    inside = np.zeros(shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, ((quad - middle) * size + middle).round().astype(np.int32), 1)
    return inside > 0


def _commonest(pixels: NDArray[np.uint8]) -> float:
    """Return the share of pixels, shape (n, 3), that have the commonest colour, give or take 1."""
    if not len(pixels):
        return 0.0
    codes = pixels.astype(np.int64) @ (65536, 256, 1)
    values, counts = np.unique(codes, return_counts=True)
    colour = pixels[int(np.argmax(codes == values[counts.argmax()]))].astype(np.int16)
    return float((np.abs(pixels - colour).max(axis=1) <= 1).mean())


def _bright(small: Image) -> Iterator[NDArray[np.bool_]]:
    """Yield what may be paper: what is brighter than each of some levels, print closed up."""
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)
    side = max(3, round(LETTERS * max(small.shape)) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    tone = cv2.morphologyEx(lab[:, :, 0], cv2.MORPH_CLOSE, kernel)
    level, _ = cv2.threshold(tone, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    opening = np.ones((7, 7), np.uint8)
    for higher in (0, 15, 30, -15):
        mask = np.asarray(tone > level + higher)
        yield mask
        yield np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, opening) > 0)
    colour = lab[:, :, 1:].astype(np.int16)
    paper = np.median(colour[tone >= np.percentile(tone, 80)], axis=0)
    grey = np.abs(colour - paper).max(axis=2) < 14
    closed = cv2.morphologyEx(grey.astype(np.uint8), cv2.MORPH_CLOSE, kernel)
    yield np.asarray((closed > 0) & (tone > level - 25))


def _quad(mask: NDArray[np.bool_]) -> tuple[Points | None, float]:
    """Return the four corners of the largest part of a mask, and how well they enclose it."""
    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return None, 0.0
    outline = max(outlines, key=cv2.contourArea)
    hull = cv2.convexHull(outline)
    length = cv2.arcLength(hull, closed=True)
    for share in np.linspace(0.01, 0.12, 23):
        corners = cv2.approxPolyDP(hull, float(share) * length, closed=True)
        if len(corners) == 4:
            break
    else:
        return None, 0.0
    corners = _fitted(outline[:, 0].astype(np.float64), corners[:, 0].astype(np.float64))
    own, quad = (np.zeros(mask.shape, np.uint8) for _ in range(2))
    cv2.drawContours(own, [outline], -1, 1, cv2.FILLED)
    cv2.fillConvexPoly(quad, corners.round().astype(np.int32), 1)
    union = float(np.maximum(own, quad).sum())
    return corners, float(np.minimum(own, quad).sum()) / union if union else 0.0


def _fitted(outline: Points, corners: Points) -> Points:
    """Return corners where the straight lines through the sides of an outline meet.

    Args:
        outline: Points around a sheet.
        corners: Its corners, roughly.
    """
    lines = []
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = (b - a) / max(float(np.hypot(*(b - a))), 1e-6)
        offset = outline - a
        at, off = offset @ along, np.abs(offset @ np.array([-along[1], along[0]]))
        length = float(np.hypot(*(b - a)))
        near = outline[(at > 0.08 * length) & (at < 0.92 * length) & (off < 0.03 * length + 3)]
        if len(near) < 8:
            return corners
        vx, vy, x, y = (float(v) for v in cv2.fitLine(
            near.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel())  # fmt: skip
        lines.append((vx, vy, x, y))
    exact = []
    for (ux, uy, px, py), (vx, vy, qx, qy) in zip([lines[-1], *lines[:-1]], lines, strict=True):
        turn = ux * vy - uy * vx
        if abs(turn) < 0.2:
            return corners
        t = ((qx - px) * vy - (qy - py) * vx) / turn
        exact.append((px + t * ux, py + t * uy))
    return np.array(exact)


def _lies_apart(quad: Points, shape: tuple[int, ...]) -> bool:
    """Return whether four corners are those of a sheet that was not scanned."""
    share = cv2.contourArea(quad.astype(np.float32)) / (shape[0] * shape[1])
    if not LEAST <= share <= MOST or not cv2.isContourConvex(quad.astype(np.float32)):
        return False
    sides = np.roll(quad, -1, axis=0) - quad
    angles = np.degrees(np.arctan2(sides[:, 1], sides[:, 0]))
    tilts = np.abs((angles + 45) % 90 - 45)
    if tilts.max() > WIDEST:
        return False
    inner = np.abs((angles - np.roll(angles, 1) + 180) % 360 - 180)
    if (np.abs(inner - 90) > 30).any():
        return False
    return bool(tilts.max() >= TILT or share <= 1 - DESK)


def _printed(flat: Image) -> bool:
    """Return whether a sheet bears so many marks as small as letters as a page does."""
    scale = min(1.0, 1100 / max(flat.shape[:2]))
    grey = cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    ink = cv2.adaptiveThreshold(small, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 14)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink)
    wide, high = stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT]
    letters = (high >= 3) & (high <= 28) & (wide >= 2) & (wide <= 60)
    return int(letters.sum()) >= PRINTED
