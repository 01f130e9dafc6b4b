"""The four states of a photo."""

import numpy as np
import pytest

from presslens.pipelines.statistics.photo_table import PhotoTable

nan = np.nan


@pytest.fixture
def table():
    """Drawn and answered, drawn and not answered, picked, and open."""
    return PhotoTable(
        edition=np.array([0, 0, 1, 1]),
        probability=np.array([0.0, 0.5, 1.0, 0.2]),
        weight=np.ones(4),
        label=np.array([0.0, nan, 1.0, nan]),
        inclusion=np.array([0.3, 0.4, nan, nan]),
        framed=np.ones(4, bool),
        editions=["first", "second"],
        periods=[("newspaper",)] * 2,
    )


def test_each_photo_is_in_one_state(table):
    states = [table.sampled, table.unanswered, table.picked, ~table.answered & ~table.drawn]
    assert np.stack(states).astype(int).tolist() == np.eye(4, dtype=int).tolist()
    assert table.answered.tolist() == [True, False, True, False]
    assert table.drawn.tolist() == [True, True, False, False]


def test_no_probability_is_certain(table):
    assert np.isfinite(table.logits).all()
    assert table.logits[0] == pytest.approx(-table.logits[2])
    assert table.logits[1] == 0.0


def test_a_part_keeps_the_editions(table):
    part = table.at(table.edition == 1)
    assert len(part) == 2
    assert part.edition.tolist() == [1, 1]
    assert part.editions == table.editions
