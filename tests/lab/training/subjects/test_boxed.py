import json

import numpy as np
import pytest
from PIL import Image as PillowImage

from presslens.lab.training.average_precision import average_precision
from presslens.lab.training.subjects.boxed import DATASETS, BoxedPhoto, detected, read_boxed
from presslens.models.geometry import Box
from presslens.models.vocabulary import Detection

LEFT, RIGHT, ASIDE = Box(0, 0, 20, 40), Box(40, 0, 60, 40), Box(70, 0, 90, 40)


@pytest.fixture
def path(tmp_path):
    PillowImage.fromarray(np.zeros((50, 100, 3), np.uint8)).save(tmp_path / "a.png")
    return tmp_path / "a.png"


@pytest.mark.parametrize(
    ("found", "groups", "expected"),
    [
        ([(LEFT, 0.9), (RIGHT, 0.8)], (), 1.0),
        ([(LEFT, 0.9)], (), 0.5),
        ([(LEFT, 0.9), (ASIDE, 0.5), (RIGHT, 0.4)], (), 0.5 + 0.5 * 2 / 3),
        ([(LEFT, 0.9), (ASIDE, 0.5), (RIGHT, 0.4)], (ASIDE,), 1.0),
        ([(LEFT, 0.9), (LEFT, 0.8), (RIGHT, 0.7)], (), 0.5 + 0.5 * 2 / 3),
        ([(ASIDE, 0.9)], (), 0.0),
        ([], (), 0.0),
    ],
)
def test_average_precision(path, found, groups, expected):
    photo = BoxedPhoto("s/a", path, (LEFT, RIGHT), groups)
    persons = [Detection("person", box, score) for box, score in found]
    images = detected(lambda _photo: persons, [photo])
    assert average_precision(images, [0.5], every_recall=True) == pytest.approx(expected)


def test_the_annotations_of_all_sets_are_read(tmp_path):
    annotations = {
        "categories": [{"id": 7, "name": "dog"}, {"id": 1, "name": "person"}],
        "images": [{"id": 5, "file_name": "a.jpg"}, {"id": 6, "file_name": "b.jpg"}],
        "annotations": [
            {"image_id": 5, "category_id": 1, "bbox": [1, 2, 3, 4]},
            {"image_id": 5, "category_id": 1, "bbox": [0, 0, 9, 9], "iscrowd": 1},
            {"image_id": 5, "category_id": 7, "bbox": [1, 2, 3, 4]},
        ],
    }
    for name in DATASETS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "annotations.json").write_text(json.dumps(annotations))
    photos = read_boxed(tmp_path)
    assert len(photos) == 2 * len(DATASETS)
    assert photos[0].persons == (Box(1, 2, 4, 6),)
    assert photos[0].groups == (Box(0, 0, 9, 9),)
    assert photos[1].persons == ()
