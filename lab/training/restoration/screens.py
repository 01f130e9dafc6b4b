"""Prints photos at random: screens of dots, colour rosettes, dithering, bitonal copies; and scans.

Each print has its photo beside it, so that a network can learn the way back. The screens are those
of offset printing (Kipphan, "Handbook of Print Media", 2001, section 1.4): dots whose size varies
(amplitude modulation), whose number varies (frequency modulation), and error diffusion, by which
copies are often made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from presslens.lab.training.printing import ANGLES, INKS, grey, jpeg
from presslens.models.vocabulary import Image

Plane: TypeAlias = NDArray[np.float32]
"""Tones of one ink or of one grey picture, 0 (ink) to 1 (paper), shape (height, width)."""

Screening: TypeAlias = Literal["dots", "rosette", "grains", "diffusion", "bitonal", "none"]

SCREENINGS: tuple[tuple[Screening, float], ...] = (
    ("dots", 0.36),
    ("rosette", 0.14),
    ("grains", 0.08),
    ("diffusion", 0.08),
    ("bitonal", 0.22),
    ("none", 0.12),
)
"""The ways of printing, with the share of the prints that are made so."""

DISTANCES = (1.9, 5.0)
"""Distances of neighbouring dots, px; coarser prints are reduced before they are restored."""


@dataclass(frozen=True, slots=True, eq=False)
class Print:
    """A printed and scanned photo beside the photo.

    Attributes:
        printed: RGB pixels of the scan.
        photo: What was printed: in grey where the print is in black alone.
        screening: How it was printed.
        distance: Of the screen's dots, px; 0 without a screen.
    """

    printed: Image
    photo: Image
    screening: Screening
    distance: float


def print_and_scan(photo: Image, rng: np.random.Generator) -> Print:
    """Return a random print of a photo, RGB, as scanned: the same size."""
    names, shares = zip(*SCREENINGS, strict=True)
    return print_as(names[int(rng.choice(len(names), p=shares))], photo, rng)


def print_as(screening: Screening, photo: Image, rng: np.random.Generator) -> Print:
    """Return a print of a photo, RGB, made in one way, its details random: the same size."""
    distance = float(np.exp(rng.uniform(*np.log(DISTANCES))))
    in_colour = screening in ("rosette", "none")
    original = photo if in_colour else grey(photo)
    inked = _inked(original, screening, distance, rng)
    return Print(
        _scanned(inked, screening, rng),
        original,
        screening,
        distance if screening in ("dots", "rosette", "bitonal") else 0.0,
    )


def _inked(
    original: Image, screening: Screening, distance: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return the light that the printed sheet reflects, 0–1, shape (height, width, 3)."""
    light = np.asarray(original, np.float32) / np.float32(255)
    if screening == "none":
        return light
    low, high = float(rng.uniform(0, 0.06)), float(rng.uniform(0.92, 1))
    curved = light ** float(rng.uniform(0.75, 1.3)) * (high - low) + low
    toned = np.asarray(curved, np.float32)
    if screening == "rosette":
        return _rosette(toned, distance, rng)
    tone: Plane = toned[..., 0]
    if screening == "dots":
        plane = _random_dots(tone, distance, rng)
    elif screening == "grains":
        plane = grains(tone, size=int(rng.integers(1, 3)), rng=rng)
    elif screening == "diffusion":
        plane = diffused(tone, noise=float(rng.choice([0.0, 0.1])), rng=rng)
    else:
        plane = _bitonal(tone, distance, rng)
    return np.repeat(plane[..., None], 3, axis=2)


def dots(tone: Plane, *, distance: float, angle: float, spot: str, sharpness: float) -> Plane:
    """Return a plane as dots of varying size on a grid.

    Args:
        distance: Of neighbouring dots, px.
        angle: Of the grid, degrees.
        spot: The shape of a dot: "round", "ellipse", "line" or "diamond".
        sharpness: Slope of a dot's edge; 3 is soft, 30 hard.
    """
    y, x = np.mgrid[: tone.shape[0], : tone.shape[1]].astype(np.float32)
    turn, wave = np.deg2rad(angle), 2 * np.pi / distance
    u = (x * np.cos(turn) + y * np.sin(turn)) * wave
    v = (y * np.cos(turn) - x * np.sin(turn)) * wave
    height = {
        "round": lambda: np.cos(u) + np.cos(v),
        "ellipse": lambda: 1.2 * np.cos(u) + 0.8 * np.cos(v),
        "line": lambda: 2 * np.cos(u),
        "diamond": lambda: 2 * np.cos(u) * np.cos(v),
    }[spot]()
    # Each threshold occurs equally often, so that a tone's dots cover its share of the paper.
    levels = np.linspace(0, 1, 65)
    threshold = np.interp(height, np.quantile(height[::3, ::3], levels), levels)
    return np.asarray(np.clip((tone - threshold) * sharpness + 0.5, 0, 1), np.float32)


