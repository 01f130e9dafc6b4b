"""Photos are dealt into editions of events that stay whole."""

import numpy as np

from presslens.lab.evaluation.editions import PHOTOS, dealt


def test_each_edition_has_enough_photos_and_whole_events():
    events = [f"event {i // 4}" for i in range(94)]
    edition = dealt(events)
    sizes = np.bincount(edition)
    assert len(sizes) == 5
    assert PHOTOS <= sizes.min() <= sizes.max() < 2 * PHOTOS + 4
    for event in set(events):
        assert len({edition[i] for i, name in enumerate(events) if name == event}) == 1


def test_few_photos_are_one_edition():
    assert dealt(["a", "b", "c"]).tolist() == [0, 0, 0]


def test_the_order_of_photos_moves_none_to_another_edition():
    events = [f"event {i // 4}" for i in range(60)]
    forward, backward = dealt(events), dealt(events[::-1])
    assert forward.tolist() == backward[::-1].tolist()
