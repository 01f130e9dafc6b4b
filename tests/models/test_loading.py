"""The complete set of learned instruments."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from presslens.models.faces.embedding import LENGTH
from presslens.models.loading import load_instruments
from presslens.models.observer import Observer
from presslens.models.recipe import Recipe
from presslens.models.scripted import ShapeIdentity

TWO_MEN = Path(find_spec("ultralytics").origin).parent / "assets" / "zidane.jpg"


@pytest.fixture(scope="module")
def instruments(registry):
    return load_instruments(Recipe.load(), registry, threads=2)


@pytest.fixture(scope="module")
def photo():
    return np.asarray(Pillow.open(TWO_MEN).convert("RGB"))


def test_a_scripted_recipe_has_scripted_instruments(scripted_recipe, registry):
    assert isinstance(load_instruments(scripted_recipe, registry).identity, ShapeIdentity)


@pytest.mark.weights
def test_faces_of_adults_are_embedded(instruments, photo):
    (seen,) = Observer(instruments, Recipe.load()).observe_photo(photo).photos
    assert len(seen.faces) == 2
    for face in seen.faces:
        assert face.child < Recipe.load().observe.faces.child
        assert face.embedding.shape == (LENGTH,)
        assert face.sharpness is not None
