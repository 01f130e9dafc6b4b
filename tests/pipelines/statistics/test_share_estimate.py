"""Estimates of shares, and differences by two intervals."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from presslens.pipelines.statistics.share_estimate import (
    NOT_KNOWN,
    GroupEstimate,
    difference_by_machine,
    difference_from_intervals,
    too_wide,
    with_count,
)


def _share(value, low, high, group="a"):
    refused = None if low is not None else "few"
    return GroupEstimate(group, value, low, high, None, 50, 50.0, 4, 12, 2, "test", refused)


def test_a_difference_follows_the_formula_of_zou_and_donner():
    # Table 1 of Newcombe (1998): 56/70 and 48/80, with Wilson's intervals.
    found = difference_from_intervals(
        _share(56 / 70, 0.6918, 0.87695), _share(48 / 80, 0.4904, 0.7004, "b"), 0.95
    )
    assert found.value == pytest.approx(0.2)
    assert found.low == pytest.approx(0.2 - np.sqrt((0.8 - 0.6918) ** 2 + (0.7004 - 0.6) ** 2))
    assert found.low == pytest.approx(0.0524, abs=1e-4)
    assert found.high == pytest.approx(0.3339, abs=1e-4)
    assert found.p_value == pytest.approx(2 * norm.cdf(-0.2 / ((0.2 - 0.0524) / 1.96)), abs=1e-3)
    assert found.group == "a - b"
    assert (found.n, found.editions, found.drawn, found.picked) == (100, 8, 24, 4)
    assert found.method == "from the two intervals (MOVER), 95 %"


shares = st.lists(st.floats(0, 1, width=32), min_size=3, max_size=3).map(sorted)


@given(shares, shares, st.sampled_from([0.9, 0.95, 0.99]))
def test_p_values_say_what_intervals_say(first, second, confidence):
    one, other = (_share(value, low, high) for low, value, high in (first, second))
    found = difference_from_intervals(one, other, confidence)
    assert -1 - 1e-9 <= found.low <= found.value <= found.high <= 1 + 1e-9
    if min(abs(found.low), abs(found.high)) > 1e-9:
        assert (found.p_value < 1 - confidence) == (not found.low <= 0 <= found.high)
    back = difference_from_intervals(other, one, confidence)
    assert (back.value, back.low, back.high, back.p_value) == pytest.approx(
        (-found.value, -found.high, -found.low, found.p_value)
    )


def test_counted_shares_differ_for_certain():
    sure, other = _share(0.5, 0.5, 0.5), _share(0.4, 0.4, 0.4)
    assert difference_from_intervals(sure, other, 0.95).p_value == 0.0
    assert difference_from_intervals(sure, sure, 0.95).p_value == 1.0


def test_a_share_without_an_interval_has_no_difference():
    refused = _share(0.5, None, None, "b")
    for ends in ({}, {"low": 0.4}, {"high": 0.6}, {"value": None, "low": 0.4, "high": 0.6}):
        with pytest.raises(ValueError, match=r"^b has no interval: few$"):
            difference_from_intervals(_share(0.5, 0.4, 0.6), replace(refused, **ends), 0.95)


def test_a_difference_by_the_machine_says_why_it_is_surer_than_its_sides():
    def note(*sides):
        less = difference_by_machine(
            sides, 0.3, 0.001, 0.0, confidence=0.95, practice=False, misfit=None
        )
        assert less.low > 0
        return less.note

    told, refused = _share(0.5, 0.4, 0.6), _share(0.2, None, None, "b")
    assert note(told, told) is None
    assert "errors that both sides share cancel" in note(told, refused)


def test_ends_that_are_too_wide_are_those_of_whole_photos():
    wide = too_wide(_share(0.1, 0.0, 1.0), 0.047, 0.983)
    settings = {"confidence": 0.95, "whole": True, "by_area": False, "drawn": 0}
    found = with_count(wide, pooled=True, **settings)
    assert (found.interval, found.widest, found.count) == (None, (0.04, 0.98), (5.0, None, None))
    assert "from 4% to 98%" in found.refused
    assert with_count(wide, pooled=False, **settings).widest == (0.047, 0.983)


def test_what_is_not_known_has_no_number():
    found = GroupEstimate.not_known("leader", "no figure is enrolled")
    assert (found.value, found.interval, found.count) == (None, None, None)
    assert (found.n, found.size, found.editions, found.drawn, found.picked) == (0, 0, 0, 0, 0)
    assert (found.method, found.refused) == (NOT_KNOWN, "no figure is enrolled")
    assert _share(0.5, 0.4, 0.6).interval == (0.4, 0.6)
