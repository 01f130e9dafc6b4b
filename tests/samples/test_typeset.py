import numpy as np
import pytest

from presslens.samples.area import Area
from presslens.samples.distractor import paper
from presslens.samples.prose import Writer
from presslens.samples.typeset import Typesetter

PLACE = Area(40, 50, 640, 290)


@pytest.fixture
def page():
    return paper((700, 340), np.random.default_rng(0))


@pytest.fixture
def setter(page, sources):
    return Typesetter(page, sources, Writer(np.random.default_rng(1)))


def ink(page):
    """The smallest box around everything dark, half-open."""
    rows, columns = np.nonzero(np.asarray(page.convert("L")) < 140)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


@pytest.mark.parametrize("count", [1, 3])
def test_body_text_fills_its_area_and_not_more(page, setter, count):
    setter.body(PLACE, count=count, rule=True)
    x0, y0, x1, y1 = ink(page)
    assert PLACE.x0 <= x0 < PLACE.x0 + 60
    assert PLACE.x1 - 60 < x1 <= PLACE.x1 + 12
    assert PLACE.y0 <= y0
    assert PLACE.y1 - 60 < y1 <= PLACE.y1 + 8


@pytest.mark.parametrize("text", ["준공", "온 나라가 들끓는 건설장의 하루를 길게 적은 제목" * 2])
def test_a_headline_of_any_length_fits_its_area(page, setter, text):
    setter.headline(PLACE.top(60)[0], text)
    x0, y0, x1, y1 = ink(page)
    assert x0 >= PLACE.x0
    assert x1 <= PLACE.x1
    assert y0 >= PLACE.y0
    assert y1 <= PLACE.y0 + 60


def test_an_area_without_room_for_a_line_stays_empty(page, setter):
    before = page.tobytes()
    setter.body(Area(40, 50, 640, 60), count=2)
    assert page.tobytes() == before
