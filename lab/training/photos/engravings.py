"""Pictures by hand for training pages: engraved, cut, dotted, pencilled and painted.

All are made from photographs, so that nothing but the way in which they are drawn tells them apart
from photographs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.vocabulary import Image

Tone: TypeAlias = NDArray[np.float32]
"""Shape (height, width), 0 black to 1 white."""

INK = 30
"""The grey of printed lines."""


def outlines(photo: Image, rng: np.random.Generator) -> Image:
    """Return the outlines of a photo in black, by chance with hatching where it is dark."""
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY).astype(np.float32)
    sigma = float(rng.uniform(0.6, 1.8))
    edges = cv2.GaussianBlur(grey, (0, 0), sigma) - 0.97 * cv2.GaussianBlur(
        grey, (0, 0), 1.6 * sigma
    )
    lines = np.where(edges > rng.uniform(0.5, 4.0), 255, INK).astype(np.uint8)
    if rng.random() < 0.4:
        hatch = (np.add.outer(np.arange(grey.shape[0]), np.arange(grey.shape[1])) % 5) < 2
        lines[hatch & (grey < 90)] = INK
    return np.asarray(cv2.cvtColor(lines, cv2.COLOR_GRAY2RGB))


def hatching(photo: Image, rng: np.random.Generator) -> Image:
    """Draw a photo in lines whose thickness is its tone, crossed by others where it is dark."""
    tone = _tone(photo, float(rng.uniform(0.8, 2.0)))
    y, x = np.mgrid[: tone.shape[0], : tone.shape[1]].astype(np.float32)
    period, turn = float(np.exp(rng.uniform(np.log(3), np.log(10)))), float(rng.uniform(0, np.pi))
    bend = float(rng.uniform(0, 7)) * tone  # lines follow the forms, as a graver does
    bend += float(rng.uniform(0, 5)) * np.sin(x / float(rng.uniform(20, 120)))
    ink = np.zeros_like(tone, dtype=np.bool_)
    crossed = float(rng.uniform(0.25, 0.6))
    for angle, darkest in ((turn, 1.0), (turn + float(rng.uniform(0.6, 1.6)), crossed)):
        wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * (2 * np.pi / period) + bend)
        ink |= (wave * 0.5 + 0.5 > tone / darkest) & (tone < darkest * 0.95)
    if rng.random() < 0.5:
        ink |= _edges(tone, float(rng.uniform(0.6, 1.4)))
    return _printed(ink, rng)


def woodcut(photo: Image, rng: np.random.Generator) -> Image:
    """Draw a photo in strokes that run along its forms, thicker where it is dark."""
    tone = _tone(photo, float(rng.uniform(1.0, 2.5)))
    thickness = float(rng.uniform(1.0, 2.6))
    strokes = _along(_noise(tone.shape, thickness, rng), tone, rng)
    contrast = float(rng.uniform(1.2, 2.4))
    ink = _share(strokes, 4 * thickness) < np.clip((0.5 - tone) * contrast + 0.5, 0, 1)
    if rng.random() < 0.5:
        ink |= _edges(tone, float(rng.uniform(0.8, 1.6)))
    return _printed(ink, rng)


def stippling(photo: Image, rng: np.random.Generator) -> Image:
    """Draw a photo in strewn dots, denser where it is dark, within outlines."""
    tone = _tone(photo, float(rng.uniform(0.8, 1.6)))
    dot = float(rng.uniform(1.2, 2.2))
    ink = _share(_noise(tone.shape, dot, rng), 2 * dot) < np.clip(0.75 - tone, 0, 1)
    return _printed(ink | _edges(tone, float(rng.uniform(0.8, 1.5))), rng)


def pencil(photo: Image, rng: np.random.Generator) -> Image:
    """Draw a photo with a pencil: grey lines and rubbed shades on bare paper."""
    tone = _tone(photo, 0.6)
    soft = cv2.GaussianBlur(tone, (0, 0), float(rng.uniform(2, 8)))
    drawn = np.clip(tone / np.maximum(soft, 0.05), 0, 1) ** float(rng.uniform(1.5, 5))
    if rng.random() < 0.6:
        grain = _along(rng.standard_normal(tone.shape).astype(np.float32), tone, rng)
        shade = np.clip((0.6 - tone) * (0.5 + grain / max(float(grain.std()), 1e-3) / 2), 0, 1)
        drawn = drawn - shade * float(rng.uniform(0.3, 0.9))
    grey = np.clip(drawn, 0, 1) * (250 - INK) + INK
    return np.repeat(grey.astype(np.uint8)[:, :, None], 3, 2)


def painting(photo: Image, rng: np.random.Generator) -> Image:
    """Paint a photo in a few flat colours, by chance outlined, as posters and comics are."""
    flat = cv2.pyrMeanShiftFiltering(np.ascontiguousarray(photo), 12, int(rng.integers(40, 70)))
    levels = int(rng.integers(3, 6))
    flat = ((flat.astype(np.float32) / 255 * levels).round() * (255 / levels)).astype(np.uint8)
    if rng.random() < 0.5:
        edges = cv2.Canny(flat, 60, 160)
        flat[cv2.dilate(edges, np.ones((2, 2), np.uint8)) > 0] = 20
    return np.asarray(flat)


def brushwork(photo: Image, rng: np.random.Generator) -> Image:
    """Paint a photo in oil: strokes of one colour along its forms, with the relief of the paint."""
    radius = 2 * int(rng.integers(1, 4)) + 1
    flat = np.asarray(cv2.medianBlur(np.ascontiguousarray(photo), radius), np.uint8)
    relief = _along(_noise(photo.shape[:2], 1.0, rng), _tone(flat, 1.5), rng)
    relief /= max(float(relief.std()), 1e-3)
    shift = np.clip(relief, -2, 2) * float(rng.uniform(1, 3))
    y, x = np.mgrid[: flat.shape[0], : flat.shape[1]].astype(np.float32)
    strokes = cv2.remap(flat, x + shift, y + shift, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    lit = strokes.astype(np.float32) + relief[:, :, None] * float(rng.uniform(4, 14))
    richer = (lit - lit.mean()) * float(rng.uniform(1.0, 1.5)) + lit.mean()
    return np.asarray(np.clip(richer, 0, 255), np.uint8)


def _noise(shape: tuple[int, ...], sigma: float, rng: np.random.Generator) -> Tone:
    """Return noise of a grain in pixels."""
    noise = rng.standard_normal(shape).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), sigma), np.float32)


def _share(noise: Tone, sigma: float) -> Tone:
    """Return how much of a noise without its coarse part lies below each point of it, 0–1."""
    fine = noise - np.asarray(cv2.GaussianBlur(noise, (0, 0), sigma), np.float32)
    rank = np.argsort(np.argsort(fine.ravel(), kind="stable"))
    return np.asarray(rank.reshape(noise.shape) / rank.size, np.float32)


def _tone(photo: Image, sigma: float) -> Tone:
    """Return a photo's tone, stretched over the whole range and blurred."""
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY).astype(np.float32)
    low, high = np.percentile(grey, (2, 98))
    stretched = np.clip((grey - low) / max(float(high - low), 1.0), 0, 1)
    return np.asarray(cv2.GaussianBlur(stretched, (0, 0), sigma), np.float32)


