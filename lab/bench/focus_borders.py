"""Composes the picture of the codebook that shows where the answers on the focus part.

``python -m presslens.lab.bench.focus_borders`` writes it from the photographs of the samples. Its
pictures are composed; nothing is trained or measured with them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from presslens.samples.__main__ import sources_folder
from presslens.samples.desk import PictureDesk
from presslens.samples.sources import Sources

SIZE = (380, 270)
"""Width and height of each picture, in pixels."""

LEGEND = 26
"""Height of the words under a picture, in pixels."""

FOOD = frozenset({"coffee.png"})
"""A dish is neither, goods are facility: a cup may be taken for both."""

BORDERS = (
    ("visit", "leader: foremost, before a machine"),
    ("group", "neither: a group before a building"),
    ("crowd", "neither: a gathering in a hall"),
    ("fireworks", "neither: fireworks over a building"),
    ("building", "facility: a building alone"),
    ("facility", "facility: a man small beside a machine"),
)
"""The role of each picture for the desk of the samples, and its answer."""


def main() -> None:
    """Write the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/images/focus.jpg"))
    parser.add_argument("--seed", type=int, default=3)
    given = parser.parse_args()
    desk = PictureDesk(Sources(sources_folder(), withheld=FOOD), np.random.default_rng(given.seed))
    width, height = SIZE[0] + 8, SIZE[1] + LEGEND
    sheet = Image.new("RGB", (3 * width, 2 * height), "white")
    draw = ImageDraw.Draw(sheet)
    font = desk.sources.font("body", 15)
    for i, (role, words) in enumerate(BORDERS):
        x, y = i % 3 * width, i // 3 * height
        sheet.paste(desk.picture(role, SIZE).image, (x, y))
        draw.text((x, y + SIZE[1] + 3), words, fill="black", font=font)
    sheet.save(given.out, quality=85)


if __name__ == "__main__":
    main()
