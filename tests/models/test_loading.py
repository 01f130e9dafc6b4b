"""The complete set of learned instruments, and the reader of labelled photos that shares it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import ultralytics
from PIL import Image as Pillow

from models.faces.embedding import LENGTH
from models.faces.whitening import Whitening
from models.instruments import Instruments
from models.loading import load_face_reader, load_instruments
from models.observer import Observer
from models.recipe import Recipe
from models.registry import Registry
from models.scripted import ShapeIdentity
from models.training.datasets import STATE_MEDIA
from models.training.faces.specimens import STRANGERS
from models.vocabulary import Image

TWO_MEN = Path(ultralytics.__file__).parent / "assets" / "zidane.jpg"


@pytest.fixture(scope="module")
def instruments(registry: Registry) -> Instruments:
    return load_instruments(Recipe.load(), registry, threads=2)


@pytest.fixture(scope="module")
def photo() -> Image:
    return np.asarray(Pillow.open(TWO_MEN).convert("RGB"))


def test_a_scripted_recipe_has_scripted_instruments(
    scripted_recipe: Recipe, registry: Registry
) -> None:
    assert isinstance(load_instruments(scripted_recipe, registry).identity, ShapeIdentity)


@pytest.mark.weights
def test_faces_of_adults_are_embedded(instruments: Instruments, photo: Image) -> None:
    (seen,) = Observer(instruments, Recipe.load()).observe_photo(photo).photos
    assert len(seen.faces) == 2
    for face in seen.faces:
        assert face.child < Recipe.load().observe.faces.child
        assert face.embedding.shape == (LENGTH,)
        assert face.sharpness is not None


@pytest.mark.weights
def test_labelled_photos_are_read_as_pages_are(
    instruments: Instruments, photo: Image, registry: Registry, tmp_path: Path
) -> None:
    for name in (*STATE_MEDIA, *STRANGERS):
        (tmp_path / name / "images").mkdir(parents=True)
        (tmp_path / name / "labels.csv").write_text("file,repo\n")
    (tmp_path / "facility_web" / "labels.csv").write_text("file,repo\na.png,site\n")
    Pillow.fromarray(photo).save(tmp_path / "facility_web" / "images" / "a.png")
    recipe = Recipe.load()

    (specimen,) = load_face_reader(recipe, registry, threads=2).read(tmp_path)

    (seen,) = Observer(instruments, recipe).observe_photo(photo).photos
    faces = specimen.seen(Whitening.load(registry.path("whitening")))
    assert [face.box for face in faces] == [face.box for face in seen.faces]
    for ours, theirs in zip(faces, seen.faces, strict=True):
        np.testing.assert_allclose(ours.embedding, theirs.embedding, atol=1e-5)
