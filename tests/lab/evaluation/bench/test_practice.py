"""The referee of practice, on few newspapers."""

import numpy as np
import pytest

from presslens.lab.evaluation.bench import practice
from presslens.lab.evaluation.bench.practice import QUESTIONS, printed


def test_each_question_has_a_row(monkeypatch):
    monkeypatch.setattr(practice, "SIZES", (24,))
    monkeypatch.setattr(practice, "CORRELATIONS", (0.5,))
    rows = practice.table_of(list(QUESTIONS), 2, 0).splitlines()[2:]
    assert [row.split(" | ")[0] for row in rows] == [f"| {name}, 24" for name in QUESTIONS]


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_oracle_s_width_is_that_of_the_truth(name):
    """Known variances: the oracle's width is 3.92 standard deviations of the estimates."""
    rng, centers, oracles = np.random.default_rng(1), [], []
    for _ in range(60):
        found = QUESTIONS[name](rng, 24, 0.5)
        assert found.interval is not None
        centers.append(sum(found.interval) / 2 - found.truth)
        oracles.append(found.oracle)
    assert np.std(centers) * 3.92 == pytest.approx(np.mean(oracles), rel=0.35)


def test_photos_are_labelled_and_editions_belong_to_their_newspaper():
    table = printed(np.random.default_rng(2), [3, 4], 0.5)
    assert table.answered.all()
    assert [period[0] for period in table.periods] == ["newspaper 0"] * 3 + ["newspaper 1"] * 4
