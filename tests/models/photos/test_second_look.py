from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest

from presslens.lab.training.photos.engravings import KINDS
from presslens.models.loading import load_finder
from presslens.models.photos.finder import SegmentingFinder
from presslens.models.photos.second_look import LEVELS, PATCH, _shares, contrasting, texture
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Frame


@pytest.fixture(scope="module")
def look(registry):
    found = load_finder(Recipe.load(), registry).second_look
    assert found is not None
    return found


@pytest.fixture(scope="module")
def photo():
    data = pytest.importorskip("skimage.data")
    return np.asarray(
        cv2.resize(data.astronaut(), (480, 320), interpolation=cv2.INTER_AREA), np.uint8
    )


@pytest.mark.parametrize("kind", ["engraving", "woodcut", "stippling"])
def test_pictures_in_lines_and_dots_are_told_from_the_photo_they_were_made_from(look, photo, kind):
    least = Recipe.load().observe.photos.photograph
    drawn = KINDS[kind](photo, np.random.default_rng(11))
    assert look.probability(drawn) < least < look.probability(photo)


def test_what_is_too_small_to_tell_stays(look):
    assert look.probability(np.zeros((15, 300, 3), np.uint8)) == 1.0


@dataclass
class DarkIsNoPhoto:
    """Takes what is dark for a drawing."""

    def probability(self, crop):
        return float(crop.mean() > 90)


def test_the_finder_drops_what_is_no_photograph_at_the_second_look(told, draw_grid):
    page, (dark, pale, middling) = draw_grid(columns=3, rows=1, gutter=8)
    rules = Recipe.load().observe.photos
    frames = [Frame(box, 0.9) for box in (dark, pale, middling)]
    once = SegmentingFinder(told(frames), rules)
    twice = replace(once, second_look=DarkIsNoPhoto())
    assert len(once.find(page).frames) == 3
    assert [frame.box for frame in twice.find(page).frames] == [pale, middling]


@pytest.mark.parametrize("shape", [(16, 16), (30, 700), (700, 30), (96, 96), (500, 400)])
@pytest.mark.parametrize("tone", [None, 0, 255], ids=["picture", "black", "white"])
def test_pictures_of_any_size_and_tone_have_the_same_measures(texture_of, shape, tone):
    picture = texture_of(*shape) if tone is None else np.full((*shape, 3), tone, np.uint8)
    measures = texture(picture)
    assert measures.shape == texture(texture_of(200, 200)).shape
    assert np.isfinite(measures).all()


@pytest.fixture(scope="session")
def texture_of(texture):
    return texture


def test_the_same_pixels_have_the_same_measures(texture_of):
    wide = np.zeros((300, 500, 3), np.uint8)
    wide[:, 50:450] = texture_of(300, 400)
    assert np.array_equal(texture(wide[:, 50:450]), texture(texture_of(300, 400)))


def test_the_most_contrasting_patches_come_first():
    grey = np.full((400, 400), 128, np.uint8)
    grey[250:, 250:] = np.random.default_rng(0).integers(0, 256, (150, 150))
    patches = contrasting(grey, 9)
    assert [patch.shape for patch in patches] == 9 * [(PATCH, PATCH)]
    spread = [float(patch.std()) for patch in patches]
    assert spread[0] > 60
    assert spread[-1] == 0


def test_strokes_differ_from_the_same_tones_unruled(texture_of):
    photo = texture_of(300, 400)
    lines = np.where(np.arange(400)[None, :, None] % 7 * 36 > photo.astype(int), 20, 240)
    ruled, plain = (texture(np.asarray(p, np.uint8)) for p in (lines, photo))
    middle = slice(2, 5)  # the middle tones at full resolution
    assert ruled[middle].sum() < 0.2 < plain[middle].sum()


def test_shares_of_tones_are_those_of_a_histogram():
    edges = np.linspace(0, 1, LEVELS + 1, dtype=np.float32)
    beside = [np.nextafter(edges, np.float32(to)) for to in (-1, 2)]
    tone = np.concatenate([edges, *beside, np.random.default_rng(0).random(1000, np.float32)])
    assert np.array_equal(_shares(tone), np.histogram(tone, LEVELS, (0, 1))[0] / tone.size)
