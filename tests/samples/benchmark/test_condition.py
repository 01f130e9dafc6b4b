import numpy as np
import pytest

from presslens.samples.area import Area
from presslens.samples.benchmark.condition import CONDITIONS
from presslens.samples.benchmark.make import cropped
from presslens.samples.benchmark.projection import Projection

BLOCK = 60, 90, 200, 250


@pytest.fixture(scope="module")
def sheet():
    """A white sheet with a black block."""
    pixels = np.full((340, 300, 3), 246, np.uint8)
    pixels[BLOCK[1] : BLOCK[3], BLOCK[0] : BLOCK[2]] = 20
    return pixels


def grey_at(capture, points):
    """Return the mean grey of the pixels around points of the sheet."""
    pixels = capture.pixels.astype(np.float64)
    grey = pixels.mean(axis=2) if pixels.ndim == 3 else pixels
    around = [
        grey[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2].mean()
        for x, y in capture.projection.points(points)
    ]
    return np.array(around)


def test_there_are_ten_conditions_and_the_first_is_clean():
    assert len(CONDITIONS) == 10
    assert next(iter(CONDITIONS)) == "clean"


def test_truth_stays_exact_and_pictures_the_same_in_each_condition(sheet, subtests):
    x0, y0, x1, y1 = BLOCK
    sides = np.array([[x0, 170], [x1, 170], [130, y0], [130, y1]], np.float64)
    inwards = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]], np.float64)
    for name, capture in CONDITIONS.items():
        with subtests.test(name):
            picture = capture(sheet, np.random.default_rng(4), 240)
            inside = grey_at(picture, sides + 5 * inwards)
            outside = grey_at(picture, sides - 5 * inwards)
            assert (inside < 100).all(), inside
            assert (outside > 120).all(), outside
            again = capture(sheet, np.random.default_rng(4), 240)
            np.testing.assert_array_equal(picture.pixels, again.pixels)


def test_prints_are_screened_and_bitonal_copies_have_two_tones():
    grey = np.full((120, 120, 3), 128, np.uint8)
    rng = np.random.default_rng(1)
    spread = {name: CONDITIONS[name](grey, rng, 100).pixels.std() for name in CONDITIONS}
    assert spread["clean"] == spread["grey"] == 0
    assert spread["am-65"] > spread["am-85"] > spread["fm"] > 5
    assert spread["rosette"] > 10
    assert set(np.unique(CONDITIONS["bitonal"](grey, rng, 100).pixels)) == {0, 255}


def test_a_single_photo_is_cut_out_with_its_truth():
    turn = np.deg2rad(10)
    matrix = np.array(
        [[np.cos(turn), -np.sin(turn), 80], [np.sin(turn), np.cos(turn), 5], [0, 0, 1]]
    )
    projection = Projection(matrix, (300, 300), (420, 400))
    part, (rows, columns) = cropped(projection, Area(50, 50, 200, 150))
    x0, y0, x1, y1 = projection.box((50, 50, 200, 150))
    assert (columns.start, rows.start) == (int(x0), int(y0))
    assert part.size == (columns.stop - columns.start, rows.stop - rows.start)
    assert part.box((50, 50, 200, 150)) == pytest.approx(
        (x0 - columns.start, y0 - rows.start, x1 - columns.start, y1 - rows.start), abs=0.01
    )
    assert x1 <= columns.stop <= x1 + 1
