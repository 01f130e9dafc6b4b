from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from sklearn.pipeline import Pipeline

from models.focus.features import NAMES
from models.focus.scorer import FocusScorer
from models.training.focus import train
from models.training.focus.evaluate import agreement, measures
from models.training.focus.examples import COMPOSITES, FocusExample
from models.training.focus.train import cross_validated, fit, metrics
from models.vocabulary import Focus

KINDS = (Focus.LEADER, Focus.FACILITY, Focus.NEITHER)


def _example(i: int, rng: np.random.Generator) -> FocusExample:
    verdict = KINDS[i % 3]
    features = rng.normal(0, 0.1, len(NAMES))
    features[NAMES.index("leader_probability")] = verdict is Focus.LEADER
    scenery = rng.normal(0, 0.1, 1390) + (verdict is Focus.FACILITY)
    return FocusExample(
        "rodong_sinmun_photos", (f"day {i // 6}",), verdict, False, scenery, features
    )


def _examples() -> list[FocusExample]:
    rng = np.random.default_rng(0)
    photos = [_example(i, rng) for i in range(60)]
    copies = [replace(example, printed=True) for example in photos[::2]]
    composed = [
        replace(_example(i, rng), dataset=COMPOSITES, groups=(f"day {i // 6}", f"day {i // 3}"))
        for i in range(30)
        if KINDS[i % 3] is not Focus.NEITHER
    ]
    return [*photos, *copies, *composed]


def test_learns_what_is_plain() -> None:
    judged = cross_validated(_examples())
    found = metrics(judged)

    assert found["n_photos"] == found["n_state_media"] == 60
    assert (found["n_printed"], found["n_composites"]) == (30, 20)
    for part in ("photos", "printed", "composites"):
        assert found[f"accuracy_{part}"] > 0.95
    assert all(j.right == (j.verdict is j.example.verdict) for j in judged)
    assert len(judged) == 110


def test_nothing_is_judged_by_a_scorer_that_saw_its_day_or_site(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trained: dict[int, set[str]] = {}
    kept: list[FocusScorer] = []  # ids are unique among what is alive
    judged: list[tuple[FocusExample, set[str]]] = []

    def remembering(examples: Sequence[FocusExample]) -> FocusScorer:
        scorer = fit(examples)
        kept.append(scorer)
        trained[id(scorer.scene)] = {group for e in examples for group in e.groups}
        return scorer

    def judging(scene: Pipeline, example: FocusExample) -> float:
        if id(scene) in trained:  # else it is still being fitted
            judged.append((example, trained[id(scene)]))
        return scene_of(scene, example)

    scene_of = train._scene
    monkeypatch.setattr(train, "fit", remembering)
    monkeypatch.setattr(train, "_scene", judging)
    found = cross_validated(_examples())

    assert [example for example, _ in judged] == [j.example for j in found]
    assert all(example.groups[0] not in seen for example, seen in judged)
    leaders = [e.groups[1] in seen for e, seen in judged if e.dataset == COMPOSITES]
    assert any(leaders)  # which is why the method says so
    (method,) = {row.method for row in measures(found, margin=0.1) if row.data == COMPOSITES}
    assert "the leader's photo may have been" in method


def test_the_scene_learns_from_photos_alone() -> None:
    examples = _examples()
    wrong = [replace(e, scenery=-e.scenery) if e.dataset == COMPOSITES else e for e in examples]
    probe = np.ones((1, 1390))
    scene = fit(examples).scene.predict_proba(probe)
    assert scene == pytest.approx(fit(wrong).scene.predict_proba(probe))
    assert scene[0, 1] > 0.5


def test_measures_name_data_n_and_method() -> None:
    rows = measures(cross_validated(_examples()), margin=0.1)

    by_name = {row.what: row for row in rows}
    accuracy = by_name["accuracy of the best score"]
    assert accuracy.value == pytest.approx(1)
    assert accuracy.interval is not None
    assert accuracy.interval[0] < 1
    assert by_name["unsure"].value == 0
    assert by_name["mean F1 of the three"].value == pytest.approx(1)
    assert by_name["right, facility in a composite"].n == 10
    assert by_name["calibration error of the leader's score"].value < 0.2
    assert any("as printed" in row.data for row in rows)
    assert all(row.station == "focus" and row.data and row.method for row in rows)


def test_agreement_is_counted_and_freed_of_chance() -> None:
    rows = agreement({"two readings": [("a", "a"), ("a", "a"), ("b", "b"), ("b", "a")]})
    assert [row.value for row in rows] == pytest.approx([0.75, 0.5])
    assert [row.n for row in rows] == [4, 4]
