"""The model behind totals by a sample: its balance, its blocks, and photos without an answer."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from presslens.pipelines.statistics.measure import strata
from presslens.pipelines.statistics.photo_table import PhotoTable
from presslens.pipelines.statistics.recalibration import (
    EXTREME,
    blocks,
    inclusion,
    recalibrate,
    response,
)
from presslens.pipelines.statistics.worlds import World

EDITIONS = 24


def _sampled(seed=0, photos=240, *, periods=2, **world):
    """The truth of a newspaper's photos, and a table with a sample; editions lie in periods."""
    rng = np.random.default_rng(seed)
    settings = {"editions": EDITIONS, "photos": 20.0, **world}
    paper = World(**settings).newspaper(rng)
    table = paper.drawn(paper.table(), photos, rng)
    cells = [("newspaper", str(i * periods // EDITIONS)) for i in range(EDITIONS)]
    return paper.truth, replace(table, periods=cells)


# -- photos without an answer --------------------------------------------------------------------


def test_answers_stand_for_the_unanswered_of_their_stratum():
    _, table = _sampled()
    at = strata(table.probability)
    lost = np.flatnonzero(table.sampled & (at == 1))[::3]
    label = table.label.copy()
    label[lost] = np.nan
    found = replace(table, label=label)
    drawn = np.bincount(at[found.drawn], minlength=4)
    expected = np.ones(4)
    expected[1] -= len(lost) / drawn[1]
    assert response(found) == pytest.approx(expected)
    stands_for = np.bincount(at[found.sampled], 1 / inclusion(found)[found.sampled], 4)
    assert stands_for == pytest.approx(np.bincount(at, minlength=4))


def test_a_stratum_without_any_answer_is_taken_like_all():
    _, table = _sampled()
    at = strata(table.probability)
    label = np.where(at == 3, np.nan, table.label)
    found = response(replace(table, label=label))
    drawn, answered = table.drawn.sum(), (table.sampled & (at != 3)).sum()
    assert found[3] == pytest.approx(answered / drawn)
