import numpy as np
import pytest

from presslens.models.geometry import Box
from presslens.models.photos.finder import is_flat, smoothness

WHOLE = Box(0, 0, 120, 90)


def test_a_photo_is_smooth_lines_are_not_and_a_panel_is_flat(texture):
    photo, panel = texture(90, 120), np.full((90, 120, 3), (200, 30, 30), np.uint8)
    lines = np.zeros((90, 120, 3), np.uint8)
    lines[::2] = 255
    assert smoothness(WHOLE, photo) > 0.9
    assert not is_flat(WHOLE, photo)
    assert smoothness(WHOLE, lines) == pytest.approx(-1, abs=0.05)
    assert is_flat(WHOLE, panel)
    assert smoothness(WHOLE, panel) == 0


@pytest.mark.parametrize("box", [Box(5, 5, 7, 60), Box(5, 5, 60, 5.2)], ids=["narrow", "low"])
def test_what_is_hardly_there_has_no_smoothness(texture, box):
    assert smoothness(box, texture(90, 120)) == 0
