"""Pages that a press might print, drawn; and a segmenter that sees what it is told."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from presslens.models.geometry import Box
from presslens.models.vocabulary import Frame

PAPER = (246, 242, 230)


@dataclass(frozen=True)
class ToldSegmenter:
    """Sees the frames that it is told, wherever they are on the page that it is shown."""

    frames: Sequence[Frame] = ()

    def find(self, image, *, size=None):
        return list(self.frames) if size is None else []


@pytest.fixture(scope="session")
def told():
    return ToldSegmenter


@pytest.fixture(scope="session")
def paper():
    """Give a function that makes a bare page with the grain of paper."""

    def make(width=900, height=1200, colour=PAPER):
        grain = np.random.default_rng(1).normal(0, 1.5, (height, width, 1))
        return np.clip(np.array(colour) + grain, 0, 255).astype(np.uint8)

    return make


@pytest.fixture(scope="session")
def write_text():
    """Give a function that prints a column of text into a box of a page."""

    def write(page, box, size=14):
        x0, y0, x1, y1 = box.pixels()
        column = Pillow.fromarray(np.ascontiguousarray(page[y0:y1, x0:x1]))
        pen, font = ImageDraw.Draw(column), ImageFont.load_default(size)
        for i, y in enumerate(range(0, y1 - y0 - size, round(size * 1.4))):
            words = "the plan was overfulfilled by every workshop of the combine "
            pen.text((0, y), (words[i % 9 :] + words * 9), fill=(25, 25, 25), font=font)
        page[y0:y1, x0:x1] = np.asarray(column)

    return write


@pytest.fixture(scope="session")
def draw_grid(paper, texture):
    """Give a function that prints a grid of photos, and returns the page and their boxes."""

    def draw(*, columns=3, rows=3, gutter=4, colour=None, cell=(200, 150), corner=(100, 120)):
        page = paper()
        (width, height), (left, top) = cell, corner
        step_x, step_y = width + gutter, height + gutter
        if colour is not None:
            whole = page[
                top : top + rows * step_y - gutter, left : left + columns * step_x - gutter
            ]
            whole[:] = colour
        boxes = []
        for i in range(rows * columns):
            x, y = left + i % columns * step_x, top + i // columns * step_y
            # the photos of a grid differ in tone, as photos do
            low = (20, 60, 100)[i * 2 % 3]
            page[y : y + height, x : x + width] = texture(
                height, width, seed=i, low=low, high=low + 90
            )
            boxes.append(Box(x, y, x + width, y + height))
        return page, boxes

    return draw
