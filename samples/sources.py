"""The photographs and fonts of the samples, in one folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageFont

Font = ImageFont.FreeTypeFont
FONTS = {
    "body": "NanumGothic.ttf",
    "black": "NanumGothicExtraBold.ttf",
}


class MissingSource(FileNotFoundError):
    """A file that samples/sources.toml names is not in the folder of sources."""


@dataclass(slots=True)
class Sources:
    """A folder that holds the files of samples/sources.toml, each under its ``file`` name."""

    folder: Path
    withheld: frozenset[str] = frozenset()  # photographs that are not printed
    _photos: dict[str, Image.Image] = field(default_factory=dict)
    _fonts: dict[tuple[str, int], Font] = field(default_factory=dict)

    def path(self, file: str) -> Path:
        """Return the path of a file.

        Raises:
            MissingSource: It isn't there.
        """
        path = self.folder / file
        if not path.is_file():
            raise MissingSource(f"{file} of samples/sources.toml is not in {self.folder}")
        return path

    def photo(self, file: str) -> Image.Image:
        """Return a photograph in RGB; the same object every time, so never draw on it."""
        if file not in self._photos:
            with Image.open(self.path(file)) as opened:
                self._photos[file] = opened.convert("RGB")
        return self._photos[file]

    def font(self, weight: str, size: int) -> Font:
        """Return a font: ``weight`` is a key of FONTS, ``size`` in pixels."""
        if (weight, size) not in self._fonts:
            path = self.path(FONTS[weight])
            # The basic layout engine sets the same pixels wherever Pillow runs.
            self._fonts[weight, size] = ImageFont.truetype(
                str(path), size, layout_engine=ImageFont.Layout.BASIC
            )
        return self._fonts[weight, size]
