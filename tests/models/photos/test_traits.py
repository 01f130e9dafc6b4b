import cv2
import numpy as np
import pytest

from presslens.lab.training.printing import grey, halftone
from presslens.models.geometry import Box
from presslens.models.photos.traits import traits
from presslens.models.vocabulary import Frame, PageFrames

PHOTO = Box(100, 120, 500, 420)


def of(page, *photos, skew=0.0):
    return traits(page, PageFrames(tuple(Frame(box, 0.9) for box in photos), skew), 545)


@pytest.fixture(scope="module")
def page(paper, texture, write_text):
    made = paper()
    made[120:420, 100:500] = texture(300, 400)
    for x in (60, 260, 460, 660):
        write_text(made, Box(x, 500, x + 180, 1150), size=12)
    return made


def test_resolution_follows_from_the_height_of_the_printed_page(page):
    assert of(page).dpi == round(1200 / 545 * 25.4)


def test_a_page_in_colour_and_the_same_page_in_greys(page):
    assert of(page, PHOTO).colour
    assert not of(grey(page), PHOTO).colour


def test_yellowed_paper_alone_is_no_colour(page):
    yellow = np.clip(grey(page) * np.array([1.0, 0.95, 0.8]), 0, 255).astype(np.uint8)
    assert not of(yellow, PHOTO).colour


@pytest.mark.parametrize("cell", [2.4, 3.5, 5.0])
def test_a_halftone_screen_is_seen(page, cell):
    assert of(halftone(page, cell=cell), PHOTO).halftone is True


def test_continuous_tone_is_no_halftone(page):
    soft = np.asarray(cv2.GaussianBlur(page, (0, 0), 3))
    grain = np.random.default_rng(2).normal(0, 3, page.shape)
    assert of(np.clip(soft + grain, 0, 255).astype(np.uint8), PHOTO).halftone is False


def test_dots_that_are_black_or_white_only_are_halftone(page):
    noise = np.random.default_rng(0).uniform(0, 255, page.shape[:2])
    dots = np.where(grey(page)[:, :, 0] > noise, 255, 0).astype(np.uint8)
    seen = of(np.repeat(dots[:, :, None], 3, 2), PHOTO)
    assert (seen.halftone, seen.bitonal) == (True, True)


def test_solid_black_and_white_is_bitonal_without_dots(page):
    soft = grey(np.asarray(cv2.GaussianBlur(page, (0, 0), 3)))
    threshold = np.median(soft[120:420, 100:500])
    seen = of(np.where(soft > threshold, 255, 0).astype(np.uint8), PHOTO)
    assert (seen.halftone, seen.bitonal) == (False, True)


def test_black_and_white_stays_bitonal_as_a_jpeg(page):
    soft = grey(np.asarray(cv2.GaussianBlur(page, (0, 0), 3)))
    sharp = np.where(soft > np.median(soft[120:420, 100:500]), 255, 0).astype(np.uint8)
    _, coded = cv2.imencode(".jpg", sharp, [cv2.IMWRITE_JPEG_QUALITY, 60])
    assert of(np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8), PHOTO).bitonal is True


def test_a_page_says_whether_it_was_photographed(page):
    assert of(page).photographed is False
    assert traits(page, PageFrames((), photographed=True), 545).photographed is True


@pytest.mark.parametrize("cell", [3.5, 5.0])
def test_dots_in_greys_are_not_bitonal(page, cell):
    assert of(halftone(page, cell=cell), PHOTO).bitonal is False


def test_without_a_photo_of_some_size_the_printing_is_not_known(page):
    for seen in (of(page), of(page, Box(100, 120, 180, 200))):
        assert (seen.halftone, seen.bitonal) == (None, None)


def test_text_columns_are_measured(page):
    width = of(page, PHOTO).column_width
    assert 160 <= width <= 185


def test_a_page_without_text_has_no_columns(paper):
    assert of(paper()).column_width is None


def test_ink_counts_photos_and_text_counts_neither(page):
    seen, bare = of(page, PHOTO), of(page)
    assert seen.ink_share == bare.ink_share
    assert seen.text_share < bare.text_share
    assert bare.text_share == bare.ink_share


@pytest.mark.parametrize("tone", [0, 255])
@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (700, 500)])
def test_pages_with_nothing_on_them_have_traits_too(shape, tone):
    seen = of(np.full((*shape, 3), tone, np.uint8), skew=1.2)
    assert seen.skew == 1.2
    assert seen.brightness == pytest.approx(tone / 255)
    assert seen.column_width is None


@pytest.mark.parametrize("shape", [(1, 3000), (9000, 2), (1, 1)])
def test_a_strip_of_few_pixels_has_traits(shape):
    measured = of(np.full((*shape, 3), 200, np.uint8))
    assert (measured.column_width, measured.halftone) == (None, None)
