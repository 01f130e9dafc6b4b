"""A clock that jumps in the middle of a night changes no number."""

from .alone import alone


def test_nights_with_a_stepping_clock_are_equal(tmp_path):
    nights = alone("clock_steps", "stepped_nights(folder, (9, 31, 60))", tmp_path)
    assert all((night["ended"], night["equal"]) == ([0], True) for night in nights.values()), nights
