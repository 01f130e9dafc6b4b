from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from pipelines.evaluation.bench.newspapers import (
    AUC,
    EDITIONS,
    LEAST,
    print_newspaper,
    share_of_practice,
)


def test_the_detector_ranks_as_well_as_it_says() -> None:
    newspapers = [print_newspaper(seed, 100, stratified=True) for seed in range(30)]
    found = [roc_auc_score(n.label, n.probability) for n in newspapers]
    assert np.mean(found) == pytest.approx(AUC, abs=0.005)


def test_practice_is_the_mean_of_many_newspapers() -> None:
    labels = [print_newspaper(seed, 100, stratified=False).label for seed in range(600)]
    assert np.concatenate(labels).mean() == pytest.approx(share_of_practice(), abs=0.003)


@pytest.mark.parametrize("stratified", [True, False])
def test_chances_are_those_of_the_draw(stratified: bool) -> None:
    newspaper = print_newspaper(1, 200, stratified=stratified)
    assert len(np.unique(newspaper.edition)) == EDITIONS
    assert 190 < newspaper.drawn.sum() <= 200
    assert newspaper.inclusion.sum() == pytest.approx(newspaper.drawn.sum())
    for h in np.unique(newspaper.stratum):
        members = newspaper.stratum == h
        assert newspaper.drawn[members].sum() >= LEAST
        assert newspaper.inclusion[members] == pytest.approx(newspaper.drawn[members].mean())
