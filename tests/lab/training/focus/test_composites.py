import numpy as np
import pytest

from presslens.lab.training.focus.composites import LARGE, SMALL, Cutout, compose, cut_out, set_in
from presslens.models.geometry import Box
from presslens.models.vocabulary import Focus

RED, BLUE = (200, 20, 20), (20, 20, 200)


def _cutout():
    """A red person of 40 × 100 px with the face in its upper part."""
    pixels = np.full((100, 40, 3), RED, np.uint8)
    alpha = np.ones((100, 40), np.float32)
    return Cutout("set/a.jpg", "day", pixels, alpha, Box(10, 5, 30, 30))


def _facility():
    return np.full((200, 300, 3), BLUE, np.uint8)


def test_a_person_is_cut_out_of_an_even_wall():
    rng = np.random.default_rng(0)
    photo = np.clip(np.full((160, 200, 3), 230) + rng.normal(0, 3, (160, 200, 3)), 0, 255)
    photo[40:150, 80:120] = rng.normal((30, 30, 60), 3, (110, 40, 3))
    made = cut_out(
        photo.astype(np.uint8), Box(60, 30, 140, 160), Box(88, 45, 112, 70), key="k", group="g"
    )
    assert made.pixels.shape == (130, 80, 3)
    assert made.alpha[20:110, 25:55].min() > 0.9
    assert made.alpha[:, :12].max() < 0.1
    assert made.face == Box(28, 15, 52, 40)
    assert (made.key, made.group) == ("k", "g")


@pytest.mark.parametrize(
    ("height", "width", "verdict"), [(0.3, 300, Focus.FACILITY), (1.0, 200, Focus.LEADER)]
)
def test_the_share_of_the_person_says_what_it_is_about(height, width, verdict):
    made = set_in(_facility()[:, :width], _cutout(), height=height, x=0.5)
    assert made.verdict is verdict


@pytest.mark.parametrize("height", np.linspace(0.5, 0.95, 10))
def test_the_ground_between_has_no_label(height):
    share = (height * 200) ** 2 * 0.4 / (200 * 300)
    assert SMALL < share < LARGE * 1.7
    made = set_in(_facility(), _cutout(), height=float(height), x=0.5)
    assert (made is None) == (share < LARGE)


def test_the_person_stands_at_the_lower_edge_and_the_face_where_it_is_said():
    made = set_in(_facility(), _cutout(), height=0.25, x=0.25)
    red = (made.pixels[:, :, 0] > 150).nonzero()
    assert (red[0].min(), red[0].max()) == (150, 199)
    assert (red[1].min(), red[1].max()) == (65, 84)
    assert made.face == Box(70, 152.5, 80, 165)
    assert (made.pixels[0] == BLUE).all()


@pytest.mark.parametrize("x", [0.0, 1.0])
def test_a_person_at_the_edge_is_cut(x):
    made = set_in(_facility(), _cutout(), height=0.25, x=x)
    assert (made.pixels[:, :, 0] > 150).sum() == 10 * 50


def test_the_same_seed_composes_the_same():
    places = [_facility()] * 12
    first, second = (list(compose(places, [_cutout()], np.random.default_rng(3))) for _ in range(2))
    assert len(first) == len(places)
    for a, b in zip(first, second, strict=True):
        assert (a is None) == (b is None)
        if a is not None and b is not None:
            assert np.array_equal(a.pixels, b.pixels)
    assert any(made is not None for made in first)
