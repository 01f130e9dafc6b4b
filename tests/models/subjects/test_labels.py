from __future__ import annotations

from pathlib import Path

import pytest

from models.datasets import LabelledPhoto
from models.subjects.labels import truth
from models.vocabulary import Subject

PEOPLE, CROWD, CHILDREN, FIREWORKS, BUILDINGS = Subject


@pytest.mark.parametrize(
    ("dataset", "labels", "subject", "expected"),
    [
        ("rodong_sinmun_photos", {"people_bucket": "0"}, PEOPLE, False),
        ("rodong_sinmun_photos", {"people_bucket": "50+"}, PEOPLE, True),
        ("rodong_sinmun_photos", {"crowd": "?"}, CROWD, None),
        ("rodong_sinmun_photos", {"fireworks": "1"}, FIREWORKS, True),
        ("dprk_web_photos", {"building": "1"}, BUILDINGS, True),
        ("coco256", {"n_person_boxes": "0"}, PEOPLE, False),
        ("coco256", {"n_person_boxes": "3", "person_crowd_region": "0"}, CROWD, False),
        ("coco256", {"n_person_boxes": "13", "person_crowd_region": "0"}, CROWD, None),
        ("coco256", {"n_person_boxes": "3", "person_crowd_region": ""}, CROWD, None),
        ("coco256", {"frac_building": "0"}, BUILDINGS, False),
        ("coco256", {"frac_building": "0.06"}, BUILDINGS, None),
        ("coco256", {"frac_building": "0.5"}, BUILDINGS, True),
        ("coco256", {"frac_building": ""}, BUILDINGS, None),
        ("coco256", {}, FIREWORKS, False),
        ("coco_mini", {"n_person": ""}, PEOPLE, None),
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
def test_labels_say_yes_no_or_nothing(
    dataset: str, labels: dict[str, str], subject: Subject, expected: bool | None
) -> None:
    photo = LabelledPhoto(dataset, Path("a.jpg"), f"{dataset}/a", labels)

    assert truth(photo, subject) is expected
