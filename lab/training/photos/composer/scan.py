"""Simulation of print and scan: the effects of presses, paper, age, scanners and archives."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.lab.training.photos.composer.sheet import Generator, Sheet, colour
from presslens.lab.training.printing import halftone, jpeg
from presslens.models.geometry import Box
from presslens.models.vocabulary import Image

FINELY = 0.7
"""Share of the bitonal pages whose scan was finer than what the segmenter sees, 0–1."""

VISIBLE = 0.3
"""A photo of which less than this share is on the scan is not counted."""


@dataclass(frozen=True, slots=True)
class ScanSimulation:
    """The parameters of one simulated print and scan.

    Attributes:
        rng: Draws every choice.
        grey: Printed in black only.
        screen: Cell of the halftone screen in sheet pixels; 0 for continuous tone.
        skew: Turn of the page in degrees.
        bent: Depth of the page's curl, share of its width.
        keystone: Shift of the corners, share of the width: a photo of the page, not a scan.
        faded: How far paper and ink have come together, 0–1.
        aged: Yellowing and uneven light, 0–1.
        reduced: Scanned at this share of the resolution, 0–1.
        bitonal: Scanned to black and white only.
        desk: Photographed on a desk that takes this share of the picture's width on either side.
        quality: Of the JPEG; 0 for none.
    """

    rng: Generator
    grey: bool = False
    screen: float = 0.0
    skew: float = 0.0
    bent: float = 0.0
    keystone: float = 0.0
    faded: float = 0.0
    aged: float = 0.0
    reduced: float = 1.0
    bitonal: bool = False
    desk: float = 0.0
    quality: int = 0

    @classmethod
    def by_chance(cls, rng: Generator, *, composed: bool) -> ScanSimulation:
        """Return random parameters; a real page, printed and scanned already, gets milder ones."""

        def often(share: float) -> bool:
            return bool(rng.random() < share)

        tilted = often(0.35)
        phone = tilted and often(0.15)
        return cls(
            rng,
            grey=often(0.35),
            screen=float(rng.uniform(1.8, 5.0)) if composed and often(0.25) else 0.0,
            skew=float(rng.normal(0, 4.0 if phone else 1.3)) if tilted else 0.0,
            bent=float(rng.uniform(0, 0.006)) if tilted and often(0.4) else 0.0,
            keystone=float(rng.uniform(0, 0.03)) if tilted and often(0.2) else 0.0,
            faded=float(rng.uniform(0, 0.5)) if often(0.35) else 0.0,
            aged=float(rng.uniform(0, 1)) if often(0.35) else 0.0,
            reduced=float(rng.uniform(0.45, 1.0)) if often(0.3) else 1.0,
            bitonal=often(0.18),
            desk=float(rng.uniform(0.02, 0.12)) if phone else 0.0,
            quality=int(rng.integers(25, 95)) if often(0.5) else 0,
        )

    def apply(self, sheet: Sheet, width: int, height: int) -> tuple[Image, list[Box]]:
        """Return the scan of a sheet at a size in pixels, and the boxes of the photos on it."""
        pixels = halftone(sheet.pixels, cell=self.screen) if self.screen else sheet.pixels
        if self.grey:
            pixels = np.repeat(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[:, :, None], 3, 2)
        finely = self.bitonal and not self.screen and self.rng.random() < FINELY
        if finely:
            pixels = self._copied(np.asarray(pixels, np.uint8))
        pixels, boxes = self._laid(np.asarray(pixels, np.uint8), sheet.photos, width, height)
        pixels = self._reduced(pixels)
        pixels = self._toned(pixels)
        if self.bitonal and not finely:
            pixels = self._threshold(pixels)
        if self.quality:
            pixels = jpeg(pixels, quality=self.quality)
        return np.ascontiguousarray(pixels), boxes

    def _laid(
        self, pixels: Image, photos: list[Box], width: int, height: int
    ) -> tuple[Image, list[Box]]:
        """Lay the sheet on the scanner: turned, pulled at the corners and bent, then sampled."""
        high, wide = pixels.shape[:2]
        scale = np.diag([width / wide, height / high, 1.0])
        pull = self.rng.uniform(-1, 1, (4, 2)) * self.keystone * width
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        turn = np.eye(3)
        turn[:2] = cv2.getRotationMatrix2D((width / 2, height / 2), self.skew, 1.0)
        pulled = cv2.getPerspectiveTransform(corners, (corners + pull).astype(np.float32))
        smaller = np.diag([1 - 2 * self.desk, 1 - 2 * self.desk, 1.0])
        smaller[:2, 2] = self.desk * width, self.desk * height
        map_ = turn @ pulled @ smaller @ scale
        ground = int(self.rng.choice([0, 40, 255])) if self.skew else 255
        flags = cv2.INTER_AREA if self.skew == 0 else cv2.INTER_LINEAR
        if self.skew == 0 and not self.keystone:
            laid = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
        else:
            soft = cv2.GaussianBlur(pixels, (0, 0), 0.45 * wide / width)
            laid = cv2.warpPerspective(
                soft, map_, (width, height), flags=flags, borderValue=(ground,) * 3
            )
        if self.desk:
            laid = self._on_desk(np.asarray(laid, np.uint8), map_, (wide, high))
        laid, shift = self._curled(np.asarray(laid, np.uint8))
        boxes = [_moved(box, map_, shift, width, height) for box in photos]
        return laid, [box for box in boxes if box is not None]

    def _on_desk(self, page: Image, map_: NDArray[np.float64], sheet: tuple[int, int]) -> Image:
        """Return a page with a desk around the sheet: one colour, with grain that runs one way."""
        height, width = page.shape[:2]
        full = np.ones((sheet[1], sheet[0]), np.float32)
        cover = cv2.warpPerspective(full, map_, (width, height))[:, :, None]
        grain = self.rng.standard_normal((height, width)).astype(np.float32)
        along = float(np.exp(self.rng.uniform(0, 3)))
        grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), sigmaX=along, sigmaY=1.0), np.float32)
        depth = float(self.rng.uniform(2, 25)) / max(float(grain.std()), 1e-3)
        desk = colour(self.rng, 10, 200).astype(np.float32) + grain[:, :, None] * depth
        return np.asarray(np.clip(desk + (page - desk) * cover, 0, 255), np.uint8)

    def _curled(self, page: Image) -> tuple[Image, NDArray[np.float32]]:
        """Return the page bent in waves, and how far down each column went."""
        height, width = page.shape[:2]
        x = np.arange(width, dtype=np.float32)
        wave = 2 * np.pi * x / width * float(self.rng.uniform(0.5, 1.5)) + self.rng.uniform(0, 6)
        shift = (self.bent * width * np.sin(wave)).astype(np.float32)
        if not self.bent:
            return page, shift
        across, down = np.meshgrid(x, np.arange(height, dtype=np.float32))
        bent = cv2.remap(page, across, down - shift, cv2.INTER_LINEAR, borderValue=(255,) * 3)
        return np.asarray(bent, np.uint8), shift

    def _reduced(self, page: Image) -> Image:
        if self.reduced >= 1:
            return page
        height, width = page.shape[:2]
        small = cv2.resize(
            page, None, fx=self.reduced, fy=self.reduced, interpolation=cv2.INTER_AREA
        )
        return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))

    def _toned(self, page: Image) -> Image:
        if not (self.faded or self.aged):
            return page
        tone = page.astype(np.float32)
        if self.rng.random() < 0.4:  # the back of the sheet shows through
            tone *= 1 - 0.25 * self.aged * (1 - page[:, ::-1].astype(np.float32) / 255)
        tone = tone * (1 - 0.5 * self.faded) + 40 * self.faded
        height, width = page.shape[:2]
        y, x = np.mgrid[:height, :width].astype(np.float32)
        slope = self.rng.uniform(-1, 1, 2)
        light = 1 + 0.2 * self.aged * (slope[0] * (x / width - 0.5) + slope[1] * (y / height - 0.5))
        yellow = 1 - self.aged * np.array([0.03, 0.07, 0.2]) * float(self.rng.uniform(0, 1.3))
        tone = tone * light[:, :, None] * yellow.astype(np.float32)
        tone += self.rng.normal(0, 4 * self.aged, (height, width, 1)).astype(np.float32)
        return np.asarray(np.clip(tone, 0, 255), np.uint8)

    def _copied(self, page: Image) -> Image:
        """Return a sheet copied to black and white as finely as it was set: greys become dots."""
        dots = halftone(page, cell=float(self.rng.uniform(2.4, 5.5)))
        share = float(self.rng.uniform(0.7, 1.0))
        tone = cv2.addWeighted(page, 1 - share, dots, share, 0)[:, :, 0].astype(np.float32)
        noise = self.rng.standard_normal(tone.shape, np.float32) * 12
        black = tone + noise < float(self.rng.uniform(100, 165))
        return np.repeat(np.where(black, 0, 255).astype(np.uint8)[:, :, None], 3, 2)

    def _threshold(self, page: Image) -> Image:
        """Return the page as a bitonal scanner leaves it: black text, pictures in coarse dots."""
        tone = cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)
        if self.rng.random() < 0.7:
            cell = float(self.rng.uniform(1.6, 3.2))
            dots = cv2.cvtColor(halftone(page, cell=cell), cv2.COLOR_RGB2GRAY)
            share = float(self.rng.uniform(0.4, 0.8))
            tone = cv2.addWeighted(tone, 1 - share, dots, share, 0)
        level = float(self.rng.uniform(120, 205))
        noise = self.rng.normal(0, float(self.rng.uniform(2, 16)), tone.shape)
        sharp = np.where(tone + noise < level, 0, 255).astype(np.uint8)
        if self.rng.random() < 0.6:
            sharp = np.asarray(cv2.GaussianBlur(sharp, (0, 0), float(self.rng.uniform(0.3, 0.8))))
        return np.repeat(sharp[:, :, None], 3, 2)


def _moved(
    box: Box, map_: NDArray[np.float64], shift: NDArray[np.float32], width: int, height: int
) -> Box | None:
    """Return the upright box around a photo after it was moved; None if it left the scan."""
    corners = np.array([[[box.x0, box.y0], [box.x1, box.y0], [box.x1, box.y1], [box.x0, box.y1]]])
    moved = cv2.perspectiveTransform(corners.astype(np.float64), map_)[0]
    columns = np.clip(moved[:, 0].round(), 0, width - 1).astype(int)
    moved[:, 1] += shift[columns]
    whole = Box(*moved.min(axis=0), *moved.max(axis=0))
    seen = whole.clipped(width, height)
    return seen if whole.area and seen.area / whole.area > VISIBLE else None
