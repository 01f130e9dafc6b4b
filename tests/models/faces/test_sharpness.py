from itertools import pairwise

import cv2
import numpy as np
import pytest

from presslens.models.faces.sharpness import sharpness

SHARES = [(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)]


def marks(side, at=0.0):
    return [(at + a * side, at + b * side) for a, b in SHARES]


@pytest.fixture(scope="module")
def scene():
    """A grey picture with as much contrast in each octave, as photographs have."""
    rng = np.random.default_rng(7)
    octaves = [rng.normal(size=(2**k, 2**k)).astype(np.float32) for k in range(3, 11)]
    layers = [cv2.resize(o, (1024, 1024), interpolation=cv2.INTER_CUBIC) for o in octaves]
    return 128 + 14 * np.sum(layers, axis=0)


def picture(scene, side):
    grey = cv2.resize(scene, (side, side), interpolation=cv2.INTER_AREA)
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


def test_the_more_it_is_blurred_the_less_is_left(scene):
    photo = picture(scene, 200)
    blurred = [cv2.GaussianBlur(photo, (0, 0), sigma) for sigma in (1, 2, 4, 8)]
    found = [sharpness(p, marks(200)) for p in (photo, *blurred)]
    assert all(left > right for left, right in pairwise(found))
    assert found[0] > 4 * found[3]


def test_contrast_and_brightness_do_not_count(scene):
    photo = picture(scene, 200)
    pale = (160 + photo.astype(np.float32) / 4).astype(np.uint8)
    assert sharpness(pale, marks(200)) == pytest.approx(sharpness(photo, marks(200)), rel=0.05)


@pytest.mark.parametrize("side", [24, 48, 100, 400, 1000])
def test_what_is_sharp_for_its_size_is_sharp(scene, side):
    sharp = sharpness(picture(scene, side), marks(side))
    assert 0.15 < sharp < 0.5


@pytest.mark.parametrize("side", [24, 48])
def test_enlarging_a_face_adds_no_detail(scene, side):
    photo = picture(scene, side)
    large = cv2.resize(photo, None, fx=6, fy=6, interpolation=cv2.INTER_CUBIC)
    assert sharpness(large, marks(6 * side)) < 0.6 * sharpness(photo, marks(side))


def test_noise_has_all_of_it():
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 1)).astype(np.uint8)
    photo = np.repeat(noise, 3, axis=2)
    assert 0.7 < sharpness(photo, marks(64)) <= 1


@pytest.mark.parametrize(
    ("photo", "landmarks"),
    [
        (np.full((60, 60, 3), 120, np.uint8), marks(60)),
        (np.zeros((60, 60, 3), np.uint8), [(30.0, 30.0)] * 5),
    ],
    ids=["even", "no face"],
)
def test_nothing_to_see_is_no_detail(photo, landmarks):
    assert sharpness(photo, landmarks) == 0


def test_a_face_at_the_edge_of_the_photo_is_measured(scene):
    assert 0 <= sharpness(picture(scene, 80), marks(60, at=40)) <= 1
