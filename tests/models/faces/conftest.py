"""The real instruments, opened once, and faces to build tests from."""

from importlib.util import find_spec
from pathlib import Path

import matplotlib.cbook
import numpy as np
import pytest
from PIL import Image as Pillow

from presslens.models.faces.embedder import DlibEmbedder, FaceresEmbedder
from presslens.models.faces.embedding import FACERES, LENGTH, RESNET
from presslens.models.faces.matcher import Matcher
from presslens.models.faces.whitening import Whitening
from presslens.models.geometry import Box
from presslens.models.loading import load_faces, load_identity
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Frame, PhotoObservation

ASSETS = Path(find_spec("ultralytics").origin).parent / "assets"


@pytest.fixture(scope="session")
def detector(registry):
    return load_faces(Recipe.load(), registry, threads=2)


@pytest.fixture(scope="session")
def dlib(registry):
    return DlibEmbedder(registry.path("identity"), threads=2)


@pytest.fixture(scope="session")
def faceres(registry):
    return FaceresEmbedder(registry.path("faceres"), threads=2)


@pytest.fixture(scope="session")
def whitening(registry):
    return Whitening.load(registry.path("whitening"))


@pytest.fixture(scope="session")
def embed(registry):
    """Give a function that returns the embeddings of some faces of a photo."""
    embedder = load_identity(registry, threads=2)
    return lambda photo, faces: embedder.embed(photo, faces, embedder.look(photo, faces))


@pytest.fixture(scope="session")
def matcher(registry):
    return Matcher.load(registry.path("matching"))


@pytest.fixture(scope="session")
def hopper():
    """A portrait of Grace Hopper, 512 × 600 px."""
    with matplotlib.cbook.get_sample_data("grace_hopper.jpg") as file:
        return Pillow.open(file).convert("RGB")


@pytest.fixture(scope="session")
def two_men():
    """A photo of two men with large faces."""
    return np.asarray(Pillow.open(ASSETS / "zidane.jpg").convert("RGB"))


@pytest.fixture(scope="session")
def like():
    """Give a function that makes an embedding by its distance and cosine to ``like(0, 1)``."""

    def make(distance, cosine):
        vector = np.zeros(LENGTH, np.float32)
        vector[RESNET][[0, 100]] = 1, distance
        vector[FACERES][[0, 100]] = cosine, np.sqrt(1 - cosine**2)
        return vector

    return make


@pytest.fixture(scope="session")
def photo_of():
    """Give a function that makes a photo of 400 × 200 px with some faces, seen by itself."""

    def make(faces):
        frame = Frame(Box(0, 0, 400, 200), 1.0)
        return PhotoObservation(frame, (), tuple(faces), np.zeros(1280, np.float32))

    return make
