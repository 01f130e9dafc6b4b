"""The promises of the intervals at a small size; ``presslens stats simulate`` has the full one."""

import numpy as np
import pytest

from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.simulate import Scenario, SimulatedTrial, scenarios, simulate

TRIALS = 25
ON_COMMIT = ("300 drawn: these editions", "rare: 100 drawn", "300 drawn: no difference, one period")


def _run(*parts, trials=TRIALS):
    every = scenarios(Recipe.load().aggregate.calibration_of("children"))
    chosen = [scenario for scenario in every if any(p in scenario.name for p in parts)]
    named = []
    found = {one.name: one for one in simulate(chosen, trials, progress=named.append)}
    assert named == list(found) == [scenario.name for scenario in chosen]
    return found


@pytest.fixture(
    scope="module", params=[ON_COMMIT, pytest.param(("drawn",), marks=pytest.mark.long)]
)
def drawn(request):
    found = _run(*request.param)
    assert len(found) >= (3 if request.param == ON_COMMIT else 12)
    return found


def test_with_a_sample_intervals_hold_in_every_world(drawn):
    for one in drawn.values():
        assert one.refused == 0
        assert one.covered >= 0.8, one.name  # 0.95 less three standard errors of 25 newspapers
    assert np.mean([one.covered for one in drawn.values() if one.covered is not None]) > 0.93


def test_with_a_sample_nothing_is_biased(drawn):
    for one in drawn.values():
        # A tenth of the width, and chance: a mean of 25 has a standard error of a twentieth.
        assert abs(one.bias) < one.width / 4, one.name


def test_nobody_is_narrower_than_the_oracle_and_hardly_wider(drawn):
    one = drawn["300 drawn: these editions"]
    assert 0.9 < one.width / one.oracle < 1.3


def test_a_rare_subject_is_never_worse_than_a_blind_sample(drawn):
    rare = drawn["rare: 100 drawn (oracle: Wilson, 100 blind)"]
    assert rare.width < rare.oracle


def test_shifted_scans_are_no_difference(drawn):
    away = drawn["300 drawn: no difference, one period's scans shift"].away
    assert away <= 0.16
    alone = _run("machine: no difference", trials=15)
    assert [one.away for one in alone.values()] == [0.0]


def test_the_machine_alone_is_seldom_wrong():
    for one in _run("machine: ", trials=15).values():
        wrong = 0.0 if one.covered is None else (1 - one.covered) * (1 - one.refused)
        assert wrong <= 0.2, one.name


def test_trials_are_counted():
    trials = iter(
        [
            SimulatedTrial(0.2, 0.25, (0.1, 0.3), 0.4),
            SimulatedTrial(0.2, 0.15, (0.3, 0.5), 0.2),
            SimulatedTrial(0.2, 0.2, None),
            SimulatedTrial(0.0, 0.3, (-0.1, 0.3), None),
        ]
    )
    (one,) = simulate([Scenario("s", lambda _: next(trials))], 4, progress=lambda _: None)
    assert one.refused == 0.25
    assert one.covered == pytest.approx(2 / 3)
    assert one.width == pytest.approx((0.2 + 0.2 + 0.4) / 3)
    assert one.oracle == pytest.approx(0.3)
    assert one.bias == pytest.approx((0.05 - 0.05 + 0 + 0.3) / 4)
    assert one.away == pytest.approx(2 / 3)
