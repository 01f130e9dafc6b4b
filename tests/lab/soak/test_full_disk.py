"""A full disk loses nothing, however long it is full: what waits is done once there is room."""

import pytest

from .alone import alone


@pytest.mark.timeout(900)
def test_many_nights_without_room_come_to_the_same_once_there_is(tmp_path, subtests):
    for point, one in alone("full_disk", "full_nights(folder)", tmp_path).items():
        with subtests.test(msg=point):
            assert set(one["ended"]) == {1}
            assert one["why"].startswith("DiskFull: ")
            assert one["equal"], one["why"]
