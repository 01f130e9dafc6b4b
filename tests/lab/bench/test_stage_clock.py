"""A clock divides time among stages; one within another counts for itself alone."""

import time

import pytest

from presslens.lab.bench.stage_clock import StageClock


class Work:
    def done(self):
        time.sleep(0.02)
        return "done"


def test_a_stage_within_another_counts_for_itself_alone():
    clock, before = StageClock(), Work.done
    began = time.perf_counter()
    with clock.on((Work, "done", "inner")), clock.stage("outer"):
        answers = [Work().done(), Work().done()]
    whole = time.perf_counter() - began
    assert answers == ["done", "done"]
    assert clock.spent["inner"].calls == 2
    assert clock.spent["inner"].wall >= 0.04
    assert sum(stage.wall for stage in clock.spent.values()) <= whole
    assert Work.done is before


def test_a_stage_that_fails_is_counted_and_the_next_is_not_its_own():
    clock = StageClock()
    with pytest.raises(ZeroDivisionError), clock.stage("outer"), clock.stage("inner"):
        _ = 1 / 0
    failed = {name: stage.wall for name, stage in clock.spent.items()}
    with clock.stage("next"):
        time.sleep(0.02)
    assert {name: clock.spent[name].wall for name in failed} == failed
    assert clock.spent["next"].wall >= 0.02
    assert [stage.calls for stage in clock.spent.values()] == [1, 1, 1]
