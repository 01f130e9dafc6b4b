"""A pyramid has the pixels of its page, and tells its tiles apart from other regions."""

import numpy as np
import pytest
from PIL import Image as Pillow

from presslens.app.services.pictures.pyramid import TILE, Pyramid, levels, write_pyramid
from presslens.pipelines.view import open_view, write_view

WIDTH, HEIGHT = 1300, 1100


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Return a page of smooth colours: its view and its pyramid."""
    folder = tmp_path_factory.mktemp("pyramid")
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    pixels = np.stack([x * 255 / WIDTH, y * 255 / HEIGHT, 128 + 0 * x], axis=2).astype(np.uint8)
    write_view(pixels, folder / "view.jpg")
    write_pyramid(folder / "view.jpg", folder / "pyramid")
    return folder


def close(given, expected):
    a, b = (np.asarray(image.convert("RGB")).astype(int) for image in (given, expected))
    return a.shape == b.shape and np.abs(a - b).max() < 8


def test_levels_are_halved_until_one_tile_holds_all():
    sizes = [(level.width, level.height, level.tiles) for level in levels(1300, 1101)]
    assert sizes == [(1300, 1101, 9), (650, 551, 4), (325, 276, 1)]
    assert [level.first for level in levels(1300, 1101)] == [0, 9, 13]
    assert len(levels(TILE, TILE)) == 1


@pytest.mark.parametrize(
    ("region", "size"),
    [
        ((0, 0, WIDTH, HEIGHT), (130, 110)), ((500, 300, 1100, 900), (600, 600)),
        ((500, 300, 1100, 900), (150, 150)), ((1299, 1099, 1300, 1100), (1, 1)),
        ((511, 511, 1026, 1026), (257, 257)), ((0, 500, WIDTH, 504), (40, 4)),
    ],
)  # fmt: skip
def test_regions_are_those_of_the_page(page, region, size):
    with Pyramid(page / "pyramid") as pyramid, open_view(page / "view.jpg") as view:
        expected = view.resize(size, Pillow.Resampling.LANCZOS, box=region)
        assert close(pyramid.region(region, size), expected)


def test_every_tile_is_given_as_it_is_stored(page):
    with Pyramid(page / "pyramid") as pyramid, open_view(page / "view.jpg") as view:
        assert (pyramid.width, pyramid.height) == (WIDTH, HEIGHT)
        for i, level in enumerate(levels(WIDTH, HEIGHT)):
            step = TILE << i
            for y in range(0, HEIGHT, step):
                for x in range(0, WIDTH, step):
                    region = x, y, min(x + step, WIDTH), min(y + step, HEIGHT)
                    size = -(-(region[2] - x) >> i), -(-(region[3] - y) >> i)
                    tile = pyramid.tile(region, size)
                    (page / "tile.jpg").write_bytes(tile)
                    with Pillow.open(page / "tile.jpg") as image:
                        expected = view.resize(size, Pillow.Resampling.BOX, box=region)
                        assert close(image, expected), (level, region)


@pytest.mark.parametrize(
    ("region", "size"),
    [
        ((1, 0, 513, 512), (512, 512)),
        ((0, 0, 512, 512), (511, 512)),
        ((0, 0, 511, 512), (511, 512)),
        ((512, 0, 1536, 512), (512, 256)),
    ],
)
def test_what_is_no_tile_is_not_taken_for_one(page, region, size):
    with Pyramid(page / "pyramid") as pyramid:
        assert pyramid.tile(region, size) is None


def test_what_is_no_pyramid_is_refused(page, tmp_path):
    with pytest.raises(ValueError, match="no pyramid"):
        Pyramid(page / "view.jpg")
