from __future__ import annotations

from pathlib import Path

import pytest

from models.datasets import LabelledPhoto
from models.focus.examples import scene_of, verdict_of
from models.vocabulary import Verdict

STATE = {"focus": "leader", "building": "0"}


@pytest.mark.parametrize(
    ("dataset", "labels", "verdict", "scene"),
    [
        ("rodong_sinmun_photos", STATE, Verdict.LEADER, False),
        ("rodong_sinmun_photos", STATE | {"focus": "mixed"}, None, False),
        ("rodong_sinmun_photos", STATE | {"building": "?"}, Verdict.LEADER, None),
        ("rodong_sinmun_photos", {"focus": "group", "building": "1"}, Verdict.NEITHER, None),
        ("dprk_web_photos", {"focus": "facility", "building": "1"}, Verdict.FACILITY, True),
        ("facility_web", {"focus": "facility", "facility": "?"}, Verdict.FACILITY, None),
        ("facility_web", {"focus": "people", "facility": "1"}, Verdict.NEITHER, True),
        ("coco256", {"frac_building": "0.6", "n_person_boxes": "0"}, Verdict.FACILITY, True),
        ("coco256", {"frac_building": "0.6", "n_person_boxes": "3"}, None, True),
        ("coco256", {"frac_building": "0.1", "n_person_boxes": "0"}, None, None),
        ("coco256", {"frac_building": "0", "n_person_boxes": "3"}, Verdict.NEITHER, False),
        ("coco256", {"frac_building": "", "n_person_boxes": "3"}, None, None),
        ("intel_scenes", {"label": "buildings"}, Verdict.FACILITY, True),
        ("intel_scenes", {"label": "street"}, None, None),
        ("intel_scenes", {"label": "sea"}, Verdict.NEITHER, False),
        ("people_events_web", {"building": "0"}, Verdict.NEITHER, False),
        ("people_events_web", {"building": "1"}, Verdict.NEITHER, None),
    ],
)
def test_labels_of_the_sets_are_understood(
    dataset: str, labels: dict[str, str], verdict: Verdict | None, scene: bool | None
) -> None:
    photo = LabelledPhoto(dataset, Path("photo.jpg"), "group", labels)

    assert verdict_of(photo) is verdict
    assert scene_of(photo) is scene
