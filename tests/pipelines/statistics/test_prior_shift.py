from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from pipelines.statistics.prior_shift import shift_log_likelihood

SHIFTS = np.linspace(-6, 6, 2401)
USUAL = 0.25


def edition(prevalence: float, *, photos: int = 4000, seed: int = 1) -> np.ndarray:
    """Return probabilities, calibrated at the usual prevalence, of an edition with another one."""
    rng = np.random.default_rng(seed)
    shows = rng.random(photos) < prevalence
    score = np.where(shows, 1.2, -1.2) + rng.standard_normal(photos)
    return np.asarray(expit(logit(USUAL) + 2.4 * score))


def emq(probabilities: np.ndarray) -> float:
    """Return the prevalence by the fixed-point iteration of Saerens et al."""
    found = USUAL
    for _ in range(2000):
        yes = probabilities * found / USUAL
        no = (1 - probabilities) * (1 - found) / (1 - USUAL)
        found = float((yes / (yes + no)).mean())
    return found


@pytest.mark.parametrize("prevalence", [0.03, 0.25, 0.7])
def test_the_likeliest_shift_is_what_expectation_maximisation_finds(prevalence: float) -> None:
    ps = edition(prevalence)
    likeliest = SHIFTS[np.argmax(shift_log_likelihood(ps, SHIFTS, USUAL))]
    assert expit(logit(USUAL) + likeliest) == pytest.approx(emq(ps), abs=0.002)
    assert emq(ps) == pytest.approx(prevalence, abs=0.02)


@given(st.lists(st.floats(0, 1), max_size=30), st.floats(0.01, 0.99))
def test_no_shift_is_the_measure_of_the_others(ps: list[float], usual: float) -> None:
    told = shift_log_likelihood(np.array(ps), np.array([-3.0, 0.0, 3.0]), usual)
    assert told[1] == pytest.approx(0, abs=1e-9)
    assert np.isfinite(told).all()


def test_photos_of_which_nothing_is_known_tell_nothing() -> None:
    assert shift_log_likelihood(np.full(50, USUAL), SHIFTS, USUAL) == pytest.approx(0, abs=1e-9)


def test_an_edition_without_the_subject_tells_that_it_is_rarer() -> None:
    rarer, commoner = shift_log_likelihood(np.full(20, 0.04), np.array([-1.0, 1.0]), USUAL)
    assert rarer > 0 > commoner
