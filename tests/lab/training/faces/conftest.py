"""Labelled photos of some days, to train and measure the recognition of faces on."""

import numpy as np
import pytest

from presslens.lab.training.faces.specimens import OTHER, Specimen
from presslens.lab.training.showing import AS_IS
from presslens.models.faces.whitening import Whitening
from presslens.models.geometry import Box


@pytest.fixture(scope="session")
def whitening(registry):
    return Whitening.load(registry.path("whitening"))


@pytest.fixture
def make_specimen(make_face):
    """Give a function that makes a photo of a day; a face is (size, raw numbers of both)."""

    def make(photo, faces, *, group, domain=True, missed=(), person=""):
        return Specimen(
            photo,
            AS_IS,
            group,
            domain,
            Box(0, 0, 400, 200),
            tuple(make_face(x=60 * i, side=40) for i in range(len(faces))),
            tuple(size for size, _, _ in faces),
            missed,
            tuple(range(len(faces))),
            np.array([f[1] for f in faces], np.float32).reshape(-1, 128),
            np.array([f[2] for f in faces], np.float32).reshape(-1, 1024),
            person,
        )

    return make


@pytest.fixture
def days_of(make_specimen):
    """Give a function that makes photos of some days.

    For each day there are two photos of the leader among four strangers, in one of which his face
    is large, and one photo of two strangers from elsewhere. He looks the same in all, or, if he
    is not ``alike``, another on each day.
    """

    def make(days, *, alike=True):
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


@pytest.fixture
def make_portraits(make_specimen):
    """Give a function that makes five portraits each of so many statesmen."""

    def make(count):
        rng = np.random.default_rng(2)
        found = []
        for i in range(count):
            look, person = _look(rng), f"statesman {i}"
            found += [
                make_specimen(
                    f"{person}, {take}", [_take(rng, *look)], group=person, domain=False,
                    person=person,
                )
                for take in range(5)
            ]  # fmt: skip
        return found

    return make


def _look(rng):
    """Return the raw numbers of a person who is not like any other."""
    return rng.normal(0, 0.06, 128), rng.uniform(0, 1, 1024)


def _take(rng, dlib, faceres, size=OTHER):
    """Return one photo of a person's face."""
    return size, dlib + rng.normal(0, 0.01, 128), faceres + rng.normal(0, 0.1, 1024)
