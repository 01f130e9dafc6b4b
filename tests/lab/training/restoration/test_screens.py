"""Prints have the size and the tone of the photo, and are the same for the same seed."""

import numpy as np
import pytest
from skimage import data

from presslens.lab.training.restoration.screens import (
    SCREENINGS,
    dots,
    grains,
    print_and_scan,
    print_as,
)


def test_shares_of_the_ways_of_printing_add_up_to_one():
    assert sum(share for _, share in SCREENINGS) == pytest.approx(1)


@pytest.mark.parametrize("screening", [name for name, _ in SCREENINGS])
def test_print_is_random_but_repeatable(screening):
    photo = data.coffee()[:120, :160]
    first, again, other = (
        print_as(screening, photo, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert first.printed.shape == photo.shape
    assert np.array_equal(first.printed, again.printed)
    assert not np.array_equal(first.printed, other.printed)


@pytest.mark.parametrize("spot", ["round", "ellipse", "line", "diamond"])
@pytest.mark.parametrize("tone", [0.2, 0.5, 0.8])
def test_dots_cover_the_share_of_the_paper_that_the_tone_asks_for(spot, tone):
    plane = np.full((120, 120), tone, np.float32)
    printed = dots(plane, distance=4.3, angle=30, spot=spot, sharpness=20)
    assert printed.mean() == pytest.approx(tone, abs=0.03)


def test_grains_cover_the_share_of_the_paper_that_the_tone_asks_for():
    plane = np.full((120, 121), 0.3, np.float32)
    printed = grains(plane, size=2, rng=np.random.default_rng(0))
    assert printed.mean() == pytest.approx(0.3, abs=0.03)


def test_ways_of_printing_are_drawn_by_their_shares():
    photo = data.coffee()[:40, :40]
    drawn = [print_and_scan(photo, np.random.default_rng(i)).screening for i in range(60)]
    assert {name for name, _ in SCREENINGS} == set(drawn)
