from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from models.focus.evaluate import measures
from models.focus.examples import FocusExample
from models.focus.train import cross_validated, figures, fit
from models.geometry import Box
from models.vocabulary import PhotoObservation, Sighting, Verdict

MakePhoto = Callable[..., PhotoObservation]

FACE = Box(85, 15, 115, 50)


def _examples(make_photo: MakePhoto) -> list[FocusExample]:
    rng = np.random.default_rng(0)
    kinds = (Verdict.LEADER, Verdict.FACILITY, Verdict.NEITHER)
    examples = []
    for i in range(60):
        verdict = kinds[i % 3]
        leader, facility = verdict is Verdict.LEADER, verdict is Verdict.FACILITY
        photo = make_photo(
            [] if facility else [Box(60, 10, 140, 100)],
            [] if facility else [FACE],
            feature=facility + rng.normal(0, 0.1),
        )
        sightings = (Sighting("leader", 0.9, FACE.moved(100, 200)),) if leader else ()
        group = f"day {i // 6}"
        examples.append(
            FocusExample("rodong_sinmun_photos", group, verdict, facility, photo, (), sightings)
        )
    return examples


def test_learns_what_is_plain(make_photo: MakePhoto) -> None:
    judged = cross_validated(_examples(make_photo))
    found = figures(judged)

    assert found["n"] == found["n_state_media"] == 60
    assert found["accuracy"] > 0.95
    assert found["auc_leader"] > 0.99
    assert found["n_facility"] == 20
    assert all(j.right == (j.example.verdict is not None and j.lead > 0) for j in judged)


def test_examples_without_a_verdict_teach_the_scene_alone(make_photo: MakePhoto) -> None:
    examples = _examples(make_photo)
    silent = [
        FocusExample(e.dataset, e.group, None, e.scene, e.photo, e.subjects, e.sightings)
        for e in examples
        if e.verdict is Verdict.NEITHER
    ]

    judged = cross_validated([*examples, *silent])

    assert len(judged) == len(examples)
    assert fit([*examples, *silent]).scene.predict_proba(np.ones((1, 1280)))[0, 1] > 0.5


def test_measures_name_data_n_and_method(make_photo: MakePhoto) -> None:
    rows = measures(cross_validated(_examples(make_photo)), margin=0.1)

    unsure, right = rows[0], rows[1]
    assert unsure.what == "unsure"
    assert unsure.n == 60
    assert right.value == pytest.approx(1)
    assert right.interval is not None
    assert right.interval[0] < 1
    assert all(row.station == "focus" and row.data and row.method for row in rows)
