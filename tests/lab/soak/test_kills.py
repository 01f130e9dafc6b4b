"""A worker that is killed loses nothing and doubles nothing, whenever it is killed."""

import pytest

from .alone import alone

pytestmark = pytest.mark.timeout(900)


def test_a_night_that_is_killed_at_any_failpoint_comes_to_the_same(tmp_path, subtests):
    struck = alone("kills", "small_nights(folder)", tmp_path)
    assert len(struck) >= 60
    for place, one in struck.items():
        with subtests.test(msg=place):
            assert one["ended"] == [-9]
            assert one["equal"], one["why"]


def test_a_night_of_20_editions_that_is_killed_40_times_comes_to_the_same(tmp_path):
    struck = alone("kills", "asdict(long_night(folder, seed=0))", tmp_path)
    assert struck["ended"].count(-9) == 40
    assert struck["equal"], struck["why"]
