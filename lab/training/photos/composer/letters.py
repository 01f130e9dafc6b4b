"""Text by the yard: sheets of text in many scripts, set once and cut up for every page.

At the size that a page segmenter sees, text is texture: what matters is its grain, its leading and
its columns, not its meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from presslens.lab.training.photos.composer.sheet import Generator

Ink = NDArray[np.uint8]
"""How much ink lies on each pixel, shape (height, width), 0–255."""


def _in_fonts(letter: str) -> bool:
    """Return whether a letter is in KS X 1001, which every Korean font holds."""
    return letter.encode("euc-kr", errors="ignore") != b""


SCRIPTS = {
    "korean": [c for c in map(chr, range(0xAC00, 0xD7A4)) if _in_fonts(c)],
    "chinese": [c for c in map(chr, range(0x4E00, 0x9FA6)) if _in_fonts(c)],
    "cyrillic": [chr(c) for c in range(0x0430, 0x0450)],
    "greek": [chr(c) for c in range(0x03B1, 0x03CA)],
    "latin": [chr(c) for c in range(0x61, 0x7B)],
}
WIDE = {"korean", "chinese"}
"""Scripts whose letters are as wide as they are high."""

SIZES = (7, 8, 9, 10, 11, 12, 14, 17)
YARD = (900, 1500)
"""Width and height of one sheet of text in pixels."""


def fonts() -> dict[str, list[Path]]:
    """Return font files of each script, from the installed packages that carry them."""
    latin = _files("matplotlib", ("DejaVuSans", "DejaVuSerif", "STIXGeneral"))
    korean = _files("koreanize-matplotlib", ("Nanum",))
    return {name: korean if name in WIDE else latin for name in SCRIPTS}


def _files(package: str, starts: tuple[str, ...]) -> list[Path]:
    files = distribution(package).files or []
    font_files = [f for f in files if f.suffix == ".ttf" and f.name.startswith(starts)]
    return sorted(Path(str(f.locate())) for f in font_files if "Display" not in f.name)


@dataclass(frozen=True, slots=True, eq=False)
class Letters:
    """Sheets of body text, and the font files of headlines."""

    yards: list[Ink]
    faces: dict[str, list[Path]]

    @classmethod
    def cast(cls, rng: Generator, *, count: int = 40) -> Letters:
        """Set ``count`` sheets of text, the scripts in turn."""
        faces, scripts = fonts(), list(SCRIPTS)
        yards = [_yard(scripts[i % len(scripts)], faces, rng) for i in range(count)]
        return cls(yards, faces)

    def body(self, width: int, height: int, rng: Generator) -> Ink:
        """Return a column of text."""
        yard = self.yards[int(rng.integers(len(self.yards)))]
        while yard.shape[0] < height:
            yard = np.concatenate([yard, yard])
        left = int(rng.integers(max(1, yard.shape[1] - width)))
        top = int(rng.integers(max(1, yard.shape[0] - height)))
        return yard[top : top + height, left : left + width]

    def line(self, width: int, height: int, rng: Generator) -> Ink:
        """Return a headline of letters as high as fit, cut to the width."""
        script = str(rng.choice(list(SCRIPTS)))
        font = ImageFont.truetype(_one_of(self.faces[script], rng), max(6, round(height * 0.8)))
        canvas = Pillow.new("L", (max(1, width), max(1, height)))
        ImageDraw.Draw(canvas).text((0, 0), _words(script, 60, rng), fill=255, font=font)
        return np.asarray(canvas)


def _yard(script: str, faces: dict[str, list[Path]], rng: Generator) -> Ink:
    size = int(rng.choice(SIZES))
    font = ImageFont.truetype(_one_of(faces[script], rng), size)
    canvas = Pillow.new("L", YARD)
    draw = ImageDraw.Draw(canvas)
    leading = max(size + 1, round(size * float(rng.uniform(1.15, 1.7))))
    upright = script in WIDE and rng.random() < 0.4
    density = int(rng.integers(190, 256))
    for y in range(0, YARD[1], leading):
        if rng.random() < 0.04:
            continue
        text = _words(script, round(YARD[0] / size * (1.2 if script in WIDE else 2.4)), rng)
        draw.text((0, y), text, fill=density, font=font)
    yard = np.asarray(canvas)
    # Columns of upright letters run down the page: turned, the gaps between lines do so too.
    return np.ascontiguousarray(np.rot90(yard)) if upright else yard


def _words(script: str, letters: int, rng: Generator) -> str:
    chosen = rng.choice(SCRIPTS[script], letters)
    longest = 5 if script in WIDE else 9
    words, start = [], 0
    while start < letters:
        stop = start + int(rng.integers(1, longest))
        words.append("".join(chosen[start:stop]))
        start = stop
    text = " ".join(words)
    return text.upper() if rng.random() < 0.1 else text


def _one_of(paths: list[Path], rng: Generator) -> str:
    return str(paths[int(rng.integers(len(paths)))])
