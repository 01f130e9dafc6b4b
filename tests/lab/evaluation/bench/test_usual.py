"""The referee of baselines, on few newspapers."""

import numpy as np
import pytest

from presslens.lab.evaluation.bench import usual
from presslens.lab.evaluation.bench.usual import NEWSPAPERS, SIZES, next_edition, waves


def test_each_newspaper_has_a_printed_and_a_true_share(monkeypatch):
    monkeypatch.setattr(usual, "SIZES", (10,))
    monkeypatch.setattr(usual, "METRICS", usual.METRICS[:1])
    head, rule, *rows = usual.table_of(2, 0).splitlines()
    assert head == "| newspaper | 10 |"
    assert len(rows) == len(NEWSPAPERS)
    assert all(row.count("|") == rule.count("|") == 3 for row in rows)


@pytest.mark.parametrize("n", SIZES)
def test_a_baseline_has_as_many_editions_as_were_asked_for(n):
    found = next_edition(NEWSPAPERS["independent"], np.random.default_rng(1), n)
    assert len(found.previous.used) == n
    assert found.false_flag_share is not None


def test_neighbours_correlate_as_asked():
    numbers = waves(np.random.default_rng(2), 20_000, 0.8)
    assert np.corrcoef(numbers[1:], numbers[:-1])[0, 1] == pytest.approx(0.8, abs=0.02)
    assert numbers.std() == pytest.approx(1.0, abs=0.05)
