import io

import numpy as np
import pytest
from PIL import Image as Pillow

from presslens.app.charts.ruler_strip import (
    FACILITY,
    LEAD,
    LEADER,
    MOST,
    OTHER,
    REST,
    WIDTH,
    Tile,
    draw_strip,
)
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.ruler import Ruler, RulerPlace

BLUE = (20, 30, 220)


def place(i, leader, facility, *, lead=False):
    verdict = Focus.LEADER if leader > 0.5 else Focus.FACILITY if facility > 0.5 else "neither"
    return RulerPlace(1, i, leader, facility, Focus(verdict), lead)


def ruler(places, leaders=("Leader",)):
    return Ruler(tuple(places), leaders, pages=1, pages_seen=1)


def crop(width=140, height=100):
    return np.full((height, width, 3), BLUE, np.uint8)


def opened(jpeg):
    with Pillow.open(io.BytesIO(jpeg), formats=("JPEG",)) as picture:
        return np.asarray(picture)


def near(pixels, colour):
    return np.abs(pixels.astype(int) - colour).max(axis=2) < 40


def test_a_strip_is_a_jpeg_without_metadata():
    one = place(0, 0.9, 0.05)
    with Pillow.open(io.BytesIO(draw_strip([Tile(one, crop())], ruler([one])))) as picture:
        assert (picture.format, picture.mode, picture.width) == ("JPEG", "RGB", WIDTH)
        assert not picture.getexif()
        assert not set(picture.info) & {"exif", "icc_profile", "xmp", "comment", "photoshop"}


@pytest.mark.parametrize("n", [1, 2, 5, MOST])
def test_crops_share_a_height_and_do_not_touch(n):
    places = [place(i, 0.0, i / 20) for i in range(n)]
    shapes = [(140, 100), (300, 100), (60, 200), (90, 400), (500, 60)]
    tiles = [Tile(p, crop(*shapes[p.photo % len(shapes)])) for p in places]
    blue = near(opened(draw_strip(tiles, ruler(places))), BLUE)
    columns = blue.sum(axis=0)
    steps = np.flatnonzero(np.diff((columns > 20).astype(int)))
    assert len(steps) == 2 * n
    heights = [np.median(columns[a:b]) for a, b in steps.reshape(n, 2)]
    assert np.ptp(heights) <= 1


def test_a_photo_without_a_picture_has_a_grey_tile():
    one = place(0, 0.9, 0.05)
    pixels = opened(draw_strip([Tile(one, None)], ruler([one])))
    assert near(pixels, REST).sum() > 10_000
    assert not near(pixels, BLUE).any()


def test_a_bar_shows_leader_neither_and_facility():
    both = place(0, 0.25, 0.5)
    pixels = opened(draw_strip([Tile(both, crop())], ruler([both])))
    last = np.flatnonzero(near(pixels, BLUE).sum(axis=1) > 50)[-1]
    bar = pixels[last + 6]
    red, green = (near(bar[None], colour).sum() for colour in (LEADER, FACILITY))
    whole = near(pixels, BLUE)[last - 10].sum()
    assert red / whole == pytest.approx(0.25, abs=0.02)
    assert green / whole == pytest.approx(0.5, abs=0.02)


def test_only_the_lead_photo_is_marked():
    plain = [place(i, 0.0, i / 10) for i in range(3)]
    marked = [*plain[:2], place(2, 0.0, 0.2, lead=True)]
    amounts = [
        near(opened(draw_strip([Tile(p, crop()) for p in places], ruler(places))), LEAD).sum()
        for places in (plain, marked)
    ]
    assert amounts[0] == 0
    assert amounts[1] > 2000


def test_photos_that_are_not_shown_have_dots_where_they_lie():
    shown, hidden = place(0, 0.96, 0.02), place(1, 0.0, 0.3)
    alone = opened(draw_strip([Tile(shown, crop())], ruler([shown])))
    both = opened(draw_strip([Tile(shown, crop())], ruler([shown, hidden])))
    dot = near(both, OTHER) & ~near(alone, OTHER)
    # Letters and lines are grey or black: what is new in this colour is the dot.
    assert np.flatnonzero(dot.any(axis=0)).mean() / WIDTH == pytest.approx(0.65, abs=0.02)


def test_without_an_enrolled_leader_the_strip_says_so():
    one = place(0, 0.0, 0.6)
    said, unsaid = (draw_strip([Tile(one, crop())], ruler([one], who)) for who in ((), ("A",)))
    assert said != unsaid
