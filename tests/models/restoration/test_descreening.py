"""Descreening takes a screen's waves out of a photo, and nothing that is coarser."""

import numpy as np
import pytest
from skimage import data
from skimage.metrics import structural_similarity

from presslens.lab.training.printing import grey, halftone, rosette
from presslens.models.restoration.descreening import TILE, descreened
from presslens.models.restoration.screen import HalftoneScreen, printing_of

SCREEN = HalftoneScreen(distance=3.5, angle=45.0)


def waves(length, angle, height=240, width=320):
    """Return grey waves, RGB, between 64 and 192."""
    y, x = np.mgrid[:height, :width]
    turn = np.deg2rad(angle)
    wave = np.cos(2 * np.pi * (x * np.cos(turn) + y * np.sin(turn)) / length)
    return np.repeat(np.rint(128 + 64 * wave)[..., None], 3, axis=2).astype(np.uint8)


@pytest.mark.parametrize("angle", [45, 135])
def test_waves_of_the_screen_are_gone(angle):
    filtered = descreened(waves(3.5, angle), SCREEN)[8:-8, 8:-8]
    assert filtered.std() < 0.02 * waves(3.5, angle).std()


def test_coarser_waves_stay_up_to_the_edges():
    photo = waves(20, 45)
    difference = np.abs(descreened(photo, SCREEN).astype(int) - photo)
    assert difference[8:-8, 8:-8].max() <= 2
    assert difference.max() < 40


@pytest.mark.parametrize("degrade", [halftone, rosette])
def test_print_becomes_like_its_photo_and_keeps_its_tone(degrade):
    photo = data.coffee()[:299, :397]
    printed = degrade(photo)
    screen = printing_of(printed).screen
    assert screen is not None
    filtered = descreened(printed, screen)

    def likeness(other):
        return structural_similarity(grey(other)[..., 0], grey(photo)[..., 0])

    assert filtered.shape == photo.shape
    assert filtered.dtype == np.uint8
    assert likeness(filtered) > likeness(printed) + 0.1
    assert np.abs(filtered.mean((0, 1)) - printed.mean((0, 1))).max() < 4


def test_no_screen_is_left_of_a_halftone():
    printed = halftone(data.coffee())
    screen = printing_of(printed).screen
    assert screen is not None
    assert printing_of(descreened(printed, screen)).screen is None


def test_grey_prints_stay_grey_and_inks_are_filtered_apart():
    photo = waves(20, 0)
    coloured = photo.copy()
    coloured[..., 2] = 200
    filtered = descreened(coloured, SCREEN)
    assert (filtered[..., 2] == 200).all()
    assert np.array_equal(filtered[..., 0], descreened(photo, SCREEN)[..., 0])
    assert np.array_equal(*(descreened(photo, SCREEN)[..., i] for i in (0, 1)))


def test_seams_of_large_photos_do_not_show():
    photo = halftone(np.tile(data.coffee()[:160, :400], (1, 6, 1)))
    assert photo.shape[1] > TILE + 300
    around = slice(TILE - 300, TILE + 300)
    part = descreened(photo[:, around], SCREEN)[:, 100:-100].astype(int)
    assert np.abs(descreened(photo, SCREEN)[:, around][:, 100:-100] - part).max() <= 1


@pytest.mark.parametrize("shape", [(1, 1), (2, 300), (37, 5)])
def test_small_photos_keep_their_shape(shape):
    flat = np.full((*shape, 3), 90, np.uint8)
    assert np.array_equal(descreened(flat, SCREEN), flat)
