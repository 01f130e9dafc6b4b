import numpy as np
import pytest

from presslens.models.geometry import Box
from presslens.models.photos.paper import ink_mask, median_level, solid_mask


@pytest.mark.parametrize(
    "colour",
    [(255, 255, 255), (246, 242, 230), (214, 200, 165), (200, 200, 200), (225, 215, 220)],
    ids=["white", "off-white", "yellowed", "grey", "pinkish"],
)
def test_paper_of_any_colour_is_bare(paper, colour):
    page = paper(300, 400, colour)
    page[100:200, 50:250] = (60, 50, 40)
    ink = ink_mask(page)
    assert ink[102:198, 52:248].all()
    ink[100:200, 50:250] = False
    assert ink.mean() < 0.001


@pytest.mark.parametrize(
    "colour",
    [(0, 0, 0), (150, 150, 150), (250, 215, 215), (190, 225, 255)],
    ids=["black", "grey", "pale red", "pale blue"],
)
def test_whatever_is_not_paper_is_ink(paper, colour):
    page = paper(300, 400)
    page[100:200, 50:250] = colour
    assert ink_mask(page)[100:200, 50:250].mean() > 0.99


def test_a_page_of_which_most_is_a_dark_photo_still_has_paper(paper, texture):
    page = paper(300, 400)
    page[20:380, 20:280] = texture(360, 260, low=5, high=120)
    ink = ink_mask(page)
    assert ink[20:380, 20:280].mean() > 0.99
    assert ink[:18].mean() < 0.001


def test_a_page_without_bright_pixels_is_ink_all_over():
    assert ink_mask(np.full((20, 30, 3), 90, np.uint8)).all()


@pytest.mark.parametrize("size", [10, 14, 20])
def test_text_is_not_solid(paper, write_text, size):
    page = paper(600, 800)
    write_text(page, Box(50, 50, 550, 750), size)
    ink = ink_mask(page)
    assert ink.mean() > 0.05
    assert not solid_mask(ink, 9).any()


@pytest.mark.parametrize("side", [8, 9])
def test_a_photo_is_solid_and_keeps_its_size(paper, texture, side):
    page = paper(600, 800)
    page[100:300, 150:450] = texture(200, 300)
    rows, columns = np.nonzero(solid_mask(ink_mask(page), side))
    assert (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) == (150, 100, 450, 300)


@pytest.mark.parametrize(("side", "left"), [(5, True), (6, True), (7, False)])
def test_a_square_that_does_not_fit_leaves_nothing(side, left):
    ink = np.zeros((40, 40), dtype=np.bool_)
    ink[10:16, 5:35] = True
    assert solid_mask(ink, side).any() == left


def test_the_median_of_levels_is_that_of_their_pixels():
    random = np.random.default_rng(0)
    for size in (1, 2, 3, 10, 99, 1000):
        for top in (2, 40, 256):
            levels = random.integers(0, top, size, dtype=np.uint8)
            counts = np.bincount(levels, minlength=256)
            assert median_level(counts) == np.median(levels)
