from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from sklearn.datasets import load_sample_image

from presslens.lab.evaluation.bench.looking import WHOLE, time_looking
from presslens.models.recipe import Recipe


def test_each_instrument_is_measured_and_the_whole_last(scripted_recipe, registry, draw_page):
    page = draw_page((20, 30, 180, 150), (220, 30, 380, 150), faces=[(260, 55, 280, 80)])
    looks = time_looking([page, page], scripted_recipe, registry)
    assert {"features", "persons", "faces"} < {look.instrument for look in looks}
    assert looks[-1].instrument == WHOLE
    assert looks[-1].milliseconds > max(look.milliseconds for look in looks[:-1])
    assert all(look.network == 0 and look.ratio is None for look in looks)


def test_without_photos_there_is_nothing_to_measure(scripted_recipe, registry):
    assert time_looking([np.full((300, 200, 3), 255, np.uint8)], scripted_recipe, registry) == []


@pytest.mark.weights
def test_networks_take_most_of_the_time(registry):
    assets = Path(find_spec("ultralytics").origin).parent / "assets"
    page = np.full((900, 1400, 3), 250, np.uint8)
    page[80:507, 80:720] = load_sample_image("china.jpg")
    with Pillow.open(assets / "zidane.jpg") as people:
        page[80:440, 740:1380] = np.asarray(people.convert("RGB").resize((640, 360)))
    looks = {look.instrument: look for look in time_looking([page], Recipe.load(), registry)}
    assert looks["faces"].network > 0
    assert looks[WHOLE].ratio > 1
