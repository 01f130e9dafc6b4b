import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from presslens.lab.training.datasets import LabelledPhoto, open_photo, read_dataset, trimmed


def write(data, name, rows):
    folder = data / name
    (folder / "images").mkdir(parents=True)
    with (folder / "labels.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize(
    ("name", "rows", "groups"),
    [
        (
            "rodong_sinmun_photos",
            [{"file": "a.jpg", "date": "2021-07-08"}, {"file": "b.jpg", "date": "2021-07-08"}],
            ["rodong_sinmun_photos/2021-07-08"] * 2,
        ),
        (
            "children_school",
            [
                {"file": "images/a.jpg", "repo": "r", "path": "images/choir2.jpg"},
                {"file": "images/b.jpg", "repo": "r", "path": "images/Choir 13.png"},
                {"file": "images/c.jpg", "repo": "r", "path": "x/photo_2023-08-07_20-43-08.jpg"},
            ],
            [
                "children_school/r:choir",
                "children_school/r:choir",
                "children_school/r:photo_2023-08-07",
            ],
        ),
        ("coco256", [{"file": "images/a.jpg"}], ["coco256/images/a.jpg"]),
        ("facility_web", [{"file": "images/a.jpg", "repo": "r"}], ["facility_web/r"]),
    ],
)
def test_photos_that_look_alike_share_a_group(tmp_path, name, rows, groups):
    write(tmp_path, name, rows)
    photos = read_dataset(tmp_path, name)
    assert [photo.group for photo in photos] == groups
    assert photos[0].path == tmp_path / name / "images" / "a.jpg"
    assert photos[0].key == f"{name}/a.jpg"


@pytest.mark.parametrize(("value", "label"), [("1", True), ("0", False), ("?", None), ("", None)])
def test_an_unsure_label_is_none(value, label):
    photo = LabelledPhoto("s", Path("a.jpg"), "s/a", {"crowd": value})
    assert photo.label("crowd") is label
    assert photo.label("children") is None


@pytest.mark.parametrize(
    ("above", "below", "height"), [(0, 0, 60), (10, 12, 60), (24, 24, 60), (40, 0, 76)]
)
def test_white_margins_are_trimmed_up_to_a_limit(above, below, height):
    photo = np.full((60 + above + below, 30, 3), 255, np.uint8)
    photo[above : above + 60] = 90
    assert trimmed(photo).shape == (height, 30, 3)


def test_a_white_photo_is_left_alone():
    white = np.full((20, 20, 3), 255, np.uint8)
    assert trimmed(white).shape == white.shape


@pytest.mark.parametrize(("trim", "height"), [(True, 20), (False, 30)])
def test_a_photo_is_opened_as_rgb(tmp_path, trim, height):
    pixels = np.full((30, 40), 255, np.uint8)
    pixels[:20] = 30
    PillowImage.fromarray(pixels).save(tmp_path / "a.png")
    photo = open_photo(tmp_path / "a.png", trim=trim)
    assert photo.shape == (height, 40, 3)
