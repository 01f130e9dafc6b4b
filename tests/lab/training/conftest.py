"""Labelled photos as they were seen, drawn up so that what they show can be told by looking."""

import csv

import numpy as np
import pytest
from PIL import Image as PillowImage

from presslens.lab.training.datasets import LabelledPhoto
from presslens.lab.training.showing import AS_IS
from presslens.lab.training.subjects import labels
from presslens.lab.training.subjects.examples import SubjectExample
from presslens.models.faces.embedder import AGES
from presslens.models.geometry import Box
from presslens.models.subjects.features import LENGTH
from presslens.models.subjects.objects import CLASSES
from presslens.models.vocabulary import Detection, Face, Frame, Objects, PhotoObservation

SIDE = 60
"""Width and height of the photos, px."""

ROWS, COLUMNS = 2, 3
"""Their places."""

SIGNAL = 40
"""So many features say that a photo shows one thing."""

THINGS = ("people", "crowd", "children", "fireworks", "building")
BODIES = (Box(0, 0, 10, 40), Box(20, 0, 30, 40))


@pytest.fixture(scope="session")
def make_example(tmp_path_factory):
    """Give a function that makes an example of a photo that shows some of ``THINGS``.

    Forty features of each place say so, of a crowd only in the left column.
    """
    folder = tmp_path_factory.mktemp("photos")

    def make(
        number,
        things=(),
        *,
        dataset="rodong_sinmun_photos",
        group=None,
        shown=AS_IS,
        row=None,
        persons=(),
        faces=(),
        buildings=(),
        child=0.05,
        age=0.0,
    ):
        path = folder / f"{number}.png"
        if not path.exists():
            PillowImage.fromarray(np.full((SIDE, SIDE, 3), 90, np.uint8)).save(path)
        rng = np.random.default_rng([number, len(shown)])
        places = rng.normal(0, 0.1, (LENGTH, ROWS, COLUMNS)).astype(np.float16)
        for k, thing in enumerate(THINGS):
            wide = 1 if thing == "crowd" else COLUMNS
            places[k * SIGNAL : (k + 1) * SIGNAL, :, :wide] += 2 * (thing in things)
        said = {thing: str(int(thing in things)) for thing in THINGS[1:]}
        said["people_bucket"] = "2-5" if "people" in things else "0"
        objects = Objects(
            np.full(len(CLASSES), -7, np.float32),
            np.array(
                [(b.x0, b.y0, b.x1, b.y1, child, 0.85 - child) for b, _ in persons], np.float32
            ).reshape(-1, 6),
            tuple(Detection("building", box, score) for box, score in buildings),
        )
        found = tuple(Detection("person", box, score) for box, score in persons)
        return SubjectExample(
            LabelledPhoto(dataset, path, group or f"g{number}", said if row is None else row),
            shown,
            PhotoObservation(
                Frame(Box(0, 0, SIDE, SIDE), 1.0),
                (*found, *objects.buildings),
                tuple(Face(box, score, (), 0.0, None) for box, score in faces),
                places.astype(np.float32).mean((1, 2)),
                objects.scores,
            ),
            objects,
            tuple(range(len(faces))),
            np.full((len(faces), AGES), age, np.float32),
            places,
        )

    return make


@pytest.fixture(scope="session")
def make_set(make_example):
    """Give a function that makes a set of photos in which everything can be told apart.

    Four photos are of one event: two show nothing, one pupils and one fireworks over adults.
    """

    def make(events=12, *, shown=(AS_IS,)):
        standing = [(box, 0.9) for box in BODIES]
        heads = [(Box(x, 0, x + 10, 25), 0.9) for x in (0, 20)]
        pupils = ("people", "crowd", "children", "building")
        adults = ("people", "crowd", "fireworks", "building")
        return [
            example
            for event in range(events)
            for how in shown
            for example in (
                make_example(4 * event, group=f"g{event}", shown=how),
                make_example(
                    4 * event + 1,
                    pupils,
                    dataset="children_school",
                    group=f"g{event}",
                    shown=how,
                    persons=standing,
                    faces=heads,
                    child=0.8,
                    age=1.0,
                ),
                make_example(4 * event + 2, group=f"g{event}", shown=how),
                make_example(
                    4 * event + 3,
                    adults,
                    group=f"g{event}",
                    shown=how,
                    persons=standing,
                    faces=heads,
                ),
            )
        ]

    return make


@pytest.fixture
def tables(monkeypatch, tmp_path):
    """Give a function that puts other counts and boxes in place of the project's own labels."""

    def forget():
        labels._counts.cache_clear()
        labels._boxes.cache_clear()

    def put(people, boxes=()):
        numbers = ("low", "people", "high", "children_low", "children", "children_high")
        counts = [(key, *values) for key, values in people.items()]
        for name, columns, rows in (
            ("PEOPLE", ("photo", *numbers), counts),
            ("BOXES", ("photo", "label", "x0", "y0", "x1", "y1"), boxes),
        ):
            path = tmp_path / f"{name.lower()}.csv"
            with path.open("w", newline="") as file:
                csv.writer(file).writerows([columns, *rows])
            monkeypatch.setattr(labels, name, path)
        forget()

    yield put
    forget()
