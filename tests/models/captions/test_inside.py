from __future__ import annotations

import numpy as np
import pytest

from presslens.models.captions.inside import find_inside
from presslens.models.geometry import Box

CAPTION = "준공식장에 모인 군중"
PHOTO = (100, 100, 600, 500)


@pytest.mark.parametrize("edge", ["lower", "upper"])
@pytest.mark.parametrize(
    ("strip", "letters"),
    [
        ((255, 255, 255), (20, 20, 20)),
        ((15, 15, 20), (250, 250, 250)),
        ((160, 20, 20), (255, 255, 255)),
    ],
    ids=["white", "black", "red"],
)
def test_text_on_a_plain_strip_at_an_edge_is_a_caption(bare, edge, strip, letters):
    photo = bare.photo(*PHOTO)
    top = 470 if edge == "lower" else 100
    bare.plain(Box(100, top, 600, top + 30), strip)
    text = bare.write(120, top + 8, CAPTION, fill=letters)
    box = find_inside(bare.page, photo, 15)
    assert box is not None
    assert np.allclose(box.to_list(), text.to_list(), atol=2)


def test_a_photo_is_not_taken_for_text(bare):
    assert find_inside(bare.page, bare.photo(*PHOTO), 15) is None


def test_letters_straight_on_the_picture_are_left_alone(bare):
    photo = bare.photo(*PHOTO)
    bare.write(120, 478, CAPTION, fill=(255, 255, 255))
    assert find_inside(bare.page, photo, 15) is None


@pytest.mark.parametrize("height", [30, 250], ids=["strip", "sky"])
def test_a_plain_strip_without_letters_is_no_caption(bare, height):
    photo = bare.photo(*PHOTO)
    bare.plain(Box(100, 100, 600, 100 + height), (200, 215, 235))
    assert find_inside(bare.page, photo, 15) is None


def test_a_plain_sky_with_letters_is_no_strip(bare):
    photo = bare.photo(*PHOTO)
    bare.plain(Box(100, 100, 600, 350), (200, 215, 235))
    bare.write(120, 108, CAPTION)
    assert find_inside(bare.page, photo, 15) is None


@pytest.mark.parametrize("box", [Box(0, 0, 5, 5), Box(0, 0, 1000, 12), Box(990, 0, 1100, 900)])
def test_small_and_cut_off_photos_have_none(bare, box):
    assert find_inside(bare.page, box, 15) is None
