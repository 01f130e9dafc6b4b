"""The real instruments, opened once, and faces to build tests from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib.cbook
import numpy as np
import pytest
import ultralytics
from PIL import Image as Pillow

from models.faces.detector import CenterFace
from models.faces.embedder import PairedEmbedder, RawEmbedder
from models.faces.embedding import FACERES, LENGTH, RESNET
from models.faces.matcher import Matcher
from models.faces.specimens import OTHER, Specimen
from models.faces.whitening import Whitening
from models.geometry import Box
from models.learned import load_faces, load_identity
from models.recipe import Recipe
from models.registry import Registry
from models.vocabulary import Face, Frame, Image, PhotoObservation, Vector

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
def matcher(registry: Registry) -> Matcher:
    return Matcher.load(registry.path("matching"))


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


@pytest.fixture(scope="session")
def like() -> Callable[[float, float], Vector]:
    """Give a function that makes an embedding by its distance and cosine to ``like(0, 1)``."""

    def make(distance: float, cosine: float) -> Vector:
        vector = np.zeros(LENGTH, np.float32)
        vector[RESNET][[0, 100]] = 1, distance
        vector[FACERES][[0, 100]] = cosine, np.sqrt(1 - cosine**2)
        return vector

    return make


@pytest.fixture(scope="session")
def photo_of() -> Callable[[Sequence[Face]], PhotoObservation]:
    """Give a function that makes a photo of 400 × 200 px with some faces, seen by itself."""

    def make(faces: Sequence[Face]) -> PhotoObservation:
        frame = Frame(Box(0, 0, 400, 200), 1.0)
        return PhotoObservation(frame, (), tuple(faces), np.zeros(1280, np.float32))

    return make


@pytest.fixture
def make_specimen(make_face: Callable[..., Face]) -> Callable[..., Specimen]:
    """Give a function that makes a photo of a day; a face is (size, raw numbers of both)."""

    def make(
        photo: str,
        faces: Sequence[tuple[str, np.ndarray, np.ndarray]],
        *,
        group: str,
        domain: bool = True,
        missed: tuple[str, ...] = (),
    ) -> Specimen:
        return Specimen(
            photo,
            group,
            domain,
            Box(0, 0, 400, 200),
            tuple(make_face(x=60 * i, side=40) for i in range(len(faces))),
            tuple(size for size, _, _ in faces),
            missed,
            tuple(range(len(faces))),
            np.array([f[1] for f in faces], np.float32).reshape(-1, 128),
            np.array([f[2] for f in faces], np.float32).reshape(-1, 1024),
        )

    return make


@pytest.fixture
def days_of(make_specimen: Callable[..., Specimen]) -> Callable[..., list[Specimen]]:
    """Give a function that makes photos of some days.

    For each day there are two photos of the leader among four strangers, in one of which his face
    is large, and one photo of two strangers from elsewhere. He looks the same in all, or, if he
    is not ``alike``, another on each day.
    """

    def make(days: int, *, alike: bool = True) -> list[Specimen]:
        rng = np.random.default_rng(1)
        looks = [_look(rng) for _ in range(1 if alike else days)]
        found = []
        for day in range(days):
            for size in ("L", "M"):
                his = _take(rng, *looks[day % len(looks)], size)
                strangers = [_take(rng, *_look(rng)) for _ in range(4)]
                faces = [*strangers[: day % 5], his, *strangers[day % 5 :]]
                found.append(make_specimen(f"{day}{size}", faces, group=f"day {day}"))
            elsewhere = [_take(rng, *_look(rng)) for _ in range(2)]
            photo = make_specimen(f"{day}-", elsewhere, group=f"event {day}", domain=False)
            found.append(photo)
        return found

    return make


def _look(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the raw numbers of a person who is not like any other."""
    return rng.normal(0, 0.06, 128), rng.uniform(0, 1, 1024)


def _take(
    rng: np.random.Generator, dlib: np.ndarray, faceres: np.ndarray, size: str = OTHER
) -> tuple[str, np.ndarray, np.ndarray]:
    """Return one photo of a person's face."""
    return size, dlib + rng.normal(0, 0.01, 128), faceres + rng.normal(0, 0.1, 1024)
