from dataclasses import replace

import numpy as np
import pytest

from presslens.lab.training.showing import AS_IS, PRINTED
from presslens.lab.training.subjects.children import all_children, fit, out_of_fold
from presslens.lab.training.subjects.children import metrics as child_figures
from presslens.lab.training.subjects.evaluate import among_dark, evaluate
from presslens.lab.training.subjects.readers import (
    OutOfFoldReading,
    cross_validated,
    described,
    drawn,
    metrics,
    seen,
)
from presslens.models.geometry import Box
from presslens.models.subjects.children import NAMES
from presslens.models.vocabulary import Subject


def test_children_are_told_without_the_photos_own_event(make_set):
    examples = make_set(10, shown=(AS_IS, PRINTED))
    models = out_of_fold(examples, examples)
    found = child_figures(examples, models)
    assert found["auc_persons"] == found["auc_persons_printed"] == 1.0
    # Who stands in a state-media photo without children is an adult.
    assert found["persons"] == 2 * found["children_persons"] == 40
    assert fit(examples).n_features_in_ == len(NAMES)


def test_a_building_is_no_person_to_learn_from(make_example, make_set):
    house = [(Box(0, 0, 50, 50), 0.9)]
    examples = [
        replace(e, observation=make_example(0, buildings=house).observation)
        if not e.observation.detections
        else e
        for e in make_set(10)
    ]
    found = child_figures(examples, out_of_fold(examples, examples))
    assert found["persons"] == 40


@pytest.mark.parametrize(
    ("dataset", "children", "counts", "expected"),
    [
        ("rodong_sinmun_photos", "0", None, False),
        ("rodong_sinmun_photos", "?", None, None),
        ("rodong_sinmun_photos", "1", None, None),
        ("rodong_sinmun_photos", "1", (9, 10, 11, 8, 9, 10), True),
        ("rodong_sinmun_photos", "1", (9, 10, 11, 7, 8, 9), None),
        ("children_school", "1", None, True),
        ("children_school", "1", (9, 10, 11, 7, 8, 9), None),
    ],
)
def test_persons_have_an_age_where_all_have_the_same(
    make_example, tables, dataset, children, counts, expected
):
    example = make_example(0, dataset=dataset, row={"children": children})
    tables({example.photo.key: counts} if counts else {})
    assert all_children(example.photo) is expected


def test_subjects_are_judged_by_readers_that_never_saw_the_event(make_set, tables):
    examples = make_set(8, shown=(AS_IS, "grey"))
    crowds = {e.photo.key for e in examples if e.photo.label("crowd")}
    tables({}, [(key, "crowd", 0, 0, 20, 60) for key in sorted(crowds)])
    rows = described(seen(examples), person_score=0.35)
    judged = {j.subject: j for j in cross_validated(examples, rows)}
    assert list(judged) == list(Subject)
    for subject, found in judged.items():
        assert len(found.truth) == len(examples), subject
        for shown in (AS_IS, "grey"):
            assert metrics(found.of(shown=shown))["auc"] == pytest.approx(1)
        assert metrics(found.of(shown="grey", sets=("children_school",)))["n"] == 8
    measures = evaluate(list(judged.values()))
    assert {m.station for m in measures} == {"subjects"}
    assert min(m.value for m in measures if m.what in ("AP", "AUC")) == pytest.approx(1)
    assert any(m.data.startswith("crowd, all sets, grey (16 ") for m in measures)


def test_a_larger_share_of_events_holds_a_smaller_one():
    events = {f"day {i}" for i in range(200)}
    parts = [drawn(events, share) for share in (0.0, 0.25, 0.5, 1.0)]
    assert parts[0] == set()
    assert parts[1] < parts[2] < parts[3] == events
    assert 30 < len(parts[1]) < 70


@pytest.fixture
def judged(make_example):
    def make(truth, probability, rows):
        photos = tuple(make_example(i, row=row) for i, row in enumerate(rows))
        return OutOfFoldReading(
            Subject.FIREWORKS, photos, np.array(truth, bool), np.array(probability)
        )

    return make


def test_figures_that_need_both_answers_are_left_out(judged):
    assert metrics(judged([1, 1], [0.9, 0.8], [{}, {}])) == {"n": 2, "positive": 2}


def test_fireworks_are_compared_with_dark_pictures(judged):
    labels = [{"kind": "fireworks"}, {"kind": "stage_lights"}, {"kind": "blossom_flowers"},
              {"kind": "fire", "dark": "1"}]  # fmt: skip
    found = among_dark(judged([1, 0, 0, 0], [0.9, 0.1, 0.2, 0.3], labels))
    assert found.probability.tolist() == [0.9, 0.1, 0.3]
