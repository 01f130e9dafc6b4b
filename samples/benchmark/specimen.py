"""A specimen: one photo of a benchmark in all its conditions, in one picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

COLUMNS = 5
TILE = 300, 260
"""Width and height of a condition's part of the picture, in pixels,"""
LABEL = 20
"""of which so many are the line with its name."""
DETAIL = 0.36
"""Width of the detail that is shown, as a share of the photo's."""


def specimen(folder: Path, sheet: str, conditions: Sequence[str]) -> Image.Image:
    """Return a picture with a photo in each condition: the whole, and a detail of its middle.

    Args:
        folder: The folder of the benchmark.
        sheet: The photo, "photo-001" for instance.
    """
    rows = -(-len(conditions) // COLUMNS)
    board = Image.new("RGB", (COLUMNS * TILE[0], rows * TILE[1]), "white")
    font = ImageFont.load_default(14)
    for number, condition in enumerate(conditions):
        x, y = number % COLUMNS * TILE[0], number // COLUMNS * TILE[1]
        ImageDraw.Draw(board).text((x + 4, y + 2), condition, fill="black", font=font)
        (file,) = (folder / condition).glob(f"{sheet}.*")
        with Image.open(file) as opened:
            photo = opened.convert("RGB")
        board.paste(_tile(photo), (x, y + LABEL))
    return board


def _tile(photo: Image.Image) -> Image.Image:
    """Return a detail of a photo, with the whole photo in its corner."""
    width, height = TILE[0] - 4, TILE[1] - LABEL - 4
    across = photo.width * DETAIL
    down = across * height / width
    middle = photo.width * 0.5, photo.height * 0.42
    window = (
        middle[0] - across / 2,
        middle[1] - down / 2,
        middle[0] + across / 2,
        middle[1] + down / 2,
    )
    tile = photo.resize((width, height), Image.Resampling.BICUBIC, box=window)
    whole = photo.copy()
    whole.thumbnail((width // 3, height // 2), Image.Resampling.LANCZOS)
    framed = Image.new("RGB", (whole.width + 4, whole.height + 4), "white")
    framed.paste(whole, (2, 2))
    tile.paste(framed, (width - framed.width, height - framed.height))
    return tile
