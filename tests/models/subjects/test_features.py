from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from models.registry import Registry
from models.subjects.features import LENGTH, SHORTEST, SIZE, STRIDE, EfficientNetFeatures
from models.vocabulary import Image

pytestmark = pytest.mark.weights("features")

LONGEST = SIZE // STRIDE
"""Places along the longer side of a photo."""


@pytest.fixture(scope="module")
def features(registry: Registry) -> EfficientNetFeatures:
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
def test_the_grid_has_the_photo_s_aspect(
    features: EfficientNetFeatures,
    texture: Callable[..., Image],
    shape: tuple[int, int],
    grid: tuple[int, int],
) -> None:
    places = features.extract(texture(*shape))

    assert places.shape == (LENGTH, *grid)
    assert places.dtype == np.float32
    assert np.isfinite(places).all()


def test_what_is_on_the_left_shows_in_the_places_on_the_left(
    features: EfficientNetFeatures,
) -> None:
    from sklearn.datasets import load_sample_image

    temple = load_sample_image("china.jpg")
    changed = temple.copy()
    changed[:, :160] = load_sample_image("flower.jpg")[:, :160]
    distance = np.abs(features.extract(changed) - features.extract(temple)).mean((0, 1))

    assert distance[:6].sum() > 3 * distance[6:].sum()


def test_like_photos_have_like_features(features: EfficientNetFeatures) -> None:
    from sklearn.datasets import load_sample_image

    temple, flower = load_sample_image("china.jpg"), load_sample_image("flower.jpg")
    rows = [features.extract(p).mean((1, 2)) for p in (temple, temple[:, ::-1], flower)]

    near, far = (np.corrcoef(rows[0], rows[i])[0, 1] for i in (1, 2))

    assert near > 0.8 > 0.5 > far
