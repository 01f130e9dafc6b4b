from __future__ import annotations

from pathlib import Path

import matplotlib.cbook
import numpy as np
import pytest
import ultralytics
from PIL import Image as Pillow

from models.faces.detector import CenterFace
from models.faces.embedder import DlibEmbedder
from models.vocabulary import Image, Vector

pytestmark = pytest.mark.weights

ASSETS = Path(ultralytics.__file__).parent / "assets"


def _embedded(photo: Image, detector: CenterFace, embedder: DlibEmbedder) -> list[Vector]:
    return embedder.embed(photo, detector.detect([photo])[0])


def _resized(image: Pillow.Image, factor: float) -> Image:
    size = round(image.width * factor), round(image.height * factor)
    return np.asarray(image.resize(size))


@pytest.fixture(scope="module")
def hopper() -> Pillow.Image:
    with matplotlib.cbook.get_sample_data("grace_hopper.jpg") as file:
        return Pillow.open(file).convert("RGB")


def test_one_person_in_two_takes_is_near_and_others_are_far(
    hopper: Pillow.Image, detector: CenterFace, embedder: DlibEmbedder
) -> None:
    others = np.asarray(Pillow.open(ASSETS / "zidane.jpg").convert("RGB"))
    (her,) = _embedded(np.asarray(hopper), detector, embedder)
    (again,) = _embedded(np.asarray(hopper.rotate(12)), detector, embedder)
    (small,) = _embedded(_resized(hopper, 0.15), detector, embedder)
    first, second = _embedded(others, detector, embedder)

    assert her.shape == (128,)
    assert her.dtype == np.float32
    assert np.linalg.norm(her - again) < 0.3
    assert np.linalg.norm(her - small) < 0.45
    assert np.linalg.norm(first - second) > 0.55
    assert min(np.linalg.norm(her - first), np.linalg.norm(her - second)) > 0.55


def test_no_faces_no_vectors(embedder: DlibEmbedder) -> None:
    assert embedder.embed(np.zeros((10, 10, 3), np.uint8), []) == []


def test_faces_of_a_strided_view_embed_alike(
    hopper: Pillow.Image, detector: CenterFace, embedder: DlibEmbedder
) -> None:
    page = np.zeros((800, 800, 3), np.uint8)
    photo = np.asarray(hopper)
    page[50 : 50 + photo.shape[0], 70 : 70 + photo.shape[1]] = photo
    view = page[50 : 50 + photo.shape[0], 70 : 70 + photo.shape[1]]

    (whole,) = _embedded(photo, detector, embedder)
    (cut,) = _embedded(view, detector, embedder)

    np.testing.assert_allclose(cut, whole, atol=1e-5)
