"""A stock of painted photographs, a real page with a photo, and little text."""

import numpy as np
import pytest
from PIL import Image as Pillow

from presslens.lab.training.photos.composer.letters import Letters
from presslens.lab.training.photos.composer.stock import Stock
from presslens.lab.training.photos.pages import LabelledPage
from presslens.models.geometry import Box


@pytest.fixture(scope="session")
def stock(tmp_path_factory, texture):
    folder = tmp_path_factory.mktemp("stock") / "coco256" / "images"
    folder.mkdir(parents=True)
    paths = [folder / f"{i}.jpg" for i in range(4)]
    for i, path in enumerate(paths):
        Pillow.fromarray(texture(300, 400, seed=i)).save(path)
    page = np.full((900, 640, 3), 250, np.uint8)
    page[100:400, 100:500] = texture(300, 400, seed=9)
    page[450:860:12, 40:600] = 30
    Pillow.fromarray(page).save(folder / "page.png")
    real = LabelledPage(
        "set", folder / "page.png", (Box(100, 100, 500, 400),), (Box(40, 700, 300, 860),)
    )
    letters = Letters.cast(np.random.default_rng(0), count=5)
    return Stock(paths, [0.25] * 4, letters, [real])
