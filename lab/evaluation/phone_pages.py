"""Pages photographed by phone with exact truth: on a desk, turned, in perspective, folded.

The evaluation's own simulation: the training's (``models.training.photos.composer``) is another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.lab.training.photos.pages import PHOTOGRAPHED, LabelledPage
from presslens.models.geometry import Box
from presslens.models.vocabulary import Image

Generator = np.random.Generator

TURN = 18.0
"""Farthest turn of the sheet, in degrees."""

SEED = 19
"""Of all photographs, with the number of each."""

LONGER = 2400
"""Longer side of the photograph, px."""


def photographed_pages(
    pages: Iterable[LabelledPage], folder: Path, *, start: int = 0
) -> Iterator[LabelledPage]:
    """Yield photographs of pages, each drawn by its number; their pictures lie in a folder.

    Args:
        pages: Pages as they were printed.
        folder: Is made where it is not there; the pictures in it are written anew.
        start: The number of the first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for i, page in enumerate(pages, start):
        own = (page.photos, page.ignored, page.distractors)
        together = [box for boxes in own for box in boxes]
        picture, moved = photographed(page.image(), together, np.random.default_rng([SEED, i]))
        path = folder / f"{page.path.parent.name}-{page.path.stem}-{i}.jpg"
        quality = [cv2.IMWRITE_JPEG_QUALITY, 92]
        cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), quality)
        rest = iter(moved)
        photos, ignored, distractors = (tuple(next(rest) for _ in boxes) for boxes in own)
        yield replace(
            page,
            group=page.group.replace(page.condition, PHOTOGRAPHED),
            path=path,
            photos=photos,
            ignored=ignored,
            distractors=distractors,
            condition=PHOTOGRAPHED,
        )


def photographed(page: Image, boxes: Sequence[Box], rng: Generator) -> tuple[Image, list[Box]]:
    """Return a photograph of a page on a desk, and the upright boxes around its photos there.

    Args:
        page: The page, RGB.
        boxes: The photos, in page pixels.
        rng: Draws the desk, the view, folds, shadows and noise.
    """
    height, width = page.shape[:2]
    size, matrix = _view(width, height, rng)
    desk = _desk(size, rng)
    folded = _folded(page, rng)
    scale = max(np.hypot(*matrix[:2, 0]), 1e-6)
    if scale < 1:
        folded = np.asarray(cv2.GaussianBlur(folded, (0, 0), 0.4 / scale), np.uint8)
    laid = cv2.warpPerspective(folded, matrix, size, flags=cv2.INTER_LINEAR)
    cover = cv2.warpPerspective(np.ones(page.shape[:2], np.float32), matrix, size)
    shade = cv2.GaussianBlur(np.roll(cover, (9, 7), (0, 1)), (0, 0), 9)
    top = desk * (1 - 0.45 * shade)[:, :, None]
    shown = top + (laid.astype(np.float32) - top) * cover[:, :, None]
    lit = shown * _light(size, rng)[:, :, None] * rng.uniform(0.93, 1.03, 3).astype(np.float32)
    soft = np.asarray(cv2.GaussianBlur(lit, (0, 0), float(rng.uniform(0.4, 0.9))), np.float32)
    noise = rng.standard_normal((*soft.shape[:2], 1), np.float32)
    tone = soft + noise * np.float32(rng.uniform(1.5, 5))
    _, encoded = cv2.imencode(
        ".jpg", np.clip(tone, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 82]
    )
    pixels = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
    return pixels, [_around(b, matrix) for b in boxes]


