"""Engravings: pictures cut in lines after the source photographs, as old illustrations are."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from presslens.samples.area import Area
from presslens.samples.desk import PictureDesk
from presslens.samples.typeset import INK, Typesetter

Generator = np.random.Generator
ROLES = ("building", "facility", "person", "scenery")


def draw_engraving(setter: Typesetter, area: Area, rng: Generator) -> None:
    """Fill an area with an engraving: black lines that swell where it is dark, and outlines."""
    desk = PictureDesk(setter.sources, rng)
    picture = desk.picture(ROLES[int(rng.integers(len(ROLES)))], area.size).image
    grey = ImageOps.autocontrast(picture.convert("L"), cutoff=2)
    dark = 1 - np.asarray(grey.filter(ImageFilter.GaussianBlur(2)), np.float32) / 255
    y, x = np.mgrid[: area.height, : area.width].astype(np.float32)
    pitch = float(rng.uniform(6, 9))
    bend = 5 * np.sin(x / rng.uniform(40, 90)) + 8 * dark  # the burin follows the form
    turn = float(rng.uniform(-0.6, 0.6))
    lines = 0.5 + 0.5 * np.cos(2 * np.pi * (y * np.cos(turn) + x * np.sin(turn) + bend) / pitch)
    cross = 0.5 + 0.5 * np.cos(2 * np.pi * (x + y) / (pitch * 1.2))
    cut = (lines > 1.08 - 0.75 * dark) | ((dark > 0.7) & (cross > 0.75))
    edges = np.asarray(grey.filter(ImageFilter.GaussianBlur(1.5)).filter(ImageFilter.FIND_EDGES))
    cut |= edges > 34
    cut[:3], cut[-3:], cut[:, :3], cut[:, -3:] = True, True, True, True
    mask = Image.fromarray((cut * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.6))
    setter.page.paste(INK, area.box, mask)
