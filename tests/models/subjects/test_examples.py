from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as PillowImage

from models.geometry import Box
from models.subjects.children import DESCRIBED
from models.subjects.examples import SETS, Example, Looker
from models.subjects.features import LENGTH
from models.vocabulary import Detection, Face, Image

ROW = {"file": "images/a.jpg", "repo": "r", "path": "p/a.jpg", "date": "2021-07-08"}
CHILDREN = {"children_school": "1", "people_events_web": "1", "coco256": "0", "coco_mini": "?"}
BOXES = (Box(10, 5, 40, 75), Box(50, 5, 80, 75), Box(85, 5, 95, 75), Box(0, 0, 9, 9))


class Instruments:
    """Sees three persons, a small one and a face in every photo, and counts how often it looks."""

    def __init__(self) -> None:
        self.looks = 0

    def detect(self, photos: Sequence[Image]) -> list[list[Detection]]:
        self.looks += len(photos)
        return [[Detection("person", box, 0.9) for box in BOXES] for _ in photos]

    def extract(self, photos: Sequence[Image], *, size: int = 260) -> NDArray[np.float32]:
        return np.full((len(photos), LENGTH), size, np.float32)


class Faces:
    def detect(self, photos: Sequence[Image]) -> list[list[Face]]:
        return [[Face(Box(1, 2, 3, 4), 0.7, (), 0.0, None)] for _ in photos]


class Teacher:
    """Takes the first for a child, the second for an adult, and doesn't know the third."""

    def __init__(self, data: Path) -> None:
        assert data.is_dir()

    def opinions(self, photo: Image, persons: Sequence[Box]) -> list[bool | None]:
        return [{BOXES[0]: True, BOXES[1]: False}.get(person) for person in persons]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in SETS:
        folder = tmp_path / "data" / name
        (folder / "images").mkdir(parents=True)
        PillowImage.fromarray(np.full((80, 100, 3), 120, np.uint8)).save(folder / "images/a.jpg")
        row = ROW | {"children": CHILDREN.get(name, "0")}
        with (folder / "labels.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(row))
            writer.writeheader()
            writer.writerow(row)
    return tmp_path / "data"


def look(data: Path, instruments: Instruments, *, version: str = "1") -> list[Example]:
    cache = data.parent / "cache"
    looker = Looker(
        instruments, Faces(), instruments, version=version, teacher=Teacher, cache=cache
    )
    return looker.look(data)


def test_each_photo_is_seen_as_it_is_and_as_printed(data: Path) -> None:
    examples = look(data, Instruments())

    assert [(e.photo.dataset, e.printed) for e in examples] == [
        (name, printed) for name in SETS for printed in (False, True)
    ]
    first = examples[0]
    assert [d.box for d in first.observation.detections] == list(BOXES)
    assert [f.score for f in first.observation.faces] == pytest.approx([0.7])
    assert first.observation.frame.box == Box(0, 0, 100, 80)
    assert first.described.shape == (3, DESCRIBED)


def by_set(examples: list[Example], name: str) -> dict[int, int]:
    (example,) = (e for e in examples if e.photo.dataset == name and not e.printed)
    return dict(zip(example.judged.tolist(), example.opinions.tolist(), strict=True))


@pytest.mark.parametrize(
    ("name", "opinions"),
    [
        ("coco256", {0: 0, 1: 0, 2: 0}),
        ("coco_mini", {0: -1, 1: -1, 2: -1}),
        ("people_events_web", {0: 1, 1: 0, 2: -1}),
        ("children_school", {0: 1, 1: -1, 2: -1}),
    ],
)
def test_the_label_decides_before_the_teacher(
    data: Path, name: str, opinions: dict[int, int]
) -> None:
    assert by_set(look(data, Instruments()), name) == opinions


def test_nothing_is_seen_twice_unless_the_instruments_change(data: Path) -> None:
    instruments = Instruments()

    first = look(data, instruments)
    again = look(data, instruments)
    assert instruments.looks == 2 * len(SETS)
    assert np.array_equal(first[0].described, again[0].described)

    look(data, instruments, version="2")
    assert instruments.looks == 4 * len(SETS)


def test_child_probabilities_go_to_the_judged_persons(data: Path) -> None:
    example = look(data, Instruments())[0]
    probabilities = np.linspace(0.2, 0.8, len(example.judged))

    children = [d.child for d in example.observed(probabilities).detections]

    assert children[3] == 0.0
    assert [children[i] for i in example.judged] == pytest.approx(probabilities.tolist())