def _view(width: int, height: int, rng: Generator) -> tuple[tuple[int, int], NDArray[np.float64]]:
    """Return the size of the photograph, and the map of the page onto it."""
    turn = np.radians(float(rng.uniform(-TURN, TURN)))
    lean = rng.uniform(-0.22, 0.22, 2)
    x, y = np.array([[-1, 1, 1, -1], [-1, -1, 1, 1]]) * np.array([[width], [height]]) / height
    far = 1 + lean[0] * x + lean[1] * y
    u, v = x / far, y / far
    u, v = u * np.cos(turn) - v * np.sin(turn), u * np.sin(turn) + v * np.cos(turn)
    margin = rng.uniform(0.03, 0.2, 4)
    left, top = u.min() - margin[0], v.min() - margin[1]
    wide, high = u.max() + margin[2] - left, v.max() + margin[3] - top
    scale = LONGER / max(wide, high)
    corners = np.stack([u - left, v - top], 1) * scale
    page = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(page, corners.astype(np.float32))
    return (round(wide * scale), round(high * scale)), np.asarray(matrix, np.float64)


def _desk(size: tuple[int, int], rng: Generator) -> NDArray[np.float32]:
    """Return a desk: wood, cloth, stone or a plain top, darker than paper mostly."""
    width, height = size
    base = rng.uniform(25, 150, 3).astype(np.float32)
    kind = str(rng.choice(["wood", "cloth", "stone", "plain"]))
    noise = rng.standard_normal((height // 4 + 1, width // 4 + 1)).astype(np.float32)
    if kind == "cloth":
        step = int(rng.integers(20, 90))
        checks = (np.arange(height)[:, None] // step + np.arange(width)[None] // step) % 2
        top = base + checks[:, :, None].astype(np.float32) * rng.uniform(-30, 40, 3)
        return np.asarray(np.clip(top, 0, 255), np.float32)
    if kind == "wood":
        base = np.array([120, 82, 50], np.float32) * float(rng.uniform(0.4, 1.3))
        grain = _smooth(noise, 60, 1.5) * 40
    elif kind == "stone":
        grain = _smooth(noise, 3, 3) * 8 + _smooth(noise, 30, 30) * 30
    else:
        grain = _smooth(noise, 2, 2) * 2
    full = np.asarray(cv2.resize(grain, size, interpolation=cv2.INTER_CUBIC), np.float32)
    return np.asarray(np.clip(base + 12 * full[:, :, None], 0, 255), np.float32)


def _smooth(noise: NDArray[np.float32], x: float, y: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), sigmaX=x, sigmaY=y), np.float32)


def _folded(page: Image, rng: Generator) -> Image:
    """Return a page with the shades of its folds."""
    height, width = page.shape[:2]
    light = np.ones((height, width), np.float32)
    for side, across in ((height, True), (width, False)):
        if rng.random() < 0.6:
            at = side * float(rng.uniform(0.42, 0.58))
            off = np.arange(side, dtype=np.float32) - at
            shade = 1 - float(rng.uniform(0.05, 0.2)) * np.sign(off) * np.exp(
                -np.abs(off) / side / 0.06
            )
            shade *= 1 - 0.25 * np.exp(-np.square(off / 2.5))
            light *= shade[:, None] if across else shade[None]
    return np.asarray(np.clip(page * light[:, :, None] * 0.93, 0, 255), np.uint8)


def _light(size: tuple[int, int], rng: Generator) -> NDArray[np.float32]:
    """Return the light on each point of a photograph: a slope, and the shadow of a hand."""
    x = np.linspace(-1, 1, size[0], dtype=np.float32)[None]
    y = np.linspace(-1, 1, size[1], dtype=np.float32)[:, None]
    slope = rng.uniform(-0.18, 0.18, 2).astype(np.float32)
    light = 1 + slope[0] * x + slope[1] * y
    if rng.random() < 0.5:
        centre = rng.uniform(-1, 1, 2)
        shadow = np.exp(-(np.square(x - centre[0]) + np.square(y - centre[1])) / 0.3)
        light -= np.float32(rng.uniform(0.1, 0.35)) * shadow
    return np.asarray(light, np.float32)


def _around(box: Box, matrix: NDArray[np.float64]) -> Box:
    corners = np.array([[[box.x0, box.y0], [box.x1, box.y0], [box.x1, box.y1], [box.x0, box.y1]]])
    moved = cv2.perspectiveTransform(corners.astype(np.float64), matrix)[0]
    return Box(*moved.min(axis=0).tolist(), *moved.max(axis=0).tolist())
