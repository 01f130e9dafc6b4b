"""The real instruments, opened once, and faces to build tests from."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from models.faces.detector import CenterFace
from models.faces.embedder import DlibEmbedder
from models.geometry import Box
from models.registry import Manifest, Registry
from models.vocabulary import Face, Vector


@pytest.fixture(scope="session")
def registry() -> Registry:
    return Registry(Manifest.load())


@pytest.fixture(scope="session")
def detector(registry: Registry) -> CenterFace:
    return CenterFace(registry.path("faces"), size=1280, score=0.35, threads=2)


@pytest.fixture(scope="session")
def embedder(registry: Registry) -> DlibEmbedder:
    return DlibEmbedder(registry.path("identity"))


@pytest.fixture
def make_face() -> Callable[..., Face]:
    def make(x: float = 0, y: float = 0, side: float = 40, embedding: Vector | None = None) -> Face:
        box = Box(x, y, x + side, y + side)
        shares = [(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)]
        marks = tuple((x + a * side, y + b * side) for a, b in shares)
        return Face(box, 0.9, marks, child=0.0, embedding=embedding)

    return make
