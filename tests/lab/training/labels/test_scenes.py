import csv

import numpy as np
import pytest
from PIL import Image as Pillow

from presslens.lab.training.array_cache import ArrayCache
from presslens.lab.training.labels.scenes import (
    SCENES,
    SECOND,
    answers,
    observe_scenes,
    read_scenes,
)
from presslens.lab.training.showing import TAUGHT
from presslens.models.labels.vocabulary import BUILT_IN
from presslens.models.scripted import ColourFeatures


class Counted(ColourFeatures):
    looks = 0

    def extract(self, photo):
        self.looks += 1
        return super().extract(photo)


def write(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["photo", *BUILT_IN])
        for key, first in rows.items():
            writer.writerow([key, first, *["0"] * (len(BUILT_IN) - 1)])
    return path


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data" / "facility_web"
    (folder / "images").mkdir(parents=True)
    lines = ["file,repo"]
    for i in range(3):
        photo = np.full((60, 80, 3), 60 * i, np.uint8)
        Pillow.fromarray(photo).save(folder / "images" / f"{i}.png")
        lines.append(f"images/{i}.png,site{i}")
    (folder / "labels.csv").write_text("\n".join(lines))
    return tmp_path / "data"


def test_labelled_photos_are_seen_once_in_each_way_that_teaches(data, tmp_path):
    scenes = read_scenes(
        write(tmp_path / "s.csv", {"facility_web/2.png": "1", "facility_web/0.png": "?"})
    )
    extractor = Counted()
    seen = [
        observe_scenes(data, scenes, extractor, version="1", cache=ArrayCache(tmp_path / "cache"))
        for _ in range(2)
    ][1]
    assert extractor.looks == 6
    assert [(e.photo.key, e.shown) for e in seen] == [
        (f"facility_web/{name}.png", shown) for name in (0, 2) for shown in TAUGHT
    ]
    assert [e.labels["indoor"] for e in seen] == [None] * 3 + [True] * 3
    assert {e.photo.group for e in seen} == {"facility_web/site0", "facility_web/site2"}
    assert seen[3].features[0] == pytest.approx(120 / 255)
    observe_scenes(data, scenes, extractor, version="2", cache=ArrayCache(tmp_path / "cache"))
    assert extractor.looks == 12


def test_an_answer_that_is_none_is_refused(tmp_path):
    with pytest.raises(KeyError):
        read_scenes(write(tmp_path / "s.csv", {"facility_web/0.png": "yes"}))


def test_readers_are_compared_on_photos_that_both_have_read():
    def scene(answer):
        return {"indoor": answer}

    first = {"a": scene(True), "b": scene(None), "c": scene(False), "d": scene(True)}
    second = {"a": scene(True), "b": scene(True), "c": scene(True), "e": scene(True)}
    found = answers(first, second, "indoor")
    assert found == [("yes", "yes"), ("unsure", "yes"), ("no", "yes")]


def test_the_labels_that_are_kept_are_whole():
    first, second = read_scenes(SCENES), read_scenes(SECOND)
    assert len(first) > 500
    assert set(second) <= set(first)
