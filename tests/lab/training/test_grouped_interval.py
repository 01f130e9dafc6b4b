import numpy as np

from presslens.lab.training.grouped_interval import grouped
from presslens.models.accuracy import wilson


def test_items_of_one_event_count_as_fewer():
    hits = np.array([True] * 10 + [False] * 30)
    apart = grouped(hits, range(40))
    together = grouped(hits, ["a"] * 10 + ["b"] * 10 + ["c"] * 10 + ["d"] * 10)
    alone = wilson(0.25, 40)
    assert alone is not None
    assert np.allclose(apart, alone, atol=0.01)
    assert together[1] - together[0] > 1.5 * (apart[1] - apart[0])


def test_where_no_item_differs_groups_are_counted():
    assert grouped(np.array([], bool), []) is None
    assert grouped(np.zeros(20, bool), [0] * 10 + [1] * 10) == wilson(0.0, 2)
