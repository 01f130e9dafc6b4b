from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from presslens.models.photos.texture import PATCH, contrasting, texture
from presslens.models.vocabulary import Image


@pytest.mark.parametrize("shape", [(16, 16), (30, 700), (700, 30), (96, 96), (500, 400)])
@pytest.mark.parametrize("tone", [None, 0, 255], ids=["picture", "black", "white"])
def test_pictures_of_any_size_and_tone_have_the_same_measures(
    texture_of: Callable[..., Image], shape: tuple[int, int], tone: int | None
) -> None:
    picture = texture_of(*shape) if tone is None else np.full((*shape, 3), tone, np.uint8)
    measures = texture(picture)
    assert measures.shape == texture(texture_of(200, 200)).shape
    assert np.isfinite(measures).all()


@pytest.fixture(scope="session")
def texture_of(texture: Callable[..., Image]) -> Callable[..., Image]:
    return texture


def test_the_same_pixels_have_the_same_measures(texture_of: Callable[..., Image]) -> None:
    wide = np.zeros((300, 500, 3), np.uint8)
    wide[:, 50:450] = texture_of(300, 400)
    assert np.array_equal(texture(wide[:, 50:450]), texture(texture_of(300, 400)))


def test_the_most_contrasting_patches_come_first() -> None:
    grey = np.full((400, 400), 128, np.uint8)
    grey[250:, 250:] = np.random.default_rng(0).integers(0, 256, (150, 150))
    patches = contrasting(grey, 9)
    assert [patch.shape for patch in patches] == 9 * [(PATCH, PATCH)]
    spread = [float(patch.std()) for patch in patches]
    assert spread[0] > 60
    assert spread[-1] == 0


def test_strokes_differ_from_the_same_tones_unruled(texture_of: Callable[..., Image]) -> None:
    photo = texture_of(300, 400)
    lines = np.where(np.arange(400)[None, :, None] % 7 * 36 > photo.astype(int), 20, 240)
    ruled, plain = (texture(np.asarray(p, np.uint8)) for p in (lines, photo))
    middle = slice(2, 5)  # the middle tones at full resolution
    assert ruled[middle].sum() < 0.2 < plain[middle].sum()
