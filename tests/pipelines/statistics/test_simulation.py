"""The promises of the intervals at a small size; ``presslens stats simulate`` has the full one."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.statistics.simulated_cases import cases
from pipelines.statistics.simulation import Answer, Case, CaseResult, simulate

COUNT = 25


@pytest.fixture(scope="module")
def results() -> dict[tuple[str, str], CaseResult]:
    drawn = [case for case in cases() if "drawn" in case.world]
    return {(one.case.world, one.case.question): one for one in simulate(drawn, COUNT)}


def test_with_a_sample_intervals_hold_in_every_world(
    results: dict[tuple[str, str], CaseResult],
) -> None:
    assert len(results) >= 20
    for one in results.values():
        assert one.refused == 0
        assert one.held is not None
        assert one.held >= 0.8, one.case  # 0.95 less three standard errors of 25 newspapers
    assert np.mean([one.held for one in results.values() if one.held is not None]) > 0.93


def test_with_a_sample_nothing_is_biased(results: dict[tuple[str, str], CaseResult]) -> None:
    for one in results.values():
        assert one.bias is not None
        assert one.width is not None
        # A tenth of the width, and chance: a mean of 25 has a standard error of a twentieth.
        assert abs(one.bias) < one.width / 4, one.case


def test_a_rare_subject_is_never_worse_than_a_blind_sample(
    results: dict[tuple[str, str], CaseResult],
) -> None:
    rare = results["rare (2.5 %), 100 drawn", "these editions"]
    assert rare.width is not None
    assert rare.beside is not None
    assert rare.width < rare.beside


def test_shifted_scans_are_no_difference(results: dict[tuple[str, str], CaseResult]) -> None:
    alike = results["two periods alike, scans of one shift, 300 drawn", "difference, practice"]
    assert alike.found is not None
    assert alike.found <= 0.16
    unlike = results["two periods, 10 and 20 %, 300 drawn", "difference, practice"]
    assert unlike.found is not None
    assert unlike.found > 0.3


def test_the_machine_alone_holds_or_refuses() -> None:
    alone = [case for case in cases() if "alone" in case.world and not case.difference]
    for one in simulate(alone, 15):
        wrong = 0.0 if one.held is None else (1 - one.held) * (1 - one.refused)
        assert wrong <= 0.2, one.case  # of 15 newspapers
    shifted = [case for case in cases() if "one shift, machine alone" in case.world]
    for one in simulate(shifted, 15):
        assert one.found == 0.0


def test_results_are_counted() -> None:
    answers = iter(
        [
            Answer(0.2, 0.25, 0.1, 0.3, 0.4),
            Answer(0.2, 0.15, 0.3, 0.5, 0.2),
            Answer(0.2, None, None, None),
            Answer(0.0, 0.3, -0.1, 0.3, None),
        ]
    )
    case = Case("w", "q", lambda _: next(answers), difference=True)
    (one,) = simulate([case], 4)
    assert one.refused == 0.25
    assert one.held == pytest.approx(2 / 3)
    assert one.width == pytest.approx((0.2 + 0.2 + 0.4) / 3)
    assert one.beside == pytest.approx(0.3)
    assert one.bias == pytest.approx((0.05 - 0.05 + 0.3) / 3)
    assert one.found == pytest.approx(2 / 3)
