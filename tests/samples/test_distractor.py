import numpy as np
import pytest

from presslens.samples.area import Area
from presslens.samples.distractor import KINDS, draw_distractor, paper
from presslens.samples.prose import Writer
from presslens.samples.typeset import Typesetter

PLACE = Area(40, 50, 360, 290)


@pytest.mark.parametrize("kind", KINDS)
def test_a_distractor_stays_in_its_place(sources, kind):
    rng = np.random.default_rng(1)
    page = paper((400, 340), rng)
    before = np.asarray(page).copy()
    draw_distractor(Typesetter(page, sources, Writer(rng)), PLACE, kind, rng)
    changed = (np.asarray(page) != before).any(axis=2)
    inside = np.zeros_like(changed)
    inside[PLACE.y0 : PLACE.y1, PLACE.x0 : PLACE.x1] = True
    edge = changed[PLACE.y0 : PLACE.y0 + 40, PLACE.x0 : PLACE.x1].any(axis=0)
    assert edge.mean() > (0.2 if kind == "stamp" else 0.98)
    assert not changed[~inside].any()
