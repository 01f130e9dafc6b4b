"""The screen of a print is measured; photos without one have none."""

import numpy as np
import pytest
from skimage import data

from presslens.lab.training.printing import bitonal, grey, halftone, jpeg, rosette
from presslens.models.restoration.screen import printing_of


@pytest.mark.parametrize(("distance", "angle"), [(2.6, 45.0), (3.5, 45.0), (4.2, 20.0), (6.0, 0.0)])
def test_distance_and_angle_of_a_screen_are_exact(distance, angle):
    screen = printing_of(halftone(data.astronaut(), cell=distance, angle=angle)).screen
    assert screen.distance == pytest.approx(distance, rel=0.01)
    assert min(abs(screen.angle - angle), 90 - abs(screen.angle - angle)) < 1.0


@pytest.mark.parametrize("degrade", [lambda photo: photo, grey, jpeg])
@pytest.mark.parametrize("photo", [data.astronaut, data.chelsea, data.coffee, data.rocket])
def test_photo_without_dots_has_no_screen(photo, degrade):
    assert not printing_of(degrade(photo())).visible


def test_colour_rosettes_and_bitonal_copies_show():
    assert printing_of(rosette(data.coffee())).screen is not None
    assert printing_of(bitonal(data.coffee())).bitonal


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 200, 3), (40, 90, 3), (127, 129, 3)])
def test_small_photos_are_measured_too(shape):
    assert not printing_of(np.full(shape, 90, np.uint8)).visible
