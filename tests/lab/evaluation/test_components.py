"""The calibration of a recipe is learned from left-out sources, and without those it is used on."""

import tomllib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import expit

from presslens.lab.evaluation.components import BOTH, CalibrationEvidence
from presslens.lab.training.datasets import LabelledPhoto
from presslens.lab.training.subjects.readers import OutOfFoldReading
from presslens.models.recipe import OTHER, Calibration
from presslens.models.vocabulary import Subject

SETS = {
    "coco256": 0.0,
    "children_school": 0.2,
    "dprk_travel_photos": -0.1,
    "intel_scenes": 0.1,
    "facility_web": 4.0,
}


def judged(subject):
    """Read forty photos of each set, of which the plants' show far more than their scores say.

    The share of photos that show the subject is the same in all sets, so that the shift is one of
    scores.
    """
    rng = np.random.default_rng(list(Subject).index(subject))
    examples = []
    truth, scores = [], []
    for dataset, shift in SETS.items():
        odds = rng.normal(0, 2, 40)
        shows = rng.random(40) < expit(odds)
        for way in BOTH:
            truth.append(shows)
            scores.append(expit(odds - shift))
            labels = {"repo": "x/y"}
            examples += [
                SimpleNamespace(
                    photo=LabelledPhoto(dataset, Path(f"{i}.jpg"), f"{dataset}/{i // 5}", labels),
                    shown=way,
                )
                for i in range(40)
            ]
    return OutOfFoldReading(subject, tuple(examples), np.concatenate(truth), np.concatenate(scores))


@pytest.fixture(scope="module")
def evidence():
    return CalibrationEvidence.of([judged(s) for s in (Subject.PEOPLE, Subject.CROWD)])


def test_a_collection_tells_nothing_of_its_own_intervals(evidence):
    of_all, _ = evidence.learned()
    of_others, _ = evidence.learned(without="plants")
    of_same, _ = evidence.learned(without="scenes")
    for measure in ("people", "crowd"):
        assert of_all[measure].source.mean > 1.0
        assert of_others[measure].source.mean < 0.6 < of_same[measure].source.mean


def test_the_recipe_is_given_what_was_learned(evidence):
    written = tomllib.loads(evidence.toml())["aggregate"]["calibration"]
    rules = {name: Calibration.model_validate(values) for name, values in written.items()}
    assert rules == evidence.rules()
    assert set(rules) == {"people", "crowd", OTHER}
    # No prevalence is known of a measure that nobody labelled, and less of the rest.
    assert rules[OTHER].reference is None
    assert rules[OTHER].source >= max(rules["people"].source, rules["crowd"].source) - 0.2
    assert 0.3 < (rules["people"].reference or 0) < 0.7


def test_each_component_is_printed_with_its_sources_editions_and_photos(evidence):
    rows = [m for m in evidence.measures() if m.data.startswith("people, 5 sources, ")]
    names = ["source", "period", "edition", "slope", "prevalence", "prior_shift", "reference"]
    assert [m.what for m in rows] == names
    assert {m.data for m in rows} == {"people, 5 sources, 10 editions, 200 photos"}
    for row in rows[:-1]:
        assert row.interval[0] <= row.value <= row.interval[1]
