import numpy as np
import pytest

from presslens.lab.training.printing import DEGRADATIONS, grey, halftone, jpeg, small


@pytest.fixture
def photo(texture):
    return texture(120, 260)


def tone(photo):
    return float(photo.mean())


def spread(photo):
    """How far the channels of a pixel lie apart, at most."""
    return float(np.ptp(photo.astype(int), axis=2).max())


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_a_degraded_photo_is_a_photo(photo, name):
    before = photo.copy()
    shown = DEGRADATIONS[name](photo)
    assert shown.dtype == np.uint8
    assert shown.ndim == 3
    assert shown.shape[2] == 3
    assert np.array_equal(photo, before)


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_degrading_is_not_left_to_chance(photo, name):
    assert np.array_equal(DEGRADATIONS[name](photo), DEGRADATIONS[name](photo))


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_a_single_pixel_can_be_degraded(name):
    assert DEGRADATIONS[name](np.full((1, 1, 3), 90, np.uint8)).shape == (1, 1, 3)


def test_grey_has_no_colour(photo):
    assert spread(photo) > 50
    assert spread(grey(photo)) == 0


@pytest.mark.parametrize("value", [60, 128, 200])
def test_halftone_dots_keep_the_tone(value):
    dots = halftone(np.full((200, 200, 3), value, np.uint8))
    assert spread(dots) == 0
    assert abs(tone(dots) - value) < 25
    assert dots.min() < value < dots.max()


def test_a_lighter_photo_gives_lighter_dots():
    tones = [tone(halftone(np.full((90, 90, 3), v, np.uint8))) for v in range(0, 256, 32)]
    assert tones == sorted(tones)


@pytest.mark.parametrize(
    ("width", "shape"), [(130, (60, 130, 3)), (260, (120, 260, 3)), (900, (120, 260, 3))]
)
def test_small_scales_down_only(photo, width, shape):
    assert small(photo, width=width).shape == shape


def test_small_keeps_a_strip_visible():
    assert small(np.zeros((1, 5000, 3), np.uint8)).shape == (1, 200, 3)


def test_a_lower_jpeg_quality_is_further_off(photo):
    off = [np.abs(jpeg(photo, quality=q).astype(int) - photo).mean() for q in (90, 50, 10)]
    assert off == sorted(off)
    assert off[0] > 0
