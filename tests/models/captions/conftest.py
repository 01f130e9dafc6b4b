"""Pages that are set in a Korean font, piece by piece, so that each test knows what is where."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import distribution

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from presslens.models.captions.lines import typography_of
from presslens.models.geometry import Box
from presslens.models.photos.paper import ink_mask
from presslens.models.vocabulary import Image

PAPER = (246, 242, 230)
INK = (30, 30, 30)
WORDS = "로동자들은 새 설비를 짜고들어 훌륭히 끝냈다 이곳 기술자들은 계획을 힘있게 다그치고있다 "


@cache
def korean(size):
    """Return NanumGothic, which a package carries, in a size."""
    files = distribution("koreanize-matplotlib").files or []
    file = next(f for f in files if f.name == "NanumGothic.ttf")
    return ImageFont.truetype(str(file.locate()), size)


@dataclass
class Sheet:
    """A page to print on; boxes are in its pixels."""

    texture: Callable[..., Image]
    width: int = 1000
    height: int = 1400
    photos: list[Box] = field(default_factory=list)

    def __post_init__(self):
        grain = np.random.default_rng(1).normal(0, 1.5, (self.height, self.width, 1))
        paper = np.clip(np.array(PAPER) + grain, 0, 255).astype(np.uint8)
        self._page = Pillow.fromarray(paper)

    @property
    def page(self):
        return np.array(self._page)

    @property
    def printed(self):
        found = typography_of(ink_mask(self.page), self.photos)
        assert found is not None
        return found

    def photo(self, x0, y0, x1, y1):
        pixels = self.texture(y1 - y0, x1 - x0, seed=len(self.photos), low=60)
        self._page.paste(Pillow.fromarray(pixels), (x0, y0))
        self.photos.append(Box(x0, y0, x1, y1))
        return self.photos[-1]

    def plain(self, box, colour):
        x0, y0, x1, y1 = box.pixels()
        ImageDraw.Draw(self._page).rectangle((x0, y0, x1 - 1, y1 - 1), fill=colour)

    def write(self, x, y, text, *, size=16, fill=INK):
        """Set a line with the top left of its ink at (x, y), and return its ink's box."""
        font = korean(size)
        mask = Pillow.new("L", (200 + round(font.getlength(text)), 200 + 2 * size))
        ImageDraw.Draw(mask).text((100, 100), text, font=font, fill=255)
        left, top, right, bottom = mask.point(lambda value: 255 * (value > 60)).getbbox()
        ImageDraw.Draw(self._page).text(
            (100 + x - left, 100 + y - top), text, font=font, fill=tuple(fill)
        )
        return Box(x, y, x + right - left, y + bottom - top)

    def column(self, x, y, lines, *, width=300, size=16):
        """Set lines of a report, as wide as a column, and return the box of their ink."""
        font, whole = korean(size), None
        for i in range(lines):
            text = WORDS[i * 5 % 20 :] + WORDS * 4
            while font.getlength(text) > width:
                text = text[:-1]
            line = self.write(x, y + round(i * 1.4 * size), text.strip(), size=size)
            whole = line if whole is None else whole.union(line)
        assert whole is not None
        return whole

    def report(self):
        """Fill the lower part of the page, as on any page: usual type is known from it."""
        for x in (40, 360, 680):
            self.column(x, 1000, 16, width=280)
        return self


@pytest.fixture(scope="session")
def reported(texture):
    """A page with a report and nothing else, drawn once."""
    return Sheet(texture).report()


@pytest.fixture
def sheet(reported):
    made = copy(reported)
    made._page, made.photos = reported._page.copy(), []
    return made


@pytest.fixture
def bare(texture):
    return Sheet(texture)
