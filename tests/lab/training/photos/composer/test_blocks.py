import numpy as np
import pytest

from presslens.lab.training.photos.composer.blocks import Compositor
from presslens.lab.training.photos.composer.sheet import Sheet
from presslens.models.geometry import Box
from presslens.samples.area import Area

BLOCK = Area(40, 40, 440, 340)


def filled(stock, name, seed, area=BLOCK):
    sheet = Sheet.blank(480, 400, np.array([240, 240, 240], np.uint8))
    compositor = Compositor(sheet, stock, np.random.default_rng(seed), grain=120)
    compositor.fillers()[name](area)
    return sheet


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", ["story", "text", "photo", "group", "drawing", "scrap", "panel"])
def test_a_block_is_printed_in_its_area_only(stock, name, seed):
    sheet = filled(stock, name, seed)
    outside = sheet.pixels.copy()
    outside[40:340, 40:440] = 240
    assert (outside == 240).all()
    assert (sheet.pixels != 240).any()
    assert all(box.share_inside(Box(*BLOCK.box)) == 1 for box in sheet.photos)


@pytest.mark.parametrize("name", ["text", "drawing", "scrap", "ornament"])
def test_what_is_no_photo_is_not_counted(stock, name):
    counts = [len(filled(stock, name, seed).photos) for seed in range(4)]
    if name != "scrap":  # where no scrap is found, a story takes its place
        assert counts == [0] * 4


@pytest.mark.parametrize("name", ["story", "photo", "group", "drawing", "panel", "ornament"])
@pytest.mark.parametrize("area", [Area(10, 10, 60, 55), Area(10, 10, 400, 52)])
def test_small_blocks_are_filled_too(stock, name, area):
    for seed in range(5):
        sheet = filled(stock, name, seed, area)
        assert all(box.share_inside(Box(*area.box)) == 1 for box in sheet.photos)


def test_the_photos_of_a_group_do_not_overlap_but_for_insets(stock):
    for seed in range(8):
        photos = filled(stock, "group", seed).photos
        for i, one in enumerate(photos):
            for other in photos[i + 1 :]:
                assert one.intersection(other) == 0 or other.share_inside(one) == 1


def test_a_poster_covers_its_area_with_up_to_three_pictures(stock):
    many = set()
    for seed in range(12):
        sheet = Sheet.blank(400, 560, np.array([250, 250, 245], np.uint8))
        compositor = Compositor(sheet, stock, np.random.default_rng(seed), grain=100)
        compositor.poster(sheet.area.inset(20))
        covered = sum(box.area for box in sheet.photos)
        assert 0.9 <= covered / (360 * 520) <= 1.0
        many.add(len(sheet.photos))
    assert many == {1, 2, 3}