def _along(noise: Tone, tone: Tone, rng: np.random.Generator) -> Tone:
    """Return noise smeared along the lines of equal tone (line integral convolution)."""
    smooth = cv2.GaussianBlur(tone, (0, 0), 3.0)
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    turn = float(rng.uniform(0, np.pi))
    lean_x, lean_y = 0.02 * math.cos(turn), 0.02 * math.sin(turn)  # where nothing has a form
    u, v = lean_x - across[1], lean_y + across[0]
    length = np.hypot(u, v) + 1e-6
    u, v = u / length, v / length
    y, x = np.mgrid[: tone.shape[0], : tone.shape[1]].astype(np.float32)
    total = noise.copy()
    for sign in (1, -1):
        at_x, at_y = x.copy(), y.copy()
        for _ in range(int(rng.integers(4, 9))):
            step_x = cv2.remap(u, at_x, at_y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT)
            step_y = cv2.remap(v, at_x, at_y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT)
            at_x, at_y = at_x + sign * step_x, at_y + sign * step_y
            total += cv2.remap(noise, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(total, np.float32)


def _edges(tone: Tone, sigma: float) -> NDArray[np.bool_]:
    apart = cv2.GaussianBlur(tone, (0, 0), sigma) - cv2.GaussianBlur(tone, (0, 0), 1.6 * sigma)
    return np.asarray(apart < -0.02)


def _printed(ink: NDArray[np.bool_], rng: np.random.Generator) -> Image:
    """Return lines of ink on paper, their edges as soft as a plate's."""
    line = rng.integers(10, 70, 3) if rng.random() < 0.2 else np.full(3, INK)
    bare = rng.integers(225, 256, 3)
    share = ink.astype(np.float32)
    if rng.random() < 0.6:
        share = np.asarray(cv2.GaussianBlur(share, (0, 0), float(rng.uniform(0.3, 0.8))))
    return np.asarray(bare + (line - bare) * share[:, :, None], np.uint8)


KINDS: dict[str, Callable[[Image, np.random.Generator], Image]] = {
    "engraving": outlines,
    "hatching": hatching,
    "woodcut": woodcut,
    "stippling": stippling,
    "pencil": pencil,
    "painting": painting,
    "brushwork": brushwork,
}
"""The function that draws each kind from a photo."""
