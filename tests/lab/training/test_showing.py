"""Photos are shown in the same way again under the same key, and each way is another."""

import numpy as np
from skimage import data

from presslens.lab.training.showing import AS_IS, PRINTED, TAUGHT, as_shown


def test_each_way_that_teaches_is_another_picture_of_the_same_size_and_the_same_again():
    photo = data.coffee()[:200, :300]
    ways = [as_shown(photo, shown, "set/cup") for shown in TAUGHT]
    assert ways[TAUGHT.index(AS_IS)] is photo
    assert all(way.shape == photo.shape for way in ways)
    assert len({way.tobytes() for way in ways}) == len(TAUGHT)
    again = [as_shown(photo, shown, "set/cup") for shown in TAUGHT]
    assert all(np.array_equal(*pair) for pair in zip(ways, again, strict=True))
    other = as_shown(photo, PRINTED, "set/other")
    assert not np.array_equal(other, ways[TAUGHT.index(PRINTED)])
