from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from models.registry import Registry
from models.subjects.features import LENGTH, EfficientNetFeatures
from models.vocabulary import Image

pytestmark = pytest.mark.weights("features")


@pytest.fixture(scope="module")
def features(registry: Registry) -> EfficientNetFeatures:
    return EfficientNetFeatures(registry.path("features"), threads=2, batch=2)


@pytest.mark.parametrize("size", [260, 160])
def test_one_row_a_photo_whatever_its_shape(
    features: EfficientNetFeatures, texture: Callable[..., Image], size: int
) -> None:
    photos = [texture(300, 200), texture(20, 900), np.zeros((1, 1, 3), np.uint8)]

    rows = features.extract(photos, size=size)

    assert rows.shape == (3, LENGTH)
    assert rows.dtype == np.float32
    assert np.isfinite(rows).all()


def test_no_photos_no_rows(features: EfficientNetFeatures) -> None:
    assert features.extract([]).shape == (0, LENGTH)


def test_a_row_does_not_depend_on_the_photos_beside_it(
    features: EfficientNetFeatures, texture: Callable[..., Image]
) -> None:
    photos = [texture(120, 160, seed=i) for i in range(3)]

    together = features.extract(photos)

    for photo, row in zip(photos, together, strict=True):
        assert features.extract([photo])[0] == pytest.approx(row, abs=1e-4)


def test_like_photos_have_like_features(features: EfficientNetFeatures) -> None:
    from sklearn.datasets import load_sample_image

    temple, flower = load_sample_image("china.jpg"), load_sample_image("flower.jpg")
    rows = features.extract([temple, temple[:, ::-1], flower])

    near, far = (np.corrcoef(rows[0], rows[i])[0, 1] for i in (1, 2))

    assert near > 0.8 > 0.5 > far
