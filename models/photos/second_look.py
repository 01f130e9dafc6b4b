"""A second look at a found frame: whether what is in it is a photograph.

The segmenter sees a page so small that the lines of an engraving run together into the tones of a
photograph. Here the frame is seen by itself, by the network of the image features and, at the
scan's full resolution, by its texture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.estimators import load_estimators
from presslens.models.instruments import FeatureExtractor
from presslens.models.regression import ScaledRegression
from presslens.models.vocabulary import Image, Vector

Tone: TypeAlias = NDArray[np.float32]
"""Shape (PATCH, PATCH)."""

PATCH = 96
"""Side of a patch, px."""

FINE, MIDDLE = 4, 2
"""So many patches are measured at full resolution, and with the shorter side at SHORTER."""

SHORTER = 192
"""Shorter side of the reduced picture, px."""

WHOLE = 112
"""Side that the picture as a whole is brought to for its colours, px."""

CENTRES = (0.25, 0.5, 0.75)
"""Patches lie around these shares of either side."""

LEVELS = 5
"""Bins of a patch's tones."""

_EDGES = np.linspace(0, 1, LEVELS + 1, dtype=np.float32)
"""The edges of these bins."""

RINGS = 8
"""Rings of a patch's spectrum."""

EPSILON = 1e-6


def texture(crop: Image) -> Vector:
    """Return the measures of the pixels of a picture, RGB, shape (n,)."""
    whole = np.asarray(cv2.resize(crop, (WHOLE, WHOLE), interpolation=cv2.INTER_AREA), np.uint8)
    grey = np.asarray(cv2.cvtColor(np.ascontiguousarray(crop), cv2.COLOR_RGB2GRAY), np.uint8)
    scale = min(1.0, SHORTER / min(grey.shape))
    middle = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    fine = contrasting(grey, FINE)
    return measured(whole, fine, contrasting(np.asarray(middle, np.uint8), MIDDLE))


def measured(
    whole: Image, fine: list[NDArray[np.uint8]], middle: list[NDArray[np.uint8]]
) -> Vector:
    """Return the measures of a picture's reduction and of its patches."""
    at_full = np.array([_patch(patch) for patch in fine])
    reduced = np.array([_patch(patch) for patch in middle])
    parts = [at_full.mean(0), at_full.std(0), reduced.mean(0), _colours(whole)]
    return np.concatenate(parts).astype(np.float32)


