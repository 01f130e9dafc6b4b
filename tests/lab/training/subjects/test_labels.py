import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from presslens.lab.training.datasets import DATASETS, LabelledPhoto
from presslens.lab.training.subjects import labels as project
from presslens.lab.training.subjects.labels import (
    BOXES,
    LABELS,
    Count,
    counted_children,
    counted_people,
    drawn_boxes,
    truth,
)
from presslens.models.geometry import Box
from presslens.models.vocabulary import Subject

PEOPLE, CROWD, CHILDREN, FIREWORKS, BUILDINGS = Subject
COUNTS, BUILT = project.PEOPLE, project.BUILDINGS


@pytest.mark.parametrize(
    ("dataset", "labels", "subject", "expected"),
    [
        ("rodong_sinmun_photos", {"people_bucket": "0"}, PEOPLE, False),
        ("rodong_sinmun_photos", {"people_bucket": "50+"}, PEOPLE, True),
        ("rodong_sinmun_photos", {"crowd": "?"}, CROWD, None),
        ("rodong_sinmun_photos", {"fireworks": "1"}, FIREWORKS, True),
        ("dprk_web_photos", {"building": "1"}, BUILDINGS, True),
        ("coco256", {"n_person_boxes": "0", "person_crowd_region": "0"}, PEOPLE, False),
        ("coco256", {"n_person_boxes": "3", "person_crowd_region": "0"}, CROWD, False),
        ("coco256", {"n_person_boxes": "13", "person_crowd_region": "0"}, CROWD, None),
        ("coco256", {"n_person_boxes": "3", "person_crowd_region": ""}, CROWD, None),
        ("coco256", {"frac_building": "0"}, BUILDINGS, False),
        ("coco256", {"frac_building": "0.06"}, BUILDINGS, None),
        ("coco256", {"frac_building": "0.5"}, BUILDINGS, True),
        ("coco256", {"frac_building": ""}, BUILDINGS, None),
        ("coco256", {}, FIREWORKS, False),
        ("coco_mini", {"n_person": "", "person_iscrowd": "0"}, PEOPLE, None),
        ("coco_mini", {"n_person": "", "person_iscrowd": ""}, CROWD, None),
        ("coco_mini", {"n_person": "2", "person_iscrowd": "1"}, CROWD, None),
        ("crowd_points", {"n_points": "53"}, CROWD, True),
        ("crowd_points", {"n_points": "20", "crowd": "1"}, CROWD, False),
        ("crowd_points", {"n_points": "3"}, PEOPLE, True),
        ("facility_web", {"person": "0"}, CHILDREN, False),
        ("facility_web", {"person": "1"}, CHILDREN, None),
        ("facility_web", {"person": "0"}, CROWD, False),
        ("facility_web", {"person": "?"}, PEOPLE, None),
        ("children_school", {"children": "1"}, PEOPLE, True),
        ("children_school", {"children": "0"}, PEOPLE, None),
        ("fireworks", {"kind": "building"}, BUILDINGS, True),
        ("fireworks", {"fireworks": "0"}, FIREWORKS, False),
        ("intel_scenes", {"building": "street"}, BUILDINGS, None),
    ],
)
def test_labels_say_yes_no_or_nothing(dataset, labels, subject, expected):
    photo = LabelledPhoto(dataset, Path("a.jpg"), f"{dataset}/a", labels)
    assert truth(photo, subject) is expected


def a_photo(dataset="rodong_sinmun_photos", **labels):
    return LabelledPhoto(dataset, Path("a.jpg"), f"{dataset}/a", labels)


@pytest.mark.parametrize(
    ("photo", "count"),
    [
        (a_photo(), None),
        (a_photo("crowd_points", n_points="53"), 53),
        (a_photo("coco256", n_person_boxes="3", person_crowd_region="0"), 3),
        (a_photo("coco256", n_person_boxes="3", person_crowd_region="1"), None),
        (a_photo("coco_mini", n_person="2", person_iscrowd="0"), 2),
        (a_photo("coco_mini", n_person="2", person_iscrowd="1"), None),
        (a_photo("coco_mini", n_person="", person_iscrowd="0"), None),
    ],
)
def test_boxes_and_points_are_exact_counts(photo, count):
    assert counted_people(photo) == (None if count is None else (count, count, count))


