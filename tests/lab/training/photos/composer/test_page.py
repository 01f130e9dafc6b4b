import numpy as np
import pytest

from presslens.lab.training.photos.composer.page import compose
from presslens.lab.training.photos.composer.stock import Stock

SIZE = (320, 448)


@pytest.mark.parametrize("seed", range(24))
def test_pages_of_all_kinds_have_their_photos_inside(stock, seed):
    page = compose(stock, *SIZE, np.random.default_rng(seed))
    assert page.pixels.shape == (SIZE[1], SIZE[0], 3)
    assert page.pixels.dtype == np.uint8
    for box in page.photos:
        assert box.area > 0
        assert box.clipped(*SIZE) == box


def test_the_same_seed_composes_the_same_page(stock):
    one, other = (compose(stock, *SIZE, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(one.pixels, other.pixels)
    assert one.photos == other.photos


def test_without_real_pages_all_are_composed(stock):
    bare = Stock(stock.paths, stock.chances, stock.letters, [])
    for seed in range(12):
        assert compose(bare, *SIZE, np.random.default_rng(seed)).pixels.shape[0] == SIZE[1]


def test_many_photos_are_printed_in_all(stock):
    pages = [compose(stock, *SIZE, np.random.default_rng([7, i])) for i in range(30)]
    assert sum(len(page.photos) for page in pages) > 90
