import numpy as np
import pytest

from presslens.samples.catalogue import BACKDROPS
from presslens.samples.cutout import LEADER, OTHERS, Wardrobe
from presslens.samples.picture import develop
from presslens.samples.scene import crowd, fireworks, group, visit

SIZE = (360, 260)


@pytest.fixture
def backdrop(sources):
    shot = next(shot for shot in BACKDROPS if shot.file == "china.jpg")
    return develop(sources, shot, SIZE, np.random.default_rng(2))


def test_fireworks_are_bright_bursts_in_a_dark_sky(backdrop):
    night = fireworks(backdrop, np.random.default_rng(3))
    before, after = np.asarray(backdrop.image), np.asarray(night.image)
    assert night.truth.fireworks
    assert night.truth.buildings
    assert after[-20:].mean() < before[-20:].mean()
    assert after[:130].max() > 240


@pytest.mark.parametrize("size", [(226, 180), (400, 260), (240, 320)])
@pytest.mark.parametrize("seed", range(4))
def test_a_crowd_is_dense_and_counted(sources, size, seed):
    made = crowd(Wardrobe(sources), size, np.random.default_rng(seed))
    assert made.image.size == size
    assert made.truth.crowd
    assert made.truth.people >= 30


@pytest.mark.parametrize("seed", range(4))
def test_a_group_has_a_few_people_and_no_leader(sources, backdrop, seed):
    made = group(Wardrobe(sources), backdrop, np.random.default_rng(seed))
    assert 2 <= made.truth.people <= 8
    assert not made.truth.leader
    assert made.image.tobytes() != backdrop.image.tobytes()


@pytest.mark.parametrize("seed", range(4))
def test_a_visit_shows_the_leader(sources, backdrop, seed):
    made = visit(Wardrobe(sources), backdrop, np.random.default_rng(seed))
    assert made.truth.leader
    assert made.truth.focus == "leader"
    assert made.truth.people in range(1, 5)


@pytest.mark.parametrize("cutout", [LEADER, *OTHERS], ids=lambda c: c.file)
def test_a_cutout_comes_in_the_head_size_asked_for(sources, cutout):
    small, large = (Wardrobe(sources).person(cutout, head=head) for head in (20, 40))
    assert large.image.height == pytest.approx(2 * small.image.height, abs=2)
    assert 0 < small.head[1] < small.image.height
    assert small.image.getchannel("A").getextrema() == (0, 255)
