from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from models.faces.specimens import LOCATIONS, read_specimens
from models.vocabulary import Face, Image, Vector

MakeFace = Callable[..., Face]

HEADER = ["file", "leader_visible", "leader_face", "date"]
ROWS = [
    ["rs001.jpg", "1", "S", "2021-06-17"],
    ["rs003.jpg", "?", "T", "2021-06-19"],
    ["rs025.jpg", "0", "-", "2021-10-26"],
]


class FixedDetector:
    def __init__(self, faces: Sequence[Face]) -> None:
        self._faces = list(faces)

    def detect(self, photos: Sequence[Image]) -> list[list[Face]]:
        return [self._faces for _ in photos]


class ZeroEmbedder:
    def embed(self, photo: Image, faces: Sequence[Face]) -> list[Vector]:
        return [np.zeros(128, np.float32) for _ in faces]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name, rows in (("rodong_sinmun_photos", ROWS), ("dprk_web_photos", [])):
        images = tmp_path / name / "images"
        images.mkdir(parents=True)
        with (tmp_path / name / "labels.csv").open("w", newline="") as file:
            csv.writer(file).writerows([HEADER, *rows])
        for row in rows:
            Pillow.new("RGB", (560, 400)).save(images / row[0])
    return tmp_path


def _leader_at(name: str) -> tuple[float, float]:
    with LOCATIONS.open(newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["file"].endswith(name))
    return float(row["x"]), float(row["y"])


def test_the_leaders_face_is_the_one_at_the_labelled_place(data: Path, make_face: MakeFace) -> None:
    x, y = _leader_at("rs001.jpg")
    faces = [make_face(x=0, y=0, side=40), make_face(x=x - 9, y=y - 11, side=20)]

    found = read_specimens(data, FixedDetector(faces), ZeroEmbedder(), smallest=10, most=9)

    assert [(s.photo, s.size) for s in found] == [
        ("rodong_sinmun_photos/rs001.jpg", "-"),
        ("rodong_sinmun_photos/rs001.jpg", "S"),
        ("rodong_sinmun_photos/rs025.jpg", "-"),
        ("rodong_sinmun_photos/rs025.jpg", "-"),
    ]
    assert [s.leader for s in found[:2]] == [False, True]
    assert found[0].group != found[2].group


def test_a_leader_who_is_not_found_is_kept_as_missed(data: Path, make_face: MakeFace) -> None:
    x, y = _leader_at("rs001.jpg")
    tiny = make_face(x=x - 4, y=y - 4, side=8)

    (missed,) = read_specimens(data, FixedDetector([tiny]), ZeroEmbedder(), smallest=10, most=9)

    assert missed.leader
    assert missed.embedding is None


def test_places_are_unique_and_inside_their_photos() -> None:
    with LOCATIONS.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({tuple(row.values()) for row in rows}) == len(rows) >= 50
    assert all(0 < float(row["x"]) < 800 and 0 < float(row["y"]) < 400 for row in rows)
