import numpy as np
import pytest

from presslens.lab.training.newsprint import printed


@pytest.mark.parametrize("shape", [(60, 90), (200, 140), (8, 8)])
@pytest.mark.parametrize("seed", range(6))
def test_a_print_has_the_size_of_its_photo(texture, shape, seed):
    photo = texture(*shape)
    shown = printed(photo, np.random.default_rng(seed))
    assert shown.shape == photo.shape
    assert shown.dtype == np.uint8


def test_the_seed_decides_all(texture):
    photo = texture(60, 90)
    first, again, other = (printed(photo, np.random.default_rng(s)) for s in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_about_half_lose_their_colours(texture):
    rng = np.random.default_rng(0)
    shown = [printed(texture(40, 40), rng) for _ in range(60)]
    grey = sum(bool((np.ptp(s.astype(int), axis=2) <= 1).all()) for s in shown)
    assert 20 < grey < 58
