import numpy as np
import pytest

from presslens.models.subjects.features import (
    LENGTH,
    SHORTEST,
    SIZE,
    STRIDE,
    WAITING,
    EfficientNetFeatures,
    SharedFeatures,
)

pytestmark = pytest.mark.weights("features")

LONGEST = SIZE // STRIDE
"""Places along the longer side of a photo."""


@pytest.fixture(scope="module")
def features(registry):
    return EfficientNetFeatures(registry.path("features"), threads=2)


@pytest.mark.parametrize(
    ("shape", "grid"),
    [
        ((300, 300), (LONGEST, LONGEST)),
        ((300, 200), (LONGEST, 8)),
        ((20, 900), (SHORTEST, LONGEST)),
        ((1, 1), (LONGEST, LONGEST)),
        ((1200, 1600), (9, LONGEST)),
    ],
)
def test_the_grid_has_the_photo_s_aspect(features, texture, shape, grid):
    places = features.extract(texture(*shape))
    assert places.shape == (LENGTH, *grid)
    assert places.dtype == np.float32
    assert np.isfinite(places).all()


def test_what_is_on_the_left_shows_in_the_places_on_the_left(features):
    from sklearn.datasets import load_sample_image

    temple = load_sample_image("china.jpg")
    changed = temple.copy()
    changed[:, :160] = load_sample_image("flower.jpg")[:, :160]
    distance = np.abs(features.extract(changed) - features.extract(temple)).mean((0, 1))
    assert distance[:6].sum() > 3 * distance[6:].sum()


def test_like_photos_have_like_features(features):
    from sklearn.datasets import load_sample_image

    temple, flower = load_sample_image("china.jpg"), load_sample_image("flower.jpg")
    rows = [features.extract(p).mean((1, 2)) for p in (temple, temple[:, ::-1], flower)]
    near, far = (np.corrcoef(rows[0], rows[i])[0, 1] for i in (1, 2))
    assert near > 0.8 > 0.5 > far


class CountedFeatures:
    """The mean of a photo, and how often it was asked for."""

    def __init__(self):
        self.looks = 0

    def extract(self, photo):
        self.looks += 1
        return np.full((LENGTH, 2, 2), photo.mean(), np.float32)


def test_features_of_a_photo_are_extracted_once_for_two_who_ask():
    counted = CountedFeatures()
    shared = SharedFeatures(counted)
    page = np.arange(40 * 40 * 3, dtype=np.uint8).reshape(40, 40, 3)
    first, second = (shared.extract(page[5:30, 4:20]) for _ in range(2))
    assert counted.looks == 1
    assert np.array_equal(first, second)
    shared.extract(page[5:30, 4:20])
    assert counted.looks == 2


def test_photos_of_other_pixels_or_shape_are_other_photos_and_few_wait():
    counted = CountedFeatures()
    shared = SharedFeatures(counted)
    for i in range(WAITING + 1):
        shared.extract(np.full((2, 3, 3), i, np.uint8))
    shared.extract(np.full((3, 2, 3), 1, np.uint8))
    assert counted.looks == WAITING + 2
    shared.extract(np.full((2, 3, 3), 0, np.uint8))
    assert counted.looks == WAITING + 3
