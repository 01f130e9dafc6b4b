from dataclasses import replace

import numpy as np
import pytest

from presslens.lab.training.focus import train
from presslens.lab.training.focus.evaluate import agreement, measures, measures_by_source
from presslens.lab.training.focus.examples import COMPOSITES, STAND_INS, FocusExample
from presslens.lab.training.focus.train import cross_validated, fit, left_out, metrics
from presslens.models.focus.features import NAMES, SCENES
from presslens.models.vocabulary import Focus

KINDS = (Focus.LEADER, Focus.FACILITY, Focus.NEITHER)


def _example(i, rng):
    verdict = KINDS[i % 3]
    features = rng.normal(0, 0.1, len(NAMES))
    features[NAMES.index("leader_probability")] = verdict is Focus.LEADER
    facility = verdict is Focus.FACILITY
    return FocusExample(
        "rodong_sinmun_photos",
        (f"day {i // 6}",),
        (f"newspaper {i // 12}",),
        verdict,
        False,
        rng.normal(0, 0.1, 110) + facility,
        features,
        (facility, facility, None if i % 5 else facility, facility),
    )


def _examples():
    rng = np.random.default_rng(0)
    photos = [_example(i, rng) for i in range(60)]
    copies = [replace(example, printed=True) for example in photos[::2]]
    stand_ins = [replace(example, dataset=STAND_INS) for example in photos[2::3]]
    composed = [
        replace(
            _example(i, rng),
            dataset=COMPOSITES,
            groups=(f"day {i // 6}", f"day {i // 3}"),
            sources=(f"newspaper {i // 12}", f"newspaper {i // 6}"),
        )
        for i in range(30)
        if KINDS[i % 3] is not Focus.NEITHER
    ]
    return [*photos, *copies, *stand_ins, *composed]


def test_learns_what_is_plain():
    judged = cross_validated(_examples())
    found = metrics(judged)
    assert found["n_photos"] == found["n_state_media"] == 60
    assert (found["n_printed"], found["n_composites"]) == (30, 20)
    for part in ("photos", "printed", "composites"):
        assert found[f"accuracy_{part}"] > 0.95
    assert all(j.right == (j.verdict is j.example.verdict) for j in judged)
    assert len(judged) == 110


@pytest.mark.parametrize(
    ("judge", "of"), [(cross_validated, "groups"), (left_out, "sources")], ids=["days", "sources"]
)
def test_nothing_is_judged_by_a_scorer_that_saw_its_day_or_source(monkeypatch, judge, of):
    learned = {}
    judged = []

    def remembering(examples):
        scorer = fit(examples)
        learned[scorer] = {name for e in examples for name in getattr(e, of)}
        return scorer

    def noting(scorer, examples):
        judged.extend((example, learned[scorer]) for example in examples)
        return judged_by(scorer, examples)

    judged_by = train._judged
    monkeypatch.setattr(train, "fit", remembering)
    monkeypatch.setattr(train, "_judged", noting)
    found = judge(_examples())
    assert [example for example, _ in judged] == [j.example for j in found]
    assert all(getattr(example, of)[0] not in seen for example, seen in judged)
    assert not [e for e, _ in judged if e.dataset == STAND_INS]
    leaders = [e.groups[1] in seen for e, seen in judged if e.dataset == COMPOSITES]
    assert any(leaders) == (of == "groups")  # which is why the method of composites says so


def test_scenes_learn_from_labelled_photos_alone():
    examples = _examples()
    wrong = [replace(e, objects=-e.objects) if e.made_up else e for e in examples]
    probe = np.ones((1, 110))
    scenes = fit(examples).scenes(probe)
    assert scenes == pytest.approx(fit(wrong).scenes(probe))
    assert scenes.shape == (1, len(SCENES))
    assert scenes.min() > 0.5


def test_measures_name_data_n_and_method():
    rows = measures(cross_validated(_examples()), margin=0.1)
    by_name = {row.what: row for row in rows}
    accuracy = by_name["accuracy of the best score"]
    assert accuracy.value == pytest.approx(1)
    assert accuracy.interval[0] < 1
    assert by_name["unsure"].value == 0
    assert by_name["mean F1 of the three"].value == pytest.approx(1)
    assert by_name["right, facility in a composite"].n == 10
    assert "the leader's photo may have been" in by_name["right, facility in a composite"].method
    assert any("as printed" in row.data for row in rows)
    assert all(row.station == "focus" and row.data and row.method for row in rows)


def test_left_out_sources_have_a_confusion_and_rows_of_their_own():
    rows = measures_by_source(left_out(_examples()), margin=0.1)
    plain = {row.what: row for row in rows if row.data == "5 left-out sources, as they are"}
    assert plain["accuracy of the best score"].n == 60
    assert plain["labelled facility, best score facility"].value == 1
    assert plain["labelled facility, best score leader"].value == 0
    calibration = {row.what: row.value for row in rows if "calibration" in row.what}
    assert set(calibration) == {
        f"calibration error of the {verdict}'s score" for verdict in ("leader", "facility")
    }
    assert max(calibration.values()) < 0.2
    own = [row for row in rows if row.data.startswith("left out: newspaper")]
    assert [row.n for row in own] == [12] * 5
    assert all("left out of the training as a whole" in row.method for row in rows)


def test_agreement_is_counted_and_freed_of_chance():
    rows = agreement({"two readings": [("a", "a"), ("a", "a"), ("b", "b"), ("b", "a")]})
    # Two of eight answers lie apart, and 30 of 56 pairs of any of the eight.
    assert [row.value for row in rows] == pytest.approx([0.75, 1 - (2 / 8) / (30 / 56)])
    assert [row.n for row in rows] == [4, 4]
