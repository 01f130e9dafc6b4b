from dataclasses import dataclass, field

import numpy as np
import pytest

from presslens.models.geometry import Box
from presslens.models.loading import load_finder
from presslens.models.photos.finder import bare_photo
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Frame


@dataclass
class Paperhanger:
    """Finds what it is shown on paper, as large as a share of it; keeps how often it was asked."""

    share: float = 1.0
    asked: list[tuple[int, ...]] = field(default_factory=list)

    def find(self, image):
        self.asked.append(image.shape)
        rows, columns = np.nonzero((image != (246, 244, 238)).any(axis=2))
        x0, y0, x1, y1 = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        return [Frame(Box(x0, y0, x0 + (x1 - x0) * self.share, y1), 0.4)]


def test_an_image_that_is_found_whole_on_paper_is_a_photo(texture):
    image = texture(300, 400)
    assert bare_photo(image, Paperhanger()) == Frame(Box(0, 0, 400, 300), 0.4)


def test_a_large_image_is_laid_on_paper_reduced():
    rng = np.random.default_rng(1)
    image = rng.integers(0, 200, (60, 9000, 3), np.uint8)
    hanger = Paperhanger()
    assert bare_photo(image, hanger) == Frame(Box(0, 0, 9000, 60), 0.4)
    assert max(max(shape) for shape in hanger.asked) < 3500


def test_an_image_of_which_a_part_is_found_is_a_page(texture):
    assert bare_photo(texture(300, 400), Paperhanger(share=0.5)) is None


def test_a_page_with_a_margin_is_not_asked_about(draw_page):
    hanger = Paperhanger()
    assert bare_photo(draw_page((20, 30, 380, 500)), hanger) is None
    assert hanger.asked == []


@pytest.mark.parametrize("name", ["astronaut", "coffee", "rocket", "chelsea"])
def test_the_real_segmenter_takes_a_photo_for_one_photo(registry, name):
    data = pytest.importorskip("skimage.data")
    image = np.asarray(getattr(data, name)())
    height, width = image.shape[:2]
    found = load_finder(Recipe.load(), registry).find(image)
    assert [f.box for f in found.frames] == [Box(0, 0, width, height)]
