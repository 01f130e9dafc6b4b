import numpy as np
import pytest

from presslens.lab.training.photos import engravings
from presslens.lab.training.photos.drawings import KINDS, drawing

each = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def photo(texture):
    return texture(180, 240)


@each
@pytest.mark.parametrize("seed", range(4))
def test_a_drawing_has_the_size_of_its_photo_and_shows_something(photo, kind, seed):
    picture = drawing(kind, photo, np.random.default_rng(seed))
    assert picture.shape == photo.shape
    assert picture.dtype == np.uint8
    assert picture.std() > 2


@each
def test_a_seed_gives_one_drawing_and_leaves_the_photo_alone(photo, kind):
    before = photo.copy()
    first, second = (drawing(kind, photo, np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(first, second)
    assert np.array_equal(photo, before)


@each
def test_other_seeds_give_other_drawings(photo, kind):
    drawn = [drawing(kind, photo, np.random.default_rng(seed)).tobytes() for seed in range(6)]
    assert len(set(drawn)) > 1


@each
def test_only_pictures_by_hand_are_made_from_the_photo(photo, texture, kind):
    other = texture(180, 240, seed=9)
    drawn = [drawing(kind, p, np.random.default_rng(3)) for p in (photo, other)]
    assert np.array_equal(*drawn) == (kind not in engravings.KINDS)


@each
@pytest.mark.parametrize("shape", [(24, 300, 3), (300, 24, 3)])
def test_narrow_pictures_can_be_drawn(texture, kind, shape):
    photo = texture(*shape[:2])
    assert drawing(kind, photo, np.random.default_rng(1)).shape == shape
