from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from pipelines.evaluation.drift import estimate_drift


def world(
    rng: np.random.Generator, drift: float, *, clusters: int, each: int
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return calibrated probabilities, truths, and the cluster of each photo."""
    odds = rng.normal(-0.5, 1.5, (clusters, each))
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    told = expit(odds[..., None] + drift * nodes) @ weights / weights.sum()
    true = rng.random(odds.shape) < expit(odds + drift * rng.standard_normal((clusters, 1)))
    names = [str(i) for i in range(clusters) for _ in range(each)]
    return told.ravel(), true.ravel(), names


@pytest.mark.parametrize("drift", [0.3, 0.8, 1.5])
def test_a_drift_is_found_again(drift: float) -> None:
    rng = np.random.default_rng(7)
    found = [estimate_drift(*world(rng, drift, clusters=300, each=20)) for _ in range(3)]
    assert np.mean(found) == pytest.approx(drift, rel=0.15)


def test_many_photos_without_drift_show_none() -> None:
    rng = np.random.default_rng(7)
    assert estimate_drift(*world(rng, 0.0, clusters=200, each=30)) < 0.15


def test_few_photos_leave_a_drift_possible() -> None:
    p, truth = np.array([0.2, 0.8, 0.5]), np.array([False, True, True])
    assert 0.4 < estimate_drift(p, truth, ["a", "b", "c"]) < 1.0


def test_photos_that_are_alone_say_nothing_of_a_drift() -> None:
    rng = np.random.default_rng(1)
    p, truth, _ = world(rng, 0.0, clusters=300, each=1)
    alone = estimate_drift(p, truth, [str(i) for i in range(300)])
    together = estimate_drift(p, truth, ["one"] * 300)
    assert together < alone
