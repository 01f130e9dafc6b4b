"""The stock of training pages: photographs, text, and scraps of real pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps

from presslens.lab.training.photos.composer.letters import Letters
from presslens.lab.training.photos.composer.sheet import Generator
from presslens.lab.training.photos.pages import LabelledPage
from presslens.lab.training.printing import grey
from presslens.models.geometry import Box
from presslens.models.vocabulary import Image

PHOTO_SETS = (
    "rodong_sinmun_photos",
    "dprk_web_photos",
    "coco256",
    "coco_mini",
    "people_events_web",
    "children_school",
    "facility_web",
    "fireworks",
    "fireworks2",
    "crowd_points",
    "intel_scenes",
)
"""Sets of photographs below the data folder."""

WEIGHTS = {"rodong_sinmun_photos": 4.0, "dprk_web_photos": 4.0, "intel_scenes": 0.2}
"""Relative frequency of the photos of a set, where it isn't 1."""

NIGHT_SETS = ("fireworks", "fireworks2")
"""Those of them whose photos are dark mostly."""

DARK = 0.4
"""Share of the pictures that fill a page, and of bare photos, that are taken from these sets."""

SCRAP_LEAST = 90
"""Scraps have no side below this many pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Stock:
    """The photographs, text and real pages that a training page is composed of.

    Attributes:
        paths: Photographs.
        chances: How likely each is, shape (len(paths),), adding up to 1.
        letters: Text.
        pages: Real pages that may be trained on.
    """

    paths: Sequence[Path]
    chances: Sequence[float]
    letters: Letters
    pages: Sequence[LabelledPage]

    @classmethod
    def gather(cls, data: Path, pages: Sequence[LabelledPage], rng: Generator) -> Stock:
        """Return the stock of a data folder, its text typeset.

        Args:
            data: The folder of labelled photographs.
            pages: Real pages that may be trained on.
            rng: Draws every choice.
        """
        photographs = [
            (path, WEIGHTS.get(name, 1.0))
            for name in PHOTO_SETS
            for path in sorted((data / name / "images").rglob("*.jpg"))
        ]
        total = sum(weight for _, weight in photographs)
        chances = [weight / total for _, weight in photographs]
        return cls([path for path, _ in photographs], chances, Letters.cast(rng), pages)

    def photo(self, width: int, height: int, rng: Generator, *, dark: bool = False) -> Image:
        """Return a photograph cropped to a size, its light and tone drawn at random.

        Args:
            width: In pixels.
            height: In pixels.
            rng: Draws every choice.
            dark: Whether it is one of the sets of night pictures, if there are any.
        """
        path = self.paths[int(rng.choice(len(self.paths), p=self.chances))]
        nights = [p for p in self.paths if p.parts[-3] in NIGHT_SETS] if dark else []
        if nights:
            path = nights[int(rng.integers(len(nights)))]
        file = Pillow.open(path)
        file.draft("RGB", (width, height))
        image = file.convert("RGB")
        if path.parts[-3] == "rodong_sinmun_photos":
            image = image.crop((0, 16, image.width, image.height - 16))  # white bands of the web
        image = ImageOps.fit(
            image,
            (width, height),
            Pillow.Resampling.BILINEAR,
            centering=(float(rng.random()), float(rng.random())),
        )
        pixels = np.asarray(image)
        return _lit(pixels[:, ::-1] if rng.random() < 0.5 else pixels, rng)

    def page(self, rng: Generator) -> LabelledPage:
        """Return a real page, each set of pages as often as any other."""
        group = str(rng.choice(sorted({page.group for page in self.pages})))
        pages = [page for page in self.pages if page.group == group]
        return pages[int(rng.integers(len(pages)))]

    def scrap(self, rng: Generator) -> Image | None:
        """Return a piece of a real page without a photo; None if no draw has hit such a piece."""
        if not self.pages:
            return None
        page = self.page(rng)
        image = page.image()
        height, width = image.shape[:2]
        for _ in range(12):
            w, h = (int(side * rng.uniform(0.15, 0.6)) for side in (width, height))
            x, y = int(rng.integers(width - w)), int(rng.integers(height - h))
            piece = Box(x, y, x + w, y + h)
            taken = any(piece.intersection(b) > 0 for b in (*page.photos, *page.ignored))
            if not taken and min(w, h) >= SCRAP_LEAST:
                return image[y : y + h, x : x + w]
        return None


def _lit(photo: Image, rng: Generator) -> Image:
    tone = photo.astype(np.float32)
    if rng.random() < 0.25:
        tone = grey(photo).astype(np.float32)
    mean = float(tone.mean())
    tone = (tone - mean) * float(rng.uniform(0.6, 1.25)) + mean * float(rng.uniform(0.7, 1.3))
    if rng.random() < 0.1:
        tone = tone * 0.5 + 120  # pale, nearly worn off
    return np.asarray(np.clip(tone, 0, 255), np.uint8)
