import numpy as np
import pytest

from presslens.samples.desk import PictureDesk
from presslens.samples.sources import MissingSource, Sources

ROLES = ("leader", "person", "building", "facility", "scenery", "group", "visit", "crowd", "any")


@pytest.mark.parametrize("size", [(226, 190), (200, 420), (700, 220), (1472, 2100)])
@pytest.mark.parametrize("role", [*ROLES, "fireworks"])
def test_every_role_is_served_in_every_shape(sources, role, size):
    picture = PictureDesk(sources, np.random.default_rng(1)).picture(role, size)
    assert picture.image.size == size


def test_the_same_source_comes_back_only_after_the_others(sources):
    desk = PictureDesk(sources, np.random.default_rng(1))
    prints = [desk.picture("scenery", (240, 200)).image.tobytes() for _ in range(4)]
    assert len(set(prints)) == 4
    assert set(desk._used.values()) == {1}


def test_only_the_leader_roles_show_the_leader(sources):
    desk = PictureDesk(sources, np.random.default_rng(1))
    for role in ROLES:
        for _ in range(3):
            shown = desk.picture(role, (260, 230)).truth.leader
            assert shown is (role in {"leader", "visit"})


def test_a_missing_source_is_named(tmp_path):
    with pytest.raises(MissingSource, match=r"china\.jpg"):
        Sources(tmp_path).photo("china.jpg")