def contrasting(grey: NDArray[np.uint8], count: int) -> list[NDArray[np.uint8]]:
    """Return the most contrasting patches of a picture, mirrored at its edges where it is small."""
    short = [max(0, PATCH - side) for side in grey.shape]
    padded = np.pad(grey, [(s // 2, s - s // 2) for s in short], mode="symmetric")
    patches = []
    for y, x in product(CENTRES, CENTRES):
        top, left = (
            int(np.clip(round(side * share) - PATCH // 2, 0, side - PATCH))
            for side, share in zip(padded.shape, (y, x), strict=True)
        )
        patches.append(padded[top : top + PATCH, left : left + PATCH])
    patches.sort(key=lambda patch: -float(patch[::2, ::2].std()))
    return patches[:count]


def _patch(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    low, high = np.percentile(pixels, (2, 98))
    tone = np.clip((pixels - low) / max(float(high - low), 8.0), 0, 1).astype(np.float32)
    parts = [np.array([(high - low) / 255])]
    for sigma in (0.0, 1.5, 4.0):
        soft = cv2.GaussianBlur(tone, (0, 0), sigma) if sigma else tone
        parts.append(_shares(soft))
    parts += [_strokes(tone, 0.7), _strokes(tone, 2.0), _spectrum(tone), _runs(tone)]
    return np.concatenate(parts)


def _shares(tone: Tone) -> NDArray[np.float64]:
    """Return the share of each of ``LEVELS`` bins of 0 to 1, as ``numpy.histogram`` counts them.

    Comparing with each edge takes a tenth of its time.
    """
    below = [np.count_nonzero(tone < edge) for edge in _EDGES[:-1]]
    return np.diff([*below, np.count_nonzero(tone <= _EDGES[-1])]) / tone.size


def _strokes(tone: Tone, sigma: float) -> NDArray[np.float64]:
    """Return how far the edges run one way, how flat the rest is, and how steep the edges are."""
    soft = cv2.GaussianBlur(tone, (0, 0), sigma)
    x, y = cv2.Sobel(soft, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(soft, cv2.CV_32F, 0, 1) / 8
    xx, yy, xy = (cv2.GaussianBlur(p, (0, 0), 2.5) for p in (x * x, y * y, x * y))
    energy = xx + yy
    coherence = np.hypot(xx - yy, 2 * xy) / (energy + EPSILON)
    weights = energy / (energy.sum() + EPSILON)
    steep = np.hypot(x, y)
    return np.array([
        float((coherence * weights).sum()),
        float(((coherence > 0.8) * weights).sum()),
        float((steep < 0.01).mean()),
        float((steep > 0.1).mean()),
        float(steep.mean()),
        float(steep.std() / (steep.mean() + EPSILON)),
        float(np.hypot((xx - yy).sum(), 2 * xy.sum()) / (energy.sum() + EPSILON)),
    ])  # fmt: skip


class _Frequencies(NamedTuple):
    """Where the frequencies of a patch lie."""

    window: NDArray[np.float64]
    ring: NDArray[np.int64]
    sector: NDArray[np.int64]


@cache
def _frequencies() -> _Frequencies:
    window = np.hanning(PATCH)[:, None] * np.hanning(PATCH)[None]
    y, x = np.meshgrid(np.fft.fftfreq(PATCH), np.fft.rfftfreq(PATCH), indexing="ij")
    radius = np.hypot(x, y)
    ring = np.clip((np.log2(radius * PATCH + EPSILON) * 1.5).astype(int), 0, RINGS - 1)
    sector = ((np.arctan2(y, x) + np.pi / 2) / np.pi * 12).astype(int) % 12
    return _Frequencies(window, ring, sector)


def _spectrum(tone: Tone) -> NDArray[np.float64]:
    """Return the power of each ring, its concentration in one direction, and in one frequency."""
    window, ring, sector = _frequencies()
    power = np.abs(np.fft.rfft2((tone - tone.mean()) * window)) ** 2
    total = np.bincount(ring.ravel(), power.ravel(), RINGS) + EPSILON
    both = np.bincount((ring * 12 + sector).ravel(), power.ravel(), RINGS * 12).reshape(RINGS, 12)
    most = np.zeros(RINGS)
    np.maximum.at(most, ring.ravel(), power.ravel())
    some = slice(3, RINGS)
    share = both[some].max(1) / total[some]
    return np.concatenate([np.log(total / total.sum()), share, (most / total)[some]])


def _runs(tone: Tone) -> NDArray[np.float64]:
    """Return how wide strokes and gaps are across and down, and how much their widths vary."""
    ink = tone < 0.5
    out = [float(ink.mean())]
    for lines in (ink, ink.T):
        change = np.flatnonzero(np.diff(lines.ravel().astype(np.int8)))
        widths = np.diff(change) if len(change) > 2 else np.array([float(PATCH)])
        out += [float(np.log(widths.mean())), float(widths.std() / widths.mean())]
    return np.array(out)


def _colours(whole: Image) -> NDArray[np.float64]:
    """Return tones, saturation, and how much of a picture has its commonest colours."""
    colour = whole.astype(np.int64)
    spread = colour.max(2) - colour.min(2)
    tone = colour.mean(2)
    bins = np.bincount(((colour >> 4) @ (256, 16, 1)).ravel(), minlength=4096) / tone.size
    common = np.sort(bins)[::-1]
    entropy = -float((bins * np.log(bins + 1e-12)).sum())
    return np.concatenate([
        np.histogram(tone, 8, (0, 256))[0] / tone.size,
        np.histogram(spread, (0, 8, 24, 64, 256))[0] / tone.size,
        [common[0], common[:4].sum(), common[:16].sum(), entropy, tone.std() / 255],
    ])  # fmt: skip


LEAST = 16
"""A frame with a side below this many pixels is not looked at again."""


@dataclass(frozen=True, slots=True)
class SecondLook:
    """Tells photographs from other pictures."""

    features: FeatureExtractor  # extracts the image features
    regression: ScaledRegression  # of ``described`` pictures (see ``models/cards/photographs.md``)

    @classmethod
    def load(cls, path: Path, features: FeatureExtractor) -> SecondLook:
        """Read the regression from a ``.skops`` file."""
        return cls(features, ScaledRegression.of(load_estimators(path)))

    def probability(self, crop: Image) -> float:
        """Return the probability, 0-1, that a frame's pixels (RGB) are a photograph's.

        It is 1 for a frame that is too small to tell.
        """
        if min(crop.shape[:2]) < LEAST:
            return 1.0
        row = described(crop, self.features)[None].astype(np.float64)
        return 1 / (1 + math.exp(-float(self.regression.values(row)[0])))


def described(crop: Image, features: FeatureExtractor) -> NDArray[np.float32]:
    """Return the image features of a picture, RGB, and the measures of its texture, shape (n,)."""
    return np.concatenate([features.extract(crop).mean((1, 2)), texture(crop)])
