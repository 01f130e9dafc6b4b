"""Photos are shown in the same way again under the same key, and each way is another."""

from __future__ import annotations

import numpy as np
from skimage import data

from models.restoration.screen import printing_of
from models.training.showing import AS_IS, SCREENED, TAUGHT, as_shown


def test_each_way_that_teaches_is_another_picture_of_the_same_size_and_the_same_again() -> None:
    photo = data.coffee()[:200, :300]
    ways = [as_shown(photo, shown, "set/cup") for shown in TAUGHT]
    assert ways[TAUGHT.index(AS_IS)] is photo
    assert all(way.shape == photo.shape for way in ways)
    assert len({way.tobytes() for way in ways}) == len(TAUGHT)
    again = [as_shown(photo, shown, "set/cup") for shown in TAUGHT]
    assert all(np.array_equal(*pair) for pair in zip(ways, again, strict=True))
    other = as_shown(photo, SCREENED, "set/other")
    assert not np.array_equal(other, ways[TAUGHT.index(SCREENED)])


def test_photos_through_a_screen_mostly_show_it() -> None:
    photo = data.coffee()[:, :400]
    prints = [as_shown(photo, SCREENED, f"set/{i}") for i in range(8)]
    assert sum(printing_of(print_).screen is not None for print_ in prints) >= 5
    assert 0 < sum(np.ptp(print_.astype(int), axis=2).max() > 0 for print_ in prints) < 8
