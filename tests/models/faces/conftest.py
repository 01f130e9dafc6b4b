"""The real instruments, opened once, and faces to build tests from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib.cbook
import numpy as np
import pytest
import ultralytics
from PIL import Image as Pillow

from models.faces.detector import CenterFace
from models.faces.embedder import PairedEmbedder, RawEmbedder
from models.faces.whitening import Whitening
from models.geometry import Box
from models.learned import load_faces, load_identity
from models.recipe import Recipe
from models.registry import Registry
from models.vocabulary import Face, Image, Vector

ASSETS = Path(ultralytics.__file__).parent / "assets"


@pytest.fixture(scope="session")
def detector(registry: Registry) -> CenterFace:
    return load_faces(Recipe.load(), registry, threads=2)


@pytest.fixture(scope="session")
def networks(registry: Registry) -> RawEmbedder:
    return load_identity(registry, threads=2)


@pytest.fixture(scope="session")
def whitening(registry: Registry) -> Whitening:
    return Whitening.load(registry.path("whitening"))


@pytest.fixture(scope="session")
def embedder(networks: RawEmbedder, whitening: Whitening) -> PairedEmbedder:
    return PairedEmbedder(networks, whitening)


@pytest.fixture(scope="session")
def hopper() -> Pillow.Image:
    """A portrait of Grace Hopper, 512 × 600 px."""
    with matplotlib.cbook.get_sample_data("grace_hopper.jpg") as file:
        return Pillow.open(file).convert("RGB")


@pytest.fixture(scope="session")
def two_men() -> Image:
    """A photo of two men with large faces."""
    return np.asarray(Pillow.open(ASSETS / "zidane.jpg").convert("RGB"))


@pytest.fixture
def make_face() -> Callable[..., Face]:
    def make(x: float = 0, y: float = 0, side: float = 40, embedding: Vector | None = None) -> Face:
        box = Box(x, y, x + side, y + side)
        shares = [(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)]
        marks = tuple((x + a * side, y + b * side) for a, b in shares)
        return Face(box, 0.9, marks, child=0.0, embedding=embedding)

    return make