def grains(tone: Plane, *, size: int, rng: np.random.Generator) -> Plane:
    """Return a plane as grains of one size that lie at random, but never far apart.

    Noise without its low frequencies is a screen of this kind (Ulichney, "Dithering with blue
    noise", 1988).

    Args:
        size: Side of a grain, px.
        rng: Draws where the grains lie.
    """
    height, width = tone.shape
    noise = rng.standard_normal((-(-height // size), -(-width // size))).astype(np.float32)
    high = noise - cv2.GaussianBlur(noise, (0, 0), 1.0)
    levels = np.linspace(0, 1, 65)
    threshold = np.interp(high, np.quantile(high, levels), levels).astype(np.float32)
    placed = cv2.resize(
        threshold,
        (threshold.shape[1] * size, threshold.shape[0] * size),
        interpolation=cv2.INTER_NEAREST,
    )
    return np.asarray(tone > placed[:height, :width], np.float32)


def diffused(tone: Plane, *, noise: float, rng: np.random.Generator) -> Plane:
    """Return a plane in black and white by error diffusion (Floyd and Steinberg, 1976)."""
    noisy = tone + noise * rng.standard_normal(tone.shape).astype(np.float32)
    pixels = Pillow.fromarray(np.asarray(np.clip(noisy * 255, 0, 255), np.uint8))
    return np.asarray(pixels.convert("1", dither=Pillow.Dither.FLOYDSTEINBERG), np.float32)


def _random_dots(tone: Plane, distance: float, rng: np.random.Generator) -> Plane:
    """Return a plane as dots that are printed finer than the scan sees them, and reduced to it."""
    finer = int(rng.integers(1, 4))
    height, width = tone.shape
    enlarged = cv2.resize(
        tone, (width * finer, height * finer), interpolation=cv2.INTER_LINEAR
    ).astype(np.float32)
    printed = dots(
        enlarged,
        distance=distance * finer,
        angle=float(rng.uniform(0, 90)),
        spot=str(rng.choice(["round", "ellipse", "line", "diamond"], p=[0.6, 0.15, 0.1, 0.15])),
        sharpness=float(rng.uniform(3, 30)),
    )
    reduced = cv2.resize(printed, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(reduced, np.float32)


def _rosette(toned: NDArray[np.float32], distance: float, rng: np.random.Generator) -> Plane:
    """Return a picture in four inks, each with its screen; the black one takes its share."""
    ink = 1 - toned
    black = ink.min(axis=2) * float(rng.uniform(0.3, 1))
    coloured = (ink - black[..., None]) / (1 - black[..., None] + 1e-3)
    base, sharpness = float(rng.uniform(0, 90)), float(rng.uniform(3, 30))
    light = np.ones_like(toned)
    planes = [coloured[..., 0], coloured[..., 1], coloured[..., 2], black]
    for plane, angle, colour in zip(planes, ANGLES, INKS, strict=True):
        paper = dots(
            1 - plane,
            distance=distance * float(rng.uniform(0.97, 1.03)),
            angle=base + angle,
            spot="round",
            sharpness=sharpness,
        )
        light *= 1 - (1 - paper[..., None]) * (1 - colour)
    return light


def _bitonal(tone: Plane, distance: float, rng: np.random.Generator) -> Plane:
    """Return a plane as a scanner for black and white gives it, of a screened print or not."""
    if rng.random() < 0.6:
        tone = dots(
            tone,
            distance=max(2.2, distance),
            angle=float(rng.uniform(0, 90)),
            spot="round",
            sharpness=float(rng.uniform(3, 30)),
        )
    blurred = cv2.GaussianBlur(tone, (0, 0), float(rng.uniform(0.3, 1)))
    return np.asarray(blurred > float(rng.uniform(0.35, 0.65)), np.float32)


def _scanned(light: NDArray[np.float32], screening: Screening, rng: np.random.Generator) -> Image:
    """Return the sheet's light as a scanner or a camera sees it, and a file keeps it."""
    crisp = screening == "bitonal"
    if screening not in ("bitonal", "none") or rng.random() < 0.3:
        light = np.asarray(cv2.GaussianBlur(light, (0, 0), float(rng.uniform(0.3, 1.2))))
    if not crisp:
        noise = rng.standard_normal(light.shape).astype(np.float32)
        light = light + noise * float(rng.uniform(0, 0.03))
        if screening != "none":
            light = light * float(rng.uniform(0.7, 1)) + float(rng.uniform(0, 0.15))
    pixels = np.asarray(np.clip(light * 255, 0, 255), np.uint8)
    if not crisp and rng.random() < 0.6:
        return jpeg(pixels, quality=int(rng.integers(35, 92)))
    return pixels