def test_a_count_by_eye_comes_before_all_others(tables):
    photo = a_photo("crowd_points", n_points="53", children="0")
    tables({photo.key: (40, 45, 60, 1, 2, 3)})
    assert counted_people(photo) == Count(40, 45, 60)
    assert counted_children(photo) == Count(1, 2, 3)
    assert truth(photo, PEOPLE) is True


@pytest.mark.parametrize(
    ("children", "label", "count"),
    [
        (("?", "?", "?"), "1", None), (("2", "?", "4"), "1", None), (None, "0", Count(0, 0, 0)),
        (None, "1", None), (None, "?", None),
    ],
)  # fmt: skip
def test_children_that_nobody_counted_are_not_counted(tables, children, label, count):
    photo = a_photo(children=label)
    tables({photo.key: (2, 3, 4, *children)} if children else {})
    assert counted_children(photo) == count


def test_a_photo_where_none_were_counted_shows_no_people(tables):
    photo = a_photo(people_bucket="2-5")
    tables({photo.key: (0, 0, 0, 0, 0, 0)})
    assert truth(photo, PEOPLE) is False


@pytest.mark.parametrize("white", [0, 10])
def test_boxes_are_in_pixels_of_the_trimmed_photo(tables, tmp_path, white):
    pixels = np.full((60, 60, 3), 90, np.uint8)
    pixels[:white] = 255
    Image.fromarray(pixels).save(tmp_path / "b.png")
    photo = LabelledPhoto("coco256", tmp_path / "b.png", "g", {})
    tables({}, [(photo.key, "fireworks", 1, 20, 30, 40), (photo.key, "building", 0, 30, 9, 50)])
    assert drawn_boxes(photo, FIREWORKS) == (Box(1, 20 - white, 30, 40 - white),)
    assert drawn_boxes(photo, BUILDINGS) == (Box(0, 30 - white, 9, 50 - white),)


def test_a_photo_without_boxes_is_not_opened(make_example, tables):
    tables({}, [(make_example(1).photo.key, "fireworks", 1, 20, 30, 40)])
    assert drawn_boxes(a_photo(), FIREWORKS) == ()


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("path", [COUNTS, BUILT], ids=["people", "buildings"])
def test_a_photo_is_labelled_once(path):
    keys = [row["photo"] for row in rows(path)]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("path", [COUNTS, BUILT, BOXES], ids=["people", "buildings", "boxes"])
def test_the_tables_name_photos_of_known_sets(path):
    assert {row["photo"].split("/")[0] for row in rows(path)} <= set(DATASETS)


@pytest.mark.parametrize("of", ["people", "children"])
def test_the_best_count_lies_in_the_range_that_is_sure(of):
    low, high = ("low", "high") if of == "people" else ("children_low", "children_high")
    for row in rows(COUNTS):
        given = [row[name] for name in (low, of, high)]
        if "?" not in given or of == "people":
            numbers = [float(n) for n in given]
            assert 0 <= numbers[0] <= numbers[1] <= numbers[2], row


def test_there_are_no_more_children_than_people():
    for row in rows(COUNTS):
        if row["children"] != "?":
            assert float(row["children"]) <= float(row["people"]), row


def test_every_box_has_an_area_and_a_name():
    for row in rows(BOXES):
        box = Box(*(float(row[name]) for name in ("x0", "y0", "x1", "y1")))
        assert row["label"] in LABELS.values()
        assert min(box.x0, box.y0) >= 0
        assert box.area > 0, row


def test_buildings_are_judged_yes_no_or_unsure():
    assert {row["building"] for row in rows(BUILT)} <= {"0", "1", "?"}
